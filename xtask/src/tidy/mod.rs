//! `cargo xtask tidy`: the house rules that the compiler cannot hold.
//! Each check is a pure function from the tree to breaches, so that its test needs no disk.
//! The rules themselves are in design and style; here is only how each is recognised.
use std::fmt;
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, ensure};

use tree::{SourceFile, Tree};

mod layers;
mod rooms;
mod scan;
mod sizes;
mod tree;
mod words;

/// A place that breaks a rule, and what to do about it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    path: String,
    line: usize,
    what: String,
    remedy: &'static str,
}

impl Breach {
    fn new(path: &str, line: usize, what: impl Into<String>, remedy: &'static str) -> Self {
        Self { path: path.to_owned(), line, what: what.into(), remedy }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}\n    {}", self.path, self.line, self.what, self.remedy)
    }
}

/// Checks the repository at `root` and prints every breach.
pub fn run(root: &Path) -> anyhow::Result<ExitCode> {
    let tree = read_tree(root)?;
    let breaches = check(&tree);
    for breach in &breaches {
        crate::report(&breach.to_string());
    }
    if breaches.is_empty() {
        crate::report(&format!("tidy: {} files, all in order", tree.files.len()));
        return Ok(ExitCode::SUCCESS);
    }
    crate::report(&format!("tidy: {} breaches in {} files", breaches.len(), tree.files.len()));
    Ok(ExitCode::FAILURE)
}

fn check(tree: &Tree) -> Vec<Breach> {
    let checks = [
        layers::internal,
        layers::third_party,
        sizes::files,
        sizes::functions,
        rooms::sql,
        rooms::entities,
        rooms::mastodon_words,
        rooms::outgoing,
        words::module_docs,
        words::allowed_lints,
        words::unowned_reminders,
        words::machine_paths,
    ];
    let mut breaches: Vec<Breach> = checks.iter().flat_map(|check| check(tree)).collect();
    breaches.sort();
    breaches
}

/// Everything git tracks or would track, so that a new file is judged before it is committed.
fn read_tree(root: &Path) -> anyhow::Result<Tree> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("tidy lists the files with git: install git")?;
    ensure!(output.status.success(), "git ls-files failed: is this a clone of the repository?");
    let listing = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
    let mut files = Vec::new();
    for path in listing.split('\0').filter(|path| !path.is_empty()) {
        let Ok(bytes) = std::fs::read(root.join(path)) else {
            continue; // deleted in the work tree, not yet in the index
        };
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(SourceFile::new(path, text));
        }
    }
    Ok(Tree::new(files))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree of one file, judged by one check.
    pub fn breaches_in(
        check: impl Fn(&Tree) -> Vec<Breach>,
        path: &str,
        text: &str,
    ) -> Vec<(usize, String)> {
        let tree = Tree::new(vec![SourceFile::new(path, text.to_owned())]);
        check(&tree).into_iter().map(|breach| (breach.line, breach.what)).collect()
    }

    #[test]
    fn a_breach_names_its_place_and_the_way_out() {
        let breach = Breach::new("crates/api/src/lib.rs", 7, "SQL text", "move it to crates/store");
        assert_eq!(
            breach.to_string(),
            "crates/api/src/lib.rs:7: SQL text\n    move it to crates/store"
        );
    }

    #[test]
    fn an_orderly_file_passes_every_check() {
        let text =
            "//! A room.\n/// Adds one.\npub fn more(count: u32) -> u32 {\n    count + 1\n}\n";
        let tree = Tree::new(vec![SourceFile::new("crates/domain/src/lib.rs", text.to_owned())]);
        assert_eq!(check(&tree), vec![]);
    }
}
