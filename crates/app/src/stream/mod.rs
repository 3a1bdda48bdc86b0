//! Events on their way to streaming clients: who hears of what, and what they are shown.

mod channel;
mod hub;
mod load;
mod publish;
mod watch;

use std::sync::Arc;

use domain::{AccountId, ListId};

pub use channel::{Channel, Meaning, NOTIFICATIONS, Origin, Refusal, Source};
pub use hub::{Hub, Key, MOST_STREAMS, Published, Subscription};
pub use load::{Loaded, load, public_view};
pub use publish::CHANNEL;
pub(crate) use publish::{Events, publish};

use crate::{App, Result};

/// Opens a stream for a token or session of this account; `None` when that has as many as it may, or
/// the server stops.
#[must_use]
pub fn open(app: &Arc<App>, key: impl Into<Key>, account: AccountId) -> Option<Subscription> {
    let subscription = app.hub.subscribe(key, account)?;
    watch::begin(app);
    Some(subscription)
}

/// Whether a list is this account's, and so may be streamed to it.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn owns_list(app: &App, list: ListId, owner: AccountId) -> Result<bool> {
    app.read(move |conn| {
        Box::pin(async move { Ok(store::streams::owns_list(conn, list, owner).await?) })
    })
    .await
}
