//! Writes every page with invented data, and the assets, to a folder for looking at them:
//! `cargo run -p tuskling-web --example preview -- FOLDER`, then serve the folder on loopback.

#[path = "../tests/samples/mod.rs"]
mod samples;

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::args().nth(1).ok_or("usage: preview FOLDER")?);
    let assets = folder.join("assets");
    fs::create_dir_all(&assets)?;
    for name in ["web.css", "web.js", "logo.svg", "avatar.png", "header.png"] {
        let asset = tuskling_web::assets::lookup(name).ok_or("an asset is missing")?;
        fs::write(assets.join(name), asset.bytes)?;
    }
    for (name, html) in samples::all()? {
        fs::write(folder.join(format!("{name}.html")), html)?;
    }
    Ok(())
}
