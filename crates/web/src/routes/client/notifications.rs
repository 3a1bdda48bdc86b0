//! Notifications, what was kept back, and private mentions.

use std::collections::HashMap;

use app::notifications::{self, Filter, GroupView, Groups, NotificationKind as Kind};
use axum::extract::{Path, State};
use domain::account::Account;
use domain::filter::FilterContext;
use domain::{AccountId, NotificationId, RowId, StatusId};
use http::Uri;

use super::frame::{every_kind, frame, grouped};
use super::member::{Member, Sent};
use super::paging::{self, links};
use super::people;
use super::show::{Eye, post_path};
use crate::language::Words;
use crate::pages::Problem;
use crate::pages::client::{
    ConversationsPage, KeptBackPage, NoteView, NotificationsPage, Place, TalkView,
};
use crate::paths;
use crate::routes::answer::{Answer, Refusal, private, redirect};
use crate::routes::posted::Fields;
use crate::routes::{Shared, present};
use crate::view::{Moment, StatusView};

/// The kinds that are shown alone: name in the address, word, kinds.
const TABS: [(&str, Words, &[Kind]); 6] = [
    ("mentions", |t| t.mentions, &[Kind::Mention, Kind::Quote]),
    ("favourites", |t| t.favourites, &[Kind::Favourite]),
    ("boosts", |t| t.boosts, &[Kind::Boost]),
    ("follows", |t| t.follows, &[Kind::Follow, Kind::FollowRequest]),
    ("posts", |t| t.posts, &[Kind::Status, Kind::Update, Kind::QuotedUpdate]),
    ("polls", |t| t.polls, &[Kind::Poll]),
];
/// People whose faces are shown.
const FACES: usize = 6;

pub(super) async fn list(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let query = Fields::of_query(&uri);
    let kind = query.text("kind");
    let only = TABS.iter().find(|(name, _, _)| *name == kind);
    let filter = match only {
        Some((_, _, kinds)) => Filter { kinds: kinds.to_vec(), ..every_kind() },
        None => every_kind(),
    };
    let page = paging::page(&query);
    let me = member.id();
    let found = notifications::groups(&app, me, filter, grouped(), page).await?;
    let read = read_so_far(&app, me).await?;
    let path = match only {
        Some((name, _, _)) => format!("{}?kind={name}", paths::NOTIFICATIONS),
        None => paths::NOTIFICATIONS.to_owned(),
    };
    let cursors: Vec<i64> = found.groups.iter().map(|group| group.newest.id.0).collect();
    let links = links(&path, &page, &cursors);
    let (kept_back, _) = notifications::summary(&app, me).await?;
    let notes = notes(&app, &member, &found, read);
    if only.is_none()
        && let Some(newest) = cursors.first().filter(|newest| **newest > read)
    {
        app::markers::set(&app, me, vec![("notifications", *newest)]).await?;
    }
    private(&NotificationsPage {
        frame: frame(&app, &member, Place::Notifications).await?,
        tabs: tabs(only.map(|(name, _, _)| *name)),
        notes,
        kept_back,
        newer_url: links.newer,
        older_url: links.older,
    })
}

fn tabs(current: Option<&str>) -> Vec<(String, &'static str, bool)> {
    let all = (paths::NOTIFICATIONS.to_owned(), crate::t().all, current.is_none());
    let one = |(name, word, _): &(&str, Words, &[Kind])| {
        (format!("{}?kind={name}", paths::NOTIFICATIONS), word(crate::t()), current == Some(*name))
    };
    std::iter::once(all).chain(TABS.iter().map(one)).collect()
}

async fn read_so_far(app: &Shared, me: AccountId) -> app::Result<i64> {
    let markers = app::markers::get(app, me, vec!["notifications".to_owned()]).await?;
    Ok(markers.first().map_or(0, |marker| marker.last_read_id))
}

fn notes(app: &Shared, member: &Member, found: &Groups, read: i64) -> Vec<NoteView> {
    let eye = Eye { app, me: &member.me, context: FilterContext::Notifications };
    let people: HashMap<AccountId, &Account> =
        found.accounts.iter().map(|account| (account.id, account)).collect();
    let statuses: HashMap<StatusId, &app::StatusView> =
        found.statuses.iter().map(|view| (view.status.id, view)).collect();
    let mut notes = Vec::with_capacity(found.groups.len());
    for group in &found.groups {
        let status = match group.newest.status_id.and_then(|id| statuses.get(&id)) {
            Some(view) => match eye.status(view) {
                Some(shown) => Some(shown),
                // A filter hides it.
                None => continue,
            },
            None => None,
        };
        notes.push(note(&eye, group, &people, status, read));
    }
    notes
}

fn note(
    eye: &Eye<'_>,
    group: &GroupView,
    people: &HashMap<AccountId, &Account>,
    status: Option<StatusView>,
    read: i64,
) -> NoteView {
    let newest = &group.newest;
    let (icon, words) = words(newest.kind, group.senders.len());
    let shown = group.senders.iter().filter_map(|id| people.get(id)).take(FACES);
    let people: Vec<_> = shown.map(|account| eye.account(account)).collect();
    let is_whole = matches!(newest.kind, Kind::Mention | Kind::Status | Kind::Quote);
    let mut status = status;
    // The id of an entry has to be unique on a page, and a post may be there several times.
    if let Some(status) = status.as_mut().filter(|_| !is_whole) {
        status.id = format!("{}-{}", newest.id, status.id);
    }
    NoteView {
        key: group.group.key.clone(),
        icon,
        others: present::number(group.count).saturating_sub(people.len() as u64),
        people,
        words,
        ago: Moment::ago(newest.created_at.0, eye.app.now().0),
        machine: present::moment(newest.created_at).machine,
        is_whole,
        status,
        link: match newest.kind {
            Kind::FollowRequest => {
                Some((paths::FOLLOW_REQUESTS.to_owned(), crate::t().answer_the_request))
            }
            Kind::Report => {
                Some((format!("{}/reports", paths::DASHBOARD), crate::t().read_the_report))
            }
            _ => None,
        },
        is_new: newest.id.0 > read,
    }
}

/// The shape and the words of what so many people did.
fn words(kind: Kind, people: usize) -> (&'static str, &'static str) {
    let t = crate::t();
    match kind {
        Kind::Mention => ("reply", t.mentioned_you(people)),
        Kind::Status => ("bell", t.posted(people)),
        Kind::Boost => ("boost", t.boosted_your_post(people)),
        Kind::Follow => ("people", t.followed_you(people)),
        Kind::FollowRequest => ("people", t.asked_to_follow_you(people)),
        Kind::Favourite => ("star", t.favourited_your_post(people)),
        Kind::Poll => ("poll", t.poll_has_ended(people)),
        Kind::Update => ("pen", t.edited_what_you_boosted(people)),
        Kind::Quote => ("quote", t.quoted_your_post(people)),
        Kind::QuotedUpdate => ("pen", t.edited_what_you_quoted(people)),
        Kind::SignUp => ("people", t.signed_up(people)),
        Kind::Report => ("warn", t.sent_a_report(people)),
        Kind::Warning => ("warn", t.sent_you_a_warning(people)),
    }
}

pub(super) async fn clear(State(app): State<Shared>, sent: Sent) -> Answer {
    let me = sent.member.id();
    match sent.fields.get("key").filter(|key| !key.is_empty()) {
        Some(key) => notifications::dismiss(&app, me, key).await?,
        None => notifications::clear(&app, me).await?,
    }
    redirect(paths::NOTIFICATIONS)
}

pub(super) async fn kept_back(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let page = paging::page(&Fields::of_query(&uri));
    let requests = notifications::requests(&app, member.id(), page).await?;
    let eye = Eye { app: &app, me: &member.me, context: FilterContext::Notifications };
    let show = |request: &notifications::RequestView| {
        let mut last = request.last_status.as_ref().map(|view| eye.whole(view));
        if let Some(status) = &mut last {
            status.actions = None;
        }
        let row = people::row(&eye, &request.from, Vec::new());
        (request.request.id.to_string(), row, request.request.count, last)
    };
    private(&KeptBackPage {
        frame: frame(&app, &member, Place::Notifications).await?,
        requests: requests.iter().map(show).collect(),
    })
}

pub(super) async fn answer_kept_back(State(app): State<Shared>, sent: Sent) -> Answer {
    let id: NotificationId =
        sent.fields.text("id").parse().map_err(|_| Refusal::new(Problem::NotFound))?;
    let me = sent.member.id();
    if sent.fields.text("do") == "accept" {
        notifications::accept(&app, me, vec![id]).await?;
    } else {
        notifications::drop_requests(&app, me, vec![id]).await?;
    }
    redirect("/notifications/requests")
}

pub(super) async fn conversations(State(app): State<Shared>, member: Member, uri: Uri) -> Answer {
    let page = paging::page(&Fields::of_query(&uri));
    let found = app::conversations::list(&app, member.id(), page).await?;
    let cursors: Vec<i64> = found.iter().map(|view| view.conversation.last_status.0).collect();
    let eye = Eye { app: &app, me: &member.me, context: FilterContext::Home };
    let mut talks = Vec::with_capacity(found.len());
    for view in &found {
        let Some(last) = &view.last_status else { continue };
        let mut shown = eye.whole(last);
        shown.actions = None;
        talks.push(TalkView {
            id: view.conversation.id.to_string(),
            people: view.accounts.iter().map(|account| eye.account(account)).collect(),
            last: shown,
            unread: view.conversation.unread,
        });
    }
    private(&ConversationsPage {
        frame: frame(&app, &member, Place::Conversations).await?,
        talks,
        older_url: links(paths::CONVERSATIONS, &page, &cursors).older,
    })
}

/// Opening a conversation marks it as read; the other button removes it from the list.
pub(super) async fn converse(
    State(app): State<Shared>,
    Path(id): Path<String>,
    sent: Sent,
) -> Answer {
    let id: RowId = id.parse().map_err(|_| Refusal::new(Problem::NotFound))?;
    let me = sent.member.id();
    if sent.fields.text("do") == "remove" {
        app::conversations::remove(&app, me, id).await?;
        return redirect(paths::CONVERSATIONS);
    }
    let view = app::conversations::mark(&app, me, id, false).await?;
    match &view.last_status {
        Some(last) => redirect(&post_path(last)),
        None => redirect(paths::CONVERSATIONS),
    }
}
