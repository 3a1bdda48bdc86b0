//! Who may call a route, and with which scopes (A02).

use api::Access;
use domain::scope::Scopes;

use super::{lines, shape};

/// Where the table of Mastodon 4.5 and this server differ, and why.
const DIFFERENT: &[(&str, &str)] = &[];

#[test]
fn a02_each_route_opens_to_the_scopes_that_mastodon_names() {
    let table = api::table();
    let mut compared = 0;
    let mut wrong = Vec::new();
    for line in lines() {
        let (method, path) = (line["method"].as_str(), line["path"].as_str());
        let method = if method == "PATCH" { "PUT" } else { method };
        let found = table.iter().find(|r| r.method == method && shape(r.path) == shape(path));
        let Some(route) = found else { continue };
        let named: Vec<&str> = line["oauth_scope"].split(" | ").filter(|s| !s.is_empty()).collect();
        let is_open = route.access == Access::Open;
        if named.is_empty() || is_open || DIFFERENT.contains(&(method, path)) {
            continue;
        }
        compared += 1;
        for scope in domain::scope::ALL {
            let held = Scopes::parse(scope).unwrap();
            let opens = route.access.scopes().iter().any(|needed| held.allow(needed));
            if opens != named.contains(scope) {
                wrong.push(format!(
                    "{method} {path}: {scope} opens here: {opens}, Mastodon: {named:?}"
                ));
            }
        }
    }
    assert!(compared > 120, "{compared} routes were compared");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a02_each_route_is_for_the_callers_that_mastodon_names() {
    let table = api::table();
    let mut wrong = Vec::new();
    for line in lines() {
        let (method, path) = (line["method"].as_str(), line["path"].as_str());
        let method = if method == "PATCH" { "PUT" } else { method };
        let found = table.iter().find(|r| r.method == method && shape(r.path) == shape(path));
        let Some(route) = found else { continue };
        let fits = match line["auth"].as_str() {
            "none" | "client" | "session" | "http-signature" => {
                matches!(route.access, Access::Open | Access::Optional(_))
            }
            "optional" => matches!(route.access, Access::Optional(_) | Access::Open),
            "user" => matches!(route.access, Access::User(_) | Access::Unconfirmed(_)),
            "app|user" => matches!(
                route.access,
                Access::AppOrUser(_) | Access::Unconfirmed(_) | Access::Optional(_)
            ),
            "app" => matches!(route.access, Access::App(_) | Access::AppOrUser(_)),
            "user+role" => matches!(route.access, Access::Admin(..)),
            other => panic!("{other} is no caller that this test knows"),
        };
        if !fits {
            wrong.push(format!("{method} {path}: {} there, {:?} here", line["auth"], route.access));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
