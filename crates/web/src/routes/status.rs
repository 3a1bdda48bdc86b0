//! `/@name/ID`: one public post with its thread. What is not public is not there (V02).

use std::collections::HashMap;

use app::StatusView;
use app::statuses::Thread;
use axum::extract::{Path, State};
use domain::StatusId;
use http::Uri;

use super::answer::{Answer, Refusal, public};
use super::client;
use super::client::member::Member;
use super::visitor::Visitor;
use super::{Shared, present, site};
use crate::pages::{Problem, StatusPage};
use crate::view::ThreadedReply;

pub(super) async fn show(
    State(app): State<Shared>,
    Path((name, id)): Path<(String, String)>,
    visitor: Visitor,
    uri: Uri,
) -> Answer {
    if let Some(member) = Member::of(visitor, &uri) {
        return client::thread::show(&app, &member, &name, &id).await;
    }
    let absent = || Refusal::new(Problem::NotFound);
    let id: StatusId = id.parse().map_err(|_| absent())?;
    let view = app::statuses::show(&app, id, None).await?;
    let author = &view.author;
    let is_shown = view.status.visibility.is_open()
        && view.status.boost_of.is_none()
        && author.suspended_at.is_none()
        && author.is_local()
        && author.username.eq_ignore_ascii_case(&name);
    if !is_shown {
        return Err(absent());
    }
    let thread = app::statuses::thread(&app, id, None).await?;
    let site = site(&app).await?;
    let status = &view.status;
    public(&StatusPage {
        site: &site,
        canonical_url: app.urls.status_page(status, author),
        activity_url: app.urls.status_uri(status, author),
        indexable: author.indexable,
        ancestors: thread.ancestors.iter().map(|view| present::status(&app, view)).collect(),
        status: present::status(&app, &view),
        replies: replies(&app, id, &thread),
    })
}

fn replies(app: &Shared, id: StatusId, thread: &Thread) -> Vec<ThreadedReply> {
    let mut depths: HashMap<StatusId, usize> = HashMap::from([(id, 0)]);
    let mut reply = |view: &StatusView| {
        let above = view.status.in_reply_to.and_then(|id| depths.get(&id));
        let depth = above.copied().unwrap_or(0) + 1;
        depths.insert(view.status.id, depth);
        ThreadedReply { status: present::status(app, view), depth }
    };
    thread.descendants.iter().map(&mut reply).collect()
}
