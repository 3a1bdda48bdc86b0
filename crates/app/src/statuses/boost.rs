//! Boosting. A boost of a boost is one of the original; boosting twice is boosting once.

use std::sync::Arc;

use domain::StatusId;
use domain::notification::NotificationKind;
use domain::status::{Format, Parts, Status, Visibility};
use store::statuses::{self, StatusView};
use store::{Conn, accounts, home_feed, notifications};

use super::delete::remove;
use crate::access::Me;
use crate::jobs::{self, Job};
use crate::notifications::{Cause, notify};
use crate::{App, AppError, Result, delivery};

/// Boosts a status; the answer is the boost.
///
/// # Errors
/// [`AppError::NotFound`] for what is hidden, absent, direct, or private and somebody else's.
pub async fn boost(
    app: &Arc<App>,
    me: &Me,
    id: StatusId,
    visibility: Option<Visibility>,
) -> Result<StatusView> {
    match boost_once(app, me, id, visibility).await {
        // Another request of the same person was faster; now its boost is there to be found.
        Err(AppError::Store(error)) if error.is_constraint() => {
            boost_once(app, me, id, visibility).await
        }
        other => other,
    }
}

async fn boost_once(
    app: &Arc<App>,
    me: &Me,
    id: StatusId,
    visibility: Option<Visibility>,
) -> Result<StatusView> {
    let (context, me) = (app.clone(), me.clone());
    let (view, events) = app
        .write(move |conn| {
            Box::pin(async move {
                let (app, who) = (context.as_ref(), me.id());
                let original = boostable(conn, &me, id).await?;
                if let Some(existing) = statuses::boost_by(conn, who, original.id).await? {
                    let view = statuses::hydrate_one(conn, existing, Some(who)).await?;
                    return Ok::<_, AppError>((view.ok_or(AppError::NotFound)?, Vec::new()));
                }
                let row = row(app, &me, &original, visibility);
                statuses::insert(conn, &row, true).await?;
                statuses::count(conn, original.id, [0, 1, 0, 0]).await?;
                accounts::count_status(conn, who, 1, Some(app.now())).await?;
                if home_feed::is_built(conn, who).await? {
                    home_feed::put(conn, who, row.id).await?;
                }
                delivery::posted(app, conn, row.id).await?;
                jobs::enqueue(app, conn, &Job::FanOut { status: row.id, edited: false }, app.now())
                    .await?;
                let cause = Cause {
                    to: original.account_id,
                    from: who,
                    kind: NotificationKind::Boost,
                    status: Some(original.id),
                    report: None,
                };
                let events = notify(app, conn, cause).await?;
                let view = statuses::hydrate_one(conn, row.id, Some(who)).await?;
                Ok::<_, AppError>((view.ok_or(AppError::NotFound)?, events))
            })
        })
        .await?;
    app.publish(events).await;
    Ok(view)
}

/// The original that may be boosted: open ones by anyone who sees them, a private one by its author.
async fn boostable(conn: &mut Conn, me: &Me, id: StatusId) -> Result<Status> {
    let status =
        statuses::visible_by_id(conn, id, Some(me.id())).await?.ok_or(AppError::NotFound)?;
    let original = match status.boost_of {
        Some(original) => statuses::by_id(conn, original).await?.ok_or(AppError::NotFound)?,
        None => status,
    };
    match original.visibility {
        Visibility::Public | Visibility::Unlisted => Ok(original),
        Visibility::Private if original.account_id == me.id() => Ok(original),
        Visibility::Private | Visibility::Direct => Err(AppError::NotFound),
    }
}

fn row(app: &App, me: &Me, original: &Status, wanted: Option<Visibility>) -> Status {
    let wanted = wanted.unwrap_or(me.user.default_visibility).min(Visibility::Private);
    Status {
        id: app.ids.next(),
        uri: None,
        url: None,
        account_id: me.id(),
        text: String::new(),
        content: String::new(),
        spoiler_text: String::new(),
        // A private status stays private.
        visibility: wanted.max(if original.visibility.is_open() {
            Visibility::Public
        } else {
            Visibility::Private
        }),
        sensitive: false,
        language: original.language.clone(),
        in_reply_to: None,
        in_reply_to_account: None,
        boost_of: Some(original.id),
        quote_of: None,
        quote_policy: "nobody".into(),
        conversation_id: original.conversation_id,
        app_id: None,
        parts: Parts::default(),
        replies_count: 0,
        boosts_count: 0,
        favourites_count: 0,
        quotes_count: 0,
        created_at: app.now(),
        edited_at: None,
        emojis: Vec::new(),
        card_hash: None,
        // What stays here stays here, whoever passes it on.
        local_only: original.local_only,
        format: Format::Plain,
    }
}

/// Takes a boost back; the answer is the original. Without a boost nothing changes.
///
/// # Errors
/// [`AppError::NotFound`] for what is hidden or absent.
pub async fn unboost(app: &Arc<App>, me: &Me, id: StatusId) -> Result<StatusView> {
    let (context, who) = (app.clone(), me.id());
    let (view, events) = app
        .write(move |conn| {
            Box::pin(async move {
                let status = statuses::by_id(conn, id).await?.ok_or(AppError::NotFound)?;
                let original = status.boost_of.unwrap_or(id);
                let mut events = Vec::new();
                if let Some(boost) = statuses::boost_by(conn, who, original).await?
                    && let Some(row) = statuses::locked(conn, boost).await?
                {
                    delivery::deleted(&context, conn, &row).await?;
                    events = remove(conn, &row).await?;
                    if let Some(of) = statuses::by_id(conn, original).await? {
                        let (kind, to) = (NotificationKind::Boost, of.account_id);
                        notifications::withdraw(conn, to, who, kind, Some(original)).await?;
                    }
                }
                // The boost goes even when its original has become hidden, which then stays so.
                let view = match statuses::visible_by_id(conn, original, Some(who)).await? {
                    Some(_) => statuses::hydrate_one(conn, original, Some(who)).await?,
                    None => None,
                };
                Ok::<_, AppError>((view, events))
            })
        })
        .await?;
    app.publish(events).await;
    view.ok_or(AppError::NotFound)
}
