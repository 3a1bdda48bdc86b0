//! Following and unfollowing.

use std::sync::Arc;

use domain::AccountId;
use domain::account::Account;
use domain::event::Event;
use domain::notification::NotificationKind;
use store::relations::{self, FollowOptions, Relation};
use store::{Conn, accounts, home_feed, notifications, relation_uris};

use super::{relation, target};
use crate::access::Me;
use crate::notifications::{Cause, notify};
use crate::{App, AppError, Result, delivery};

/// How somebody wants to follow; `None` leaves it as it is, or the default.
#[derive(Clone, Debug, Default)]
pub struct FollowChanges {
    /// Show boosts.
    pub show_boosts: Option<bool>,
    /// Tell of every status.
    pub notify: Option<bool>,
    /// Languages wanted.
    pub languages: Option<Vec<String>>,
}

impl FollowChanges {
    fn over(self, before: FollowOptions) -> FollowOptions {
        FollowOptions {
            show_boosts: self.show_boosts.unwrap_or(before.show_boosts),
            notify: self.notify.unwrap_or(before.notify),
            languages: self.languages.unwrap_or(before.languages),
        }
    }
}

/// Follows an account, asks to when it is locked, or changes how it is followed.
///
/// # Errors
/// [`AppError::Forbidden`] for oneself and for one who blocks the viewer, [`AppError::NotFound`].
pub async fn follow(
    app: &Arc<App>,
    me: &Me,
    id: AccountId,
    changes: FollowChanges,
) -> Result<Relation> {
    let (context, me) = (app.clone(), me.clone());
    let (after, events) = app
        .write(move |conn| {
            Box::pin(async move {
                let (app, who) = (context.as_ref(), me.id());
                let account = target(conn, id).await?;
                let before = relation(app, conn, who, id).await?;
                if who == id
                    || before.blocked_by
                    || before.blocking
                    || account.suspended_at.is_some()
                {
                    return Err(AppError::not_allowed());
                }
                let events = if let Some(options) = before.following {
                    relations::update_follow(conn, who, id, &changes.over(options)).await?;
                    Vec::new()
                } else {
                    let options = changes.over(before.requested.unwrap_or_default());
                    // Only its own server can say that a remote account is followed (F14).
                    let needs_approval =
                        account.locked || me.account.silenced_at.is_some() || !account.is_local();
                    let events = begin(app, conn, (who, id), needs_approval, &options).await?;
                    if !account.is_local() {
                        delivery::follow_requested(app, conn, &me.account, &account).await?;
                    }
                    events
                };
                Ok::<_, AppError>((relation(app, conn, who, id).await?, events))
            })
        })
        .await?;
    app.publish(events).await;
    Ok(after)
}

/// Follows or asks to, and tells the other.
pub(crate) async fn begin(
    app: &App,
    conn: &mut Conn,
    (who, whom): (AccountId, AccountId),
    needs_approval: bool,
    options: &FollowOptions,
) -> Result<Vec<Event>> {
    if needs_approval {
        relations::request(conn, app.ids.next(), (who, whom), options, app.now()).await?;
    } else {
        establish(app, conn, who, whom, options).await?;
    }
    let kind =
        if needs_approval { NotificationKind::FollowRequest } else { NotificationKind::Follow };
    notify(app, conn, Cause { to: whom, from: who, kind, status: None, report: None }).await
}

/// Writes a follow, its counters, and the newest statuses into the follower's home feed.
pub(crate) async fn establish(
    app: &App,
    conn: &mut Conn,
    who: AccountId,
    whom: AccountId,
    options: &FollowOptions,
) -> Result<()> {
    if relations::follow(conn, app.ids.next(), (who, whom), options, app.now()).await? {
        accounts::count_follow(conn, who, whom, 1).await?;
        if home_feed::is_built(conn, who).await? {
            home_feed::merge_account(conn, who, whom, options.show_boosts).await?;
        }
    }
    Ok(())
}

/// Ends a follow with all that hung on it. True when there was one.
pub(crate) async fn end(conn: &mut Conn, who: AccountId, whom: AccountId) -> Result<bool> {
    let ended = relations::unfollow(conn, who, whom).await?;
    if ended {
        accounts::count_follow(conn, who, whom, -1).await?;
        relations::leave_lists(conn, who, whom).await?;
        notifications::withdraw(conn, whom, who, NotificationKind::Follow, None).await?;
    }
    if relations::take_request(conn, who, whom).await?.is_some() {
        notifications::withdraw(conn, whom, who, NotificationKind::FollowRequest, None).await?;
    }
    home_feed::remove_account(conn, who, whom).await?;
    Ok(ended)
}

/// Ends a local account's follow of another, or its request, and says so.
pub(crate) async fn leave(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    target: &Account,
) -> Result<()> {
    let id = delivery::withdrawn_follow(app, conn, me, target).await?;
    end(conn, me.id, target.id).await?;
    delivery::unfollowed(app, conn, me, target, id).await
}

/// Ends another's follow of a local account, or its request, and says so.
pub(crate) async fn dismiss(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    follower: &Account,
) -> Result<()> {
    let found = match relation_uris::follow(conn, follower.id, me.id).await? {
        Some(follow) => Some(follow),
        None => relation_uris::request(conn, follower.id, me.id).await?,
    };
    end(conn, follower.id, me.id).await?;
    let Some((_, id)) = found else { return Ok(()) };
    delivery::rejected(app, conn, me, follower, id.as_deref()).await
}

/// Unfollows, or withdraws the request.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn unfollow(app: &Arc<App>, me: &Me, id: AccountId) -> Result<Relation> {
    let (context, me) = (app.clone(), me.clone());
    app.write(move |conn| {
        Box::pin(async move {
            let who = me.id();
            let account = target(conn, id).await?;
            leave(&context, conn, &me.account, &account).await?;
            relation(&context, conn, who, id).await
        })
    })
    .await
}

/// Makes somebody stop following the viewer.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn remove_follower(app: &Arc<App>, me: &Me, id: AccountId) -> Result<Relation> {
    let (context, me) = (app.clone(), me.clone());
    app.write(move |conn| {
        Box::pin(async move {
            let who = me.id();
            let account = target(conn, id).await?;
            dismiss(&context, conn, &me.account, &account).await?;
            relation(&context, conn, who, id).await
        })
    })
    .await
}
