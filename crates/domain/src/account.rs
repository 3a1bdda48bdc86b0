//! Accounts: the public face of a person, local or remote, and the private side of a local user.

use crate::status::{Format, Visibility};
use crate::{AccountId, Timestamp};

/// An account as everybody may see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Its id here.
    pub id: AccountId,
    /// The name before the `@`, in the spelling its owner chose.
    pub username: String,
    /// Its home, in lower case and punycode; `None` for an account of this server.
    pub domain: Option<String>,
    /// ActivityPub id; `None` for a local account, whose id follows from its name.
    pub uri: Option<String>,
    /// Page for people; `None` for a local account.
    pub url: Option<String>,
    /// Name shown; may be empty.
    pub display_name: String,
    /// Biography as its owner typed it (local) or as sanitised HTML (remote).
    pub note: String,
    /// Rows of the profile table.
    pub fields: Vec<ProfileField>,
    /// Storage key of the picture; `None` shows the default one.
    pub avatar: Option<String>,
    /// What the picture shows, for people who do not see it.
    pub avatar_description: String,
    /// Storage key of the banner.
    pub header: Option<String>,
    /// What the banner shows.
    pub header_description: String,
    /// Follows need approval.
    pub locked: bool,
    /// An automated account.
    pub bot: bool,
    /// May be shown in directories and suggestions.
    pub discoverable: bool,
    /// Public posts may be found by search.
    pub indexable: bool,
    /// Followers and following are not listed.
    pub hide_collections: bool,
    /// Counters.
    pub followers_count: i64,
    /// See [`Account::followers_count`].
    pub following_count: i64,
    /// See [`Account::followers_count`].
    pub statuses_count: i64,
    /// When it last posted.
    pub last_status_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Set while suspended: then nothing of it is shown.
    pub suspended_at: Option<Timestamp>,
    /// Set while limited: shown only to followers and on request.
    pub silenced_at: Option<Timestamp>,
    /// Set while all its media are hidden behind a warning.
    pub sensitized_at: Option<Timestamp>,
    /// Where it moved to.
    pub moved_to: Option<AccountId>,
    /// A community rather than a person.
    pub is_group: bool,
    /// Its owner has died.
    pub memorial: bool,
    /// Custom emoji of a remote account's name and texts.
    pub emojis: Vec<ForeignEmoji>,
}

/// A custom emoji of another server, as a text of that server uses it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ForeignEmoji {
    /// Without colons.
    pub code: String,
    /// Key of its picture; served like every stored file.
    pub key: String,
}

/// A row of the profile table.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ProfileField {
    /// Left cell, plain text.
    pub name: String,
    /// Right cell, as typed.
    pub value: String,
    /// When a link back was found.
    #[serde(default)]
    pub verified_at: Option<Timestamp>,
}

impl Account {
    /// `name` for a local account, `name@domain` for a remote one: Mastodon's `acct`.
    #[must_use]
    pub fn acct(&self) -> String {
        match &self.domain {
            None => self.username.clone(),
            Some(domain) => format!("{}@{domain}", self.username),
        }
    }

    /// True for an account of this server.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.domain.is_none()
    }
}

/// What a local user may do here.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Uses the server.
    Member,
    /// Handles reports and accounts.
    Moderator,
    /// Changes settings as well.
    Admin,
    /// Everything; the first account.
    Owner,
}

impl Role {
    /// The role of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "member" => Some(Self::Member),
            "moderator" => Some(Self::Moderator),
            "admin" => Some(Self::Admin),
            "owner" => Some(Self::Owner),
            _ => None,
        }
    }

    /// Its name on the command line and in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Moderator => "moderator",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

/// The private side of a local account.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// The account this belongs to.
    pub account_id: AccountId,
    /// Address for mail, as typed.
    pub email: String,
    /// argon2id in PHC form; `None` when only a reset can open the account.
    pub password_hash: Option<String>,
    /// What it may do.
    pub role: Role,
    /// When the address was confirmed.
    pub confirmed_at: Option<Timestamp>,
    /// Cleared by a moderator, where sign-up needs approval.
    pub approved: bool,
    /// Sign-in switched off by a moderator.
    pub disabled: bool,
    /// Interface language.
    pub locale: String,
    /// Default for new statuses.
    pub default_visibility: Visibility,
    /// Default for new statuses.
    pub default_sensitive: bool,
    /// Default for new statuses.
    pub default_language: Option<String>,
    /// Who may quote: `public`, `followers` or `nobody`.
    pub default_quote_policy: String,
    /// How texts of new statuses are read.
    pub default_format: Format,
    /// When it was last here; home feeds of the long absent are not kept up.
    pub last_seen_at: Option<Timestamp>,
    /// When it signed up.
    pub created_at: Timestamp,
}

/// Why a username cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsernameError {
    /// Nothing there.
    #[error("can't be blank")]
    Blank,
    /// Other characters than letters, digits and underscores.
    #[error("must contain only letters, numbers and underscores")]
    Invalid,
    /// Over 30 characters.
    #[error("is too long (maximum is 30 characters)")]
    TooLong,
    /// Kept for the server itself.
    #[error("is reserved")]
    Reserved,
}

const RESERVED: &[&str] = &[
    "abuse",
    "account",
    "accounts",
    "admin",
    "administration",
    "administrator",
    "admins",
    "help",
    "helpdesk",
    "instance",
    "mod",
    "moderator",
    "moderators",
    "mods",
    "owner",
    "root",
    "security",
    "server",
    "staff",
    "support",
    "webmaster",
];

/// Checks a name for a new local account. `role` staff may use reserved names: an owner called
/// `admin` is common.
///
/// # Errors
/// [`UsernameError`] says what is wrong with it.
pub fn check_username(name: &str, role: Role) -> Result<(), UsernameError> {
    if name.is_empty() {
        return Err(UsernameError::Blank);
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(UsernameError::Invalid);
    }
    if name.len() > 30 {
        return Err(UsernameError::TooLong);
    }
    if role == Role::Member && RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(UsernameError::Reserved);
    }
    Ok(())
}

/// Whether `address` is an e-mail address we send to: one `@`, no control or header characters,
/// none of the characters that smuggle a second address (M11), at most 320 bytes.
#[must_use]
pub fn email_is_acceptable(address: &str) -> bool {
    let Some((local, host)) = address.rsplit_once('@') else { return false };
    address.len() <= 320
        && !local.is_empty()
        && !host.is_empty()
        && !host.starts_with(['.', '-'])
        && !host.ends_with('.')
        && address
            .chars()
            .all(|c| !c.is_control() && !c.is_whitespace() && !"%,\"<>()[]:;\\".contains(c))
        && !local.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_are_checked() {
        assert_eq!(check_username("alice_1", Role::Member), Ok(()));
        assert_eq!(check_username("", Role::Member), Err(UsernameError::Blank));
        assert_eq!(check_username("al ice", Role::Member), Err(UsernameError::Invalid));
        assert_eq!(check_username("älice", Role::Member), Err(UsernameError::Invalid));
        assert_eq!(check_username(&"a".repeat(31), Role::Member), Err(UsernameError::TooLong));
        assert_eq!(check_username("Admin", Role::Member), Err(UsernameError::Reserved));
        assert_eq!(check_username("admin", Role::Owner), Ok(()));
    }

    #[test]
    fn m11_addresses_that_smuggle_are_refused() {
        for bad in
            ["", "a", "a@", "@b", "a@b\r\nBcc: c@d", "a,b@c", "a%b@c", "\"a\"@b", "a@b@c", "a@.b"]
        {
            assert!(!email_is_acceptable(bad), "{bad:?}");
        }
        assert!(email_is_acceptable("owner@example.com"));
        assert!(email_is_acceptable("owner@localhost"));
    }
}
