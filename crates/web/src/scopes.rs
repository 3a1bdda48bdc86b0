//! OAuth scopes in plain words for the consent page.
//!
//! It explains and never decides: which scopes exist and what they open is the API's table. A scope
//! that is not known here is shown by its name, so nothing is ever granted unseen.

/// What kind of power a group of permissions gives, which decides its place and emphasis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// Learn things.
    See,
    /// Do things in the person's name.
    Act,
    /// Receive push notifications.
    Notify,
    /// Moderate or run the server.
    Administer,
    /// Not known to this page.
    Unknown,
}

impl Power {
    /// The group's heading.
    pub fn heading(self) -> &'static str {
        match self {
            Self::See => "See",
            Self::Act => "Do in your name",
            Self::Notify => "Notify you",
            Self::Administer => "Run this server",
            Self::Unknown => "Other permissions",
        }
    }

    /// Whether the page should ask for special care.
    pub fn is_risky(self) -> bool {
        matches!(self, Self::Administer | Self::Unknown)
    }
}

/// One group on the consent page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeGroup {
    /// What kind of power this is.
    pub power: Power,
    /// What the app could do, one sentence each.
    pub lines: Vec<String>,
}

/// Explains the requested scopes, grouped, in a fixed order. A parent scope hides its children.
pub fn describe<S: AsRef<str>>(scopes: &[S]) -> Vec<ScopeGroup> {
    let mut groups: Vec<ScopeGroup> =
        [Power::See, Power::Act, Power::Notify, Power::Administer, Power::Unknown]
            .map(|power| ScopeGroup { power, lines: Vec::new() })
            .into();
    let requested: Vec<&str> = scopes.iter().map(AsRef::as_ref).collect();
    for scope in &requested {
        if covered_by_parent(scope, &requested) {
            continue;
        }
        let (power, line) = explain(scope);
        for group in groups.iter_mut().filter(|group| group.power == power) {
            if !group.lines.contains(&line) {
                group.lines.push(line.clone());
            }
        }
    }
    groups.retain(|group| !group.lines.is_empty());
    groups
}

fn covered_by_parent(scope: &str, requested: &[&str]) -> bool {
    scope.rsplit_once(':').is_some_and(|(parent, _)| {
        requested.contains(&parent) || covered_by_parent(parent, requested)
    })
}

fn explain(scope: &str) -> (Power, String) {
    let known = match scope.split_once(':') {
        None => explain_whole(scope),
        Some(("read", part)) => explain_reading(part).map(|line| (Power::See, line)),
        Some(("write", part)) => explain_writing(part).map(|line| (Power::Act, line)),
        Some(("admin", part)) => explain_administering(part).map(|line| (Power::Administer, line)),
        Some(_) => None,
    };
    match known {
        Some((power, line)) => (power, line.to_owned()),
        None => (Power::Unknown, scope.to_owned()),
    }
}

fn explain_whole(scope: &str) -> Option<(Power, &'static str)> {
    Some(match scope {
        "profile" => (Power::See, "Your name, picture and account address"),
        "read" => (Power::See, "Everything your account can see, private messages included"),
        "write" => {
            (Power::Act, "Everything your account can do: post, edit, delete, follow, block")
        }
        "follow" => (Power::Act, "See and change whom you follow, mute and block"),
        "push" => (Power::Notify, "Receive your notifications and push them to your device"),
        _ => return None,
    })
}

fn explain_reading(part: &str) -> Option<&'static str> {
    Some(match part {
        "accounts" => "Accounts and profiles, your own settings included",
        "blocks" => "Whom you block",
        "bookmarks" => "Your bookmarks",
        "collections" => "Your collections",
        "favourites" => "Your favourites",
        "filters" => "Your filters",
        "follows" => "Whom you follow and who asks to follow you",
        "lists" => "Your lists",
        "mutes" => "Whom you mute",
        "notifications" => "Your notifications",
        "search" => "Results of searches made for you",
        "statuses" => "All posts you can see, private messages included",
        _ => return None,
    })
}

fn explain_writing(part: &str) -> Option<&'static str> {
    Some(match part {
        "accounts" => "Change your profile and settings",
        "blocks" => "Block and unblock accounts and servers",
        "bookmarks" => "Add and remove bookmarks",
        "collections" => "Make and change collections",
        "conversations" => "Mute and remove conversations",
        "favourites" => "Add and remove favourites",
        "filters" => "Make and change filters",
        "follows" => "Follow and unfollow, answer follow requests",
        "lists" => "Make and change lists",
        "media" => "Upload pictures, sound and video",
        "mutes" => "Mute and unmute accounts",
        "notifications" => "Clear notifications and change their rules",
        "reports" => "Report accounts and posts to moderators",
        "statuses" => "Write, edit, boost and delete posts",
        _ => return None,
    })
}

fn explain_administering(part: &str) -> Option<&'static str> {
    Some(match part {
        "read" => "See everything moderators can see, e-mail addresses included",
        "write" => "Moderate: suspend accounts, remove posts, block servers",
        "read:accounts" => "See all accounts with their private details",
        "read:reports" => "See reports",
        "read:domain_allows" => "See which servers are allowed",
        "read:domain_blocks" => "See which servers are blocked",
        "read:ip_blocks" => "See which network addresses are blocked",
        "read:email_domain_blocks" => "See which e-mail providers are blocked",
        "read:canonical_email_blocks" => "See which e-mail addresses are blocked",
        "write:accounts" => "Suspend, limit and approve accounts",
        "write:reports" => "Handle reports",
        "write:domain_allows" => "Change which servers are allowed",
        "write:domain_blocks" => "Change which servers are blocked",
        "write:ip_blocks" => "Change which network addresses are blocked",
        "write:email_domain_blocks" => "Change which e-mail providers are blocked",
        "write:canonical_email_blocks" => "Change which e-mail addresses are blocked",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_stand_in_a_fixed_order_and_parents_hide_children() {
        let groups = describe(&["push", "write", "read", "read:statuses", "write:media"]);
        let powers: Vec<Power> = groups.iter().map(|group| group.power).collect();
        assert_eq!(powers, [Power::See, Power::Act, Power::Notify]);
        assert!(groups.iter().all(|group| group.lines.len() == 1));
    }

    #[test]
    fn admin_children_are_hidden_by_their_parent_only() {
        let groups = describe(&["admin:read", "admin:read:accounts", "admin:write:reports"]);
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].lines.len(), 2);
        assert!(groups[0].power.is_risky());
    }

    #[test]
    fn an_unknown_scope_is_shown_by_name() {
        for scope in ["read:minds", "fly", "admin", "write:statuses:more"] {
            let groups = describe(&[scope]);
            assert_eq!(groups[0].power, Power::Unknown);
            assert_eq!(groups[0].lines, [scope]);
        }
    }
}
