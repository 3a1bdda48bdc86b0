//! From a bearer token to who is asking.

use domain::account::{Account, User};
use domain::secret::Secret;
use domain::time::HOUR;
use domain::{AccountId, Timestamp};
use store::access::Token;
use store::{StoreError, access, accounts, users};

use crate::App;

/// Who is asking.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The token they showed.
    pub token: Token,
    /// The person, when it is a person's token.
    pub me: Option<Me>,
    /// What they showed: a push to them names it.
    pub secret: Secret,
}

/// A signed-in person.
#[derive(Clone, Debug)]
pub struct Me {
    /// Their public face.
    pub account: Account,
    /// Their private side.
    pub user: User,
}

impl Me {
    /// Their id.
    #[must_use]
    pub fn id(&self) -> AccountId {
        self.account.id
    }
}

/// Why a token opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// Nobody knows it.
    #[error("The access token is invalid")]
    Unknown,
    /// It has been taken back.
    #[error("The access token was revoked")]
    Revoked,
    /// The address was never confirmed.
    #[error("Your login is missing a confirmed e-mail address")]
    Unconfirmed,
    /// Staff has not let them in yet.
    #[error("Your login is currently pending approval")]
    Pending,
    /// Staff has shut them out.
    #[error("Your login is currently disabled")]
    Disabled,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Finds out who a token belongs to. A person who may not act (yet) is an error, except that
/// `even_unconfirmed` lets those through who only have to confirm their address.
///
/// # Errors
/// [`AccessError`].
pub async fn authenticate(
    app: &App,
    secret: &Secret,
    even_unconfirmed: bool,
) -> Result<Caller, AccessError> {
    let hash = secret.hash();
    let (token, me) = app
        .read(move |conn| {
            Box::pin(async move {
                let token = access::token(conn, &hash).await?.ok_or(AccessError::Unknown)?;
                if token.revoked_at.is_some() {
                    return Err(AccessError::Revoked);
                }
                let me = match token.account_id {
                    None => None,
                    Some(id) => {
                        let account =
                            accounts::by_id(conn, id).await?.ok_or(AccessError::Unknown)?;
                        let user =
                            users::by_account(conn, id).await?.ok_or(AccessError::Unknown)?;
                        Some(Me { account, user })
                    }
                };
                Ok((token, me))
            })
        })
        .await?;
    if let Some(me) = &me {
        may_act(me, even_unconfirmed)?;
    }
    note_use(app, &token, me.as_ref());
    Ok(Caller { token, me, secret: secret.clone() })
}

/// Whether somebody may do anything at all; `even_unconfirmed` is for those who only want to
/// confirm their address, which they may while they wait for approval too.
pub(super) fn may_act(me: &Me, even_unconfirmed: bool) -> Result<(), AccessError> {
    if me.user.disabled || me.account.suspended_at.is_some() {
        return Err(AccessError::Disabled);
    }
    if me.user.confirmed_at.is_none() && !even_unconfirmed {
        return Err(AccessError::Unconfirmed);
    }
    if !me.user.approved && !even_unconfirmed {
        return Err(AccessError::Pending);
    }
    Ok(())
}

/// Writes down at most once an hour that token and user were here; nobody waits for it.
fn note_use(app: &App, token: &Token, me: Option<&Me>) {
    let now = app.now();
    let stale = |last: Option<Timestamp>| last.is_none_or(|last| now.since(last) > HOUR);
    if !stale(token.last_used_at) && !me.is_some_and(|me| stale(me.user.last_seen_at)) {
        return;
    }
    let (store, token, account) = (app.store.clone(), token.id, me.map(Me::id));
    tokio::spawn(async move {
        let noted = store
            .write(move |conn| {
                Box::pin(async move {
                    // The order in which an account's removal takes these rows: two transactions that
                    // lock the same rows in the same order never wait for each other in a circle.
                    if let Some(account) = account {
                        users::seen(conn, account, now, now.plus(-HOUR)).await?;
                    }
                    access::token_used(conn, token, now).await
                })
            })
            .await;
        if let Err(error) = noted {
            tracing::debug!(%error, "the last use of a token was not noted");
        }
    });
}
