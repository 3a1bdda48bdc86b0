//! What every file carries, and words that may not be in any: module docs, silenced lints,
//! reminders that belong to nobody, paths and hosts of the machine it was written on.
use super::Breach;
use super::tree::Tree;

/// Verbatim material of others, and the lock file that cargo writes.
const NOT_OURS: &[&str] = &["Cargo.lock", "LICENSE", "tests/data/mastodon-openapi/"];

/// Rust files that do not say what they are for.
pub fn module_docs(tree: &Tree) -> Vec<Breach> {
    let silent = |text: &str| {
        let mut lines = text.lines().map(str::trim);
        let first = lines.find(|line| !line.is_empty() && !line.starts_with("#!"));
        !first.is_some_and(|line| line.starts_with("//!"))
    };
    tree.rust()
        .filter(|(file, _)| silent(&file.text))
        .map(|(file, _)| {
            let remedy = "open with 2 to 6 lines of //!: what it is for, what it must not do";
            Breach::new(&file.path, 1, "no module documentation", remedy)
        })
        .collect()
}

/// Lints silenced for good, instead of expected with a reason.
pub fn allowed_lints(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (file, rust) in tree.rust() {
        for (index, code) in rust.code.lines().enumerate() {
            let words: String = code.split_whitespace().collect();
            if words.contains("#[allow(") || words.contains("#![allow(") {
                let remedy = "mend the cause, or use #[expect(lint, reason = \"…\")]";
                breaches.push(Breach::new(&file.path, index + 1, "a silenced lint", remedy));
            }
        }
    }
    breaches
}

/// Reminders in code without the number of an issue.
pub fn unowned_reminders(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in tree.files.iter().filter(|file| !is_foreign(&file.path)) {
        let remarks: Vec<(usize, String)> = match &file.rust {
            Some(rust) => rust.comments.clone(),
            None if is_script(&file.path) => numbered(&file.text),
            None => continue,
        };
        for (first, remark) in remarks {
            for (offset, line) in remark.lines().enumerate() {
                if has_reminder(line) && !has_issue_number(line) {
                    let remedy = "do it now, or file an issue and name it: TODO(#12)";
                    let what = "a reminder without an issue";
                    breaches.push(Breach::new(&file.path, first + offset, what, remedy));
                }
            }
        }
    }
    breaches
}

fn is_script(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extensions = [".py", ".sh", ".tf", ".js", ".css", ".html"];
    name == "Makefile" || path == ".ci/run" || extensions.iter().any(|end| name.ends_with(end))
}

fn numbered(text: &str) -> Vec<(usize, String)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line.to_owned())).collect()
}

fn has_reminder(line: &str) -> bool {
    line.split(|letter: char| !letter.is_ascii_alphanumeric())
        .any(|word| ["TODO", "FIXME", "XXX"].contains(&word))
}

fn has_issue_number(line: &str) -> bool {
    line.split('#').skip(1).any(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()))
}

/// Paths of somebody's machine, and hosts that serve packages: neither is true elsewhere.
pub fn machine_paths(tree: &Tree) -> Vec<Breach> {
    let paths = ["work", "root", "home"].map(|folder| format!("/{folder}/"));
    // Written in halves, so that this file passes its own check.
    let hosts = [
        concat!("crates", ".io/"),
        concat!("static.", "crates", ".io"),
        concat!("index.", "crates", ".io"),
        concat!("pypi", ".org"),
        concat!("python", "hosted.org"),
        concat!("registry.", "npmjs"),
        concat!("deb.", "debian.org"),
        concat!("security.", "debian.org"),
    ];
    let mut breaches = Vec::new();
    for file in tree.files.iter().filter(|file| !is_foreign(&file.path)) {
        for (index, line) in file.text.lines().enumerate() {
            if let Some(path) = paths.iter().find(|path| names_folder(line, path)) {
                let remedy = "use a path relative to the repository, or one the caller passes in";
                let what = format!("a path of one machine below `{path}`");
                breaches.push(Breach::new(&file.path, index + 1, what, remedy));
            }
            if let Some(host) = hosts.iter().find(|host| line.contains(**host)) {
                let remedy = "leave the package source to the ordinary client's own settings";
                let what = format!("names the package host `{}`", host.trim_end_matches('/'));
                breaches.push(Breach::new(&file.path, index + 1, what, remedy));
            }
        }
    }
    breaches
}

/// An absolute path: not the tail of a longer one such as a route, and something follows.
fn names_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + folder.len()..].chars().next();
        let in_longer_path = before.is_some_and(|letter| {
            letter.is_alphanumeric() || ['_', '-', '.', '}', '*', '>', '<'].contains(&letter)
        });
        !in_longer_path && after.is_some_and(|letter| letter.is_alphanumeric() || letter == '.')
    })
}

fn is_foreign(path: &str) -> bool {
    NOT_OURS.iter().any(|prefix| path.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::super::tests::breaches_in;
    use super::*;

    const LIB: &str = "crates/app/src/lib.rs";

    #[test]
    fn a_file_must_say_what_it_is_for() {
        assert_eq!(breaches_in(module_docs, LIB, "fn f() {}\n").len(), 1);
        assert_eq!(breaches_in(module_docs, LIB, "\n//! The app.\nfn f() {}\n"), vec![]);
    }

    #[test]
    fn silenced_lints_are_found_but_not_in_prose() {
        let found =
            breaches_in(allowed_lints, LIB, "// no #[allow(x)]\n#[allow(dead_code)]\nfn f() {}\n");
        assert_eq!(found, [(2, "a silenced lint".to_owned())]);
        assert_eq!(breaches_in(allowed_lints, LIB, "#![ allow(x) ]\n").len(), 1);
    }

    #[test]
    fn reminders_need_an_issue() {
        let found = breaches_in(unowned_reminders, LIB, "// TODO: later\n// TODO(#12): named\n");
        assert_eq!(found, [(1, "a reminder without an issue".to_owned())]);
        let found = breaches_in(unowned_reminders, "tests/test_toot.py", "x = 1\n# FIXME\n");
        assert_eq!(found.len(), 1);
        assert_eq!(breaches_in(unowned_reminders, LIB, "const A: &str = \"TODO\";\n"), vec![]);
    }

    #[test]
    fn paths_of_one_machine_are_found_but_routes_are_not() {
        let line = ["see /", "home/me/notes\n"].concat();
        assert_eq!(breaches_in(machine_paths, "README.md", &line).len(), 1);
        let route = ["GET /api/v1/timelines/", "home/extra and /", "home/ alone\n"].concat();
        assert_eq!(breaches_in(machine_paths, "README.md", &route), vec![]);
    }

    #[test]
    fn package_hosts_are_found_but_not_in_the_lock_file() {
        let line = ["source = \"https://", "pypi", ".org\"\n"].concat();
        assert_eq!(breaches_in(machine_paths, "tests/requirements.txt", &line).len(), 1);
        assert_eq!(breaches_in(machine_paths, "Cargo.lock", &line), vec![]);
    }
}
