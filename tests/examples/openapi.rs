//! Prints the OpenAPI document that the code makes: `make openapi`

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{}", taskbell_tests::routes::document().to_pretty_json()?);
    Ok(())
}
