//! What use cases say to other servers, each in the transaction of what happened. Every function
//! looks first whether anybody elsewhere is to hear it: on a server without remote followers posting
//! costs one query more.

mod accounts;
mod relations;
mod statuses;

use activitypub::{Activity, Object, Uri, Verb};
use domain::account::Account;

pub(crate) use accounts::{deleted_account, key_changed, moved, profile_changed, reported};
pub(crate) use relations::{
    accepted, blocked, follow_requested, never_followed, rejected, unblocked, unfollowed,
    withdrawn_follow,
};
pub(crate) use statuses::{
    boosts_ended, deleted, edited, favourited, pinned, poll_counted, posted, quote_requested,
    quote_revoked, unfavourited, unpinned, voted,
};

use crate::represent::uri;
use crate::{App, Result};

/// The id of an activity of a local account; it leads nowhere, nobody needs to fetch it.
fn own_id(app: &App, author: &Account, tail: &str) -> Result<Uri> {
    uri(&format!("{}#{tail}", app.urls.actor(author)))
}

fn actor(app: &App, account: &Account) -> Result<Uri> {
    uri(&app.urls.actor(account))
}

/// An activity that takes another one back.
fn undo(what: Activity) -> Result<Activity> {
    let id = what.id.as_ref().map(|id| uri(&format!("{id}/undo"))).transpose()?;
    Ok(Activity {
        id,
        audience: what.audience.clone(),
        ..Activity::new(Verb::Undo, what.actor.clone(), Object::Activity(Box::new(what)))
    })
}

/// An activity addressed to one account.
fn addressed(mut activity: Activity, id: Uri, to: &Uri) -> Activity {
    activity.id = Some(id);
    activity.audience.to = vec![to.to_string()];
    activity
}
