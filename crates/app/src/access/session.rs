//! Signing in with a browser: the password, the session that follows, and its end.

use std::net::IpAddr;

use domain::secret::Secret;
use domain::time::{DAY, HOUR};
use domain::{AccountId, Timestamp};
use store::sessions::{self, Session};
use store::{Conn, access, accounts, users};

use super::authenticate::{AccessError, Me, may_act};
use super::limits::{self, Limited};
use super::password;
use crate::{App, AppError, Result};

/// Days after which an unused session ends.
pub const SESSION_DAYS: i64 = 30;
/// Longest name a browser gives itself that is kept, in characters.
const LONGEST_AGENT: usize = 200;

/// A try to sign in.
pub struct SignIn {
    /// Username or e-mail address as typed.
    pub login: String,
    /// Password as typed.
    pub password: String,
    /// Where from.
    pub address: IpAddr,
    /// What the browser calls itself.
    pub user_agent: String,
}

/// A session that has just begun: the only moment its secret is known.
pub struct SignedIn {
    /// For the cookie.
    pub secret: Secret,
    /// Who.
    pub account: AccountId,
}

/// A signed-in browser.
#[derive(Clone, Debug)]
pub struct Browser {
    /// Who.
    pub me: Me,
    /// What its forms must carry.
    pub form_key: String,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Name or password; never says which (A09).
    #[error("The name or the password is wrong.")]
    Wrong,
    /// The password is right, but this person may not act (yet).
    #[error(transparent)]
    Access(AccessError),
    /// Too often.
    #[error("There were too many tries.")]
    Limited(Limited),
    /// Something of this server.
    #[error(transparent)]
    App(#[from] AppError),
}

/// Checks name and password, then whether the person may act, then begins a session. The password
/// is looked at whatever the state of the account (A05), and as long when there is none (A09).
///
/// # Errors
/// [`SignInError`].
pub async fn sign_in(app: &App, attempt: SignIn) -> Result<SignedIn, SignInError> {
    limits::sign_in_from(app, attempt.address).map_err(SignInError::Limited)?;
    let login = attempt.login.trim().trim_start_matches('@').to_lowercase();
    let found = find(app, login.clone()).await?;
    let who = found.as_ref().map_or(login, |me| me.account.username.to_lowercase());
    limits::sign_in_to(app, &who).map_err(SignInError::Limited)?;
    let stored = found.as_ref().and_then(|me| me.user.password_hash.clone());
    let fits = password::verify(app, attempt.password, stored).await?;
    let Some(me) = found.filter(|_| fits) else { return Err(SignInError::Wrong) };
    may_act(&me, false).map_err(SignInError::Access)?;
    Ok(begin(app, me.id(), &attempt.user_agent).await?)
}

async fn find(app: &App, login: String) -> Result<Option<Me>> {
    let by_mail = login.contains('@');
    app.read(move |conn| {
        Box::pin(async move {
            let user = if by_mail { users::by_email(conn, &login).await? } else { None };
            let account = match &user {
                Some(user) => accounts::by_id(conn, user.account_id).await?,
                None if by_mail => None,
                None => accounts::by_handle(conn, &login, None).await?,
            };
            let Some(account) = account else { return Ok(None) };
            let user = match user {
                Some(user) => Some(user),
                None => users::by_account(conn, account.id).await?,
            };
            Ok(user.map(|user| Me { account, user }))
        })
    })
    .await
}

/// Begins a session for somebody who has just proven who they are.
pub(crate) async fn begin(app: &App, account: AccountId, user_agent: &str) -> Result<SignedIn> {
    let secret = Secret::generate(app.random.as_ref());
    let hash = secret.hash();
    let now = app.now();
    let session = Session {
        account_id: account,
        form_key: Secret::generate(app.random.as_ref()).reveal().to_owned(),
        user_agent: user_agent.chars().take(LONGEST_AGENT).collect(),
        created_at: now,
        last_used_at: now,
    };
    app.write(move |conn| {
        Box::pin(async move { Ok::<_, AppError>(sessions::insert(conn, &hash, &session).await?) })
    })
    .await?;
    Ok(SignedIn { secret, account })
}

/// Who a session cookie belongs to; `None` when it opens nothing (any more).
///
/// # Errors
/// [`AppError::Store`].
pub async fn resume(app: &App, secret: &Secret) -> Result<Option<Browser>> {
    let now = app.now();
    let hash = secret.hash();
    let wanted = hash.clone();
    let found = app
        .read(move |conn| {
            Box::pin(async move {
                let Some(session) = sessions::by_hash(conn, &wanted).await? else {
                    return Ok::<_, AppError>(None);
                };
                let account = accounts::by_id(conn, session.account_id).await?;
                let user = users::by_account(conn, session.account_id).await?;
                Ok(account.zip(user).map(|(account, user)| (session, Me { account, user })))
            })
        })
        .await?;
    let Some((session, me)) = found else { return Ok(None) };
    let idle = now.since(session.last_used_at);
    if idle > SESSION_DAYS * DAY || may_act(&me, false).is_err() {
        return Ok(None);
    }
    let stale = me.user.last_seen_at.is_none_or(|last| now.since(last) > HOUR);
    if idle > HOUR || stale {
        let account = me.id();
        app.write(move |conn| {
            Box::pin(async move {
                // Home feeds are kept up for those who are seen; see `authenticate` for the order.
                users::seen(conn, account, now, now.plus(-HOUR)).await?;
                Ok::<_, AppError>(sessions::touch(conn, &hash, now).await?)
            })
        })
        .await?;
    }
    Ok(Some(Browser { me, form_key: session.form_key }))
}

/// Ends a session.
///
/// # Errors
/// [`AppError::Store`].
pub async fn sign_out(app: &App, secret: &Secret) -> Result<()> {
    let hash = secret.hash();
    app.write(move |conn| Box::pin(async move { Ok(sessions::remove(conn, &hash).await?) })).await
}

/// Ends every way in that an account has: tokens, codes, sessions, mail links (A03, A12). The
/// caller publishes [`domain::event::Event::AccessChanged`] after the commit.
pub(crate) async fn end_all(conn: &mut Conn, account: AccountId, now: Timestamp) -> Result<()> {
    access::revoke_all(conn, account, now).await?;
    sessions::remove_all(conn, account).await?;
    sessions::remove_links(conn, account).await?;
    Ok(())
}
