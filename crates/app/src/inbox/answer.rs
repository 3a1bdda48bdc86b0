//! Yes and no to those who want to quote.

use activitypub::{Activity, Audience, Object, Uri, Verb};
use domain::account::Account;
use store::Conn;

use crate::delivery::{self, Recipients, Sender};
use crate::{App, AppError, Result};

/// Sends Accept or Reject of an activity, in the caller's transaction, to who asked.
pub(super) async fn send(
    app: &App,
    conn: &mut Conn,
    by: &Account,
    to: &Account,
    verb: Verb,
    asked: Activity,
    result: Option<Uri>,
) -> Result<()> {
    let own = Uri::parse(&app.urls.actor(by))
        .ok_or_else(|| AppError::Internal("this server's own address is none".into()))?;
    let number: domain::RowId = app.ids.next();
    let name = if verb == Verb::Accept { "accepts" } else { "rejects" };
    let answer = Activity {
        id: Uri::parse(&format!("{own}#{name}/{number}")),
        result,
        audience: Audience { to: to.uri.iter().cloned().collect(), cc: Vec::new() },
        ..Activity::new(verb, own, Object::Activity(Box::new(asked)))
    };
    let recipients = Recipients { personal: vec![to.id], ..Recipients::default() };
    delivery::send(app, conn, Sender::Account(by.id), &answer, recipients, None).await
}

/// An activity as an answer repeats it: id, who, what, no more.
pub(super) fn named(activity: &Activity) -> Activity {
    let link = |object: &Object| object.id().cloned().map_or(Object::None, Object::Link);
    Activity {
        id: activity.id.clone(),
        instrument: activity.instrument.as_ref().map(link),
        ..Activity::new(activity.verb.clone(), activity.actor.clone(), link(&activity.object))
    }
}
