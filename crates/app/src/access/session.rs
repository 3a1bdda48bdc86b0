//! Signing in with a browser: the password, the session that follows, and its end.

use std::net::IpAddr;
use std::sync::Arc;

use domain::secret::{Secret, SecretHash};
use domain::time::{DAY, HOUR};
use domain::{AccountId, Timestamp};
use store::sessions::{self, Seen, Session};
use store::{Conn, access, accounts, staff_accounts, users};

use super::authenticate::{AccessError, Me, may_act};
use super::limits::{self, Limited};
use super::webauthn::Refused;
use super::{password, second_factor};
use crate::mail::{self, Notice};
use crate::{App, AppError, Result};

/// Days after which an unused session ends.
pub const SESSION_DAYS: i64 = 30;
/// Longest name a browser gives itself that is kept, in characters.
const LONGEST_AGENT: usize = 200;

/// Most browsers of an account that are known again.
const BROWSERS: i64 = 50;

/// A try to sign in.
pub struct SignIn {
    /// Username or e-mail address as typed.
    pub login: String,
    /// Password as typed.
    pub password: String,
    /// Where from.
    pub from: Whence,
}

/// Where somebody signs in from.
#[derive(Clone)]
pub struct Whence {
    /// Network address.
    pub address: IpAddr,
    /// What the browser calls itself.
    pub user_agent: String,
    /// What it was given when somebody signed in with it before.
    pub browser: Option<Secret>,
}

/// What follows the right password.
pub enum Step {
    /// They are in.
    In(SignedIn),
    /// A code or a security key is missing; the secret is for the browser alone.
    Code(Secret),
}

/// A session that has just begun: the only moment its secret is known.
pub struct SignedIn {
    /// For the cookie.
    pub secret: Secret,
    /// Who.
    pub account: AccountId,
    /// By which the browser is known the next time.
    pub browser: Secret,
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
    /// Name or password; never says which (A09). Or too many tries under another name of the account.
    #[error("The name or the password is wrong, or there were too many tries in this hour.")]
    Wrong,
    /// The code is wrong, or was used before.
    #[error("The code is wrong or was used before.")]
    WrongCode,
    /// The security key's answer was not accepted.
    #[error("The security key was not accepted: {0}. Try again, or enter a code.")]
    WrongKey(Refused),
    /// The security key has signed less often than was known of it.
    #[error(
        "This security key may be a copy: it has signed less often than we know of. Enter a code, then \
         remove the key."
    )]
    CopiedKey,
    /// It took too long, or there were too many wrong tries.
    #[error("That took too long, or there were too many wrong tries. Sign in again.")]
    Expired,
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

/// Checks name and password, then the second factor if there is one, then whether the person may act,
/// then begins a session. Password and code are looked at whatever the state of the account (A05), and
/// the password as long when there is no account (A09).
///
/// # Errors
/// [`SignInError`].
pub async fn sign_in(app: &Arc<App>, attempt: SignIn) -> Result<Step, SignInError> {
    limits::sign_in_from(app, attempt.from.address).map_err(SignInError::Limited)?;
    let login = attempt.login.trim().trim_start_matches('@').to_lowercase();
    limits::sign_in_to(app, &login).map_err(SignInError::Limited)?;
    let found = find(app, login).await?;
    // That tries with the name count for the mail address too must not be seen, else it would tell whose it is.
    let may_try = found.as_ref().is_none_or(|me| limits::sign_in_of(app, me.id()).is_ok());
    let stored = found.as_ref().and_then(|me| me.user.password_hash.clone());
    let fits = password::verify(app, attempt.password, stored).await?;
    let Some(me) = found.filter(|_| fits && may_try) else { return Err(SignInError::Wrong) };
    if second_factor::standing(app, me.id()).await?.is_on {
        let half = second_factor::begin_half(app, &me).await?;
        return Ok(Step::Code(half.ok_or(SignInError::Wrong)?));
    }
    may_act(&me, false).map_err(SignInError::Access)?;
    let signed_in = complete(app, &me, Shown::Password, attempt.from).await?;
    Ok(Step::In(signed_in.ok_or(SignInError::Wrong)?))
}

/// What somebody has shown who signs in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// The password of an account that is asked for nothing else.
    Password,
    /// A code or a key as well.
    Both,
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

/// Begins a session for somebody who has just proven who they are. When others have signed in before
/// and this browser has not, they are told by mail. `None` when what they have shown is not enough any more.
pub(super) async fn complete(
    app: &Arc<App>,
    me: &Me,
    shown: Shown,
    from: Whence,
) -> Result<Option<SignedIn>> {
    let (new, session, hash) = draw(app, me.id(), &from);
    let (context, account, now) = (app.clone(), me.id(), app.now());
    let (browser, agent) = (new.browser.hash(), session.user_agent.clone());
    let me = me.clone();
    let is_in = app
        .write(move |conn| {
            Box::pin(async move {
                if !still_counts(conn, &me).await? {
                    return Ok(false);
                }
                let factor = second_factor::confirmed(conn, account).await?;
                if shown == Shown::Password && factor.is_some() {
                    return Ok(false);
                }
                sessions::insert(conn, &hash, &session).await?;
                note_address(conn, account, from.address, now).await?;
                let seen = sessions::see_browser(conn, account, &browser, BROWSERS, now).await?;
                if seen == Seen::Never {
                    let address = from.address.to_string();
                    let notice = Notice::NewBrowser { agent, address, at: now };
                    mail::tell(&context, conn, account, notice).await?;
                }
                Ok::<_, AppError>(true)
            })
        })
        .await?;
    Ok(is_in.then_some(new))
}

/// Whether the password of `me`, which was checked before this transaction, is the account's still. It takes a while to check
/// one, longer when many do: whoever knows the old one must not come in behind the change that shuts them out (A03).
/// It does not change until this transaction ends.
pub(super) async fn still_counts(conn: &mut Conn, me: &Me) -> Result<bool> {
    let user = users::hold(conn, me.id()).await?;
    Ok(user.is_some_and(|user| user.password_hash == me.user.password_hash))
}

/// Makes sure that a browser is still signed in: its password was checked before this transaction.
///
/// # Errors
/// [`AppError::Unauthorized`].
pub(super) async fn must_be_open(conn: &mut Conn, session: &SecretHash) -> Result<()> {
    match sessions::by_hash(conn, session).await? {
        Some(_) => Ok(()),
        None => Err(AppError::Unauthorized(
            "This browser was signed out meanwhile; sign in and try again".into(),
        )),
    }
}

/// The same for somebody whose account was just made or opened anew: nobody has to be told.
pub(crate) async fn begin(app: &App, account: AccountId, from: Whence) -> Result<SignedIn> {
    let (new, session, hash) = draw(app, account, &from);
    let (browser, now) = (new.browser.hash(), app.now());
    app.write(move |conn| {
        Box::pin(async move {
            sessions::insert(conn, &hash, &session).await?;
            note_address(conn, account, from.address, now).await?;
            sessions::see_browser(conn, account, &browser, BROWSERS, now).await?;
            Ok::<_, AppError>(())
        })
    })
    .await?;
    Ok(new)
}

/// Where somebody came from, at sign-up and sign-in. Kept as long as sessions are (V08).
pub(super) async fn note_address(
    conn: &mut Conn,
    account: AccountId,
    from: IpAddr,
    now: Timestamp,
) -> Result<()> {
    let address = from.to_canonical().to_string();
    Ok(staff_accounts::note_address(conn, account, &address, now).await?)
}

fn draw(app: &App, account: AccountId, from: &Whence) -> (SignedIn, Session, SecretHash) {
    let fresh = || Secret::generate(app.random.as_ref());
    let (secret, now) = (fresh(), app.now());
    let session = Session {
        account_id: account,
        form_key: fresh().reveal().to_owned(),
        user_agent: from.user_agent.chars().take(LONGEST_AGENT).collect(),
        created_at: now,
        last_used_at: now,
    };
    let hash = secret.hash();
    let browser = from.browser.clone().unwrap_or_else(fresh);
    (SignedIn { secret, account, browser }, session, hash)
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
    store::second_factors::remove_halves(conn, account).await?;
    Ok(())
}
