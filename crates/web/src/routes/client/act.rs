//! What people do with a post: favourite, boost, bookmark, pin, mute, vote, delete. With a script the
//! answer is the post as it is afterwards; without one it is the page where the button stood.

use app::AppError;
use app::access::{Deed, count_deed};
use app::statuses::{self, Mark};
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use domain::filter::FilterContext;
use domain::{PollId, StatusId};
use http::StatusCode;

use super::compose;
use super::frame::{bare, frame};
use super::member::{Member, Sent};
use super::show::{Eye, post_path};
use crate::pages::Problem;
use crate::pages::client::{DeletePage, Place, StatusPart};
use crate::paths;
use crate::routes::Shared;
use crate::routes::answer::{Answer, Refusal, private, redirect};
use crate::view::StatusView;

fn number(text: &str) -> Result<StatusId, Refusal> {
    text.parse().map_err(|_| Refusal::new(Problem::NotFound))
}

pub(super) async fn act(State(app): State<Shared>, Path(id): Path<String>, sent: Sent) -> Answer {
    let id = number(&id)?;
    perform(&app, &sent, id).await?;
    let entry = number(&sent.fields.text("entry")).unwrap_or(id);
    if sent.member.part {
        return part(&app, &sent, entry, id).await;
    }
    redirect(&format!("{}#post-{entry}", sent.back()))
}

async fn perform(app: &Shared, sent: &Sent, id: StatusId) -> Result<(), Refusal> {
    let me = &sent.member.me;
    let count = |deed| count_deed(app, me.id(), deed).map_err(Refusal::limited);
    match sent.fields.text("do").as_str() {
        "favourite" => statuses::mark(app, me, id, Mark::Favourite).await?,
        "unfavourite" => statuses::unmark(app, me, id, Mark::Favourite).await?,
        "bookmark" => statuses::mark(app, me, id, Mark::Bookmark).await?,
        "unbookmark" => statuses::unmark(app, me, id, Mark::Bookmark).await?,
        "pin" => statuses::mark(app, me, id, Mark::Pin).await?,
        "unpin" => statuses::unmark(app, me, id, Mark::Pin).await?,
        "mute" => statuses::mark(app, me, id, Mark::Mute).await?,
        "unmute" => statuses::unmark(app, me, id, Mark::Mute).await?,
        "boost" => {
            count(Deed::Post)?;
            statuses::boost(app, me, id, None).await?
        }
        "unboost" => {
            count(Deed::Delete)?;
            statuses::unboost(app, me, id).await?
        }
        "vote" => {
            let poll: PollId =
                sent.fields.text("poll").parse().map_err(|_| Refusal::new(Problem::NotFound))?;
            let chosen = sent.fields.all("choice").filter_map(|text| text.parse().ok()).collect();
            app::polls::vote(app, me, poll, chosen).await?;
            return Ok(());
        }
        _ => return Err(Refusal::new(Problem::BadRequest)),
    };
    Ok(())
}

/// The entry as it is now; nothing when it went away, as an own boost that was taken back.
async fn part(app: &Shared, sent: &Sent, entry: StatusId, post: StatusId) -> Answer {
    let member = &sent.member;
    let view = match statuses::show(app, entry, Some(member.id())).await {
        Ok(view) => view,
        Err(AppError::NotFound) if entry != post => {
            return Ok((StatusCode::OK, "").into_response());
        }
        Err(error) => return Err(error.into()),
    };
    let eye = Eye { app, me: &member.me, context: FilterContext::Home };
    let mut status = eye.whole(&view);
    status.pinned = false;
    let focused = sent.fields.has("focused");
    answer_part(app, member, status, focused, sent.back())
}

/// One post, as scripts put it into a page.
pub(super) fn answer_part(
    app: &Shared,
    member: &Member,
    status: StatusView,
    focused: bool,
    back: &str,
) -> Answer {
    let mut frame = bare(app, member, Place::Elsewhere, String::new());
    back.clone_into(&mut frame.here);
    private(&StatusPart { frame, status, focused })
}

pub(super) async fn ask_delete(
    State(app): State<Shared>,
    Path(id): Path<String>,
    member: Member,
) -> Answer {
    let view = own(&app, &member, number(&id)?).await?;
    let eye = Eye { app: &app, me: &member.me, context: FilterContext::Thread };
    private(&DeletePage {
        frame: frame(&app, &member, Place::Elsewhere).await?,
        back: post_path(&view),
        status: eye.whole(&view),
    })
}

pub(super) async fn delete(
    State(app): State<Shared>,
    Path(id): Path<String>,
    sent: Sent,
) -> Answer {
    let id = number(&id)?;
    let me = &sent.member.me;
    let view = own(&app, &sent.member, id).await?;
    count_deed(&app, me.id(), Deed::Delete).map_err(Refusal::limited)?;
    if sent.fields.text("do") == "redraft" {
        statuses::delete(&app, me, id, app::uploads::Release::ForRedraft).await?;
        return compose::redraft(&app, &sent.member, &view).await;
    }
    statuses::delete(&app, me, id, app::uploads::Release::ForGood).await?;
    if sent.member.part {
        return Ok((StatusCode::OK, "").into_response());
    }
    let gone = post_path(&view);
    let back = Some(sent.back()).filter(|back| !back.starts_with(&gone));
    redirect(back.unwrap_or(paths::HOME))
}

/// A post of one's own; others' are not there to be deleted.
async fn own(app: &Shared, member: &Member, id: StatusId) -> Result<app::StatusView, Refusal> {
    let view = statuses::show(app, id, Some(member.id())).await?;
    if view.status.account_id != member.id() || view.boost_of.is_some() {
        return Err(Refusal::new(Problem::NotFound));
    }
    Ok(view)
}
