//! Keeping the catalog like the table: another process or the command line may change it.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use store::emojis;
use tokio::sync::mpsc::Receiver;
use tokio_util::sync::CancellationToken;

use super::{Catalog, Emoji};
use crate::{App, AppError, Result};

/// The PostgreSQL channel that tells other processes of a change.
const CHANNEL: &str = "tuskling_emojis";
/// How soon a change made elsewhere is seen when nobody tells of it: on SQLite by the command line.
const EVERY: Duration = Duration::from_secs(20);

/// Loads the catalog if it is another one than that in memory; otherwise this is one small query.
///
/// # Errors
/// [`AppError::Store`].
pub async fn refresh(app: &App) -> Result<()> {
    let known = *app.emojis.edition.lock().unwrap_or_else(PoisonError::into_inner);
    let found = app
        .read(move |conn| {
            Box::pin(async move {
                let edition = emojis::edition(conn).await?;
                if edition == known {
                    return Ok::<_, AppError>(None);
                }
                Ok(Some((edition, emojis::local(conn).await?)))
            })
        })
        .await?;
    let Some((edition, list)) = found else { return Ok(()) };
    let catalog: BTreeMap<String, Emoji> =
        list.into_iter().map(|emoji| (emoji.shortcode.clone(), shown(app, emoji))).collect();
    app.emojis.set(Catalog(catalog));
    *app.emojis.edition.lock().unwrap_or_else(PoisonError::into_inner) = edition;
    Ok(())
}

fn shown(app: &App, emoji: emojis::Emoji) -> Emoji {
    Emoji {
        url: app.urls.file(&emoji.image_key),
        static_url: app.urls.file(&emoji.static_key),
        shortcode: emoji.shortcode,
        category: emoji.category,
        visible: emoji.visible,
    }
}

/// Shows this process the emoji as they are now, and tells every other one on this database.
pub(super) async fn tell_others(app: &App) {
    if let Err(error) = refresh(app).await {
        tracing::warn!(%error, "the custom emoji could not be read; they are read again soon");
    }
    if let Err(error) = app.store.notify(CHANNEL, &[String::new()]).await {
        tracing::warn!(%error, "other processes learn later that the custom emoji have changed");
    }
}

/// Refreshes when told to, and now and then, until it is to stop.
pub async fn keep_fresh(app: Arc<App>, stop: CancellationToken) {
    let mut calls = app.store.listen(CHANNEL).await;
    loop {
        if let Err(error) = refresh(&app).await {
            tracing::warn!(%error, "the custom emoji could not be read; trying again");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = called(calls.as_mut()) => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Waits for a call; for ever where there are no other processes.
async fn called(calls: Option<&mut Receiver<String>>) {
    if let Some(calls) = calls
        && calls.recv().await.is_some()
    {
        return;
    }
    std::future::pending().await
}
