//! The files of the repository as the checks see them: path, text, and for Rust its parts.
//! Knows which files are test code; knows no rule.
use std::collections::BTreeSet;

use super::scan::{Scanned, scan};

/// One tracked text file.
#[derive(Debug)]
pub struct SourceFile {
    pub path: String,
    pub text: String,
    /// Only for `.rs` files.
    pub rust: Option<Scanned>,
}

impl SourceFile {
    pub fn new(path: &str, text: String) -> Self {
        let rust = path.ends_with(".rs").then(|| scan(&text));
        Self { path: path.to_owned(), text, rust }
    }

    /// The crate below `crates/` that this file belongs to.
    pub fn room(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }
}

/// All files, with the answer to "is this test code?".
#[derive(Debug)]
pub struct Tree {
    pub files: Vec<SourceFile>,
    test_modules: BTreeSet<String>,
}

impl Tree {
    pub fn new(files: Vec<SourceFile>) -> Self {
        let test_modules = files.iter().flat_map(declared_test_modules).collect();
        Self { files, test_modules }
    }

    /// Rust files that end up in the product.
    pub fn product_rust(&self) -> impl Iterator<Item = (&SourceFile, &Scanned)> {
        self.files
            .iter()
            .filter(|file| !self.is_test_file(&file.path))
            .filter_map(|file| Some((file, file.rust.as_ref()?)))
    }

    /// Every Rust file, tests included.
    pub fn rust(&self) -> impl Iterator<Item = (&SourceFile, &Scanned)> {
        self.files.iter().filter_map(|file| Some((file, file.rust.as_ref()?)))
    }

    fn is_test_file(&self, path: &str) -> bool {
        let below_tests = path.split('/').any(|part| part == "tests" || part == "tests.rs");
        below_tests
            || path.starts_with("crates/testkit/")
            || self.test_modules.iter().any(|module| {
                path.strip_prefix(module.as_str())
                    .is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
            })
    }
}

/// Paths without `.rs` of the modules that a file declares by `#[cfg(test)] mod name;`.
fn declared_test_modules(file: &SourceFile) -> Vec<String> {
    let Some(rust) = &file.rust else { return vec![] };
    let Some((folder, name)) = file.path.rsplit_once('/') else { return vec![] };
    let parent = match name {
        "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
        _ => file.path.trim_end_matches(".rs").to_owned(),
    };
    rust.test_module_names.iter().map(|module| format!("{parent}/{module}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product_paths(files: &[(&str, &str)]) -> Vec<String> {
        let files = files.iter().map(|(path, text)| SourceFile::new(path, (*text).to_owned()));
        let tree = Tree::new(files.collect());
        tree.product_rust().map(|(file, _)| file.path.clone()).collect()
    }

    #[test]
    fn modules_declared_for_tests_are_no_product() {
        let paths = product_paths(&[
            ("crates/store/src/lib.rs", "#[cfg(test)]\nmod both_engines;\nmod jobs;\n"),
            ("crates/store/src/both_engines.rs", ""),
            ("crates/store/src/both_engines/plans.rs", ""),
            ("crates/store/src/jobs.rs", "#[cfg(test)]\nmod leases;"),
            ("crates/store/src/jobs/leases.rs", ""),
        ]);
        assert_eq!(paths, ["crates/store/src/lib.rs", "crates/store/src/jobs.rs"]);
    }

    #[test]
    fn test_folders_and_the_testkit_are_no_product() {
        let paths = product_paths(&[
            ("crates/api/tests/routes/statuses.rs", ""),
            ("crates/testkit/src/lib.rs", ""),
            ("crates/api/src/oauth/tests.rs", ""),
            ("crates/api/src/oauth.rs", ""),
        ]);
        assert_eq!(paths, ["crates/api/src/oauth.rs"]);
    }
}
