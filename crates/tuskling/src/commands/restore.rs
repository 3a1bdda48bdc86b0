//! `tuskling restore`: everything back from a backup, in one command that can be run again.

use std::path::PathBuf;

use ::backup::Setup;
use ::backup::restore::{self, CONFIG_FOLDER, Settled, Which};
use anyhow::Context as _;
use domain::Timestamp;

use crate::cli::Restore;
use crate::commands::backup::{short, size};
use crate::commands::{restore_capsule, say};
use crate::context;

/// Runs it.
///
/// # Errors
/// In words for the person at the terminal; what is whole is restored all the same.
pub async fn run(mut config: config::Config, arguments: Restore) -> anyhow::Result<()> {
    context::apply_data(&mut config, &arguments.data);
    let which = which(&arguments)?;
    let setup = context::backup_setup(&config, None)?;
    if let Some(file) = &arguments.capsule {
        return restore_capsule::run(&config, &setup, file, &arguments).await;
    }
    // Before the folder is made: a mistake in the settings leaves nothing behind.
    setup.config.place()?;
    setup.config.password()?;
    let is_new = !setup.data.exists();
    let brought = restore::bring(&setup, which, arguments.force).await;
    if brought.is_err() && is_new {
        leave_nothing_of(&setup);
    }
    let brought = brought?;
    restore::load_dump(&setup, &brought).await?;
    let store = context::open_as_it_is(&config).await?;
    let words = summary(&brought);
    let settled =
        restore::settle(&setup, &store, brought, &context::key_check(), arguments.send_queued)
            .await;
    store.close().await;
    say(&words);
    say_settled(&settled?, &setup.data);
    Ok(())
}

fn which(arguments: &Restore) -> anyhow::Result<Which> {
    if let Some(text) = &arguments.at {
        let time = Timestamp::parse(text).with_context(|| {
            format!("--at {text:?} is no time; write it like 2026-11-25T18:00:00Z")
        })?;
        return Ok(Which::At(time));
    }
    Ok(match arguments.snapshot.as_str() {
        "latest" => Which::Latest,
        id => Which::Id(id.to_ascii_lowercase()),
    })
}

/// A first try that got nowhere leaves no half-made folder, which the next one would stumble over.
pub fn leave_nothing_of(setup: &Setup) {
    let folder = setup.data.join(".backup");
    if ::backup::unfinished(&setup.data).is_none() {
        let _ = std::fs::remove_dir_all(folder);
        let _ = std::fs::remove_dir(&setup.data);
    }
}

fn summary(brought: &restore::Brought) -> String {
    format!(
        "Snapshot {} of {} is back: {} files with {} ({} fetched), {} rows in {} tables.",
        short(&brought.snapshot.id),
        brought.snapshot.made_at.rfc3339(),
        brought.restored.files,
        size(brought.restored.bytes),
        size(brought.restored.fetched),
        brought.manifest.all_rows(),
        brought.manifest.rows.len()
    )
}

fn say_settled(settled: &Settled, data: &std::path::Path) {
    say(&format!("Checked: all files by their hashes, all rows, {} keys sign.", settled.keys));
    let held = settled.held;
    if held.deliveries + held.mails + held.scheduled > 0 {
        say(&format!(
            "Not sent again, because it may have happened after the backup: {} deliveries, {} mails, {} scheduled posts that were due. `tuskling delivery list` and `retry` send by hand.",
            held.deliveries, held.mails, held.scheduled
        ));
    }
    let config: PathBuf = data.join(CONFIG_FOLDER);
    if config.exists() {
        say(&format!("The old settings and secrets are in {}.", config.display()));
    }
    say(&format!("Start it: tuskling serve --data {}", data.display()));
}
