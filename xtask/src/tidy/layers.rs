//! Which crate may use which: the table of rooms, read against every manifest below `crates/`.
//! Dev-dependencies are free: a test may stand on any room, the product may not.
use toml::{Table, Value};

use super::Breach;
use super::tree::{SourceFile, Tree};

/// A room and the rooms it may use. `tuskling` wires everything, `testkit` builds servers for tests.
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("config", &[]),
    ("net", &[]),
    ("store", &["domain"]),
    ("activitypub", &["domain", "net"]),
    ("media", &["domain"]),
    ("blob", &["net", "domain"]),
    ("app", &["store", "activitypub", "media", "blob", "net", "domain", "config"]),
    ("api", &["app", "domain", "config"]),
    ("web", &["app", "domain", "config"]),
    ("edge", &["blob", "net", "config"]),
    ("deploy", &["config"]),
    ("backup", &["store", "blob", "config", "domain"]),
    ("testkit", EVERY_PRODUCT_ROOM),
    ("tuskling", EVERY_PRODUCT_ROOM),
];

const EVERY_PRODUCT_ROOM: &[&str] = &[
    "domain",
    "config",
    "net",
    "store",
    "activitypub",
    "media",
    "blob",
    "app",
    "api",
    "web",
    "edge",
    "deploy",
    "backup",
];

/// Libraries that only certain rooms may know, so that each can be replaced in one place.
const CONFINED: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("tokio-postgres", &["store", "testkit"]), // the testkit clones template databases
    ("tokio-postgres-rustls", &["store"]),
    ("deadpool-postgres", &["store"]),
    ("image", &["media"]),
    ("jpeg-decoder", &["media"]),
    ("fast_image_resize", &["media"]),
    ("kamadak-exif", &["media"]),
    ("reqwest", &["net", "blob"]),
    ("object_store", &["blob"]),
    ("rustic_core", &["backup"]),
    ("askama", &["web"]),
    ("axum", &["api", "web", "tuskling", "testkit"]),
];

/// Uses between our own crates that the table does not have.
pub fn internal(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (file, room, manifest) in manifests(tree) {
        let Some((_, may_use)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            let remedy = "give it a row in ROOMS (xtask/src/tidy/layers.rs) and in the design";
            breaches.push(Breach::new(&file.path, 1, format!("`{room}` is no known room"), remedy));
            continue;
        };
        for used in dependencies(&manifest).iter().filter_map(|name| own_room(name)) {
            if !may_use.contains(&used.as_str()) {
                let what = format!("`{room}` may not use `{used}`");
                let remedy = "move the code to a room that may, or pass the thing in as a trait";
                breaches.push(Breach::new(&file.path, line_naming(file, &used), what, remedy));
            }
        }
    }
    breaches
}

/// Libraries used outside the room they are confined to.
pub fn third_party(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (file, room, manifest) in manifests(tree) {
        for name in dependencies(&manifest) {
            let Some((_, rooms)) = CONFINED.iter().find(|(library, _)| *library == name) else {
                continue;
            };
            if !rooms.contains(&room.as_str()) {
                let what = format!("`{name}` belongs to {} only", rooms.join(", "));
                let remedy = "use what that room offers, or add there what is missing";
                breaches.push(Breach::new(&file.path, line_naming(file, &name), what, remedy));
            }
        }
    }
    breaches
}

fn manifests(tree: &Tree) -> impl Iterator<Item = (&SourceFile, String, Table)> {
    tree.files.iter().filter_map(|file| {
        let room = file.path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")?;
        let manifest = file.text.parse::<Table>().ok()?;
        (!room.contains('/')).then(|| (file, room.to_owned(), manifest))
    })
}

/// Package names in the product's dependency tables, those for one target included.
fn dependencies(manifest: &Table) -> Vec<String> {
    let mut names = Vec::new();
    let targets = manifest.get("target").and_then(Value::as_table);
    let for_targets = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    for part in std::iter::once(manifest).chain(for_targets) {
        let kinds = ["dependencies", "build-dependencies"];
        for table in kinds.iter().filter_map(|kind| part.get(*kind)?.as_table()) {
            for (key, value) in table {
                let package = value.get("package").and_then(Value::as_str);
                names.push(package.unwrap_or(key).to_owned());
            }
        }
    }
    names
}

/// The room behind a dependency name, if it is one of ours.
fn own_room(name: &str) -> Option<String> {
    let short = name.strip_prefix("tuskling-").unwrap_or(name);
    ROOMS.iter().any(|(room, _)| *room == short).then(|| short.to_owned())
}

fn line_naming(file: &SourceFile, name: &str) -> usize {
    let names = |line: &str| {
        line.trim_start().trim_start_matches("tuskling-").strip_prefix(name).is_some_and(|rest| {
            rest.starts_with(['.', ' ', '=', ']']) // `name.workspace`, `name =`, `[dependencies.name]`
        })
    };
    file.text.lines().position(names).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::super::tests::breaches_in;
    use super::*;

    const API: &str = "crates/api/Cargo.toml";

    #[test]
    fn a_use_outside_the_table_is_found_with_its_line() {
        let found = breaches_in(
            internal,
            API,
            "[dependencies]\napp.workspace = true\nstore.workspace = true\n",
        );
        assert_eq!(found, [(3, "`api` may not use `store`".to_owned())]);
    }

    #[test]
    fn a_renamed_or_target_dependency_cannot_hide() {
        let text = "[target.'cfg(unix)'.dependencies]\nrows = { path = \"../store\", package = \"tuskling-store\" }\n";
        assert_eq!(breaches_in(internal, API, text).len(), 1);
    }

    #[test]
    fn tests_may_stand_on_any_room() {
        let text = "[dev-dependencies]\nstore.workspace = true\ntestkit.workspace = true\n";
        assert_eq!(breaches_in(internal, API, text), vec![]);
    }

    #[test]
    fn the_product_never_uses_the_testkit() {
        let text = "[dependencies]\ntestkit.workspace = true\n";
        let found = breaches_in(internal, "crates/tuskling/Cargo.toml", text);
        assert_eq!(found, [(2, "`tuskling` may not use `testkit`".to_owned())]);
    }

    #[test]
    fn a_new_crate_needs_a_row() {
        let found = breaches_in(internal, "crates/utils/Cargo.toml", "[dependencies]\n");
        assert_eq!(found, [(1, "`utils` is no known room".to_owned())]);
    }

    #[test]
    fn databases_are_known_to_the_store_alone() {
        let text = "[dependencies]\nrusqlite.workspace = true\n";
        assert_eq!(
            breaches_in(third_party, "crates/app/Cargo.toml", text),
            [(2, "`rusqlite` belongs to store only".to_owned())]
        );
        assert_eq!(breaches_in(third_party, "crates/store/Cargo.toml", text), vec![]);
    }
}
