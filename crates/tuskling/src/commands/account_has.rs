//! `tuskling account expire|export|import`: what an account has.

use anyhow::{Context as _, bail};
use app::App;
use app::statuses::ExpiryRule;

use crate::cli::Has;
use crate::commands::account::{find, open};
use crate::commands::{say, say_error};

/// Runs the verb.
///
/// # Errors
/// In words for the person at the terminal.
pub async fn run(config: config::Config, verb: Has) -> anyhow::Result<()> {
    match verb {
        Has::Expire { name, days, off, pinned, direct, marked, keep_media, keep_polls, data } => {
            let app = open(config, &data).await?;
            let account_id = find(&app, &name).await?.id;
            let rule = days.map(|days| ExpiryRule {
                account_id,
                days,
                keep_pinned: !pinned,
                keep_direct: !direct,
                keep_media,
                keep_polls,
                keep_marked: !marked,
            });
            expire(&app, &name, account_id, rule, off).await?;
            app.store.close().await;
        }
        Has::Export { name, what, data } => {
            let app = open(config, &data).await?;
            let account = find(&app, &name).await?;
            let table = app::portability::export(&app, account.id, what.into()).await?;
            say(table.trim_end_matches('\n'));
            app.store.close().await;
        }
        Has::Import { name, what, file, data } => {
            let text = read_table(&file)?;
            let app = open(config, &data).await?;
            let account = find(&app, &name).await?;
            let done = app::portability::import(&app, account.id, what.into(), &text).await?;
            app.store.close().await;
            for (line, why) in &done.wrong {
                say_error(&anyhow::anyhow!("line {line}: {why}"));
            }
            say(&format!("{} lines are taken over while the server runs", done.queued));
            if !done.wrong.is_empty() {
                bail!("{} lines could not be read; the others were taken", done.wrong.len());
            }
        }
    }
    Ok(())
}

async fn expire(
    app: &App,
    name: &str,
    account: domain::AccountId,
    rule: Option<ExpiryRule>,
    off: bool,
) -> anyhow::Result<()> {
    if off {
        app::statuses::end_expiry(app, account).await?;
    }
    if let Some(rule) = rule {
        app::statuses::set_expiry(app, rule).await?;
    }
    match app::statuses::expiry(app, account).await? {
        None => say(&format!("posts of @{name} are kept")),
        Some(rule) => say(&format!("posts of @{name} go after {} days", rule.days)),
    }
    Ok(())
}

fn read_table(file: &std::path::Path) -> anyhow::Result<String> {
    let text = if file.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(file)
    };
    text.with_context(|| format!("{} cannot be read as text", file.display()))
}
