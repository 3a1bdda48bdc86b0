//! Repository chores, called as `cargo xtask <chore>`.
//! A chore only reads the tree and reports; it never changes a file and never opens a connection.
use std::path::{Path, PathBuf};
use std::process::ExitCode;

mod tidy;

fn main() -> anyhow::Result<ExitCode> {
    let chore = std::env::args().nth(1);
    match chore.as_deref() {
        Some("tidy") => tidy::run(&repository_root()),
        _ => {
            report("usage: cargo xtask tidy");
            Ok(ExitCode::from(2))
        }
    }
}

/// The folder above this package, as `cargo run` names it; else the current folder.
fn repository_root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    package.as_deref().and_then(Path::parent).unwrap_or(Path::new(".")).to_path_buf()
}

/// The one place that writes to the terminal: results of a chore are its product.
#[expect(clippy::print_stdout, reason = "a chore's report is its result")]
fn report(line: &str) {
    println!("{line}");
}
