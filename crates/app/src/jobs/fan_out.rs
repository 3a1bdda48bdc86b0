//! Brings a status to whom it concerns: home feeds, lists, notifications, conversations, streams.
//! Local and remote statuses meet here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::account::Account;
use domain::event::Event;
use domain::notification::NotificationKind;
use domain::rules::home_feed::{Candidate, Reader, belongs};
use domain::status::{Parts, Status, Visibility};
use domain::{AccountId, ListId, StatusId, TagId};
use store::home_feed::{self, Follower};
use store::{Conn, accounts, statuses};

use super::tend_feeds::QUIET;
use crate::notifications::{Cause, notify};
use crate::{App, Result};

pub(super) async fn run(app: &Arc<App>, id: StatusId, edited: bool) -> Result<()> {
    let context = app.clone();
    let events = app
        .write(move |conn| Box::pin(async move { distribute(&context, conn, id, edited).await }))
        .await?;
    app.publish(events).await;
    Ok(())
}

/// The same in the caller's transaction. Answers with what is to be published after it.
///
/// # Errors
/// [`crate::AppError::Store`].
pub(crate) async fn distribute(
    app: &App,
    conn: &mut Conn,
    id: StatusId,
    edited: bool,
) -> Result<Vec<Event>> {
    // Deleted meanwhile: nothing to do.
    let Some(status) = statuses::by_id(conn, id).await? else { return Ok(Vec::new()) };
    let Some(author) = accounts::by_id(conn, status.account_id).await? else {
        return Ok(Vec::new());
    };
    distribute_known(app, conn, &status, &author, edited).await
}

/// The same for a caller that has the rows as they are now.
///
/// # Errors
/// [`crate::AppError::Store`].
pub(crate) async fn distribute_known(
    app: &App,
    conn: &mut Conn,
    status: &Status,
    author: &Account,
    edited: bool,
) -> Result<Vec<Event>> {
    crate::search::index(conn, status).await?;
    crate::cards::attach(app, conn, status, author.is_local()).await?;
    let mut events = crate::conversations::record(app, conn, status).await?;
    let audience = home_feed::audience(conn, status.account_id, status.in_reply_to_account).await?;
    events.extend(bring(app, conn, status, author, &audience, edited).await?);
    if status.boost_of.is_none() {
        events.extend(tell(app, conn, status, &audience, edited).await?);
    }
    Ok(events)
}

/// Tells the streams that show a status that it looks different now: its preview has come.
///
/// # Errors
/// [`crate::AppError::Store`].
pub(crate) async fn tell_streams_again(
    app: &App,
    conn: &mut Conn,
    id: StatusId,
) -> Result<Vec<Event>> {
    let Some(status) = statuses::by_id(conn, id).await? else { return Ok(Vec::new()) };
    let Some(author) = accounts::by_id(conn, status.account_id).await? else {
        return Ok(Vec::new());
    };
    let audience = home_feed::audience(conn, status.account_id, status.in_reply_to_account).await?;
    bring(app, conn, &status, &author, &audience, true).await
}

/// Writes the status into the feeds it belongs to. Answers with what streams are to be told.
async fn bring(
    app: &App,
    conn: &mut Conn,
    status: &Status,
    author: &Account,
    audience: &[Follower],
    edited: bool,
) -> Result<Vec<Event>> {
    let (id, mut events) = (status.id, Vec::new());
    let tags =
        if status.parts.has(Parts::TAGS) { statuses::tags_of(conn, id).await? } else { Vec::new() };
    let tag_ids: Vec<TagId> = tags.iter().map(|tag| tag.id).collect();
    let (owners, lists) = feed(app, conn, (status, author), audience, &tag_ids).await?;
    if !owners.is_empty() || !lists.is_empty() {
        events.push(Event::StatusHome { status: id, owners, lists, edited });
    }
    if status.visibility == Visibility::Public
        && status.boost_of.is_none()
        && author.silenced_at.is_none()
    {
        let is_reply_to_other =
            status.in_reply_to_account.is_some_and(|to| to != status.account_id);
        events.push(Event::StatusPublic {
            status: id,
            local: author.is_local(),
            media: status.parts.has(Parts::MEDIA),
            tags: tags.into_iter().map(|tag| tag.name).collect(),
            is_reply_to_other,
            edited,
        });
    }
    Ok(events)
}

/// Writes the status into the feeds it belongs to. Answers with the owners and lists to stream to.
async fn feed(
    app: &App,
    conn: &mut Conn,
    (status, author): (&Status, &Account),
    audience: &[Follower],
    tags: &[TagId],
) -> Result<(Vec<AccountId>, Vec<(ListId, AccountId)>)> {
    // Each with whether a feed is kept up, where that is known already.
    let mut owners: BTreeMap<AccountId, Option<bool>> = BTreeMap::new();
    let mut lists = Vec::new();
    let now = app.now();
    if author.is_local() {
        owners.insert(status.account_id, None);
    }
    let mentioned: BTreeSet<AccountId> = if status.visibility == Visibility::Direct {
        statuses::mentioned(conn, status.id).await?.into_iter().collect()
    } else {
        BTreeSet::new()
    };
    for follower in audience {
        let may = status.visibility != Visibility::Direct || mentioned.contains(&follower.account);
        let awake = follower.last_seen_at.is_some_and(|seen| now.since(seen) < QUIET);
        // Who has just come has a feed before it is noted that they are here.
        if may && (awake || follower.has_feed) && wants(status, follower) {
            owners.insert(follower.account, Some(follower.has_feed));
        }
    }
    if status.visibility == Visibility::Public && status.boost_of.is_none() {
        for owner in home_feed::tag_audience(conn, tags).await? {
            owners.entry(owner).or_default();
        }
    }
    if status.visibility != Visibility::Direct {
        lists = home_feed::lists_of(conn, status.account_id, status.in_reply_to_account).await?;
    }
    let mut reached = Vec::new();
    for (owner, has_feed) in owners {
        if put(conn, owner, has_feed, status).await? {
            reached.push(owner);
        }
    }
    Ok((reached, lists))
}

/// Puts a status into one feed, unless it is a boost of something that stands there near the top.
/// Feeds that are not built get their rows when they are.
async fn put(
    conn: &mut Conn,
    owner: AccountId,
    has_feed: Option<bool>,
    status: &Status,
) -> Result<bool> {
    if let Some(original) = status.boost_of
        && owner != status.account_id
        && home_feed::has_recent_copy(conn, owner, original).await?
    {
        return Ok(false);
    }
    let has_feed = match has_feed {
        Some(known) => known,
        None => home_feed::is_built(conn, owner).await?,
    };
    if has_feed {
        home_feed::put(conn, owner, status.id).await?;
    }
    Ok(true)
}

fn wants(status: &Status, follower: &Follower) -> bool {
    let speaks = follower.languages.is_empty()
        || status
            .language
            .as_ref()
            .is_none_or(|language| follower.languages.split(' ').any(|wanted| wanted == language));
    let candidate = Candidate {
        author: status.account_id,
        in_reply_to_account: status.in_reply_to_account,
        is_boost: status.boost_of.is_some(),
    };
    let reader = Reader {
        account: follower.account,
        follows_answered: follower.follows_answered,
        wants_boosts: follower.show_boosts,
    };
    speaks && belongs(candidate, reader)
}

/// Notifies the mentioned and those who asked to hear of every status of this author; on an edit
/// those who boosted it.
async fn tell(
    app: &App,
    conn: &mut Conn,
    status: &Status,
    audience: &[Follower],
    edited: bool,
) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    let mentioned = if status.parts.has(Parts::MENTIONS) {
        statuses::mentioned(conn, status.id).await?
    } else {
        Vec::new()
    };
    let cause = |to, kind| Cause {
        to,
        from: status.account_id,
        kind,
        status: Some(status.id),
        report: None,
    };
    for account in &mentioned {
        events.extend(notify(app, conn, cause(*account, NotificationKind::Mention)).await?);
    }
    if edited {
        for account in statuses::local_boosters(conn, status.id).await? {
            events.extend(notify(app, conn, cause(account, NotificationKind::Update)).await?);
        }
        return Ok(events);
    }
    if let Some(quoted) = status.quote_of
        && let Some(quoted) = statuses::by_id(conn, quoted).await?
    {
        events.extend(notify(app, conn, cause(quoted.account_id, NotificationKind::Quote)).await?);
    }
    let is_reply_to_other = status.in_reply_to_account.is_some_and(|to| to != status.account_id);
    if status.visibility != Visibility::Direct && !is_reply_to_other {
        for follower in audience {
            if follower.notify && !mentioned.contains(&follower.account) {
                events.extend(
                    notify(app, conn, cause(follower.account, NotificationKind::Status)).await?,
                );
            }
        }
    }
    Ok(events)
}
