//! `tuskling emoji import|list|remove`

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use app::App;
use serde_json::json;

use crate::cli::{Data, Emoji};
use crate::commands::say;
use crate::context;

/// Runs the verb. A running server shows the change within half a minute.
///
/// # Errors
/// When a file is no emoji, or there is no such emoji.
pub async fn run(config: config::Config, verb: Emoji) -> anyhow::Result<()> {
    match verb {
        Emoji::Import { files, category, data } => {
            let app = open(config, &data).await?;
            let result = import(&app, &files, category.as_deref()).await;
            app.store.close().await;
            result
        }
        Emoji::List { json, data } => {
            let app = open(config, &data).await?;
            list(&app, json).await?;
            app.store.close().await;
            Ok(())
        }
        Emoji::Remove { code, data } => {
            let app = open(config, &data).await?;
            let code = code.trim_matches(':');
            let found = app::emojis::remove(&app, code).await?;
            app.store.close().await;
            if !found {
                bail!("there is no emoji :{code}: here; `tuskling emoji list` shows them");
            }
            say(&format!("removed :{code}:"));
            Ok(())
        }
    }
}

async fn open(mut config: config::Config, data: &Data) -> anyhow::Result<Arc<App>> {
    context::apply_data(&mut config, data);
    context::open_for_command(config).await
}

/// Takes what can be taken, and names what cannot.
async fn import(app: &Arc<App>, files: &[PathBuf], category: Option<&str>) -> anyhow::Result<()> {
    let mut refused = 0;
    for file in files {
        match import_one(app, file, category).await {
            Ok(code) => say(&format!("imported :{code}:")),
            Err(error) => {
                refused += 1;
                super::say_error(&error);
            }
        }
    }
    if refused > 0 {
        bail!("{refused} of {} files were not imported", files.len());
    }
    Ok(())
}

async fn import_one(app: &Arc<App>, file: &Path, category: Option<&str>) -> anyhow::Result<String> {
    let code = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let emoji = app::emojis::import(app, code, file, category.map(str::to_owned))
        .await
        .with_context(|| file.display().to_string())?;
    Ok(emoji.shortcode)
}

async fn list(app: &App, json: bool) -> anyhow::Result<()> {
    let emojis = app::emojis::list(app).await?;
    if json {
        let list: Vec<_> = emojis
            .iter()
            .map(|emoji| {
                json!({
                    "shortcode": emoji.shortcode,
                    "category": emoji.category,
                    "url": app.urls.file(&emoji.image_key),
                    "content_type": emoji.content_type,
                })
            })
            .collect();
        say(&serde_json::to_string_pretty(&list)?);
        return Ok(());
    }
    for emoji in emojis {
        match emoji.category {
            Some(category) => say(&format!(":{}:  {category}", emoji.shortcode)),
            None => say(&format!(":{}:", emoji.shortcode)),
        }
    }
    Ok(())
}
