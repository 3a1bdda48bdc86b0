//! The one-time page that makes the owner's account, and what comes after.

use askama::Template;

use super::Site;
use crate::{
    paths,
    view::{Input, TextField},
};

/// The set-up form.
#[derive(Debug, Clone, Template)]
#[template(path = "set_up.html")]
pub struct SetUpPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// Anti-forgery token of the session.
    pub csrf_token: String,
    /// The one-time secret from the link.
    pub set_up_token: String,
    /// User name.
    pub username: TextField,
    /// E-mail address.
    pub email: TextField,
    /// The server's title.
    pub title: TextField,
    /// What is wrong with the password; its value is never shown again.
    pub password_error: Option<String>,
    /// What is wrong with the form as a whole.
    pub error: Option<String>,
    /// Least length of a password.
    pub shortest_password: u32,
}

impl SetUpPage<'_> {
    fn password_fields(&self) -> (TextField, TextField) {
        let first = TextField { value: String::new(), error: self.password_error.clone() };
        (first, TextField::default())
    }

    fn password_hint(&self) -> String {
        crate::t().password_hint(self.shortest_password)
    }

    fn username_hint(&self) -> String {
        crate::t().username_hint(&self.site.domain)
    }

    fn inputs<'f>(
        &'f self,
        passwords: &'f (TextField, TextField),
        username_hint: &'f str,
        password_hint: &'f str,
    ) -> [Input<'f>; 5] {
        let password = |name, label, field| Input {
            kind: "password",
            autocomplete: "new-password",
            longest: 1024,
            shortest: self.shortest_password,
            ..Input::text(name, label, field)
        };
        [
            Input {
                autocomplete: "username",
                hint: username_hint,
                prefix: "@",
                longest: 30,
                focused: true,
                ..Input::text("username", crate::t().user_name, &self.username)
            },
            Input {
                kind: "email",
                autocomplete: "email",
                hint: crate::t().used_to_sign_in_and_to,
                longest: 320,
                ..Input::text("email", crate::t().e_mail_address, &self.email)
            },
            Input {
                hint: password_hint,
                ..password("password", crate::t().password, &passwords.0)
            },
            password("password_confirmation", crate::t().password_again, &passwords.1),
            Input {
                hint: crate::t().shown_on_the_front_page_and,
                longest: 100,
                ..Input::text("title", crate::t().name_of_this_server, &self.title)
            },
        ]
    }
}

/// The account is made; what to do now.
#[derive(Debug, Clone, Template)]
#[template(path = "set_up_done.html")]
pub struct SetUpDonePage<'a> {
    /// The server.
    pub site: &'a Site,
    /// The new user name.
    pub username: String,
}

impl SetUpDonePage<'_> {
    fn profile_path(&self) -> String {
        format!("{}@{}", paths::FRONT, self.username)
    }
}
