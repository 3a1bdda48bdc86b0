//! Keeping a note of another server as a status. Local and remote statuses are the same from then
//! on: the same rows, the same job brings them to feeds and notifications.

use std::sync::Arc;

use activitypub::{Note, Uri};
use domain::account::Account;
use domain::event::Event;
use domain::status::{Format, Parts, Poll, PollOption, Status, Visibility};
use domain::text::fold_tag;
use domain::time::DAY;
use domain::{AccountId, ConversationId, StatusId, TagId, Timestamp};
use store::{Conn, accounts, conversation_uris, polls, remote_accounts, statuses, tombstones};

use super::quote::{self, Quoted};
use super::{Budget, Freshness, account, attach, author_of, late, local, policy, text};
use crate::jobs::{self, Job};
use crate::{App, AppError, Result};

/// Most mentions and hashtags of a status.
const MOST_TAGS: usize = 100;
/// Most mentioned accounts that are asked for because nothing is known of them.
const MOST_ASKED: usize = 10;
/// Most votes that are believed: the sum over all choices must stay a number.
pub(super) const MOST_VOTES: i64 = 2_147_483_647;
/// Most accounts of this server that are looked for among those addressed.
const MOST_ADDRESSED: usize = 500;

/// How a note came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// Sent: it goes to feeds and notifications.
    Received,
    /// Asked for: it is only there.
    Fetched,
}

/// Whom a note concerns.
pub(super) struct People {
    /// Named.
    pub mentioned: Vec<AccountId>,
    /// Of this server, addressed without being named: they may see it.
    pub addressed: Vec<AccountId>,
}

/// Keeps a note that comes from its own origin. One that is here already stays as it is.
pub(crate) async fn keep(
    app: &Arc<App>,
    note: Box<Note>,
    arrival: Arrival,
    budget: &mut Budget,
) -> Result<StatusId> {
    let author = author_of(app, &note, budget).await?;
    keep_by(app, note, author, arrival, budget).await
}

/// The same for a caller that knows its author.
pub(super) async fn keep_by(
    app: &Arc<App>,
    note: Box<Note>,
    author: Account,
    arrival: Arrival,
    budget: &mut Budget,
) -> Result<StatusId> {
    let people = people(app, &note, budget).await?;
    let quoted = quote::find(app, &note, &author, budget).await?;
    let context = app.clone();
    let (id, events) = app
        .write(move |conn| {
            Box::pin(async move {
                // Whoever sent it or asked for it: the job, or the person, asks again.
                conn.may_be_redone();
                write(&context, conn, &note, &author, &people, quoted, arrival).await
            })
        })
        .await?;
    app.publish(events).await;
    Ok(id)
}

/// Finds whom a note names and addresses; some of those that are unknown are asked for.
pub(super) async fn people(app: &Arc<App>, note: &Note, budget: &mut Budget) -> Result<People> {
    let mut named: Vec<Uri> = Vec::new();
    for mention in note.mentions.iter().take(MOST_TAGS) {
        if !named.contains(&mention.href) {
            named.push(mention.href.clone());
        }
    }
    let context = app.clone();
    let wanted: Vec<String> = named.iter().map(|uri| uri.as_str().to_owned()).collect();
    let addressed: Vec<String> = note.audience.all().map(str::to_owned).collect();
    if wanted.is_empty() && !addressed.iter().any(|uri| local::here(app, uri).is_some()) {
        return Ok(People { mentioned: Vec::new(), addressed: Vec::new() });
    }
    let (mut mentioned, unknown, addressed) = app
        .read(move |conn| Box::pin(async move { look_up(&context, conn, wanted, addressed).await }))
        .await?;
    for uri in unknown.iter().filter_map(|uri| Uri::parse(uri)).take(MOST_ASKED) {
        match account(app, &uri, Freshness::Any, budget).await {
            Ok(account) => mentioned.push(account.id),
            Err(error @ (AppError::Store(_) | AppError::Internal(_))) => return Err(error),
            Err(_) => {}
        }
    }
    let addressed = addressed.into_iter().filter(|id| !mentioned.contains(id)).collect();
    Ok(People { mentioned, addressed })
}

async fn look_up(
    app: &App,
    conn: &mut Conn,
    wanted: Vec<String>,
    addressed: Vec<String>,
) -> Result<(Vec<AccountId>, Vec<String>, Vec<AccountId>)> {
    let mut mentioned = Vec::new();
    let mut elsewhere = Vec::new();
    for uri in wanted {
        match local::here(app, &uri) {
            Some(_) => mentioned
                .extend(local::local_account(app, conn, &uri).await?.map(|account| account.id)),
            None => elsewhere.push(uri),
        }
    }
    let known = remote_accounts::by_uris(conn, &elsewhere).await?;
    elsewhere.retain(|uri| !known.iter().any(|(_, known)| known == uri));
    mentioned.extend(known.into_iter().map(|(id, _)| id));
    let mut reached = Vec::new();
    for uri in addressed.iter().filter(|uri| local::here(app, uri).is_some()).take(MOST_ADDRESSED) {
        reached.extend(local::local_account(app, conn, uri).await?.map(|account| account.id));
    }
    Ok((mentioned, elsewhere, reached))
}

async fn write(
    app: &App,
    conn: &mut Conn,
    note: &Note,
    author: &Account,
    people: &People,
    quoted: Option<Quoted>,
    arrival: Arrival,
) -> Result<(StatusId, Vec<Event>)> {
    let uri = note.id.as_str();
    if tombstones::stands(conn, uri).await? {
        return Err(AppError::NotFound);
    }
    // It may have changed while others were asked.
    let author = accounts::by_id(conn, author.id).await?.ok_or(AppError::NotFound)?;
    policy::check_account(app, conn, &author).await?;
    if let Some(known) = statuses::remote::by_uri(conn, uri).await? {
        if known.account_id != author.id {
            return Err(AppError::Forbidden("This post is somebody else's".into()));
        }
        // It was asked for before it was sent: now it goes where it belongs.
        let events = if arrival == Arrival::Received && app.now().since(known.created_at) < DAY {
            jobs::distribute(app, conn, known.id, false).await?
        } else {
            Vec::new()
        };
        return Ok((known.id, events));
    }
    let waiting = late::waiting(conn, note).await?;
    let status = row(app, conn, note, &author, people, &waiting).await?;
    statuses::insert(conn, &status, false).await?;
    super::let_go::arrived(app, conn, status.id, status.created_at).await?;
    hang_on(app, conn, &status, note, people).await?;
    let is_quote = quoted.is_some();
    if let Some(quoted) = quoted
        && quote::write(app, conn, status.id, &quoted).await?
    {
        let content = text::without_quote_line(&status.content);
        if content != status.content {
            super::edit::set_content(conn, &status, content).await?;
        }
    }
    if let Some(parent) = status.in_reply_to {
        statuses::count(conn, parent, [1, 0, 0, 0]).await?;
    }
    late::note_missing(app, conn, &status, note.in_reply_to.as_ref()).await?;
    late::link(conn, &status, &waiting).await?;
    accounts::count_status(conn, author.id, 1, Some(status.created_at)).await?;
    let events = match arrival {
        // In the same transaction: it is there for all whom it concerns or not at all, and costs no
        // second job (decision 0006).
        Arrival::Received if is_quote => jobs::distribute(app, conn, status.id, false).await?,
        Arrival::Received => jobs::distribute_known(app, conn, &status, &author, false).await?,
        Arrival::Fetched => {
            crate::search::index(conn, &status).await?;
            Vec::new()
        }
    };
    Ok((status.id, events))
}

async fn row(
    app: &App,
    conn: &mut Conn,
    note: &Note,
    author: &Account,
    people: &People,
    waiting: &[(StatusId, ConversationId)],
) -> Result<Status> {
    let parent = match &note.in_reply_to {
        // What stays on this server is not there for others to answer.
        Some(parent) => {
            local::status_at(app, conn, parent.as_str()).await?.filter(|parent| !parent.local_only)
        }
        None => None,
    };
    let followers =
        remote_accounts::by_account(conn, author.id).await?.and_then(|remote| remote.followers_uri);
    let conversation = thread(app, conn, note, parent.as_ref(), waiting).await?;
    let created_at = published(app, note);
    let (content, spoiler_text) = text::of_note(note);
    Ok(Status {
        id: free_id(app, conn, created_at).await?,
        uri: Some(note.id.as_str().to_owned()),
        url: Some(note.url.as_ref().unwrap_or(&note.id).as_str().to_owned()),
        account_id: author.id,
        text: String::new(),
        content,
        sensitive: note.sensitive || !spoiler_text.is_empty(),
        spoiler_text,
        visibility: note.audience.visibility(followers.as_deref()),
        language: language(note),
        in_reply_to: parent.as_ref().map(|parent| parent.id),
        in_reply_to_account: parent.as_ref().map(|parent| parent.account_id),
        boost_of: None,
        quote_of: None,
        quote_policy: quote_policy(note, followers.as_deref()),
        conversation_id: conversation,
        app_id: None,
        parts: parts(note, people),
        replies_count: 0,
        boosts_count: 0,
        favourites_count: 0,
        quotes_count: 0,
        created_at,
        edited_at: note.updated.filter(|updated| *updated > created_at),
        emojis: attach::emojis(app, conn, &note.emojis).await?,
        card_hash: None,
        local_only: false,
        format: Format::Plain,
    })
}

/// An id of that time that no status has: two of them may have been made in the same millisecond.
pub(crate) async fn free_id(app: &App, conn: &mut Conn, at: Timestamp) -> Result<StatusId> {
    for _ in 0..8 {
        let id = app.ids.next_at(at);
        if !statuses::remote::is_taken(conn, id).await? {
            return Ok(id);
        }
    }
    // A crowded millisecond: the job runs again later, with the time spread anew.
    Ok(app.ids.next_at(at))
}

/// When a note was made: never in the future, never before time began.
fn published(app: &App, note: &Note) -> Timestamp {
    note.published.unwrap_or_else(|| app.now()).clamp(Timestamp(0), app.now())
}

/// The language, when it is a code.
pub(crate) fn language(note: &Note) -> Option<String> {
    note.language.clone().filter(|code| crate::statuses::is_language(code))
}

/// What hangs on a note.
pub(super) fn parts(note: &Note, people: &People) -> Parts {
    let mut parts = 0;
    for (has, bit) in [
        (!note.attachments.is_empty(), Parts::MEDIA),
        (!people.mentioned.is_empty() || !people.addressed.is_empty(), Parts::MENTIONS),
        (note.hashtags.iter().any(|tag| fold_tag(&tag.name).is_some()), Parts::TAGS),
        (note.poll.is_some(), Parts::POLL),
    ] {
        parts |= if has { bit } else { 0 };
    }
    Parts(parts)
}

/// Who may quote a note, as far as this server tells the difference.
pub(super) fn quote_policy(note: &Note, followers: Option<&str>) -> String {
    let automatic = &note.quote_policy.automatic;
    let manual = &note.quote_policy.manual;
    let has = |id: &str| automatic.iter().chain(manual).any(|entry| entry == id);
    if has(activitypub::PUBLIC) {
        "public".into()
    } else if followers.is_some_and(has) {
        "followers".into()
    } else {
        "nobody".into()
    }
}

/// The thread a note belongs to: that of what it answers, one that goes by a name it gives, or that
/// of answers which came before it.
async fn thread(
    app: &App,
    conn: &mut Conn,
    note: &Note,
    parent: Option<&Status>,
    waiting: &[(StatusId, ConversationId)],
) -> Result<ConversationId> {
    let names: Vec<String> = note
        .conversation
        .iter()
        .cloned()
        .chain(note.context.iter().map(|uri| uri.as_str().to_owned()))
        .filter(|name| name.len() <= 2_048)
        .collect();
    let thread = match parent {
        Some(parent) => parent.conversation_id,
        None => match conversation_uris::find(conn, &names).await? {
            Some(known) => known,
            None => waiting.first().map_or_else(|| app.ids.next(), |(_, thread)| *thread),
        },
    };
    conversation_uris::put(conn, &names, thread).await?;
    Ok(thread)
}

async fn hang_on(
    app: &App,
    conn: &mut Conn,
    status: &Status,
    note: &Note,
    people: &People,
) -> Result<()> {
    name(app, conn, status.id, note, people).await?;
    attach::attach(app, conn, (status.account_id, status.id), &note.attachments).await?;
    if note.poll.is_some() {
        insert_poll(app, conn, status, note).await?;
    }
    counts(conn, status.id, note).await
}

/// Writes mentions and hashtags.
pub(super) async fn name(
    app: &App,
    conn: &mut Conn,
    status: StatusId,
    note: &Note,
    people: &People,
) -> Result<()> {
    for account in &people.mentioned {
        statuses::add_mention(conn, status, *account).await?;
    }
    for account in &people.addressed {
        statuses::remote::add_silent_mention(conn, status, *account).await?;
    }
    let mut tags: Vec<(TagId, String, String)> = Vec::new();
    for tag in note.hashtags.iter().take(MOST_TAGS) {
        if let Some(name) = fold_tag(&tag.name)
            && !tags.iter().any(|(_, known, _)| *known == name)
        {
            tags.push((app.ids.next(), name, tag.name.clone()));
        }
    }
    let tags = statuses::tag_ids(conn, &tags, app.now()).await?;
    Ok(statuses::add_tags(conn, status, &tags).await?)
}

/// Writes the counts that a note's server gives.
pub(super) async fn counts(conn: &mut Conn, status: StatusId, note: &Note) -> Result<()> {
    let number = |counted: &Option<(Option<Uri>, Option<i64>)>| {
        counted
            .as_ref()
            .and_then(|(_, total)| *total)
            .map(|total| total.clamp(0, i64::from(i32::MAX)))
    };
    let (boosts, favourites) = (number(&note.shares), number(&note.likes));
    if boosts.or(favourites).is_none() {
        return Ok(());
    }
    Ok(statuses::remote::set_counts(conn, status, boosts, favourites).await?)
}

/// Writes the poll of a note.
pub(super) async fn insert_poll(
    app: &App,
    conn: &mut Conn,
    status: &Status,
    note: &Note,
) -> Result<()> {
    let Some(question) = &note.poll else { return Ok(()) };
    let poll = Poll {
        id: app.ids.next(),
        status_id: status.id,
        account_id: status.account_id,
        expires_at: question.closed.or(question.end_time),
        multiple: question.multiple,
        hide_totals: false,
        options: question
            .options
            .iter()
            .map(|(title, votes)| PollOption {
                title: text::line(title, 500),
                votes: (*votes).clamp(0, MOST_VOTES),
            })
            .collect(),
        voters_count: question.voters_count.unwrap_or(0).clamp(0, MOST_VOTES),
    };
    polls::insert(conn, &poll, app.now()).await?;
    match poll.expires_at {
        Some(ends) if ends > app.now() => {
            jobs::enqueue(app, conn, &Job::EndPoll { poll: poll.id }, ends).await
        }
        _ => Ok(()),
    }
}

/// Whether a status of another server is of any interest to somebody here (Mastodon keeps no
/// others): somebody follows its author, it answers a status of somebody here or of somebody
/// followed, or it is addressed to somebody here.
pub(crate) async fn concerns_somebody(
    app: &App,
    conn: &mut Conn,
    note: &Note,
    author: AccountId,
) -> Result<bool> {
    if remote_accounts::has_local_follower(conn, author).await? {
        return Ok(true);
    }
    if let Some(parent) = &note.in_reply_to
        && let Some(parent) = local::status_at(app, conn, parent.as_str()).await?
        && (parent.uri.is_none()
            || remote_accounts::has_local_follower(conn, parent.account_id).await?)
    {
        return Ok(true);
    }
    let named = note.mentions.iter().map(|mention| mention.href.as_str());
    for id in note.audience.all().chain(named).take(MOST_ADDRESSED) {
        if local::here(app, id).is_some() && local::local_account(app, conn, id).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a boost may be of this visibility: open statuses by anyone, others by their authors.
pub(crate) fn may_boost(status: &Status, who: AccountId) -> bool {
    match status.visibility {
        Visibility::Public | Visibility::Unlisted => true,
        Visibility::Private => status.account_id == who,
        Visibility::Direct => false,
    }
}
