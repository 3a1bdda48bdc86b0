//! Lists are cut into pages by Mastodon's rule, and both ways lead through all of it.

use serde_json::Value;
use testkit::{Answer, for_each_engine};

use super::scene::{EACH, Scene};
use super::{Line, lines};

/// Lists that need something this server has none of.
const EMPTY: &[&str] = &["/api/v1/timelines/link"];
/// Notifications in groups.
const GROUPED: &str = "/api/v2/notifications";
/// Lists that hold something of everybody, so that they are longer than five.
const LONGER: &[&str] = &[
    "/api/v1/statuses/:id/favourited_by",
    "/api/v1/timelines/home",
    "/api/v1/timelines/public",
    "/api/v1/timelines/list/:list_id",
    "/api/v1/notifications",
    "/api/v2/notifications",
];

#[tokio::test]
async fn each_list_is_walked_both_ways_by_its_own_rule() {
    for_each_engine(|store| async move {
        let scene = Scene::on(store).await;
        let mut walked = 0;
        for line in lines() {
            let path = line["path"].as_str();
            let by_cursor =
                line["pagination"] == "link" && line["pagination_rule"].contains("max_id");
            if by_cursor && !EMPTY.contains(&path) {
                walk(&scene, &line).await;
                walked += 1;
            }
        }
        assert!(walked >= 24, "{walked} lists were walked");
    })
    .await;
}

async fn walk(scene: &Scene, line: &Line) {
    let (path, rule) = (line["path"].as_str(), line["pagination_rule"].as_str());
    let start = scene.path(path);
    let newest = ask(scene, &format!("{start}?limit=80")).await;
    let all = entries(&newest);
    let count = all.len();
    if LONGER.contains(&path) {
        assert!(count >= EACH, "{path} has {count} entries");
    } else {
        assert_eq!(count, EACH, "{path}: {}", newest.text);
    }
    // From the newest to the oldest.
    let (mut forth, mut pages) = (Vec::new(), 0);
    let mut next = Some(format!("{start}?limit=2"));
    let mut last = None;
    while let Some(address) = next {
        let page = ask(scene, &address).await;
        let shown = entries(&page);
        next = link(&page, "next");
        let has_next =
            if rule.contains("always unless empty") { !shown.is_empty() } else { shown.len() == 2 };
        assert_eq!(next.is_some(), has_next, "{path}: next after {shown:?} at {address}");
        if let Some(next) = &next {
            assert!(next.contains("max_id=") && next.contains("limit=2"), "{path}: {next}");
        }
        if !shown.is_empty() {
            last = Some(page);
        }
        forth.extend(shown);
        pages += 1;
        assert!(pages < 40, "{path} has no end");
    }
    if path == GROUPED {
        // A group stands on each page that has a notification of it, as at Mastodon.
        let mut seen = std::collections::HashSet::new();
        forth.retain(|group| seen.insert(group.clone()));
        assert_eq!(forth, all, "{path}: pages together are the whole");
        assert!(link(&last.unwrap(), "prev").is_some(), "{path}: no way back");
        return;
    }
    assert_eq!(forth, all, "{path}: pages together are the whole");
    // Back again, from the last page on.
    let way = if rule.contains("prev=min_id") { "min_id=" } else { "since_id=" };
    let last = last.unwrap();
    let prev = link(&last, "prev").unwrap_or_else(|| panic!("{path}: no way back"));
    assert!(prev.contains(way), "{path}: {prev} is not by {way}");
    let before = count - entries(&last).len();
    let page = entries(&ask(scene, &prev).await);
    let expected: Vec<String> = if way == "min_id=" {
        // The page beside it.
        all[before.saturating_sub(2)..before].to_vec()
    } else {
        // The newest page of what is newer.
        all[..before.min(2)].to_vec()
    };
    assert_eq!(page, expected, "{path}: the way back by {prev}");
    if way == "min_id=" {
        walk_back(scene, path, last, &all).await;
    }
}

/// From the last page to the first, each by the link of the one before it; what is newer than that is nothing.
async fn walk_back(scene: &Scene, path: &str, last: Answer, all: &[String]) {
    let (mut back, mut page) = (entries(&last), last);
    for _ in 0..40 {
        let prev = link(&page, "prev").unwrap_or_else(|| panic!("{path}: no way on"));
        let beside = ask(scene, &prev).await;
        let shown = entries(&beside);
        if shown.is_empty() {
            assert_eq!(back, all, "{path}: pages together are the whole, from the end as well");
            return;
        }
        back.splice(0..0, shown);
        page = beside;
    }
    panic!("{path} has no beginning");
}

async fn ask(scene: &Scene, address: &str) -> Answer {
    let answer = scene.talk.get(address, &scene.me.token).await;
    assert_eq!(answer.status, 200, "{address}: {}", answer.text);
    answer
}

/// What tells the entries of a page apart.
fn entries(page: &Answer) -> Vec<String> {
    let body = page.json();
    let list = match &body {
        Value::Array(list) => list.clone(),
        other => other["notification_groups"].as_array().unwrap().clone(),
    };
    let name = |entry: &Value| match entry {
        Value::String(text) => text.clone(),
        entry => ["group_key", "id", "name"]
            .iter()
            .find_map(|key| entry[*key].as_str())
            .unwrap_or_else(|| panic!("{entry} has no name"))
            .to_owned(),
    };
    list.iter().map(name).collect()
}

/// The path and query that a Link header names.
fn link(page: &Answer, rel: &str) -> Option<String> {
    let header = page.headers.get("link")?.to_str().unwrap().to_owned();
    let wanted = format!("rel=\"{rel}\"");
    let part = header.split(", ").find(|part| part.contains(&wanted))?;
    let address = part.split(['<', '>']).nth(1)?;
    Some(address.strip_prefix("http://localhost:3000").unwrap_or(address).to_owned())
}
