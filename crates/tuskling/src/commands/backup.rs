//! `tuskling backup run|list|verify|prune`: works on the data, whether `serve` runs or not.

use std::path::Path;

use ::backup::snapshot::Outcome;
use ::backup::{Local, Pruned, Setup, Snapshot, State, capsule, verify};
use blob::Asked;
use domain::Timestamp;
use serde_json::json;

use crate::cli::{Backup, Data};
use crate::commands::backup_cost::Cost;
use crate::commands::say;
use crate::context;

/// Runs the verb.
///
/// # Errors
/// In words for the person at the terminal.
pub async fn run(
    mut config: config::Config,
    verb: Backup,
    file: Option<&Path>,
) -> anyhow::Result<()> {
    let data = match &verb {
        Backup::Run { data, .. }
        | Backup::List { data, .. }
        | Backup::Verify { data, .. }
        | Backup::Capsule { data, .. }
        | Backup::Prune { data, .. } => data.clone(),
    };
    apply(&mut config, &data);
    let setup = context::backup_setup(&config, file)?;
    match verb {
        Backup::Run { if_changed, .. } => make(&config, &setup, if_changed).await,
        Backup::List { json, .. } => list(setup, json).await,
        Backup::Verify { scratch, .. } => {
            let proof = verify::run(&setup, scratch, &context::key_check()).await?;
            say(&format!(
                "Snapshot {} of {} came back whole: {} files, {} rows.",
                short(&proof.id),
                Timestamp(proof.made_at).rfc3339(),
                proof.files,
                proof.rows
            ));
            Ok(())
        }
        Backup::Capsule { output, .. } => seal(&config, &setup, output.as_deref()).await,
        Backup::Prune { dry_run, json, .. } => prune(setup, dry_run, json).await,
    }
}

fn apply(config: &mut config::Config, data: &Data) {
    context::apply_data(config, data);
}

async fn make(config: &config::Config, setup: &Setup, only_changed: bool) -> anyhow::Result<()> {
    // Before the database: who has no place for backups need not have one.
    setup.config.place()?;
    setup.config.password()?;
    let store = context::open_store(config).await?;
    let outcome = ::backup::snapshot::run(setup, &store, only_changed).await;
    store.close().await;
    match outcome? {
        Outcome::Unchanged => say("Nothing has changed since the last snapshot."),
        Outcome::Made(saved) => {
            say(&format!(
                "Snapshot {}: {} files with {}, {} written.",
                short(&saved.snapshot.id),
                saved.snapshot.files,
                size(saved.snapshot.bytes),
                size(saved.written)
            ));
            if let Some(cost) = Cost::of(&setup.config, saved.asked, None) {
                say(&cost.words());
            }
        }
    }
    Ok(())
}

async fn seal(config: &config::Config, setup: &Setup, output: Option<&Path>) -> anyhow::Result<()> {
    setup.config.password()?;
    let store = context::open_store(config).await?;
    let sealed = capsule::write(setup, &store, output).await;
    store.close().await;
    say(&format!("The identity capsule is written: {}.", size(sealed?.bytes)));
    Ok(())
}

async fn list(setup: Setup, as_json: bool) -> anyhow::Result<()> {
    let state = ::backup::state(&setup.data);
    let config = setup.config.clone();
    let (snapshots, damaged, stored) = in_background(move || {
        let local = Local::take(&setup.data)?;
        let repo = setup.open(&local)?;
        let (snapshots, damaged) = repo.snapshots()?;
        Ok((snapshots, damaged, repo.stored()?))
    })
    .await?;
    let asked =
        state.snapshot.as_ref().map(|made| Asked { writes: made.writes, reads: made.reads });
    let cost = Cost::of(&config, asked.unwrap_or_default(), Some(stored));
    for what in &damaged {
        tracing::warn!("{what}");
    }
    if as_json {
        let mut value = as_value(&snapshots, &damaged, &state);
        value["stored_bytes"] = stored.into();
        value["cost"] = cost.map_or(serde_json::Value::Null, |cost| cost.as_value());
        say(&serde_json::to_string_pretty(&value)?);
    } else {
        for snapshot in &snapshots {
            say(&format!(
                "{}  {}  {:>10}  added {:>10}  {}",
                short(&snapshot.id),
                snapshot.made_at.rfc3339(),
                size(snapshot.bytes),
                size(snapshot.added),
                snapshot.host
            ));
        }
        match &state.proof {
            Some(proof) => say(&format!(
                "Last proved restore: {} on {}.",
                short(&proof.id),
                Timestamp(proof.at).rfc3339()
            )),
            None => say("No restore was proved yet: tuskling backup verify"),
        }
        say(&format!("The repository takes {}.", size(stored)));
        if let Some(cost) = &cost {
            say(&cost.words());
        }
    }
    Ok(())
}

fn as_value(snapshots: &[Snapshot], damaged: &[String], state: &State) -> serde_json::Value {
    let list: Vec<_> = snapshots
        .iter()
        .map(|snapshot| {
            json!({
                "id": snapshot.id,
                "made_at": snapshot.made_at.rfc3339(),
                "host": snapshot.host,
                "files": snapshot.files,
                "bytes": snapshot.bytes,
                "added": snapshot.added,
            })
        })
        .collect();
    let proof = state.proof.as_ref().map(|proof| {
        json!({ "id": proof.id, "proved_at": Timestamp(proof.at).rfc3339(), "rows": proof.rows, "files": proof.files })
    });
    let failure = state
        .failure
        .as_ref()
        .map(|failure| json!({ "at": Timestamp(failure.at).rfc3339(), "what": failure.what }));
    json!({ "snapshots": list, "damaged": damaged, "last_proof": proof, "last_failure": failure })
}

async fn prune(setup: Setup, only_say: bool, as_json: bool) -> anyhow::Result<()> {
    let pruned = in_background(move || ::backup::prune::run(&setup, only_say)).await?;
    if as_json {
        let Pruned { kept, removed, marked, freed } = &pruned;
        let value = json!({ "kept": kept, "removed": removed, "marked": marked, "freed": freed });
        say(&serde_json::to_string_pretty(&value)?);
        return Ok(());
    }
    let (verb, tense) = if only_say { ("would go", "would be") } else { ("went", "are") };
    say(&format!("{} snapshots {verb}, {} stay.", pruned.removed.len(), pruned.kept.len()));
    say(&format!(
        "{} {tense} freed now; {} are needed by nobody and go with a run a day from now.",
        size(pruned.freed),
        size(pruned.marked)
    ));
    Ok(())
}

async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> ::backup::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    Ok(tokio::task::spawn_blocking(work).await??)
}

/// As much of an id as people type.
pub fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// Bytes for people.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let mut rest = bytes;
    let mut unit = "bytes";
    let mut tenths = 0;
    for next in UNITS {
        if rest < 1024 {
            break;
        }
        tenths = rest % 1024 * 10 / 1024;
        rest /= 1024;
        unit = next;
    }
    if unit == "bytes" { format!("{rest} bytes") } else { format!("{rest}.{tenths} {unit}") }
}
