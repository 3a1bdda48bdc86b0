//! What the server says of itself as it is now: what was written on its pages, else what the settings
//! file says.

use std::collections::HashMap;

use domain::Timestamp;
use domain::account::Account;
use store::{Conn, accounts, settings, users};

use crate::{App, AppError, Result, setup};

/// How the names of these settings begin.
pub(super) const BEGINNING: &str = "about_";
pub(super) const DESCRIPTION: &str = "about_description";
pub(super) const EXTENDED: &str = "about_extended";
pub(super) const PRIVACY_KEY: &str = "about_privacy";
pub(super) const TERMS: &str = "about_terms";
pub(super) const EMAIL: &str = "about_email";
pub(super) const CONTACT: &str = "about_contact";
pub(super) const BANNER: &str = "about_banner";

/// What any server of this program does with what people give it: said where nobody wrote more.
pub const PRIVACY: &str = "This server keeps what you post, who you follow, your mail address and a hash of your \
password. Public posts can be read by anybody and are copied to other servers; posts for followers or for \
mentioned people go to the servers of those people. Direct messages are not encrypted end to end: the \
operators of the servers involved can read them. Nothing is sold. You can delete your posts and your account.";

/// A long text and when it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Plain text; links in it are shown as such.
    pub text: String,
    /// When.
    pub written_at: Timestamp,
}

/// What the server says of itself.
#[derive(Clone, Debug)]
pub struct About {
    /// The name.
    pub title: String,
    /// One or two sentences, plain text.
    pub description: String,
    /// More about it.
    pub extended: Option<Text>,
    /// What becomes of what people give it.
    pub privacy: Option<Text>,
    /// On which terms it may be used.
    pub terms: Option<Text>,
    /// Who answers for the server.
    pub contact: Option<Account>,
    /// Address for questions; may be empty.
    pub contact_email: String,
    /// Storage key of its wide picture.
    pub banner: Option<String>,
}

/// What the server says of itself.
///
/// # Errors
/// [`AppError::Store`].
pub async fn about(app: &App) -> Result<About> {
    let configured = app.config.instance.clone();
    app.read(move |conn| {
        Box::pin(async move {
            let title = settings::get(conn, setup::TITLE).await?;
            let mut written: HashMap<String, String> =
                settings::beginning(conn, BEGINNING).await?.into_iter().collect();
            let name = written.remove(CONTACT).unwrap_or(configured.contact_account);
            Ok(About {
                title: title.unwrap_or(configured.title),
                description: written.remove(DESCRIPTION).unwrap_or(configured.description),
                extended: text(&mut written, EXTENDED),
                privacy: text(&mut written, PRIVACY_KEY),
                terms: text(&mut written, TERMS),
                contact: contact(conn, &name).await?,
                contact_email: written.remove(EMAIL).unwrap_or(configured.contact_email),
                banner: written.remove(BANNER),
            })
        })
    })
    .await
}

/// The setting that says when a text was written.
pub(super) fn written_at(name: &str) -> String {
    format!("{name}_at")
}

fn text(written: &mut HashMap<String, String>, name: &str) -> Option<Text> {
    let text = written.remove(name)?;
    let at = written.remove(&written_at(name)).and_then(|at| at.parse().ok());
    Some(Text { text, written_at: Timestamp(at.unwrap_or(0)) })
}

/// The named account, else the first owner; nobody who is suspended.
async fn contact(conn: &mut Conn, name: &str) -> Result<Option<Account>, AppError> {
    let name = name.trim_start_matches('@');
    let found = if name.is_empty() {
        match users::first_owner(conn).await? {
            Some(id) => accounts::by_id(conn, id).await?,
            None => None,
        }
    } else {
        accounts::by_handle(conn, name, None).await?
    };
    Ok(found.filter(|account| account.suspended_at.is_none()))
}
