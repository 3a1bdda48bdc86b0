//! `docs/API.md` lists Mastodon's endpoints and which of them are here. It is made from the table of
//! routes: run this test with `UPDATE_DOCS=1` after adding one.
#![expect(clippy::unwrap_used, reason = "a test stops where its data is malformed")]

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Served as pages, outside the table of API routes.
const PAGES: &[(&str, &str)] = &[
    ("GET", "/oauth/authorize"),
    ("POST", "/oauth/authorize"),
    ("DELETE", "/oauth/authorize"),
    ("GET", "/oauth/authorize/native"),
    ("GET", "/health"),
];

/// What a Mastodon answers with 404 too: removed long ago, switched off unless an experiment is on, or
/// only there for the cookie of Mastodon's own web page.
const ABSENT: &[(&str, &str)] = &[
    ("GET", "/api/proofs"),
    ("POST", "/api/v1/follows"),
    ("POST", "/api/v1/notifications/dismiss"),
    ("GET", "/api/v1/search"),
    ("GET", "/api/v1/timelines/direct"),
    ("POST", "/api/fasp/data_sharing/v0/backfill_requests"),
    ("POST", "/api/fasp/data_sharing/v0/backfill_requests/:backfill_request_id/continuation"),
    ("POST", "/api/fasp/data_sharing/v0/event_subscriptions"),
    ("DELETE", "/api/fasp/data_sharing/v0/event_subscriptions/:id"),
    ("POST", "/api/fasp/debug/v0/callback/responses"),
    ("POST", "/api/fasp/registration"),
    ("GET", "/api/web/embeds/:id"),
    ("POST", "/api/web/push_subscriptions"),
    ("DELETE", "/api/web/push_subscriptions/:id"),
    ("PUT", "/api/web/push_subscriptions/:id"),
    ("PUT", "/api/web/settings"),
];

/// A path with every part that varies as `*`.
fn shape(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with([':', '{']) { "*" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

/// One line of the list of endpoints.
struct Endpoint {
    method: String,
    path: String,
    tier: String,
    pages: String,
}

fn endpoints() -> Vec<Endpoint> {
    let text = include_str!("../../../tests/data/endpoints.csv");
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let column = |name: &str| header.iter().position(|known| *known == name).unwrap();
    let (tier, pagination, rule) =
        (column("tier"), column("pagination"), column("pagination_rule"));
    lines
        .map(|line| {
            let cells = cells(line);
            let pages = match (cells[pagination].as_str(), cells[rule].contains("max_id")) {
                ("link", true) => "by id",
                ("link", false) | ("offset", _) => "by number",
                _ => "",
            };
            Endpoint {
                method: cells[0].clone(),
                path: cells[1].clone(),
                tier: cells[tier].clone(),
                pages: pages.to_owned(),
            }
        })
        .collect()
}

/// Who may call a route, as the table of routes says.
fn callers(endpoint: &Endpoint) -> String {
    use api::Access;
    let method = if endpoint.method == "PATCH" { "PUT" } else { &endpoint.method };
    let table = api::table();
    let found = table.iter().find(|r| r.method == method && shape(r.path) == shape(&endpoint.path));
    let Some(route) = found else { return String::new() };
    let scopes: Vec<String> =
        route.access.scopes().iter().map(|scope| format!("`{scope}`")).collect();
    let who = match route.access {
        Access::Open => return "anybody".into(),
        Access::Optional(_) => "anybody, or a token with",
        Access::User(_) => "a person with",
        Access::Admin(..) => "staff with",
        Access::App(_) => "an app with",
        Access::AppOrUser(_) | Access::Unconfirmed(_) => "an app or person with",
    };
    let who = if scopes.is_empty() { who.trim_end_matches(" with") } else { who };
    format!("{who} {}", scopes.join(" or ")).trim_end().to_owned()
}

/// A line of CSV with quoted cells.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cells.last_mut().unwrap().push(c),
        }
    }
    cells
}

fn document() -> String {
    let mut here: BTreeSet<(String, String)> =
        api::table().iter().map(|route| (route.method.to_owned(), shape(route.path))).collect();
    here.extend(PAGES.iter().map(|(method, path)| ((*method).to_owned(), shape(path))));
    let has = |method: &str, path: &str| {
        let method = if method == "PATCH" { "PUT" } else { method };
        here.contains(&(method.to_owned(), shape(path)))
    };
    let all = endpoints();
    let mut text = String::from(
        "# The client API\n\n\
         Mastodon 4.5's endpoints and whether they are here. Tier 1 is what popular clients call in ordinary\n\
         use, tier 2 now and then, tier 3 is for staff, old clients and Mastodon's own pages. Made from the table\n\
         of routes by `UPDATE_DOCS=1 cargo test -p tuskling-api --test coverage`. What is marked 404 is answered so\n\
         by a Mastodon 4.5 too: removed, behind the switch of an experiment, or for its own web page only.\n\n\
         Checked on SQLite and PostgreSQL, for every line: that each single scope, an app's token, none and a revoked\n\
         one open what they should (`crates/api/tests/every_route.rs`). For tiers 1 and 2: that scopes and callers are\n\
         those of Mastodon's own table, but for the few that `crates/api/tests/conformance/scopes.rs` names, and that\n\
         lists paged by id are walked to their end and back, page by page (`crates/api/tests/conformance`); and that each\n\
         answers with something to show (`tests/test_every_endpoint.py`), whose body Mastodon's schema and our own document\n\
         both pass (`tests/test_conformance.py`). Our own, `docs/openapi.json`, is made of the code\n\
         (`docs/decisions/0028-the-api-describes-itself-in-tests.md`); schemathesis makes up requests by it\n\
         (`tests/test_openapi.py`). A scope's parent opens what the scope opens.\n\n\
         Two front ends that were written for Mastodon were built from their sources (Phanpy 0340050, Elk ae4ebf3, August\n\
         2026) and walked through in headless Chromium before an edge with TLS: registering, signing in on our pages,\n\
         home, posting with a picture, boosting, favouriting, bookmarking, voting, editing, threads, notifications, search,\n\
         profiles, lists, hashtags, streams. Nothing was refused but a question for a push subscription that was not there.\n\
         They are no part of the tests: neither is a package.\n\n",
    );
    for tier in ["1", "2", "3"] {
        let of_tier: Vec<_> = all.iter().filter(|endpoint| endpoint.tier == tier).collect();
        let is_absent = |method: &str, path: &str| ABSENT.contains(&(method, path));
        let answers = |method: &str, path: &str| has(method, path) || is_absent(method, path);
        let present = of_tier.iter().filter(|one| answers(&one.method, &one.path)).count();
        writeln!(text, "## Tier {tier}: {present} of {}\n", of_tier.len()).unwrap();
        writeln!(text, "| | method | path | who | pages |\n|---|---|---|---|---|").unwrap();
        for endpoint in of_tier {
            let (method, path) = (endpoint.method.as_str(), endpoint.path.as_str());
            let (who, pages) = (callers(endpoint), &endpoint.pages);
            let mark = match (is_absent(method, path), has(method, path)) {
                (true, _) => "404",
                (false, true) => "✓",
                (false, false) => "–",
            };
            writeln!(text, "| {mark} | {method} | `{path}` | {who} | {pages} |").unwrap();
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

#[test]
fn the_list_of_endpoints_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/API.md");
    let wanted = document();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == wanted, "docs/API.md is out of date: run this test with UPDATE_DOCS=1");
}

#[test]
fn a02_every_route_that_needs_a_person_names_its_scopes() {
    // Announcements are open to any token of a person, as in Mastodon.
    const WITHOUT: &[&str] = &["/api/v1/announcements"];
    // They ask with a body, and change nothing.
    const READING: &[&str] = &[
        "/api/v1/admin/canonical_email_blocks/test",
        "/api/v1/admin/dimensions",
        "/api/v1/admin/measures",
        "/api/v1/admin/retention",
    ];
    for route in api::table() {
        if let api::Access::Admin(_, scopes) = route.access {
            assert!(
                route.path.starts_with("/api/v1/admin/")
                    || route.path.starts_with("/api/v2/admin/")
            );
            let only_reads = route.method == "GET" || READING.contains(&route.path);
            let kind = if only_reads { "admin:read" } else { "admin:write" };
            assert!(scopes.iter().all(|scope| scope.starts_with(kind)), "{}", route.path);
        } else {
            assert!(!route.path.contains("/admin/"), "{} is for staff", route.path);
        }
        let (api::Access::User(scopes) | api::Access::Admin(_, scopes)) = route.access else {
            continue;
        };
        assert!(
            !scopes.is_empty() || WITHOUT.contains(&route.path),
            "{} {} lets any token in",
            route.method,
            route.path
        );
        for scope in scopes {
            assert!(
                domain::scope::ALL.contains(scope),
                "{} {}: no scope {scope}",
                route.method,
                route.path
            );
        }
    }
}

#[tokio::test]
async fn what_is_said_to_be_absent_is_absent_in_json() {
    let server = testkit::Server::on(testkit::TestDatabase::sqlite().await.store);
    let talk = testkit::Talk::to(api::router(server.app.clone()));
    for (method, path) in ABSENT {
        let path = path.replace(":backfill_request_id", "1").replace(":id", "1");
        let answer = talk.send(method, &path, "", "").await;
        assert_eq!(answer.status, 404, "{method} {path}");
        assert_eq!(answer.json()["error"], "Record not found", "{method} {path}");
    }
}
