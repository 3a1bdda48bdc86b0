//! Who may call a route, and with which scopes (A02).

use api::Access;
use domain::scope::Scopes;

use super::{lines, shape};

/// Where the old scope `follow` opens more than at Mastodon: here it is the parent of `read:follows` and
/// `write:mutes` wherever they are asked for, so that there is one rule.
const BY_FOLLOW: &[(&str, &str)] = &[
    ("GET", "/api/v1/accounts/familiar_followers"),
    ("GET", "/api/v1/accounts/relationships"),
    ("POST", "/api/v1/statuses/:id/mute"),
    ("POST", "/api/v1/statuses/:id/unmute"),
];
/// Where nobody is told apart from a person: without a token there is no address to speak of.
const BY_CALLER: &[(&str, &str)] = &[("GET", "/api/v1/emails/check_confirmation")];

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
        // A remark may follow: what the scope shows less of without another.
        let names = line["oauth_scope"].split(" | ").filter_map(|name| name.split(' ').next());
        let named: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
        let is_open = route.access == Access::Open;
        if named.is_empty() || is_open {
            continue;
        }
        compared += 1;
        for scope in domain::scope::ALL {
            let held = Scopes::parse(scope).unwrap();
            let opens = route.access.scopes().iter().any(|needed| held.allow(needed));
            let is_known = *scope == "follow" && BY_FOLLOW.contains(&(method, path));
            if opens != named.contains(scope) && !is_known {
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
        if !fits && !BY_CALLER.contains(&(method, path)) {
            wrong.push(format!("{method} {path}: {} there, {:?} here", line["auth"], route.access));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
