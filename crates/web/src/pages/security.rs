//! The pages on which people look after their account: password, address, second factor, browsers,
//! apps, and what they are told by mail.

use askama::Template;

use super::{KeyQuestionView, KeyView, Site};
use crate::view::{Input, Moment, TextField};

/// Asks for the code after the password.
#[derive(Debug, Clone, Template)]
#[template(path = "second_factor.html")]
pub struct SecondFactorPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// Anti-forgery token of the session.
    pub csrf_token: String,
    /// Path to return to afterwards; the caller has checked that it is local.
    pub return_to: String,
    /// Why the last try failed.
    pub error: Option<String>,
    /// Name of the app that waits for the sign-in.
    pub app_name: Option<String>,
    /// What a security key may answer instead.
    pub question: Option<KeyQuestionView>,
}

impl SecondFactorPage<'_> {
    fn inputs<'f>(&self, field: &'f TextField) -> [Input<'f>; 1] {
        [Input { focused: self.question.is_none(), ..code_input(field) }]
    }
}

fn code_input(field: &TextField) -> Input<'_> {
    Input {
        autocomplete: "one-time-code",
        longest: 40,
        focused: true,
        ..Input::text("code", crate::t().code, field)
    }
}

pub(super) fn current_password<'f>(label: &'static str, field: &'f TextField) -> Input<'f> {
    Input {
        kind: "password",
        autocomplete: "current-password",
        longest: 1024,
        ..Input::text("current_password", label, field)
    }
}

/// A signed-in browser in the list.
#[derive(Debug, Clone)]
pub struct SessionView {
    /// Names it in the form.
    pub id: String,
    /// What it calls itself.
    pub name: String,
    /// When it signed in.
    pub created: Moment,
    /// When it was last here.
    pub last_used: Moment,
    /// The one that looks at the page.
    pub is_this: bool,
}

/// An app in the list.
#[derive(Debug, Clone)]
pub struct GrantView {
    /// Names it in the form.
    pub id: String,
    /// The app's name.
    pub name: String,
    /// What it may do.
    pub scopes: String,
    /// Since when.
    pub created: Moment,
    /// When it was last used.
    pub last_used: Option<Moment>,
}

/// Everything about the security of an account.
#[derive(Debug, Clone, Template)]
#[template(path = "security.html")]
pub struct SecurityPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// Anti-forgery token of the session.
    pub csrf_token: String,
    /// Whose account.
    pub username: String,
    /// Its address.
    pub email: String,
    /// Good news.
    pub notice: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// Codes are asked for.
    pub two_factor: bool,
    /// Recovery codes left.
    pub codes_left: i64,
    /// Security keys.
    pub keys: Vec<KeyView>,
    /// Signed-in browsers.
    pub sessions: Vec<SessionView>,
    /// Apps with access.
    pub apps: Vec<GrantView>,
    /// Least length of a password.
    pub shortest_password: u32,
    /// Whether the person makes invites.
    pub may_invite: bool,
}

impl SecurityPage<'_> {
    fn password_inputs<'f>(&self, field: &'f TextField) -> [Input<'f>; 2] {
        [
            current_password(crate::t().current_password, field),
            Input {
                kind: "password",
                autocomplete: "new-password",
                longest: 1024,
                shortest: self.shortest_password,
                ..Input::text("password", crate::t().new_password, field)
            },
        ]
    }

    fn email_inputs<'f>(&self, field: &'f TextField) -> [Input<'f>; 2] {
        let password = current_password(crate::t().current_password_to_change_the_address, field);
        [
            Input {
                kind: "email",
                autocomplete: "email",
                longest: 320,
                ..Input::text("email", crate::t().new_address, field)
            },
            Input { name: "email_password", ..password },
        ]
    }
}

/// How the second factor stands.
#[derive(Debug, Clone)]
pub enum TwoFactorState {
    /// Codes are not asked for.
    Off,
    /// An app is being set up.
    Pending(SetupPicture),
    /// Codes are asked for.
    On,
}

/// What an app has to know, drawn and written.
#[derive(Debug, Clone)]
pub struct SetupPicture {
    /// Width and height of the drawing, in its own units.
    pub side: usize,
    /// The dots as an SVG path.
    pub path: String,
    /// The key, to be typed.
    pub key: String,
    /// The key as an address.
    pub address: String,
}

/// Setting the second factor up or switching it off.
#[derive(Debug, Clone, Template)]
#[template(path = "two_factor.html")]
pub struct TwoFactorPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// Anti-forgery token of the session.
    pub csrf_token: String,
    /// Whose account.
    pub username: String,
    /// How it stands.
    pub state: TwoFactorState,
    /// What went wrong.
    pub error: Option<String>,
}

impl TwoFactorPage<'_> {
    fn password_input<'f>(&self, field: &'f TextField) -> [Input<'f>; 1] {
        [Input { focused: true, ..current_password(crate::t().current_password, field) }]
    }

    fn code_input<'f>(&self, field: &'f TextField) -> [Input<'f>; 1] {
        [code_input(field)]
    }
}

/// The recovery codes, shown once.
#[derive(Debug, Clone, Template)]
#[template(path = "recovery_codes.html")]
pub struct RecoveryCodesPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// The codes.
    pub codes: Vec<String>,
}

/// A kind of notification that mail can tell of.
#[derive(Debug, Clone)]
pub struct MailChoice {
    /// Name of the field.
    pub name: &'static str,
    /// In words.
    pub label: &'static str,
    /// Whether it does.
    pub is_on: bool,
}

/// What somebody is told by mail.
#[derive(Debug, Clone, Template)]
#[template(path = "mail_choices.html")]
pub struct MailChoicesPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// Anti-forgery token of the session.
    pub csrf_token: String,
    /// Good news.
    pub notice: Option<String>,
    /// The kinds.
    pub choices: Vec<MailChoice>,
    /// Also when they were here since.
    pub always: bool,
}

/// The link of a mail that ends such mails.
#[derive(Debug, Clone, Template)]
#[template(path = "unsubscribe.html")]
pub struct UnsubscribePage<'a> {
    /// The server.
    pub site: &'a Site,
    /// What the mails are about.
    pub when: &'static str,
    /// They have ended.
    pub done: bool,
}
