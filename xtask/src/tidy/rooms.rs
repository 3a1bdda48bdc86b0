//! What may be written only in one room: SQL, Mastodon's JSON, connections to the outside.
//! Works on product code; tests and the testkit may look behind the walls.
use std::collections::BTreeMap;

use super::Breach;
use super::scan::Scanned;
use super::tree::{SourceFile, Tree};

/// SQL text outside the store.
pub fn sql(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (file, rust) in product_of_other_rooms(tree, &["store"]) {
        for (line, text) in &rust.strings {
            if is_sql(text) && !rust.is_test_line(*line) {
                let remedy = "make it a function of its aggregate in crates/store and call that";
                breaches.push(Breach::new(&file.path, *line, "SQL text outside the store", remedy));
            }
        }
    }
    breaches
}

/// Upper-case SQL only: that is how it is written here, and prose is not.
fn is_sql(text: &str) -> bool {
    let has = |words: &[&str]| words.iter().all(|word| text.contains(word));
    has(&["SELECT ", " FROM "])
        || has(&["INSERT INTO "])
        || has(&["UPDATE ", " SET "])
        || has(&["DELETE FROM "])
        || has(&["CREATE TABLE "])
        || has(&["CREATE INDEX "])
        || has(&["ALTER TABLE "])
        || has(&["DROP TABLE "])
        || text.trim_start().starts_with("PRAGMA ")
}

/// JSON answers are types below `crates/api/src/entity`, those of OAuth below `oauth`; no other room
/// makes a type of that name that could be sent.
pub fn entities(tree: &Tree) -> Vec<Breach> {
    const ROOMS: [&str; 2] = ["crates/api/src/entity/", "crates/api/src/oauth/"];
    let is_entity = |file: &SourceFile| ROOMS.iter().any(|room| file.path.starts_with(room));
    let mut entities = BTreeMap::new();
    for (file, rust) in tree.product_rust().filter(|(file, _)| is_entity(file)) {
        for (line, name) in serialised_types(rust) {
            entities.insert(name, format!("{}:{line}", file.path));
        }
    }
    let mut breaches = Vec::new();
    for (file, rust) in tree.product_rust().filter(|(file, _)| !is_entity(file)) {
        for (line, name) in serialised_types(rust) {
            let in_api = file.room() == Some("api");
            // Domain values are serialised too, to be kept in the database; they are never sent.
            let twin = entities.get(&name).filter(|_| file.room() != Some("domain"));
            if !in_api && twin.is_none() {
                continue;
            }
            let what = match twin {
                Some(place) => format!("`{name}` can be sent and is already an entity at {place}"),
                None => format!("`{name}` derives Serialize outside the entities"),
            };
            let remedy =
                "answers are types of crates/api/src/entity; other rooms hold domain values";
            breaches.push(Breach::new(&file.path, line, what, remedy));
        }
    }
    breaches
}

/// Line and name of each type with `Serialize` among its derives.
fn serialised_types(rust: &Scanned) -> Vec<(usize, String)> {
    let mut types = Vec::new();
    for (at, _) in rust.code.match_indices("#[derive(") {
        let rest = &rust.code[at..];
        let Some((derives, after)) = rest.split_once(']') else { continue };
        let derives_it = derives
            .split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
            .any(|word| word == "Serialize");
        let line = rust.line_of(at);
        if derives_it
            && !rust.is_test_line(line)
            && let Some(name) = type_name(after)
        {
            types.push((line, name));
        }
    }
    types
}

fn type_name(after: &str) -> Option<String> {
    let mut words = after
        .split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
        .filter(|word| !word.is_empty());
    words.find(|word| *word == "struct" || *word == "enum")?;
    words.next().map(str::to_owned)
}

/// Mastodon's word for a boost is spoken in the API only; everywhere else it is a boost.
pub fn mastodon_words(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (file, rust) in product_of_other_rooms(tree, &["api"]) {
        for (line, code) in rust.product_code() {
            if code.to_ascii_lowercase().contains("reblog") {
                let remedy = "say boost; crates/api translates";
                breaches.push(Breach::new(&file.path, line, "`reblog` outside the api", remedy));
            }
        }
    }
    breaches
}

/// Anything that opens a connection or asks for an address, outside the rooms that guard it.
pub fn outgoing(tree: &Tree) -> Vec<Breach> {
    const OPENERS: &[&str] = &[
        "reqwest",
        "hyper::client",
        "hyper_util::client",
        "TcpStream::connect",
        "TcpSocket::",
        "UnixStream::connect",
        "UdpSocket::",
        "lookup_host",
        "to_socket_addrs",
        "ToSocketAddrs",
    ];
    // The edge's way to its origins, whose addresses are the owner's settings and nobody else's.
    const ORIGINS: [&str; 2] = ["crates/edge/src/origin/", "crates/edge/src/upgrade.rs"];
    let is_origin = |file: &SourceFile| ORIGINS.iter().any(|place| file.path.starts_with(place));
    let mut breaches = Vec::new();
    let elsewhere = product_of_other_rooms(tree, &["net", "blob"]);
    for (file, rust) in elsewhere.filter(|(file, _)| !is_origin(file)) {
        for (line, code) in rust.product_code() {
            if let Some(opener) = OPENERS.iter().find(|opener| code.contains(**opener)) {
                let what = format!("`{}` reaches outside", opener.trim_end_matches(':'));
                let remedy = "every outgoing request goes through crates/net (rule O03)";
                breaches.push(Breach::new(&file.path, line, what, remedy));
            }
        }
    }
    breaches
}

fn product_of_other_rooms<'a>(
    tree: &'a Tree,
    allowed: &'a [&'a str],
) -> impl Iterator<Item = (&'a SourceFile, &'a Scanned)> {
    tree.product_rust()
        .filter(move |(file, _)| file.room().is_some_and(|room| !allowed.contains(&room)))
}

#[cfg(test)]
mod tests {
    use super::super::tests::breaches_in;
    use super::*;

    const APP: &str = "crates/app/src/statuses/post.rs";

    #[test]
    fn sql_is_found_outside_the_store_only() {
        let text = "const ONE: &str = \"\n    SELECT id FROM statuses\";\n";
        assert_eq!(breaches_in(sql, APP, text), [(1, "SQL text outside the store".to_owned())]);
        assert_eq!(breaches_in(sql, "crates/store/src/statuses.rs", text), vec![]);
    }

    #[test]
    fn prose_and_tests_are_not_sql() {
        let text = "fn f() { log(\"Select a file from the list\") }\n#[cfg(test)]\nmod tests {\n    const Q: &str = \"DELETE FROM jobs\";\n}\n";
        assert_eq!(breaches_in(sql, APP, text), vec![]);
    }

    #[test]
    fn an_answer_type_in_a_handler_is_found() {
        let text = "use serde::Serialize;\n#[derive(Debug, Serialize)]\n#[serde(rename_all = \"x\")]\npub struct Answer;\n";
        let found = breaches_in(entities, "crates/api/src/v1/statuses.rs", text);
        assert_eq!(found, [(2, "`Answer` derives Serialize outside the entities".to_owned())]);
        assert_eq!(breaches_in(entities, "crates/api/src/entity/status.rs", text), vec![]);
        assert_eq!(breaches_in(entities, "crates/app/src/jobs/deliver.rs", text), vec![]);
    }

    #[test]
    fn a_second_sendable_type_with_an_entity_name_is_found() {
        let file = |path: &str, text: &str| SourceFile::new(path, text.to_owned());
        let tree = Tree::new(vec![
            file("crates/api/src/entity/poll.rs", "#[derive(Serialize)]\npub struct Poll {}\n"),
            file("crates/app/src/polls.rs", "#[derive(serde::Serialize)]\nstruct Poll {}\n"),
            file("crates/domain/src/poll.rs", "#[derive(Serialize)]\npub struct Poll {}\n"),
        ]);
        let found = entities(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "crates/app/src/polls.rs");
    }

    #[test]
    fn a_boost_is_called_reblog_in_the_api_only() {
        let text = "fn reblog() {}\n// reblog in a comment explains\n";
        assert_eq!(breaches_in(mastodon_words, APP, text).len(), 1);
        assert_eq!(breaches_in(mastodon_words, "crates/api/src/v1/statuses.rs", text), vec![]);
    }

    #[test]
    fn o03_only_the_guarded_rooms_open_connections() {
        let text = "async fn f() {\n    let s = tokio::net::TcpStream::connect(\"x\").await;\n}\n";
        assert_eq!(
            breaches_in(outgoing, APP, text),
            [(2, "`TcpStream::connect` reaches outside".to_owned())]
        );
        assert_eq!(breaches_in(outgoing, "crates/net/src/dial.rs", text), vec![]);
        assert_eq!(breaches_in(outgoing, "crates/edge/src/origin/dial.rs", text), vec![]);
        assert_eq!(breaches_in(outgoing, "crates/edge/src/plan.rs", text).len(), 1);
        assert_eq!(breaches_in(outgoing, "crates/testkit/src/peer.rs", text), vec![]);
    }
}
