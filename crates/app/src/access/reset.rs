//! A forgotten password: a link by mail that works once and for an hour (A12).

use std::net::IpAddr;

use domain::AccountId;
use domain::event::Event;
use domain::secret::Secret;
use domain::time::HOUR;
use store::sessions::{self, MailLink, Purpose};
use store::{accounts, users};

use super::limits::{self, Limited};
use super::password;
use super::session::end_all;
use crate::jobs::{self, Job, enqueue};
use crate::mail::{self, Letter, Notice, Part};
use crate::{App, AppError, Result};

/// How long a link works.
const LIFE: i64 = HOUR;

/// Asks for a link. The mail is a job, found out about later, so that the answer tells nobody
/// whether the address is known, by its words or by its time (A09).
///
/// # Errors
/// [`AppError::Store`]; the inner one when too many were asked for.
pub async fn request_reset(
    app: &std::sync::Arc<App>,
    email: String,
    from: IpAddr,
) -> Result<Result<(), Limited>> {
    if let Err(limited) = limits::mail_from(app, from).and_then(|()| limits::mail_to(app, &email)) {
        return Ok(Err(limited));
    }
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            let now = context.now();
            enqueue(&context, conn, &Job::MailReset { email }, now).await
        })
    })
    .await?;
    Ok(Ok(()))
}

/// The job: makes the link and mails it.
pub(crate) async fn send_reset(app: &App, email: &str) -> Result<()> {
    let secret = Secret::generate(app.random.as_ref());
    let (hash, now, wanted) = (secret.hash(), app.now(), email.to_owned());
    let found = app
        .write(move |conn| {
            Box::pin(async move {
                let Some(user) = users::by_email(conn, &wanted).await? else {
                    return Ok::<_, AppError>(None);
                };
                let account = accounts::by_id(conn, user.account_id).await?;
                sessions::insert_link(conn, &hash, user.account_id, Purpose::Reset, now).await?;
                Ok(account.map(|account| (account, user)))
            })
        })
        .await?;
    let Some((account, user)) = found else { return Ok(()) };
    let parts = vec![
        Part::Text(format!(
            "Hello @{},\n\nsomebody, most likely you, asked for a new password on {}.",
            account.username, app.urls.domain
        )),
        Part::Link {
            label: "Choose it here",
            path: format!("/auth/password/edit?token={}", secret.reveal()),
        },
        Part::Text(
            "The link works once, for one hour. If it was not you, there is nothing to do: your password \
             stays as it is."
                .into(),
        ),
    ];
    let subject = format!("Choose a new password for {}", app.urls.domain);
    let sent = mail::send(app, Letter { to: user.email, subject, parts, unsubscribe: None }).await;
    unless_sent(app, sent, secret).await
}

/// A link that did not go is forgotten: the next try makes another one, and its secret is nowhere.
pub(super) async fn unless_sent(app: &App, sent: Result<()>, secret: Secret) -> Result<()> {
    if sent.is_err() {
        let hash = secret.hash();
        app.write(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(sessions::remove_link(conn, &hash).await?) })
        })
        .await?;
    }
    sent
}

/// Whose link this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkOwner {
    /// The account.
    pub account: AccountId,
    /// Its name.
    pub username: String,
}

/// Whose password a link may set; `None` when it was used, is too old, or never was.
///
/// # Errors
/// [`AppError::Store`].
pub async fn reset_owner(app: &App, token: &Secret) -> Result<Option<LinkOwner>> {
    let (hash, now) = (token.hash(), app.now());
    app.read(move |conn| {
        Box::pin(async move {
            let link = sessions::peek_link(conn, &hash).await?;
            let Some(link) = link.filter(|link| is_good(link, now)) else { return Ok(None) };
            let account = accounts::by_id(conn, link.account_id).await?;
            Ok(account.map(|account| LinkOwner { account: account.id, username: account.username }))
        })
    })
    .await
}

fn is_good(link: &MailLink, now: domain::Timestamp) -> bool {
    link.purpose == Some(Purpose::Reset)
        && link.used_at.is_none()
        && now.since(link.created_at) <= LIFE
}

/// Sets a new password by a link; everything that the old one had opened ends. Whoever reads the
/// mail owns the address, so it counts as confirmed.
///
/// # Errors
/// [`AppError::NotFound`] for a link that does not work, [`AppError::Invalid`] for a password that
/// cannot be taken; the inner one when too many were changed or tried.
pub async fn reset_password(
    app: &App,
    token: &Secret,
    password: String,
    from: IpAddr,
) -> Result<Result<(), Limited>> {
    if let Err(limited) = limits::password_change_from(app, from) {
        return Ok(Err(limited));
    }
    password::check(&password)?;
    // Only somebody with a link may make us hash.
    let owner = reset_owner(app, token).await?.ok_or(AppError::NotFound)?;
    if let Err(limited) = limits::password_change_of(app, owner.account) {
        return Ok(Err(limited));
    }
    let password = password::hash(app, password).await?;
    let (hash, now) = (token.hash(), app.now());
    let notice = Job::MailNotice { account: owner.account, notice: Notice::PasswordChanged };
    let told = jobs::ready(app, &notice)?;
    let account = app
        .write(move |conn| {
            Box::pin(async move {
                let link = sessions::link(conn, &hash).await?;
                let link = link.filter(|link| is_good(link, now)).ok_or(AppError::NotFound)?;
                sessions::use_link(conn, &hash, now).await?;
                users::set_password(conn, link.account_id, &password).await?;
                users::set_confirmed(conn, link.account_id, now).await?;
                end_all(conn, link.account_id, now).await?;
                told.queue(conn, now).await?;
                Ok::<_, AppError>(link.account_id)
            })
        })
        .await?;
    app.publish(vec![Event::AccessChanged { account }]).await;
    Ok(Ok(()))
}
