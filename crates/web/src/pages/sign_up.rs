//! Making an account on the page, and the invites that let people do so.

use askama::Template;

use super::Site;
use crate::view::{Input, Moment, TextField};

/// The sign-up form.
#[derive(Debug, Clone, Template)]
#[template(path = "sign_up.html")]
pub struct SignUpPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// Anti-forgery token of the session.
    pub csrf_token: String,
    /// Staff decides, so a reason is asked for.
    pub by_staff: bool,
    /// The code of an invite; empty is none.
    pub invite: String,
    /// The rules of the server.
    pub rules: Vec<String>,
    /// Name as typed.
    pub username: TextField,
    /// Address as typed.
    pub email: TextField,
    /// What is wrong with the password.
    pub password: TextField,
    /// Reason as typed.
    pub reason: TextField,
    /// The rules were accepted.
    pub agreed: bool,
    /// What is wrong with that.
    pub agreement_error: Option<String>,
    /// Good news, such as an invite that works.
    pub notice: Option<String>,
    /// What is wrong with something else.
    pub error: Option<String>,
    /// Least length of a password.
    pub shortest_password: u32,
}

impl SignUpPage<'_> {
    fn inputs(&self) -> [Input<'_>; 3] {
        [
            Input {
                autocomplete: "username",
                prefix: "@",
                hint: crate::t().letters_digits_and_underscores_it_cannot,
                longest: 30,
                focused: true,
                ..Input::text("username", crate::t().user_name, &self.username)
            },
            Input {
                kind: "email",
                autocomplete: "email",
                hint: crate::t().nobody_else_sees_it,
                longest: 320,
                ..Input::text("email", crate::t().e_mail_address, &self.email)
            },
            Input {
                kind: "password",
                autocomplete: "new-password",
                hint: crate::t().a_few_words_in_a_row,
                longest: 1024,
                shortest: self.shortest_password,
                ..Input::text("password", crate::t().password, &self.password)
            },
        ]
    }
}

/// Says what follows.
#[derive(Debug, Clone, Template)]
#[template(path = "sign_up_done.html")]
pub struct SignUpDonePage<'a> {
    /// The server.
    pub site: &'a Site,
    /// The new name.
    pub username: String,
    /// The address has to be confirmed.
    pub confirm_email: bool,
    /// Staff decides.
    pub by_staff: bool,
    /// In local mode, the folder where mails are written instead of being sent.
    pub mail_folder: Option<String>,
}

/// An invite in the list.
#[derive(Debug, Clone)]
pub struct InviteView {
    /// Its code.
    pub code: String,
    /// Its link.
    pub address: String,
    /// How many came by it.
    pub uses: i64,
    /// How many may.
    pub most: Option<i64>,
    /// When it ends.
    pub ends: Option<Moment>,
}

/// The invites of a server.
#[derive(Debug, Clone, Template)]
#[template(path = "invites.html")]
pub struct InvitesPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// Anti-forgery token of the session.
    pub csrf_token: String,
    /// What went wrong.
    pub error: Option<String>,
    /// The newest first.
    pub invites: Vec<InviteView>,
}
