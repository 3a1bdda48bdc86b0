//! Watches over what opened the streams: a token or session that was ended, or whose user was shut
//! out, by whichever process, ends its streams within two seconds (A03). Runs only while there are any.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use domain::TokenId;
use domain::secret::SecretHash;
use store::{StoreError, streams};

use super::hub::Key;
use crate::App;

/// Between two looks into the database.
const PAUSE: Duration = Duration::from_secs(1);

/// Begins to watch, unless somebody does.
pub(super) fn begin(app: &Arc<App>) {
    if app.hub.begin_watch() {
        tokio::spawn(watch(app.clone()));
    }
}

async fn watch(app: Arc<App>) {
    while !app.hub.end_watch() {
        tokio::select! {
            () = app.hub.access_changed() => {}
            () = tokio::time::sleep(PAUSE) => {}
        }
        let keys = app.hub.keys();
        match living(&app, &keys).await {
            Ok(living) => app.hub.end_dead(&keys, &living),
            Err(error) => tracing::warn!(%error, "the keys of open streams were not checked"),
        }
    }
}

/// Those that still open something.
async fn living(app: &App, keys: &HashSet<Key>) -> Result<HashSet<Key>, StoreError> {
    let (mut tokens, mut sessions): (Vec<TokenId>, Vec<String>) = Default::default();
    for key in keys {
        match key {
            Key::Token(id) => tokens.push(*id),
            Key::Session(SecretHash(hash)) => sessions.push(hash.clone()),
        }
    }
    app.read(move |conn| {
        Box::pin(async move {
            let tokens = streams::living_tokens(conn, &tokens).await?;
            let sessions = streams::living_sessions(conn, sessions).await?;
            let sessions = sessions.into_iter().map(|hash| Key::Session(SecretHash(hash)));
            Ok(tokens.into_iter().map(Key::Token).chain(sessions).collect())
        })
    })
    .await
}
