//! Making an account for oneself: through an app (`POST /api/v1/accounts`) or on the page, open to all, by
//! invite, or by asking staff.

use std::net::IpAddr;
use std::sync::Arc;

use config::RegistrationsMode;
use domain::account::{Role, User, UsernameError, check_username, email_is_acceptable};
use domain::event::Event;
use domain::notification::NotificationKind;
use domain::scope::Scopes;
use domain::{AccountId, AppId, RowId};
use store::{Conn, accounts, invites, users};

use super::invites::working;
use super::limits::{self, Limited};
use super::password;
use super::session::note_address;
use super::token::{self, NewToken};
use crate::accounts::{NewAccount, Prepared, insert, prepare};
use crate::jobs::{Job, enqueue};
use crate::mail::{Letter, Notice, Part};
use crate::notifications::{Cause, notify};
use crate::shut_out::{self, Severity, Verdict};
use crate::{App, AppError, Result};

/// Longest reason, in characters.
const LONGEST_REASON: usize = 420;
/// Most members of staff that are told of somebody who asks.
const MOST_STAFF: usize = 20;

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
    /// What they wrote to staff, where staff decides.
    pub reason: String,
    /// The code of an invite; empty is none.
    pub invite: String,
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

/// Makes the account through an app: with its first token, and the mail that confirms the address.
///
/// # Errors
/// [`SignUpError`].
pub async fn sign_up(
    app: &Arc<App>,
    form: SignUp,
    through: AppId,
    scopes: Scopes,
) -> Result<NewToken, SignUpError> {
    let (prepared, entry) = admit(app, form).await?;
    let id = prepared.account.id;
    let (row, secret) = token::prepare(app, Some(id), Some(through), scopes);
    let new_token =
        NewToken { secret: secret.clone(), scopes: row.scopes.clone(), created_at: row.created_at };
    let context = app.clone();
    let events = app
        .write(move |conn| {
            Box::pin(async move {
                let entry = Entry { through: Some(through), ..entry };
                let events = enter(&context, conn, &prepared, entry).await?;
                token::insert(conn, &row, &secret).await?;
                Ok::<_, SignUpError>(events)
            })
        })
        .await?;
    app.publish(events).await;
    Ok(new_token)
}

/// Makes the account from the page: the person signs in when address and staff allow it.
///
/// # Errors
/// [`SignUpError`].
pub async fn sign_up_by_page(app: &Arc<App>, form: SignUp) -> Result<(), SignUpError> {
    let (prepared, entry) = admit(app, form).await?;
    let context = app.clone();
    let events = app
        .write(move |conn| Box::pin(async move { enter(&context, conn, &prepared, entry).await }))
        .await?;
    app.publish(events).await;
    Ok(())
}

/// How somebody comes in.
struct Entry {
    reason: String,
    invite: Option<RowId>,
    through: Option<AppId>,
    address: IpAddr,
}

/// Checks everything that can be checked before the transaction.
async fn admit(app: &Arc<App>, form: SignUp) -> Result<(Prepared, Entry), SignUpError> {
    let rules = &app.config.registrations;
    let is_closed = rules.mode == RegistrationsMode::Closed;
    if is_closed && form.invite.is_empty() {
        return Err(SignUpError::Closed);
    }
    limits::sign_up_from(app, form.address).map_err(SignUpError::Limited)?;
    let (code, now) = (form.invite.clone(), app.now());
    let invite =
        app.read(move |conn| Box::pin(async move { working(conn, &code, now).await })).await?;
    if is_closed && invite.is_none() {
        return Err(SignUpError::Closed);
    }
    let network = shut_out::severity_of(app, form.address).await?;
    if network.is_some_and(|severity| severity >= Severity::NoSignUp) {
        return Err(SignUpError::Closed);
    }
    let (problems, verdict) = problems(app, &form, invite).await?;
    if !problems.is_empty() {
        return Err(SignUpError::Invalid(problems));
    }
    // An invitation speaks for a person, not for a network or a mail service that staff looks at.
    let must_wait = network.is_some() || verdict == Verdict::NeedsApproval;
    let new = NewAccount {
        username: form.username,
        email: form.email,
        password: form.password,
        role: Role::Member,
        confirmed: !rules.confirm_email,
        approved: (rules.mode == RegistrationsMode::Open || invite.is_some()) && !must_wait,
        locale: locale(&form.locale),
    };
    let reason = form.reason.trim().to_owned();
    let entry = Entry { reason, invite, through: None, address: form.address };
    Ok((prepare(app, new).await?, entry))
}

/// Stores the account with everything that follows from it.
async fn enter(
    app: &App,
    conn: &mut Conn,
    new: &Prepared,
    entry: Entry,
) -> Result<Vec<Event>, SignUpError> {
    let (account, now) = (new.account.id, app.now());
    if let Some(invite) = entry.invite
        && !invites::use_one(conn, invite, now).await?
    {
        return Err(SignUpError::Invalid(vec![bad_invite()]));
    }
    insert(conn, new).await?;
    note_address(conn, account, entry.address, now).await?;
    let words = invites::Words { reason: &entry.reason, invite: entry.invite, app: entry.through };
    invites::add_words(conn, account, words).await?;
    if new.user.confirmed_at.is_none() {
        enqueue(app, conn, &Job::MailConfirmation { account }, now).await?;
    }
    if !new.user.approved {
        enqueue(app, conn, &Job::MailPending { account }, now).await?;
        return Ok(Vec::new());
    }
    if new.user.confirmed_at.is_some() {
        return Ok(announce(app, conn, account).await?);
    }
    Ok(Vec::new())
}

/// Staff hears of a new account that may act.
pub(super) async fn announce(
    app: &App,
    conn: &mut Conn,
    account: AccountId,
) -> crate::Result<Vec<Event>> {
    let mut events = Vec::new();
    for to in store::reports::staff(conn).await? {
        let kind = NotificationKind::SignUp;
        let cause = Cause { to, from: account, kind, status: None, report: None };
        events.extend(notify(app, conn, cause).await?);
    }
    Ok(events)
}

/// The job: tells staff that somebody asks to be let in.
pub(crate) async fn tell_staff_of_pending(app: &App, id: AccountId) -> crate::Result<()> {
    let found = app
        .read(move |conn| {
            Box::pin(async move {
                let account = accounts::by_id(conn, id).await?;
                let user = users::by_account(conn, id).await?;
                let reason = invites::reason(conn, id).await?.unwrap_or_default();
                let mut staff = Vec::new();
                for member in store::reports::staff(conn).await? {
                    staff.extend(users::by_account(conn, member).await?);
                }
                Ok::<_, AppError>(account.zip(user).map(|both| (both, reason, staff)))
            })
        })
        .await?;
    let Some(((account, user), reason, staff)) = found else { return Ok(()) };
    if user.approved {
        return Ok(());
    }
    let mut parts = vec![Part::Text(format!("@{} asks to be let in.", account.username))];
    if !reason.is_empty() {
        parts.push(Part::Quote(reason));
    }
    parts.push(Part::Text(format!(
        "To let them in: tuskling account approve {0}\nTo refuse: tuskling account delete {0}",
        account.username
    )));
    let subject = format!("Somebody asks for an account on {}", app.urls.domain);
    for member in staff.into_iter().take(MOST_STAFF) {
        let letter = Letter {
            to: member.email,
            subject: subject.clone(),
            parts: parts.clone(),
            unsubscribe: None,
        };
        crate::mail::send(app, letter).await?;
    }
    Ok(())
}

/// Lets somebody in who asked. False when they were in already.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such account here.
pub async fn approve(app: &Arc<App>, id: AccountId) -> crate::Result<bool> {
    let context = app.clone();
    let (is_news, events) = app
        .write(move |conn| {
            Box::pin(async move {
                let user = users::by_account(conn, id).await?.ok_or(AppError::NotFound)?;
                if user.approved {
                    return Ok((false, Vec::new()));
                }
                Ok::<_, AppError>((true, let_in(&context, conn, &user).await?))
            })
        })
        .await?;
    app.publish(events).await;
    Ok(is_news)
}

/// Somebody who waited may act from now on, unless their address is still to be confirmed.
pub(crate) async fn let_in(app: &App, conn: &mut Conn, user: &User) -> crate::Result<Vec<Event>> {
    let id = user.account_id;
    users::set_approved(conn, id).await?;
    let mut events = vec![Event::AccessChanged { account: id }];
    if user.confirmed_at.is_some() {
        crate::mail::tell(app, conn, id, Notice::Approved).await?;
        events.extend(announce(app, conn, id).await?);
    }
    Ok(events)
}

/// What somebody wrote who asked to be let in.
///
/// # Errors
/// [`AppError::Store`].
pub async fn sign_up_reason(app: &App, id: AccountId) -> crate::Result<Option<String>> {
    let reason = app
        .read(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(invites::reason(conn, id).await?) })
        })
        .await?;
    Ok(reason.filter(|reason| !reason.is_empty()))
}

fn bad_invite() -> Problem {
    let description = "is used up, over, or never was".to_owned();
    Problem { field: "invite_code", code: "ERR_INVALID", description }
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

async fn problems(
    app: &App,
    form: &SignUp,
    invite: Option<RowId>,
) -> Result<(Vec<Problem>, Verdict)> {
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
    let by_staff = app.config.registrations.mode == RegistrationsMode::Approval;
    if by_staff && invite.is_none() && form.reason.trim().is_empty() {
        add("reason", "ERR_BLANK", "can't be blank");
    } else if form.reason.chars().count() > LONGEST_REASON {
        let text = format!("is too long (maximum is {LONGEST_REASON} characters)");
        add("reason", "ERR_TOO_LONG", &text);
    }
    if !form.invite.is_empty() && invite.is_none() {
        let Problem { field, code, description } = bad_invite();
        add(field, code, &description);
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
