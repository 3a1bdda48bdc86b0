//! Documents that other servers really sent (`crates/testkit/recorded/README.md`), asked for by
//! somebody here and shown to a client. Their hosts become the peer's, all else stays as it is.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};
use url::Url;

use super::scene::{PUBLIC, Scene, each};

/// Addresses that are names of things, not places.
const NAMES: [&str; 1] = ["www.w3.org"];

/// A document as it was sent, and the same spelled anew.
struct Recording {
    text: String,
    plain: String,
}

/// Each recording by its name, such as `mastodon/note_1.json`.
fn recordings() -> BTreeMap<String, Recording> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../testkit/recorded"));
    let mut found = BTreeMap::new();
    for kind in std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()) {
        if !kind.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(&kind).unwrap().map(|entry| entry.unwrap().path()) {
            let name = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            let text = std::fs::read_to_string(&file).unwrap();
            // Spelled anew, since some write every slash with a backslash.
            let plain = serde_json::from_str::<Value>(&text).unwrap().to_string();
            found.insert(name, Recording { text, plain });
        }
    }
    found
}

/// The same with everybody at home at one place.
fn at_home(recording: &Recording, base: &str) -> Value {
    let mut moved = String::new();
    let mut rest = recording.plain.as_str();
    while let Some(at) = rest.find("https://") {
        let (before, from) = rest.split_at(at);
        moved.push_str(before);
        let address = from.strip_prefix("https://").unwrap();
        let end = address.find(['/', '"', '?', '#', '\\', '<', ' ']).unwrap_or(address.len());
        let (host, after) = address.split_at(end);
        if NAMES.contains(&host) {
            moved.push_str("https://");
            moved.push_str(host);
        } else {
            moved.push_str(base);
        }
        rest = after;
    }
    moved.push_str(rest);
    serde_json::from_str(&moved).unwrap()
}

fn path_of(id: &str) -> String {
    let url = Url::parse(id).unwrap();
    url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
}

/// The first author that a document names.
fn author_of(document: &Value) -> Option<String> {
    let of = &document["attributedTo"];
    let first = of.as_array().and_then(|list| list.first()).unwrap_or(of);
    first.as_str().or_else(|| first["id"].as_str()).map(str::to_owned)
}

fn is_public(document: &Value) -> bool {
    ["to", "cc"].iter().any(|field| {
        let names = &document[*field];
        names == PUBLIC || names.as_array().is_some_and(|list| list.contains(&json!(PUBLIC)))
    })
}

impl Scene {
    /// Serves an actor, and says its handle.
    fn serve_actor(&self, document: &Value) {
        let (id, name) = (document["id"].as_str().unwrap(), document["preferredUsername"].as_str());
        let (host, name) = (&self.peer.host, name.unwrap());
        self.peer.serve(&path_of(id), document);
        self.peer.serve_webfinger(name, host, &format!("{name}@{host}"), id);
    }

    /// Serves somebody who may have written what was recorded without its author.
    fn serve_somebody(&self, id: &str, number: usize) {
        self.serve_actor(&json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": id,
            "type": "Person",
            "preferredUsername": format!("somebody{number}"),
            "inbox": format!("{id}/inbox"),
        }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_accounts_are_shown_to_a_client() {
    each(async |scene| {
        let mut seen = 0;
        for (name, recording) in recordings() {
            let document = at_home(&recording, &scene.peer.base);
            let kind = document["type"].as_str().unwrap_or_default();
            let is_actor = ["Person", "Group", "Organization", "Application"].contains(&kind);
            if !is_actor || document["preferredUsername"].as_str().is_none() {
                continue;
            }
            scene.serve_actor(&document);
            let found = scene.resolve(document["id"].as_str().unwrap(), "accounts").await;
            let found = found.unwrap_or_else(|| panic!("{name} is not shown"));
            assert_eq!(found["username"], document["preferredUsername"], "{name}");
            assert_eq!(found["group"], kind == "Group", "{name}");
            for picture in ["avatar", "header"] {
                assert!(found[picture].as_str().is_some_and(|url| !url.is_empty()), "{name}");
            }
            seen += 1;
        }
        assert!(seen >= 20, "{seen} accounts");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_posts_are_shown_to_a_client() {
    each(async |scene| {
        let (all, mut seen) = (recordings(), 0);
        for recording in all.values() {
            let document = at_home(recording, &scene.peer.base);
            if document["preferredUsername"].is_string() {
                scene.serve_actor(&document);
            }
        }
        for (number, (name, recording)) in all.iter().enumerate() {
            let document = at_home(recording, &scene.peer.base);
            let kind = document["type"].as_str().unwrap_or_default();
            let is_post = ["Note", "Page", "Article", "Video", "Event"].contains(&kind);
            let Some(author) = author_of(&document).filter(|_| is_post && is_public(&document))
            else {
                continue;
            };
            let is_known =
                all.values().any(|other| at_home(other, &scene.peer.base)["id"] == json!(author));
            if !is_known {
                scene.serve_somebody(&author, number);
            }
            let id = document["id"].as_str().unwrap();
            scene.peer.serve(&path_of(id), &document);
            let found = scene.resolve(id, "statuses").await;
            let found = found.unwrap_or_else(|| panic!("{name} is not shown"));
            assert_eq!(found["uri"], id, "{name}");
            let content = found["content"].as_str().unwrap();
            assert!(!content.is_empty() && !content.contains("<script"), "{name}: {content}");
            seen += 1;
        }
        assert!(seen >= 20, "{seen} posts");
    })
    .await;
}

#[test]
fn recorded_activities_are_understood() {
    let mut seen = 0;
    for (name, recording) in recordings().iter().filter(|(name, _)| name.contains("/activity_")) {
        let text = &recording.text;
        let activity = activitypub::parse::activity(text.as_bytes());
        let activity = activity.unwrap_or_else(|error| panic!("{name}: {error}"));
        let kind = serde_json::from_str::<Value>(text).unwrap()["type"].clone();
        // A dislike has no counterpart here: it is understood and dropped.
        let is_known = !matches!(activity.verb, activitypub::Verb::Other(_));
        assert!(is_known || kind == "Dislike", "{name}: {kind}");
        seen += 1;
    }
    assert!(seen >= 30, "{seen} activities");
}
