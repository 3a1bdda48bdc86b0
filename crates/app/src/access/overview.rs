//! What is open for an account: browsers that are signed in, apps that hold a token; and ending it.

use domain::event::Event;
use domain::secret::{Secret, SecretHash};
use domain::{AccountId, Timestamp, TokenId};
use store::access::{self, Grant};
use store::sessions;

use crate::{App, AppError, Result};

/// A browser that is signed in.
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// Names it in [`end_session`]. It opens nothing.
    pub id: String,
    /// What the browser calls itself.
    pub user_agent: String,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it was last here, to the hour.
    pub last_used_at: Timestamp,
    /// The one that asks.
    pub is_this: bool,
}

/// What is open for an account.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Browsers, the one used last first.
    pub sessions: Vec<OpenSession>,
    /// Apps, newest first.
    pub apps: Vec<Grant>,
}

/// What is open for an account; `this` is the session of the browser that asks.
///
/// # Errors
/// [`AppError::Store`].
pub async fn overview(app: &App, me: AccountId, this: &Secret) -> Result<Overview> {
    let this = this.hash();
    app.read(move |conn| {
        Box::pin(async move {
            let sessions = sessions::of_account(conn, me).await?;
            let sessions = sessions
                .into_iter()
                .map(|(hash, session)| OpenSession {
                    is_this: hash == this,
                    id: hash.0,
                    user_agent: session.user_agent,
                    created_at: session.created_at,
                    last_used_at: session.last_used_at,
                })
                .collect();
            Ok(Overview { sessions, apps: access::grants(conn, me).await? })
        })
    })
    .await
}

/// Signs one of an account's browsers out.
///
/// # Errors
/// [`AppError::NotFound`] when it has no such session (V05).
pub async fn end_session(app: &App, me: AccountId, id: String) -> Result<()> {
    let there = app
        .write(move |conn| {
            Box::pin(async move {
                Ok::<_, AppError>(sessions::remove_own(conn, me, &SecretHash(id)).await?)
            })
        })
        .await?;
    if !there {
        return Err(AppError::NotFound);
    }
    app.publish(vec![Event::AccessChanged { account: me }]).await;
    Ok(())
}

/// Signs every browser of an account out but the one that asks.
///
/// # Errors
/// [`AppError::Store`].
pub async fn end_other_sessions(app: &App, me: AccountId, this: &Secret) -> Result<()> {
    let this = this.hash();
    app.write(move |conn| {
        Box::pin(async move { Ok::<_, AppError>(sessions::remove_others(conn, me, &this).await?) })
    })
    .await?;
    app.publish(vec![Event::AccessChanged { account: me }]).await;
    Ok(())
}

/// Takes one of an account's tokens back: its streams and its push end as well.
///
/// # Errors
/// [`AppError::NotFound`] when it has no such token (V05).
pub async fn revoke_grant(app: &App, me: AccountId, id: TokenId) -> Result<()> {
    let now = app.now();
    app.write(move |conn| {
        Box::pin(async move {
            if !access::is_own(conn, me, id).await? {
                return Err(AppError::NotFound);
            }
            Ok(access::revoke(conn, id, now).await?)
        })
    })
    .await?;
    app.publish(vec![Event::AccessChanged { account: me }]).await;
    Ok(())
}
