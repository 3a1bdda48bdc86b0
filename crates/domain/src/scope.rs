//! OAuth scopes as Mastodon names them: `read`, `write:statuses`, `admin:read`, ….
//!
//! A parent covers its children; `follow` is the old name for reading and writing blocks, mutes
//! and follows. <https://docs.joinmastodon.org/api/oauth-scopes/>

use std::fmt;

/// Every scope a client may ask for.
pub const ALL: &[&str] = &[
    "profile",
    "read",
    "read:accounts",
    "read:blocks",
    "read:bookmarks",
    "read:favourites",
    "read:filters",
    "read:follows",
    "read:lists",
    "read:mutes",
    "read:notifications",
    "read:search",
    "read:statuses",
    "write",
    "write:accounts",
    "write:blocks",
    "write:bookmarks",
    "write:conversations",
    "write:favourites",
    "write:filters",
    "write:follows",
    "write:lists",
    "write:media",
    "write:mutes",
    "write:notifications",
    "write:reports",
    "write:statuses",
    "follow",
    "push",
    "admin:read",
    "admin:read:accounts",
    "admin:read:reports",
    "admin:read:domain_allows",
    "admin:read:domain_blocks",
    "admin:read:ip_blocks",
    "admin:read:email_domain_blocks",
    "admin:read:canonical_email_blocks",
    "admin:write",
    "admin:write:accounts",
    "admin:write:reports",
    "admin:write:domain_allows",
    "admin:write:domain_blocks",
    "admin:write:ip_blocks",
    "admin:write:email_domain_blocks",
    "admin:write:canonical_email_blocks",
];

/// The scopes of an app or a token, in the order they were asked for, without repeats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(Vec<&'static str>);

/// A scope that does not exist.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("unknown scope: {0}")]
pub struct UnknownScope(pub String);

impl Scopes {
    /// Reads a list separated by spaces or plus signs; empty text gives no scopes.
    ///
    /// # Errors
    /// [`UnknownScope`] names the first scope that does not exist.
    pub fn parse(text: &str) -> Result<Self, UnknownScope> {
        let mut scopes = Vec::new();
        for word in text.split([' ', '+', '\n', '\t']).filter(|word| !word.is_empty()) {
            let Some(known) = ALL.iter().find(|scope| **scope == word) else {
                return Err(UnknownScope(word.chars().take(100).collect()));
            };
            if !scopes.contains(known) {
                scopes.push(*known);
            }
        }
        Ok(Self(scopes))
    }

    /// Whether something that needs `needed` may be done.
    #[must_use]
    pub fn allow(&self, needed: &str) -> bool {
        self.0.iter().any(|held| covers(held, needed))
    }

    /// Whether each of these is allowed by `limit` too.
    #[must_use]
    pub fn within(&self, limit: &Self) -> bool {
        self.0.iter().all(|scope| limit.allow(scope))
    }

    /// True when there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One by one, in order.
    pub fn iter(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.0.iter().copied()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

fn covers(held: &str, needed: &str) -> bool {
    if held == needed {
        return true;
    }
    if held == "follow" {
        return matches!(
            needed,
            "read:blocks"
                | "write:blocks"
                | "read:mutes"
                | "write:mutes"
                | "read:follows"
                | "write:follows"
        );
    }
    needed.strip_prefix(held).is_some_and(|rest| rest.starts_with(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parent_covers_its_children_and_nothing_else() {
        let scopes = Scopes::parse("read write:statuses follow").unwrap();
        assert!(scopes.allow("read:accounts"));
        assert!(scopes.allow("write:statuses"));
        assert!(scopes.allow("write:follows"));
        assert!(!scopes.allow("write:media"));
        assert!(!scopes.allow("write"));
        assert!(!scopes.allow("admin:read"));
        assert_eq!(Scopes::parse("read nonsense"), Err(UnknownScope("nonsense".into())));
    }

    #[test]
    fn profile_alone_reads_no_accounts() {
        let scopes = Scopes::parse("profile").unwrap();
        assert!(scopes.allow("profile"));
        assert!(!scopes.allow("read:accounts"));
    }
}
