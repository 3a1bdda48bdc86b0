//! Confirming a mail address by a link that works once and for two days (A12).

use std::sync::Arc;

use domain::AccountId;
use domain::account::email_is_acceptable;
use domain::secret::Secret;
use domain::time::HOUR;
use store::sessions::{self, Purpose};
use store::{accounts, users};

use super::authenticate::Me;
use super::limits::{self, Limited};
use crate::jobs::{Job, enqueue};
use crate::mail::{self, Message};
use crate::{App, AppError, Result};

/// How long a link works.
const LIFE: i64 = 48 * HOUR;

/// Sends the link again, to another address if one is given. Older links end.
///
/// # Errors
/// [`AppError::Forbidden`] when the address is confirmed already, [`AppError::Invalid`] for an
/// address that cannot be taken; the inner one when too many were asked for.
pub async fn resend(app: &Arc<App>, me: &Me, email: Option<String>) -> Result<Result<(), Limited>> {
    if me.user.confirmed_at.is_some() {
        return Err(AppError::Forbidden(
            "This method is only available while the e-mail is awaiting confirmation".into(),
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
    let link = format!("{}/auth/confirmation?token={}", app.urls.base, secret.reveal());
    let body = format!(
        "Hello @{name},\n\nwelcome to {domain}. Confirm your address here:\n\n{link}\n\n\
         The link works once, for two days. If you did not sign up, there is nothing to do.\n",
        name = account.username,
        domain = app.urls.domain,
    );
    let subject = format!("Confirm your address for {}", app.urls.domain);
    mail::send(app, Message { to: user.email, subject, body }).await
}

/// Confirms the address that a link was sent to.
///
/// # Errors
/// [`AppError::NotFound`] when the link was used, is too old, or never was.
pub async fn confirm(app: &App, token: &Secret) -> Result<()> {
    let (hash, now) = (token.hash(), app.now());
    app.write(move |conn| {
        Box::pin(async move {
            let link = sessions::link(conn, &hash).await?.ok_or(AppError::NotFound)?;
            let good = link.purpose == Some(Purpose::Confirm)
                && link.used_at.is_none()
                && now.since(link.created_at) <= LIFE;
            if !good {
                return Err(AppError::NotFound);
            }
            sessions::use_link(conn, &hash, now).await?;
            users::set_confirmed(conn, link.account_id, now).await?;
            Ok(())
        })
    })
    .await
}
