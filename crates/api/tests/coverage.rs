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

/// A path with every part that varies as `*`.
fn shape(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with([':', '{']) { "*" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

/// One line of the list of endpoints: method, path, tier.
fn endpoints() -> Vec<(String, String, String)> {
    let text = include_str!("../../../tests/data/endpoints.csv");
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let tier = header.iter().position(|name| *name == "tier").unwrap();
    lines
        .map(|line| {
            let cells = cells(line);
            (cells[0].clone(), cells[1].clone(), cells[tier].clone())
        })
        .collect()
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
         of routes by `UPDATE_DOCS=1 cargo test -p tuskling-api --test coverage`.\n\n",
    );
    for tier in ["1", "2", "3"] {
        let of_tier: Vec<_> = all.iter().filter(|(_, _, of)| of == tier).collect();
        let present = of_tier.iter().filter(|(method, path, _)| has(method, path)).count();
        writeln!(text, "## Tier {tier}: {present} of {}\n", of_tier.len()).unwrap();
        writeln!(text, "| | method | path |\n|---|---|---|").unwrap();
        for (method, path, _) in of_tier {
            let mark = if has(method, path) { "✓" } else { "–" };
            writeln!(text, "| {mark} | {method} | `{path}` |").unwrap();
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
    for route in api::table() {
        if let api::Access::Admin(scopes) = route.access {
            assert!(route.path.starts_with("/api/v1/admin/"), "{}", route.path);
            let kind = if route.method == "GET" { "admin:read:" } else { "admin:write:" };
            assert!(scopes.iter().all(|scope| scope.starts_with(kind)), "{}", route.path);
        } else {
            assert!(!route.path.contains("/admin/"), "{} is for staff", route.path);
        }
        let (api::Access::User(scopes) | api::Access::Admin(scopes)) = route.access else {
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
