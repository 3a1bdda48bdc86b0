//! Sign-in, and the notice when nobody new can sign up.

use askama::Template;

use super::Site;
use crate::view::{Input, TextField};

/// The sign-in form.
#[derive(Debug, Clone, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// Anti-forgery token of the session.
    pub csrf_token: String,
    /// Path to return to afterwards; the caller has checked that it is local.
    pub return_to: String,
    /// E-mail address or user name as typed before.
    pub login: String,
    /// Why the last try failed; never says which of the two was wrong.
    pub error: Option<String>,
    /// Good news to show first, such as a changed password.
    pub notice: Option<String>,
    /// Name of the app that waits for the sign-in.
    pub app_name: Option<String>,
}

impl SignInPage<'_> {
    fn login_field(&self) -> TextField {
        TextField::new(self.login.as_str())
    }

    fn inputs<'f>(&self, login: &'f TextField, password: &'f TextField) -> [Input<'f>; 2] {
        let typed = !self.login.is_empty();
        [
            Input {
                autocomplete: "username",
                longest: 320,
                focused: !typed,
                ..Input::text("login", crate::t().e_mail_address_or_user_name, login)
            },
            Input {
                kind: "password",
                autocomplete: "current-password",
                longest: 1024,
                focused: typed,
                ..Input::text("password", crate::t().password, password)
            },
        ]
    }
}

/// Says that nobody new can sign up, and what to do instead.
#[derive(Debug, Clone, Template)]
#[template(path = "sign_up_closed.html")]
pub struct SignUpClosedPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// The owner's own words, if any.
    pub message: Option<String>,
}
