//! A post with its whole thread, and a form to answer it.

use std::collections::HashMap;

use app::StatusView as Loaded;
use domain::StatusId;
use domain::filter::FilterContext;

use super::compose::reply_to;
use super::frame::frame;
use super::member::Member;
use super::show::{Eye, post_path};
use crate::pages::Problem;
use crate::pages::client::{Place, ThreadPage};
use crate::routes::Shared;
use crate::routes::answer::{Answer, Refusal, private, redirect};
use crate::view::ThreadedReply;

/// `/@name/ID` and `/@name@domain/ID` for somebody who is signed in.
pub(in crate::routes) async fn show(app: &Shared, member: &Member, name: &str, id: &str) -> Answer {
    let id: StatusId = id.parse().map_err(|_| Refusal::new(Problem::NotFound))?;
    let view = app::statuses::show(app, id, Some(member.id())).await?;
    let shown = view.boost_of.as_deref().unwrap_or(&view);
    if !shown.author.acct().eq_ignore_ascii_case(name) || view.boost_of.is_some() {
        return redirect(&post_path(&view));
    }
    let thread = app::statuses::thread(app, id, Some(member.id())).await?;
    let eye = Eye { app, me: &member.me, context: FilterContext::Thread };
    let mut status = eye.whole(&view);
    status.pinned = view.flags.is_some_and(|flags| flags.pinned);
    let path = post_path(&view);
    private(&ThreadPage {
        frame: frame(app, member, Place::Elsewhere).await?,
        ancestors: eye.statuses(&thread.ancestors),
        status,
        replies: replies(&eye, id, &thread.descendants),
        compose: reply_to(app, &member.me, &view, &path),
    })
}

fn replies(eye: &Eye<'_>, id: StatusId, below: &[Loaded]) -> Vec<ThreadedReply> {
    let mut depths: HashMap<StatusId, usize> = HashMap::from([(id, 0)]);
    let mut shown = Vec::with_capacity(below.len());
    for view in below {
        let above = view.status.in_reply_to.and_then(|id| depths.get(&id));
        let depth = above.copied().unwrap_or(0) + 1;
        depths.insert(view.status.id, depth);
        shown.extend(eye.status(view).map(|status| ThreadedReply { status, depth }));
    }
    shown
}
