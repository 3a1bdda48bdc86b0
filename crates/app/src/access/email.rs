//! Another mail address: used once the link that is sent to it has been opened (A12).

use std::sync::Arc;

use domain::AccountId;
use domain::account::email_is_acceptable;
use domain::secret::Secret;
use store::sessions;
use store::{accounts, users};

use super::authenticate::Me;
use super::confirm::link;
use super::limits::{self, Limited};
use super::reset::unless_sent;
use super::session::still_counts;
use crate::jobs::{Job, enqueue};
use crate::mail::{self, Letter, Part};
use crate::{App, AppError, Result};

/// Asks for a link to another address; the caller has checked the password. Whether somebody else has
/// that address is found out by the job, so that the answer does not tell (A09).
///
/// # Errors
/// [`AppError::Invalid`] for an address that cannot be one, or when the password was changed meanwhile; the inner one when too many were asked for.
pub async fn change_email(
    app: &Arc<App>,
    me: &Me,
    email: String,
) -> Result<std::result::Result<(), Limited>> {
    let email = email.trim().to_owned();
    if !email_is_acceptable(&email) || !email.is_ascii() {
        return Err(AppError::invalid("Email is invalid"));
    }
    if let Err(limited) = limits::mail_to(app, &email) {
        return Ok(Err(limited));
    }
    let (context, account, me) = (app.clone(), me.id(), me.clone());
    app.write(move |conn| {
        Box::pin(async move {
            if !still_counts(conn, &me).await? {
                return Err(AppError::invalid("Current password is wrong"));
            }
            let job = Job::MailChange { account, email };
            enqueue(&context, conn, &job, context.now()).await
        })
    })
    .await?;
    Ok(Ok(()))
}

/// The job: makes the link and mails it to the new address.
pub(crate) async fn send_change(app: &App, account: AccountId, email: &str) -> Result<()> {
    let secret = Secret::generate(app.random.as_ref());
    let (hash, now, wanted) = (secret.hash(), app.now(), email.to_owned());
    let found = app
        .write(move |conn| {
            Box::pin(async move {
                let Some(found) = accounts::by_id(conn, account).await? else {
                    return Ok::<_, AppError>(None);
                };
                let taken = users::by_email(conn, &wanted).await?;
                if taken.is_some() {
                    return Ok(None);
                }
                // The link that was sent before, perhaps to a mistyped address, ends.
                sessions::remove_links(conn, account).await?;
                sessions::insert_change(conn, &hash, account, &wanted, now).await?;
                Ok(Some(found))
            })
        })
        .await?;
    let Some(found) = found else { return Ok(()) };
    let parts = vec![
        Part::Text(format!(
            "Hello @{},\n\nthis address is to be used for your account on {} from now on.",
            found.username, app.urls.domain
        )),
        link("Confirm this address", &secret),
        Part::Text(
            "The link works once, for two days. If it was not you, there is nothing to do.".into(),
        ),
    ];
    let subject = format!("Confirm your new address for {}", app.urls.domain);
    let sent =
        mail::send(app, Letter { to: email.to_owned(), subject, parts, unsubscribe: None }).await;
    unless_sent(app, sent, secret).await
}
