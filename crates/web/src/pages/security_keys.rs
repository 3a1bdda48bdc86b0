//! The pages on which people add and remove security keys, and what the sign-in page asks of them.

use askama::Template;

use super::Site;
use super::security::current_password;
use crate::view::{Input, Moment, TextField};

/// A security key in the list.
#[derive(Debug, Clone)]
pub struct KeyView {
    /// Names it in the form.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was added.
    pub created: Moment,
    /// When it was last used.
    pub last_used: Option<Moment>,
}

/// What the script asks a key. Bytes are in base64url.
#[derive(Debug, Clone)]
pub struct KeyQuestionView {
    /// The host that keys are bound to.
    pub party: String,
    /// What is to be signed.
    pub challenge: String,
    /// Ids of keys, each with its transports behind a colon, separated by spaces.
    pub known: String,
}

/// What the script has a new key made for.
#[derive(Debug, Clone)]
pub struct KeyOfferView {
    /// The question, and the keys that are there already.
    pub question: KeyQuestionView,
    /// By which keys know the account, in base64url.
    pub handle: String,
    /// The account's name.
    pub account: String,
    /// What was typed as the key's name.
    pub name: TextField,
}

/// How far adding a key is.
#[derive(Debug, Clone)]
pub enum AddKeyState {
    /// Codes come first.
    NeedsCodes,
    /// The password is asked for.
    Password,
    /// The key is asked for.
    Key(KeyOfferView),
}

/// Adding a security key.
#[derive(Debug, Clone, Template)]
#[template(path = "security_key_add.html")]
pub struct AddKeyPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// Anti-forgery token of the session.
    pub csrf_token: String,
    /// Whose account.
    pub username: String,
    /// How far it is.
    pub state: AddKeyState,
    /// What went wrong.
    pub error: Option<String>,
}

impl AddKeyPage<'_> {
    fn password_input<'f>(&self, field: &'f TextField) -> [Input<'f>; 1] {
        [Input { focused: true, ..current_password(crate::t().current_password, field) }]
    }

    fn name_input<'f>(&self, field: &'f TextField) -> [Input<'f>; 1] {
        [Input {
            focused: true,
            longest: 60,
            ..Input::text("name", crate::t().name_of_the_key, field)
        }]
    }
}

/// Asks before a security key is removed.
#[derive(Debug, Clone, Template)]
#[template(path = "security_key_remove.html")]
pub struct RemoveKeyPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// Anti-forgery token of the session.
    pub csrf_token: String,
    /// Whose account.
    pub username: String,
    /// The key.
    pub key: KeyView,
    /// What went wrong.
    pub error: Option<String>,
}

impl RemoveKeyPage<'_> {
    fn password_input<'f>(&self, field: &'f TextField) -> [Input<'f>; 1] {
        [Input { focused: true, ..current_password(crate::t().current_password, field) }]
    }
}
