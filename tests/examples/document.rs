//! Writes the files that are generated from the compiled endpoints: the OpenAPI document, and their rows in
//! `infra/http.yaml`. This is the second step of `make generate`.

use std::{error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    for (path, text) in taskbell_tests::generated::files(Path::new("."))? {
        if fs::read_to_string(&path)? != text {
            fs::write(&path, text)?;
            println!("{}", path.display());
        }
    }
    Ok(())
}
