//! `tuskling announcement publish|list|remove`

use std::sync::Arc;

use anyhow::{Context as _, bail};
use app::App;
use app::announcements::{self, NewAnnouncement};
use domain::{RowId, Timestamp};
use serde_json::json;

use crate::cli::{Announcement, Data};
use crate::commands::say;
use crate::context;

/// Runs the verb.
///
/// # Errors
/// When a time cannot be read, the text cannot be announced, or there is no such announcement.
pub async fn run(config: config::Config, verb: Announcement) -> anyhow::Result<()> {
    match verb {
        Announcement::Publish { text, starts_at, ends_at, all_day, data } => {
            let app = open(config, &data).await?;
            let new = NewAnnouncement {
                text,
                starts_at: time(starts_at.as_deref())?,
                ends_at: time(ends_at.as_deref())?,
                all_day,
                publish_at: None,
            };
            let made = announcements::publish(&app, new).await?;
            say(&format!("announcement {} is shown to everybody here", made.id));
            app.store.close().await;
        }
        Announcement::List { json, data } => {
            let app = open(config, &data).await?;
            list(&app, json).await?;
            app.store.close().await;
        }
        Announcement::Remove { id, data } => {
            let app = open(config, &data).await?;
            let found = announcements::remove(&app, RowId(id)).await?;
            app.store.close().await;
            if !found {
                bail!("there is no announcement {id}; `tuskling announcement list` shows them");
            }
            say(&format!("removed announcement {id}"));
        }
    }
    Ok(())
}

async fn open(mut config: config::Config, data: &Data) -> anyhow::Result<Arc<App>> {
    context::apply_data(&mut config, data);
    context::open_for_command(config).await
}

fn time(text: Option<&str>) -> anyhow::Result<Option<Timestamp>> {
    let Some(text) = text else { return Ok(None) };
    let found = Timestamp::parse(text);
    let hint = || format!("{text:?} is no time; write it like 2026-12-24T18:00:00Z");
    found.with_context(hint).map(Some)
}

async fn list(app: &App, as_json: bool) -> anyhow::Result<()> {
    let found = announcements::list(app).await?;
    if as_json {
        let list: Vec<_> = found
            .iter()
            .map(|one| {
                json!({
                    "id": one.id.to_string(),
                    "text": one.text,
                    "starts_at": one.starts_at.map(Timestamp::rfc3339),
                    "ends_at": one.ends_at.map(Timestamp::rfc3339),
                    "all_day": one.all_day,
                    "published_at": one.published_at.rfc3339(),
                })
            })
            .collect();
        say(&serde_json::to_string_pretty(&list)?);
        return Ok(());
    }
    for one in found {
        let line = one.text.lines().next().unwrap_or_default();
        let ends = one.ends_at.map_or_else(String::new, |end| format!(" until {}", end.rfc3339()));
        say(&format!("{}  {}{ends}  {line}", one.id, one.published_at.date()));
    }
    Ok(())
}
