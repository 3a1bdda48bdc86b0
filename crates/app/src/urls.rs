//! The addresses of things on this server. Nobody else puts one together.

use config::Address;
use domain::account::Account;
use domain::status::Status;
use domain::{ConversationId, StatusId};
use store::statuses::Addressed;

/// Makes addresses below this server's base.
#[derive(Clone, Debug)]
pub struct Urls {
    /// Host, with port if unusual, as in handles.
    pub domain: String,
    /// Base of pages and ids, without a trailing slash.
    pub base: String,
    /// Base of WebSockets.
    pub streaming: String,
    /// Plain http on this machine or a test name.
    pub is_local: bool,
}

impl Urls {
    /// For this name and address.
    #[must_use]
    pub fn new(address: &Address) -> Self {
        Self {
            domain: address.domain.clone(),
            base: address.base.clone(),
            streaming: address.streaming_base.clone(),
            is_local: address.is_local,
        }
    }

    /// The page of an account.
    #[must_use]
    pub fn profile(&self, account: &Account) -> String {
        account
            .url
            .clone()
            .or_else(|| account.uri.clone())
            .unwrap_or_else(|| self.local_profile(&account.username))
    }

    /// The page of a local account with this name.
    #[must_use]
    pub fn local_profile(&self, username: &str) -> String {
        format!("{}/@{username}", self.base)
    }

    /// The ActivityPub id of an account.
    #[must_use]
    pub fn actor(&self, account: &Account) -> String {
        account.uri.clone().unwrap_or_else(|| format!("{}/users/{}", self.base, account.username))
    }

    /// Under which a deleted local account is remembered, however its name was spelled.
    #[must_use]
    pub fn tombstone(&self, username: &str) -> String {
        format!("{}/users/{}", self.base, username.to_lowercase())
    }

    /// The ActivityPub id of the server itself.
    #[must_use]
    pub fn instance_actor(&self) -> String {
        format!("{}/actor", self.base)
    }

    /// Its name: the domain. A port is written so that the whole can stand in a handle.
    #[must_use]
    pub fn instance_name(&self) -> String {
        self.domain.replace(':', ".")
    }

    /// Where other servers send what is for several accounts here.
    #[must_use]
    pub fn shared_inbox(&self) -> String {
        format!("{}/inbox", self.base)
    }

    /// The page of a status.
    #[must_use]
    pub fn status_page(&self, status: &Status, author: &Account) -> String {
        status
            .url
            .clone()
            .or_else(|| status.uri.clone())
            .unwrap_or_else(|| format!("{}/@{}/{}", self.base, author.username, status.id))
    }

    /// The ActivityPub id of a status; a boost's is its activity's.
    #[must_use]
    pub fn status_uri(&self, status: &Status, author: &Account) -> String {
        let own = || {
            let tail = if status.boost_of.is_some() { "/activity" } else { "" };
            format!("{}/users/{}/statuses/{}{tail}", self.base, author.username, status.id)
        };
        status.uri.clone().unwrap_or_else(own)
    }

    /// The ActivityPub id of a status of this server, by its author's name.
    #[must_use]
    pub fn local_status(&self, username: &str, id: StatusId) -> String {
        format!("{}/users/{username}/statuses/{id}", self.base)
    }

    /// The ActivityPub id of a status that only this is known of.
    #[must_use]
    pub fn addressed(&self, status: &Addressed) -> String {
        status.uri.clone().unwrap_or_else(|| self.local_status(&status.username, status.id))
    }

    /// Where a local author's permission for a quote is shown; the status that quotes names it.
    #[must_use]
    pub fn quote_stamp(&self, author: &Account, quoting: StatusId) -> String {
        format!("{}/quote_authorizations/{quoting}", self.actor(author))
    }

    /// The collection of a thread that was begun here (FEP-7888).
    #[must_use]
    pub fn thread(&self, id: ConversationId) -> String {
        format!("{}/contexts/{id}", self.base)
    }

    /// The page of a hashtag, by its folded name.
    #[must_use]
    pub fn tag(&self, name: &str) -> String {
        format!("{}/tags/{name}", self.base)
    }

    /// The paths at which everybody sees an open status of somebody here.
    #[must_use]
    pub(crate) fn shown_at(&self, username: &str, id: StatusId) -> [String; 4] {
        let page = format!("/@{username}");
        let document = format!("/users/{username}/statuses/{id}");
        [format!("{page}/{id}"), page, format!("{document}/activity"), document]
    }

    /// Where a stored file is served.
    #[must_use]
    pub fn file(&self, key: &str) -> String {
        format!("{}{}", self.base, Self::file_path(key))
    }

    /// The path of a stored file.
    #[must_use]
    pub fn file_path(key: &str) -> String {
        format!("/media/{key}")
    }

    /// Whether a domain, as typed in a mention, is this server.
    #[must_use]
    pub fn is_here(&self, domain: Option<&str>) -> bool {
        domain.is_none_or(|domain| domain.eq_ignore_ascii_case(&self.domain))
    }
}
