//! `tuskling account expire|export|import|archive|import-posts`: what an account has.

use std::io::Write;

use anyhow::{Context as _, bail};
use app::App;
use app::archive::{self, Brought, Import};
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
        Has::Archive { name, to, json, data } => {
            let app = open(config, &data).await?;
            let account = find(&app, &name).await?;
            let bytes = archive::write_to(&app, &account, &to, u64::MAX).await?;
            app.store.close().await;
            if json {
                let result = serde_json::json!({ "file": to, "bytes": bytes });
                say(&serde_json::to_string_pretty(&result)?);
            } else {
                say(&format!("everything of @{name} is in {} ({bytes} bytes)", to.display()));
            }
        }
        Has::ImportPosts { name, archive: file, dry_run, json, data } => {
            let app = open(config, &data).await?;
            let account = find(&app, &name).await?;
            let import = if dry_run { Import::DryRun } else { Import::Real };
            let done = archive::bring_posts(&app, &account, &file, import, &progress).await?;
            app.store.close().await;
            tell_brought(&name, import, &done, json)?;
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

/// A line on stderr now and then.
fn progress(done: &Brought) {
    let seen = done.posts + done.already + done.direct + done.others + done.wrong;
    if seen.is_multiple_of(100) {
        let line = format!("{seen} entries, {} posts, {} files", done.posts, done.media);
        let _ = writeln!(std::io::stderr(), "{line}");
    }
}

fn tell_brought(name: &str, import: Import, done: &Brought, json: bool) -> anyhow::Result<()> {
    if json {
        let result = serde_json::json!({
            "dry_run": import == Import::DryRun,
            "from": done.from,
            "posts": done.posts,
            "media": done.media,
            "already_there": done.already,
            "direct_messages_left_out": done.direct,
            "boosts_and_others_left_out": done.others,
            "media_missing": done.lost_media,
            "unreadable": done.wrong,
            "problems": done.problems,
        });
        say(&serde_json::to_string_pretty(&result)?);
    } else {
        done.problems.iter().for_each(|why| say_error(&anyhow::anyhow!("{why}")));
        let verb = if import == Import::DryRun { "would be brought" } else { "were brought" };
        say(&format!(
            "{} posts of {} {verb} to @{name}, with {} files",
            done.posts, done.from, done.media
        ));
        say(&format!(
            "{} were there before; left out: {} messages to single people, {} boosts and other things",
            done.already, done.direct, done.others
        ));
    }
    if done.wrong > 0 || done.lost_media > 0 {
        bail!(
            "{} entries and {} files could not be read; the others are there, and running it again brings nothing twice",
            done.wrong,
            done.lost_media
        );
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
