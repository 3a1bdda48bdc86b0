//! Announce: a boost; by a group also the passing on of what others did (Lemmy), of which only the
//! place is believed.

use std::sync::Arc;

use activitypub::{Activity, Object, Uri, Verb};
use domain::StatusId;
use domain::account::Account;
use domain::event::Event;
use domain::notification::NotificationKind;
use domain::status::{Format, Parts, Status, Visibility};
use domain::{Timestamp, notification};
use store::{Conn, accounts, remote_accounts, statuses, tombstones};

use super::{create, update};
use crate::jobs::{self, Job};
use crate::notifications::{Cause, notify};
use crate::remote::{self, Budget, Found, local, may_boost, object};
use crate::{App, AppError, Result};

pub(super) async fn run(
    app: &Arc<App>,
    activity: Activity,
    actor: &Account,
    budget: &mut Budget,
) -> Result<()> {
    let Some(id) = activity.object.id().cloned() else { return Ok(()) };
    if !is_wanted(app, actor, &id).await? {
        return Ok(());
    }
    if let Object::Activity(inner) = &activity.object {
        return passed_on(app, inner, budget).await;
    }
    let known = known(app, &id).await?;
    let original = match known {
        Some(known) => known,
        None if local::is_here(app, &id) => return Ok(()),
        None => match object(app, &id, budget).await? {
            Found::There(Object::Activity(inner)) => return passed_on(app, &inner, budget).await,
            Found::There(Object::Note(note)) => {
                remote::take(app, note, remote::Arrival::Fetched, budget).await?
            }
            _ => return Ok(()),
        },
    };
    boost(app, &activity, actor, original).await
}

/// Only what somebody here follows, or what is of somebody here.
async fn is_wanted(app: &Arc<App>, actor: &Account, id: &Uri) -> Result<bool> {
    if local::is_here(app, id) {
        return Ok(true);
    }
    let id = actor.id;
    app.read(move |conn| {
        Box::pin(async move { Ok(remote_accounts::has_local_follower(conn, id).await?) })
    })
    .await
}

/// What somebody did, passed on by a group: the thing itself is asked for where it is at home.
async fn passed_on(app: &Arc<App>, inner: &Activity, budget: &mut Budget) -> Result<()> {
    let Some(id) = inner.object.id().cloned() else { return Ok(()) };
    if local::is_here(app, &id) || !id.same_origin(&inner.actor) {
        return Ok(());
    }
    match inner.verb {
        Verb::Create | Verb::Update => {
            let Some(note) = update::fresh(app, &id, budget).await? else { return Ok(()) };
            if known(app, &id).await?.is_none() {
                return create::publish(app, note, budget).await;
            }
            let author = remote::author_of(app, &note, budget).await?;
            update::apply(app, note, &author, budget).await
        }
        Verb::Delete => update::fresh(app, &id, budget).await.map(|_| ()),
        _ => Ok(()),
    }
}

async fn known(app: &Arc<App>, id: &Uri) -> Result<Option<StatusId>> {
    let (context, id) = (app.clone(), id.as_str().to_owned());
    app.read(move |conn| {
        Box::pin(async move {
            let found = local::status_at(&context, conn, &id).await?;
            Ok(found.map(|status| status.boost_of.unwrap_or(status.id)))
        })
    })
    .await
}

async fn boost(
    app: &Arc<App>,
    activity: &Activity,
    actor: &Account,
    original: StatusId,
) -> Result<()> {
    let (context, activity, actor) = (app.clone(), activity.clone(), actor.clone());
    let events = app
        .write(move |conn| {
            Box::pin(async move { write(&context, conn, &activity, &actor, original).await })
        })
        .await?;
    app.publish(events).await;
    Ok(())
}

async fn write(
    app: &App,
    conn: &mut Conn,
    activity: &Activity,
    actor: &Account,
    original: StatusId,
) -> Result<Vec<Event>> {
    let Some(original) = statuses::by_id(conn, original).await? else { return Ok(Vec::new()) };
    let is_hidden = statuses::visible_of(conn, &[original.id], Some(actor.id)).await?.is_empty();
    if is_hidden || !may_boost(&original, actor.id) {
        return Err(AppError::Forbidden("This post cannot be boosted".into()));
    }
    if statuses::boost_by(conn, actor.id, original.id).await?.is_some() {
        return Ok(Vec::new());
    }
    let row = row(app, conn, activity, actor, &original).await?;
    if let Some(uri) = &row.uri
        && (tombstones::stands(conn, uri).await?
            || statuses::remote::by_uri(conn, uri).await?.is_some())
    {
        return Ok(Vec::new());
    }
    statuses::insert(conn, &row, false).await?;
    statuses::count(conn, original.id, [0, 1, 0, 0]).await?;
    accounts::count_status(conn, actor.id, 1, Some(row.created_at)).await?;
    jobs::enqueue(app, conn, &Job::FanOut { status: row.id, edited: false }, app.now()).await?;
    let cause = Cause {
        to: original.account_id,
        from: actor.id,
        kind: NotificationKind::Boost,
        status: Some(original.id),
        report: None,
    };
    notify(app, conn, cause).await
}

async fn row(
    app: &App,
    conn: &mut Conn,
    activity: &Activity,
    actor: &Account,
    original: &Status,
) -> Result<Status> {
    let followers =
        remote_accounts::by_account(conn, actor.id).await?.and_then(|remote| remote.followers_uri);
    let visibility = activity.audience.visibility(followers.as_deref()).min(Visibility::Private);
    let created_at = activity.published.unwrap_or_else(|| app.now()).clamp(Timestamp(0), app.now());
    Ok(Status {
        id: remote::free_id(app, conn, created_at).await?,
        uri: activity
            .id
            .as_ref()
            .filter(|id| id.same_origin(&activity.actor))
            .map(|id| id.as_str().to_owned()),
        url: None,
        account_id: actor.id,
        text: String::new(),
        content: String::new(),
        spoiler_text: String::new(),
        visibility: visibility.max(original.visibility),
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
        created_at,
        edited_at: None,
        emojis: Vec::new(),
        card_hash: None,
        local_only: false,
        format: Format::Plain,
    })
}

/// Takes a boost back.
pub(super) async fn undo(conn: &mut Conn, actor: &Account, boost: &Status) -> Result<Vec<Event>> {
    let Some(original) = boost.boost_of.filter(|_| boost.account_id == actor.id) else {
        return Ok(Vec::new());
    };
    let events = crate::statuses::remove(conn, boost).await?;
    if let Some(of) = statuses::by_id(conn, original).await? {
        let kind = notification::NotificationKind::Boost;
        let (to, from) = (of.account_id, actor.id);
        store::notifications::withdraw(conn, to, from, kind, Some(original)).await?;
    }
    Ok(events)
}
