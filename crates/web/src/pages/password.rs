//! Resetting a forgotten password: ask, mail sent, choose a new one, done.
//! The answer to asking is the same whether the address is known or not.

use askama::Template;

use super::Site;
use crate::view::{Input, TextField};

/// Asks for the e-mail address.
#[derive(Debug, Clone, Template)]
#[template(path = "password_request.html")]
pub struct PasswordResetRequestPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// Anti-forgery token of the session.
    pub csrf_token: String,
    /// E-mail address as typed.
    pub email: TextField,
    /// Why the person was sent here, such as a link that has expired.
    pub notice: Option<String>,
}

impl PasswordResetRequestPage<'_> {
    fn inputs(&self) -> [Input<'_>; 1] {
        [Input {
            kind: "email",
            autocomplete: "email",
            longest: 320,
            focused: true,
            ..Input::text("email", crate::t().e_mail_address, &self.email)
        }]
    }
}

/// Says that a mail is on its way if the address is known.
#[derive(Debug, Clone, Template)]
#[template(path = "password_sent.html")]
pub struct PasswordResetSentPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// How long the link works.
    pub valid_minutes: u32,
    /// In local mode, the folder where mails are written instead of being sent.
    pub mail_folder: Option<String>,
}

/// Asks for the new password.
#[derive(Debug, Clone, Template)]
#[template(path = "password_new.html")]
pub struct NewPasswordPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// Anti-forgery token of the session.
    pub csrf_token: String,
    /// Whose password it is, for the browser's password manager.
    pub username: String,
    /// The one-time secret from the mail.
    pub reset_token: String,
    /// What is wrong with the password.
    pub password_error: Option<String>,
    /// Least length of a password.
    pub shortest_password: u32,
}

impl NewPasswordPage<'_> {
    fn password_fields(&self) -> (TextField, TextField) {
        let first = TextField { value: String::new(), error: self.password_error.clone() };
        (first, TextField::default())
    }

    fn hint(&self) -> String {
        crate::t().password_hint(self.shortest_password)
    }

    fn inputs<'f>(&self, passwords: &'f (TextField, TextField), hint: &'f str) -> [Input<'f>; 2] {
        let password = |name, label, field| Input {
            kind: "password",
            autocomplete: "new-password",
            longest: 1024,
            shortest: self.shortest_password,
            ..Input::text(name, label, field)
        };
        [
            Input {
                hint,
                focused: true,
                ..password("password", crate::t().new_password, &passwords.0)
            },
            password("password_confirmation", crate::t().new_password_again, &passwords.1),
        ]
    }
}

/// The password is changed.
#[derive(Debug, Clone, Template)]
#[template(path = "password_changed.html")]
pub struct PasswordChangedPage<'a> {
    /// The server.
    pub site: &'a Site,
}
