//! Local things as ActivityPub says them: what is delivered and what is shown at an id is made here
//! and nowhere else.

mod actor;
mod note;

pub use actor::{actor, instance_actor};
pub use note::{note, origin};
pub(crate) use note::{notes, origins};

use activitypub::{Audience, PUBLIC, Uri};
use domain::account::Account;
use domain::status::Visibility;

use crate::urls::Urls;
use crate::{AppError, Result};

/// An id that this server made or has stored.
///
/// # Errors
/// [`AppError::Internal`] when it is none, which only a broken configuration can cause.
pub(crate) fn uri(text: &str) -> Result<Uri> {
    Uri::parse(text).ok_or_else(|| AppError::Internal(format!("{text:?} is no id")))
}

/// Whom something of a local account is for (federation.md §5): `named` are ids of mentioned actors.
pub(crate) fn audience(
    urls: &Urls,
    author: &Account,
    visibility: Visibility,
    named: Vec<String>,
) -> Audience {
    let followers = format!("{}/followers", urls.actor(author));
    let with = |first: String| std::iter::once(first).chain(named.iter().cloned()).collect();
    match visibility {
        Visibility::Public => Audience { to: vec![PUBLIC.into()], cc: with(followers) },
        Visibility::Unlisted => Audience { to: vec![followers], cc: with(PUBLIC.into()) },
        Visibility::Private => Audience { to: vec![followers], cc: named },
        Visibility::Direct => Audience { to: named, cc: Vec::new() },
    }
}
