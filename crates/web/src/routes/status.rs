//! `/@name/ID`: one public post with its thread. What is not public is not there (V02).

use std::collections::HashMap;

use app::StatusView;
use app::statuses::OpenThread;
use axum::extract::{Path, State};
use domain::StatusId;

use super::answer::{Answer, Refusal, public};
use super::{Shared, present, site};
use crate::pages::{Problem, StatusPage};
use crate::view::ThreadedReply;

pub(super) async fn show(
    State(app): State<Shared>,
    Path((name, id)): Path<(String, String)>,
) -> Answer {
    let absent = || Refusal::new(Problem::NotFound);
    let id: StatusId = id.parse().map_err(|_| absent())?;
    let thread = app::statuses::open_thread(&app, id).await?;
    let author = &thread.status.author;
    if !author.is_local() || !author.username.eq_ignore_ascii_case(&name) {
        return Err(absent());
    }
    let site = site(&app).await?;
    let status = &thread.status.status;
    public(&StatusPage {
        site: &site,
        canonical_url: app.urls.status_page(status, author),
        activity_url: app.urls.status_uri(status, author),
        indexable: author.indexable,
        ancestors: thread.ancestors.iter().map(|view| present::status(&app, view)).collect(),
        status: present::status(&app, &thread.status),
        replies: replies(&app, &thread),
    })
}

fn replies(app: &Shared, thread: &OpenThread) -> Vec<ThreadedReply> {
    let mut depths: HashMap<StatusId, usize> = HashMap::from([(thread.status.status.id, 0)]);
    let mut reply = |view: &StatusView| {
        let above = view.status.in_reply_to.and_then(|id| depths.get(&id));
        let depth = above.copied().unwrap_or(0) + 1;
        depths.insert(view.status.id, depth);
        ThreadedReply { status: present::status(app, view), depth }
    };
    thread.replies.iter().map(&mut reply).collect()
}
