//! Writes the generated code. This is the first step of `make generate`.

use std::path::Path;

fn main() -> anyhow::Result<()> {
    for path in taskbell_generate::write(Path::new("."))? {
        println!("{}", path.display());
    }
    Ok(())
}
