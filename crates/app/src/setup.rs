//! Becoming the owner of a fresh installation, by a link that works once (A10).

use domain::AccountId;
use domain::account::Role;
use domain::secret::Secret;
use store::{Conn, settings, users};

use crate::access::{SignedIn, Whence};
use crate::accounts::{NewAccount, insert, prepare};
use crate::{App, AppError, Result};

/// Where the hash of the set-up secret is kept.
const SETTING: &str = "setup_secret_hash";
/// Where the name of the instance is kept once somebody chose one.
pub(crate) const TITLE: &str = "instance_title";
/// Longest name of an instance, in characters.
pub(crate) const LONGEST_TITLE: usize = 100;

/// A new set-up link, while there is no owner. An older link stops working.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn link(app: &App) -> Result<Option<String>> {
    let secret = Secret::generate(app.random.as_ref());
    let hash = secret.hash();
    let made = app
        .write(move |conn| {
            Box::pin(async move {
                if users::owners(conn).await? > 0 {
                    return Ok::<_, crate::AppError>(false);
                }
                settings::set(conn, SETTING, &hash.0).await?;
                Ok(true)
            })
        })
        .await?;
    Ok(made.then(|| format!("{}/setup?token={}", app.urls.base, secret.reveal())))
}

/// Whether a set-up link works.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn is_open(app: &App, token: &Secret) -> Result<bool> {
    let hash = token.hash();
    app.read(move |conn| Box::pin(async move { fits(conn, &hash.0).await })).await
}

async fn fits(conn: &mut Conn, hash: &str) -> Result<bool> {
    let stored = settings::get(conn, SETTING).await?;
    Ok(stored.as_deref() == Some(hash) && users::owners(conn).await? == 0)
}

/// What the future owner filled in.
pub struct Owner {
    /// The secret of the link.
    pub token: Secret,
    /// The name before the `@`.
    pub username: String,
    /// Address for mail.
    pub email: String,
    /// In the clear.
    pub password: String,
    /// Name of the instance; empty keeps the configured one.
    pub title: String,
    /// The language of the page.
    pub locale: String,
    /// Where from.
    pub from: Whence,
}

/// Makes the owner and signs them in; the link stops working.
///
/// # Errors
/// [`AppError::NotFound`] when the link does not work, [`AppError::Invalid`] for a field that
/// cannot be taken.
pub async fn complete(app: &App, owner: Owner) -> Result<SignedIn> {
    if !is_open(app, &owner.token).await? {
        return Err(AppError::NotFound);
    }
    let new = NewAccount {
        username: owner.username,
        email: owner.email,
        password: owner.password,
        role: Role::Owner,
        confirmed: true,
        approved: true,
        locale: owner.locale,
    };
    let prepared = prepare(app, new).await?;
    let id: AccountId = prepared.account.id;
    let hash = owner.token.hash();
    let title: String =
        owner.title.trim().chars().filter(|c| !c.is_control()).take(LONGEST_TITLE).collect();
    app.write(move |conn| {
        Box::pin(async move {
            // Of two at the same time, one finds the setting gone.
            if !fits(conn, &hash.0).await? || !settings::remove(conn, SETTING).await? {
                return Err(AppError::NotFound);
            }
            insert(conn, &prepared).await?;
            if !title.is_empty() {
                settings::set(conn, TITLE, &title).await?;
            }
            Ok(())
        })
    })
    .await?;
    crate::access::begin(app, id, owner.from).await
}

/// The name of the instance: the one chosen at set-up, else the configured one.
///
/// # Errors
/// [`AppError::Store`].
pub async fn title(app: &App) -> Result<String> {
    let chosen = app
        .read(|conn| Box::pin(async move { Ok::<_, AppError>(settings::get(conn, TITLE).await?) }))
        .await?;
    Ok(chosen.unwrap_or_else(|| app.config.instance.title.clone()))
}
