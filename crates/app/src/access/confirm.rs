//! Confirming a mail address by a link that works once and for two days (A12).

use std::sync::Arc;

use domain::account::email_is_acceptable;
use domain::event::Event;
use domain::secret::Secret;
use domain::time::HOUR;
use domain::{AccountId, AppId};
use store::sessions::{self, Purpose};
use store::{Conn, accounts, invites, users};

use super::authenticate::Me;
use super::limits::{self, Limited};
use super::reset::unless_sent;
use crate::jobs::{Job, enqueue};
use crate::mail::{self, Letter, Notice, Part};
use crate::{App, AppError, Result};

/// How long a link works.
const LIFE: i64 = 48 * HOUR;

/// Sends the link again, to another address if one is given. Older links end. Only the app through
/// which somebody signed up may ask for that, as in Mastodon.
///
/// # Errors
/// [`AppError::Forbidden`] when the address is confirmed already or another app asks,
/// [`AppError::Invalid`] for an address that cannot be taken; the inner one when too many were asked
/// for.
pub async fn resend(
    app: &Arc<App>,
    me: &Me,
    through: Option<AppId>,
    email: Option<String>,
) -> Result<Result<(), Limited>> {
    if me.user.confirmed_at.is_some() {
        return Err(AppError::Forbidden(
            "This method is only available while the e-mail is awaiting confirmation".into(),
        ));
    }
    let id = me.id();
    let signed_up_through = app
        .read(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(invites::app_of(conn, id).await?) })
        })
        .await?;
    if signed_up_through.is_some() && signed_up_through != through {
        return Err(AppError::Forbidden(
            "This method is only available to the application the user originally signed-up with"
                .into(),
        ));
    }
    let email = email.map(|email| email.trim().to_owned()).filter(|email| !email.is_empty());
    if email.as_deref().is_some_and(|email| !email_is_acceptable(email)) {
        return Err(AppError::invalid("Email is invalid"));
    }
    if let Err(limited) = limits::mail_to(app, email.as_deref().unwrap_or(&me.user.email)) {
        return Ok(Err(limited));
    }
    let (context, account) = (app.clone(), me.id());
    app.write(move |conn| {
        Box::pin(async move {
            if let Some(email) = email {
                let other = users::by_email(conn, &email).await?;
                if other.is_some_and(|other| other.account_id != account) {
                    return Err(AppError::invalid("Email has already been taken"));
                }
                users::set_email(conn, account, &email).await?;
            }
            sessions::remove_links(conn, account).await?;
            enqueue(&context, conn, &Job::MailConfirmation { account }, context.now()).await
        })
    })
    .await?;
    Ok(Ok(()))
}

/// The job: makes the link and mails it.
pub(crate) async fn send_confirmation(app: &App, account: AccountId) -> Result<()> {
    let secret = Secret::generate(app.random.as_ref());
    let (hash, now) = (secret.hash(), app.now());
    let found = app
        .write(move |conn| {
            Box::pin(async move {
                let account = accounts::by_id(conn, account).await?;
                let Some(account) = account else { return Ok::<_, AppError>(None) };
                let user = users::by_account(conn, account.id).await?;
                let Some(user) = user.filter(|user| user.confirmed_at.is_none()) else {
                    return Ok(None);
                };
                sessions::insert_link(conn, &hash, account.id, Purpose::Confirm, now).await?;
                Ok(Some((account, user)))
            })
        })
        .await?;
    let Some((account, user)) = found else { return Ok(()) };
    let parts = vec![
        Part::Text(format!(
            "Hello @{},\n\nwelcome to {}. Please confirm that this address is yours.",
            account.username, app.urls.domain
        )),
        link("Confirm your address", &secret),
        Part::Text(
            "The link works once, for two days. If you did not sign up, there is nothing to do."
                .into(),
        ),
    ];
    let subject = format!("Confirm your address for {}", app.urls.domain);
    let sent = mail::send(app, Letter { to: user.email, subject, parts, unsubscribe: None }).await;
    unless_sent(app, sent, secret).await
}

pub(super) fn link(label: &'static str, secret: &Secret) -> Part {
    Part::Link { label, path: format!("/auth/confirmation?token={}", secret.reveal()) }
}

/// What a link has confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// A new account's address: it may sign in.
    In,
    /// A new account's address: staff has to let it in.
    Waiting,
    /// Another address, which is used from now on.
    Changed,
}

/// Confirms the address that a link was sent to.
///
/// # Errors
/// [`AppError::NotFound`] when the link was used, is too old, or never was; [`AppError::Invalid`]
/// when somebody else has taken that address meanwhile.
pub async fn confirm(app: &Arc<App>, token: &Secret) -> Result<Confirmed> {
    let (context, hash) = (app.clone(), token.hash());
    let (confirmed, events) = app
        .write(move |conn| {
            Box::pin(async move {
                let now = context.now();
                let link = sessions::link(conn, &hash).await?.ok_or(AppError::NotFound)?;
                if link.used_at.is_some() || now.since(link.created_at) > LIFE {
                    return Err(AppError::NotFound);
                }
                let (id, email) = (link.account_id, link.email);
                match (link.purpose, email) {
                    (Some(Purpose::Confirm), None) => {
                        sessions::use_link(conn, &hash, now).await?;
                        users::set_confirmed(conn, id, now).await?;
                        settle(&context, conn, id).await
                    }
                    (Some(Purpose::Change), Some(email)) => {
                        take_over(&context, conn, id, &email).await
                    }
                    _ => Err(AppError::NotFound),
                }
            })
        })
        .await?;
    app.publish(events).await;
    Ok(confirmed)
}

/// A new account has its address confirmed. Once it may act, staff hears of it.
async fn settle(app: &App, conn: &mut Conn, id: AccountId) -> Result<(Confirmed, Vec<Event>)> {
    let user = users::by_account(conn, id).await?.ok_or(AppError::NotFound)?;
    if !user.approved {
        return Ok((Confirmed::Waiting, Vec::new()));
    }
    Ok((Confirmed::In, super::sign_up::announce(app, conn, id).await?))
}

/// Another address takes the place of the one before, which is told. Browsers and links end (A03, A12).
async fn take_over(
    app: &App,
    conn: &mut Conn,
    id: AccountId,
    email: &str,
) -> Result<(Confirmed, Vec<Event>)> {
    let user = users::by_account(conn, id).await?.ok_or(AppError::NotFound)?;
    let other = users::by_email(conn, email).await?;
    if other.is_some_and(|other| other.account_id != id) {
        return Err(AppError::invalid("Email has already been taken"));
    }
    users::set_email(conn, id, email).await?;
    users::set_confirmed(conn, id, app.now()).await?;
    sessions::remove_all(conn, id).await?;
    sessions::remove_links(conn, id).await?;
    mail::tell(app, conn, id, Notice::EmailChanged { before: user.email }).await?;
    Ok((Confirmed::Changed, vec![Event::AccessChanged { account: id }]))
}
