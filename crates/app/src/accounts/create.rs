//! A new local account with its user.

use std::sync::Arc;

use domain::account::{Account, Role, User, check_username, email_is_acceptable};
use domain::status::{Format, Visibility};
use domain::{AccountId, Timestamp};
use store::{Conn, accounts, users};

use crate::access::password;
use crate::jobs::{self, Job};
use crate::{App, AppError, Result};

/// What is needed to make an account.
#[derive(Clone)]
pub struct NewAccount {
    /// The name before the `@`.
    pub username: String,
    /// Address for mail.
    pub email: String,
    /// In the clear; only a hash is kept.
    pub password: String,
    /// What it may do.
    pub role: Role,
    /// The address needs no confirmation.
    pub confirmed: bool,
    /// Staff need not approve.
    pub approved: bool,
    /// Interface language.
    pub locale: String,
}

/// An account that was checked and is not stored yet.
pub(crate) struct Prepared {
    /// Its public face.
    pub account: Account,
    /// Its private side.
    pub user: User,
    /// The job that makes its signing key.
    key: store::jobs::New,
    queued: Arc<jobs::Queued>,
}

/// Makes an account. The first sentence of a refusal names the field, as Mastodon's API does.
///
/// # Errors
/// [`AppError::Invalid`] for a name, address or password that cannot be taken.
pub async fn create(app: &App, new: NewAccount) -> Result<(Account, User)> {
    let prepared = prepare(app, new).await?;
    app.write(move |conn| {
        Box::pin(async move {
            insert(conn, &prepared).await?;
            Ok((prepared.account, prepared.user))
        })
    })
    .await
}

/// Checks and hashes; nothing is stored yet. For callers that store it with something else in one
/// transaction, by [`insert`].
///
/// # Errors
/// See [`create`].
pub(crate) async fn prepare(app: &App, new: NewAccount) -> Result<Prepared> {
    check_username(&new.username, new.role)
        .map_err(|why| AppError::invalid(format!("Username {why}")))?;
    if !email_is_acceptable(&new.email) {
        return Err(AppError::invalid("Email is invalid"));
    }
    password::check(&new.password)?;
    let hash = password::hash(app, new.password.clone()).await?;
    let now = app.now();
    let account = blank_account(app.ids.next(), &new.username, now);
    let user = new_user(account.id, &new, hash, now);
    let key = jobs::row(app, &Job::MakeKey { account: account.id }, now)?;
    Ok(Prepared { account, user, key, queued: app.jobs_queued.clone() })
}

/// Stores what [`prepare`] made.
///
/// # Errors
/// See [`create`].
pub(crate) async fn insert(conn: &mut Conn, new: &Prepared) -> Result<()> {
    check_free(conn, &new.account, &new.user).await?;
    accounts::insert(conn, &new.account).await?;
    users::insert(conn, &new.user).await?;
    new.queued.one_more(new.key.lane);
    store::jobs::insert(conn, &new.key, new.user.created_at).await?;
    Ok(())
}

async fn check_free(conn: &mut Conn, account: &Account, user: &User) -> Result<()> {
    if accounts::by_handle(conn, &account.username, None).await?.is_some() {
        return Err(AppError::invalid("Username has already been taken"));
    }
    if users::by_email(conn, &user.email).await?.is_some() {
        return Err(AppError::invalid("Email has already been taken"));
    }
    Ok(())
}

fn blank_account(id: AccountId, username: &str, now: Timestamp) -> Account {
    Account {
        id,
        username: username.to_owned(),
        domain: None,
        uri: None,
        url: None,
        display_name: String::new(),
        note: String::new(),
        fields: Vec::new(),
        avatar: None,
        avatar_description: String::new(),
        header: None,
        header_description: String::new(),
        locked: false,
        bot: false,
        discoverable: false,
        indexable: false,
        hide_collections: false,
        followers_count: 0,
        following_count: 0,
        statuses_count: 0,
        last_status_at: None,
        created_at: now,
        suspended_at: None,
        silenced_at: None,
        sensitized_at: None,
        moved_to: None,
        is_group: false,
        memorial: false,
        emojis: Vec::new(),
    }
}

fn new_user(account_id: AccountId, new: &NewAccount, hash: String, now: Timestamp) -> User {
    User {
        account_id,
        email: new.email.trim().to_owned(),
        password_hash: Some(hash),
        role: new.role,
        confirmed_at: new.confirmed.then_some(now),
        approved: new.approved,
        disabled: false,
        locale: new.locale.clone(),
        default_visibility: Visibility::Public,
        default_sensitive: false,
        default_language: None,
        default_quote_policy: "public".into(),
        default_format: Format::Plain,
        last_seen_at: None,
        created_at: now,
    }
}
