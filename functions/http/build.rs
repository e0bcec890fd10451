//! Builds the page of `GET /docs`: `templates/docs.html` with Swagger UI inlined, so that it loads nothing from other
//! servers.

use std::{
    env,
    error::Error,
    fs,
    io::{Cursor, Read},
    path::Path,
};

use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

const PAGE: &str = "templates/docs.html";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={PAGE}");

    // Escapes text that would close or break the surrounding HTML element: "\x3c" is "<" in the strings and regular
    // expressions of JavaScript, "\/" is "/" in CSS.
    let style = vendored("swagger-ui.css")?.replace("</style", "<\\/style");
    let script =
        vendored("swagger-ui-bundle.js")?.replace("<script", "\\x3cscript").replace("</script", "\\x3c/script");

    let page = fs::read_to_string(PAGE)?;
    let page = fill(&page, "/* swagger-ui.css */", &style)?;
    let page = fill(&page, "/* swagger-ui-bundle.js */", &script)?;
    let out = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    Ok(fs::write(Path::new(&out).join("docs.html"), page)?)
}

/// Returns a file from the `dist` folder of Swagger UI.
fn vendored(file: &str) -> Result<String, Box<dyn Error>> {
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    // The only folder of the archive is named after the version.
    let is_it = |name: &str| name.split('/').skip(1).eq(["dist", file]);
    let name = archive.file_names().flatten().find(|name| is_it(name)).map(String::from);
    let name = name.ok_or_else(|| format!("Swagger UI has no dist/{file}"))?;
    let mut text = String::new();
    archive.by_name(&name)?.read_to_string(&mut text)?;
    Ok(text)
}

fn fill(page: &str, place: &str, text: &str) -> Result<String, Box<dyn Error>> {
    let (before, after) = page.split_once(place).ok_or_else(|| format!("{PAGE} has no place {place}"))?;
    Ok([before, text, after].concat())
}
