//! Following and unfollowing.

use std::sync::Arc;

use domain::AccountId;
use domain::event::Event;
use domain::notification::NotificationKind;
use store::relations::{self, FollowOptions, Relation};
use store::{Conn, accounts, home_feed, notifications};

use super::{relation, target};
use crate::access::Me;
use crate::notifications::{Cause, notify};
use crate::{App, AppError, Result};

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
                    begin(
                        app,
                        conn,
                        (who, id),
                        account.locked || me.account.silenced_at.is_some(),
                        &options,
                    )
                    .await?
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

/// Unfollows, or withdraws the request.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn unfollow(app: &Arc<App>, me: &Me, id: AccountId) -> Result<Relation> {
    let (context, who) = (app.clone(), me.id());
    app.write(move |conn| {
        Box::pin(async move {
            target(conn, id).await?;
            end(conn, who, id).await?;
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
    let (context, who) = (app.clone(), me.id());
    app.write(move |conn| {
        Box::pin(async move {
            target(conn, id).await?;
            end(conn, id, who).await?;
            relation(&context, conn, who, id).await
        })
    })
    .await
}
