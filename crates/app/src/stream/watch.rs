//! Watches over the tokens of open streams: one that was revoked, or whose user was shut out, by
//! whichever process, ends its streams within two seconds (A03). Runs only while there are streams.

use std::sync::Arc;
use std::time::Duration;

use store::streams;

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
        let tokens = app.hub.tokens();
        let asked = tokens.clone();
        let living = app
            .read(move |conn| Box::pin(async move { streams::living_tokens(conn, &asked).await }))
            .await;
        match living {
            Ok(living) => app.hub.end_dead(&tokens, &living),
            Err(error) => tracing::warn!(%error, "the tokens of open streams were not checked"),
        }
    }
}
