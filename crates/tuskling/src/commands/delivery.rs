//! `tuskling delivery status|retry|list`: works on the data, whether `serve` runs or not.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use app::delivery::{self, Sent, State};
use app::{App, AppError};
use domain::{StatusId, Timestamp};
use serde_json::json;

use crate::cli::{Data, Delivery};
use crate::commands::say;
use crate::context;

/// Runs the verb.
///
/// # Errors
/// In words for the person at the terminal.
pub async fn run(config: config::Config, verb: Delivery) -> anyhow::Result<()> {
    match verb {
        Delivery::Status { id, json, data } => {
            let app = open(config, &data).await?;
            status(&app, StatusId(id), json).await?;
            app.store.close().await;
        }
        Delivery::Retry { id, data } => {
            let app = open(config, &data).await?;
            let count = delivery::retry_any(&app, StatusId(id)).await.map_err(unknown)?;
            app.store.close().await;
            say(&format!("{count} are tried again as soon as the server runs."));
        }
        Delivery::List { json, data } => {
            let app = open(config, &data).await?;
            list(&app, json).await?;
            app.store.close().await;
        }
    }
    Ok(())
}

async fn open(mut config: config::Config, data: &Data) -> anyhow::Result<Arc<App>> {
    context::apply_data(&mut config, data);
    context::open_for_command(config).await
}

fn unknown(error: AppError) -> anyhow::Error {
    match error {
        AppError::NotFound => anyhow::anyhow!("there is no such status here"),
        error => error.into(),
    }
}

async fn status(app: &App, id: StatusId, json: bool) -> anyhow::Result<()> {
    let receipts = delivery::receipts_of_any(app, id).await.map_err(unknown)?;
    if json {
        let list: Vec<_> = receipts.iter().map(as_json).collect();
        say(&serde_json::to_string_pretty(&list).context("the list cannot be written")?);
        return Ok(());
    }
    if receipts.is_empty() {
        bail!("nothing was sent about it within two weeks");
    }
    for sent in &receipts {
        let (state, at) = match sent.state {
            State::Waiting => ("waits until", Some(sent.next_try_at)),
            State::Delivered => ("delivered", sent.finished_at),
            State::GivenUp => ("given up", sent.finished_at),
        };
        let at = at.map(Timestamp::rfc3339).unwrap_or_default();
        let reason = sent.reason.as_deref().unwrap_or_default();
        say(&format!("{:<40} {state:<11} {at}  {reason}", sent.host));
    }
    Ok(())
}

fn as_json(sent: &Sent) -> serde_json::Value {
    json!({
        "host": sent.host,
        "inbox": sent.inbox,
        "state": match sent.state {
            State::Waiting => "waiting",
            State::Delivered => "delivered",
            State::GivenUp => "given_up",
        },
        "attempts": sent.attempts,
        "created_at": sent.created_at.rfc3339(),
        "next_try_at": (sent.state == State::Waiting).then(|| sent.next_try_at.rfc3339()),
        "finished_at": sent.finished_at.map(Timestamp::rfc3339),
        "reason": sent.reason,
    })
}

async fn list(app: &App, json: bool) -> anyhow::Result<()> {
    let hosts = delivery::waiting_hosts(app).await?;
    if json {
        let list: Vec<_> = hosts
            .iter()
            .map(|host| {
                json!({
                    "host": host.host,
                    "waiting": host.waiting,
                    "since": host.since.rfc3339(),
                    "next_try_at": host.next_try_at.rfc3339(),
                    "unreachable_since": host.unreachable_since.map(Timestamp::rfc3339),
                    "reason": host.reason,
                })
            })
            .collect();
        say(&serde_json::to_string_pretty(&list)?);
        return Ok(());
    }
    for host in hosts {
        let reason = host.reason.as_deref().unwrap_or_default();
        let next = host.next_try_at.rfc3339();
        say(&format!("{:<40} {:>7} wait, next {next}  {reason}", host.host, host.waiting));
    }
    Ok(())
}
