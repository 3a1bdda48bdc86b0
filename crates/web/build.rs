//! Compiles the catalogues of `locales` into the crate: see `src/language`. A catalogue that cannot be read, or that says
//! something else with other arguments than English, stops the build and says where.

#[path = "build/catalogue.rs"]
mod catalogue;
#[path = "build/generate.rs"]
mod generate;
#[path = "src/language/plural.rs"]
#[expect(dead_code, reason = "numbers are only counted at run time")]
mod plural;

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use catalogue::{Catalogue, Language};

fn main() -> Result<(), Box<dyn Error>> {
    tell_cargo();
    let folder = Path::new("locales");
    let languages = Language::list(&fs::read_to_string(folder.join("languages.txt"))?)?;
    let mut catalogues = Vec::new();
    for language in &languages {
        catalogues.push(Catalogue::read(&folder.join(&language.code), language.rule)?);
    }
    let out = Path::new(&env::var("OUT_DIR")?).join("texts.rs");
    fs::write(out, generate::all(&languages, &catalogues)?)?;
    Ok(())
}

fn tell_cargo() {
    for path in ["build.rs", "build", "locales", "src/language/plural.rs"] {
        println!("cargo:rerun-if-changed={path}");
    }
}
