//! Making an account through an app (`POST /api/v1/accounts`).

use std::net::IpAddr;
use std::sync::Arc;

use config::RegistrationsMode;
use domain::AppId;
use domain::account::{Role, UsernameError, check_username, email_is_acceptable};
use domain::scope::Scopes;
use store::{accounts, staff_accounts, users};

use super::limits::{self, Limited};
use super::password;
use super::token::{self, NewToken};
use crate::accounts::{NewAccount, insert, prepare};
use crate::jobs::{Job, enqueue};
use crate::shut_out::{self, Severity, Verdict};
use crate::{App, AppError, Result};

/// What a person filled in.
pub struct SignUp {
    /// The name before the `@`.
    pub username: String,
    /// Address for mail.
    pub email: String,
    /// In the clear.
    pub password: String,
    /// The rules were accepted.
    pub agreement: bool,
    /// Interface language.
    pub locale: String,
    /// The app through which it happens.
    pub through: AppId,
    /// What the app may do for the new person.
    pub scopes: Scopes,
    /// Where from.
    pub address: IpAddr,
}

/// What is wrong with one field, in Mastodon's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which field.
    pub field: &'static str,
    /// `ERR_TAKEN`, ….
    pub code: &'static str,
    /// Completes the sentence that begins with the field.
    pub description: String,
}

/// Why there is no new account.
#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    /// Nobody may sign up.
    #[error("This action is not allowed")]
    Closed,
    /// Some fields.
    #[error("Validation failed")]
    Invalid(Vec<Problem>),
    /// Too often.
    #[error("There were too many tries.")]
    Limited(Limited),
    /// Something of this server.
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<store::StoreError> for SignUpError {
    fn from(error: store::StoreError) -> Self {
        Self::App(error.into())
    }
}

/// Makes the account, its first token, and the mail that confirms the address.
///
/// # Errors
/// [`SignUpError`].
pub async fn sign_up(app: &Arc<App>, form: SignUp) -> Result<NewToken, SignUpError> {
    let rules = &app.config.registrations;
    if rules.mode == RegistrationsMode::Closed {
        return Err(SignUpError::Closed);
    }
    limits::sign_up_from(app, form.address).map_err(SignUpError::Limited)?;
    let network = shut_out::severity_of(app, form.address).await?;
    if network.is_some_and(|severity| severity >= Severity::NoSignUp) {
        return Err(SignUpError::Closed);
    }
    let (problems, verdict) = problems(app, &form).await?;
    if !problems.is_empty() {
        return Err(SignUpError::Invalid(problems));
    }
    let must_wait = network.is_some() || verdict == Verdict::NeedsApproval;
    let confirmed = !rules.confirm_email;
    let new = NewAccount {
        username: form.username.clone(),
        email: form.email.clone(),
        password: form.password.clone(),
        role: Role::Member,
        confirmed,
        approved: rules.mode == RegistrationsMode::Open && !must_wait,
        locale: locale(&form.locale),
    };
    let prepared = prepare(app, new).await?;
    let account = prepared.account.id;
    let (row, secret) = token::prepare(app, Some(account), Some(form.through), form.scopes);
    let new_token =
        NewToken { secret: secret.clone(), scopes: row.scopes.clone(), created_at: row.created_at };
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            insert(conn, &prepared).await?;
            token::insert(conn, &row, &secret).await?;
            let (came_from, now) = (form.address.to_canonical().to_string(), context.now());
            staff_accounts::note_address(conn, account, &came_from, now).await?;
            if !confirmed {
                let job = Job::MailConfirmation { account };
                enqueue(&context, conn, &job, context.now()).await?;
            }
            Ok::<_, SignUpError>(())
        })
    })
    .await?;
    Ok(new_token)
}

/// A language tag, or English.
fn locale(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if (2..=16).contains(&text.len()) && text.chars().all(plain) {
        text.into()
    } else {
        "en".into()
    }
}

async fn problems(app: &App, form: &SignUp) -> Result<(Vec<Problem>, Verdict)> {
    let mut problems = Vec::new();
    let mut add = |field, code, description: &str| {
        problems.push(Problem { field, code, description: description.to_owned() });
    };
    if let Err(why) = check_username(&form.username, Role::Member) {
        let code = match why {
            UsernameError::Blank => "ERR_BLANK",
            UsernameError::Invalid => "ERR_INVALID",
            UsernameError::TooLong => "ERR_TOO_LONG",
            UsernameError::Reserved => "ERR_RESERVED",
        };
        add("username", code, &why.to_string());
    }
    if form.email.trim().is_empty() {
        add("email", "ERR_BLANK", "can't be blank");
    } else if !email_is_acceptable(form.email.trim()) {
        add("email", "ERR_INVALID", "is invalid");
    }
    if form.password.is_empty() {
        add("password", "ERR_BLANK", "can't be blank");
    } else if form.password.chars().count() < password::SHORTEST {
        let text = format!("is too short (minimum is {} characters)", password::SHORTEST);
        add("password", "ERR_TOO_SHORT", &text);
    } else if form.password.len() > password::LONGEST {
        let text = format!("is too long (maximum is {} bytes)", password::LONGEST);
        add("password", "ERR_TOO_LONG", &text);
    }
    if !form.agreement {
        add("agreement", "ERR_ACCEPTED", "must be accepted");
    }
    let (username, email) = (form.username.clone(), form.email.clone());
    let asked = email.clone();
    let (name_taken, email_taken, verdict) = app
        .read(move |conn| {
            Box::pin(async move {
                let name = accounts::by_handle(conn, &username, None).await?.is_some();
                let email = users::by_email(conn, &email).await?.is_some();
                let verdict = shut_out::judge(conn, &asked).await?;
                Ok::<_, AppError>((name, email, verdict))
            })
        })
        .await?;
    if name_taken {
        add("username", "ERR_TAKEN", "has already been taken");
    }
    if email_taken {
        add("email", "ERR_TAKEN", "has already been taken");
    }
    match verdict {
        Verdict::Domain => add("email", "ERR_BLOCKED", "uses a disallowed e-mail provider"),
        // It is not said that somebody was shut out.
        Verdict::Person if !email_taken => add("email", "ERR_TAKEN", "has already been taken"),
        Verdict::Person | Verdict::NeedsApproval | Verdict::Fine => {}
    }
    Ok((problems, verdict))
}
