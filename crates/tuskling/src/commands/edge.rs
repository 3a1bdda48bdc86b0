//! `tuskling edge`: the proxy, until SIGTERM or SIGINT; `edge status`, `edge purge`, `edge secret`.

use std::net::SocketAddr;

use anyhow::Context as _;
use config::Config;
use domain::Random as _;
use edge::{Edge, EdgeStatus, Handle};
use tokio::signal::unix::{SignalKind, signal};

use crate::cli;
use crate::commands::reload::Reload;
use crate::commands::{edge_acme, edge_nat, say};
use crate::host::SystemRandom;

/// Runs the verb.
///
/// # Errors
/// When the edge cannot start or does not answer; the text says what to do.
pub async fn run(config: Config, verb: Option<cli::Edge>, reload: Reload) -> anyhow::Result<()> {
    match verb {
        None => proxy(config, reload).await,
        Some(cli::Edge::Status { json }) => status(&config, json).await,
        Some(cli::Edge::Purge { address, .. }) => purge(&config, address.as_deref()).await,
        Some(cli::Edge::Nat(verb)) => edge_nat::run(verb, reload.file.as_deref()).await,
        Some(cli::Edge::Secret) => {
            let mut bytes = [0; 32];
            SystemRandom.fill(&mut bytes);
            say(&net::link::Link::write_secret(bytes));
            Ok(())
        }
    }
}

async fn proxy(config: Config, reload: Reload) -> anyhow::Result<()> {
    config.validate()?;
    let edge = Edge::open(&config)?;
    let handle = edge.handle();
    let mut fetching = edge_acme::start(&config, &handle)?;
    for name in edge.names_without_certificate() {
        tracing::warn!(
            name,
            "there is no certificate for this name yet: its clients are refused until there is one"
        );
    }
    let addresses: Vec<String> = edge.addresses().iter().map(ToString::to_string).collect();
    say(&format!("The edge listens on {}.", addresses.join(", ")));
    let running = tokio::spawn(edge.run());
    wait_for_signal(&handle, &reload, &mut fetching).await?;
    tracing::info!("stopping: open requests may finish");
    handle.stop();
    running.await?;
    Ok(())
}

/// Waits for the order to stop. Reloads when that is the order.
async fn wait_for_signal(
    handle: &Handle,
    reload: &Reload,
    fetching: &mut Option<edge_acme::Fetching>,
) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    loop {
        tokio::select! {
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            _ = hangup.recv() => {
                let read = reload.take_over();
                let reloaded = read.and_then(|config| {
                    handle.reload(&config)?;
                    edge_acme::start(&config, handle)
                });
                match reloaded {
                    Ok(new) => {
                        *fetching = new; tracing::info!("the configuration and certificates were read again");
                    }
                    Err(error) => {
                        let error = format!("{error:#}");
                        tracing::error!(error, "the configuration was not reloaded");
                    }
                }
            }
        }
    }
}

async fn status(config: &Config, json: bool) -> anyhow::Result<()> {
    let status = edge::ask_status(listener(config)?).await?;
    if json {
        say(&serde_json::to_string_pretty(&status)?);
    } else {
        show(&status);
    }
    Ok(())
}

fn listener(config: &Config) -> anyhow::Result<SocketAddr> {
    config
        .edge
        .metrics
        .context("edge.metrics is not set, so the edge cannot be asked; set it and restart it")
}

async fn purge(config: &Config, address: Option<&str>) -> anyhow::Result<()> {
    let purged = edge::purge(listener(config)?, address).await?;
    let count = purged.context("this is no address of a cached answer; write https://HOST/PATH")?;
    say(&format!("{count} cached answers are gone."));
    Ok(())
}

fn show(status: &EdgeStatus) {
    say(&format!("Running for {} s.", status.uptime_seconds));
    for name in &status.names {
        let certificate = if name.has_certificate { "has a certificate" } else { "no certificate" };
        say(&format!("{}: {certificate}", name.name));
        if let Some(warning) = name.fetched.as_ref().and_then(|fetched| fetched.warning.as_ref()) {
            say(&format!("  {warning}"));
        }
    }
    if let Some(vault) = &status.vault {
        say(&format!("Certificates are kept in {} as well.", vault.location));
        if let Some(problem) = &vault.problem {
            say(&format!("  {} of them are not there yet: {problem}", vault.waiting));
        }
    }
    for origin in &status.origins {
        let state = if origin.is_ready { "ready" } else { "not ready" };
        say(&format!(
            "{}: {state}, {} connections, {} requests, {} failures",
            origin.address, origin.connections, origin.requests, origin.failures
        ));
    }
    if let Some(cache) = &status.cache {
        say(&format!(
            "Cached: {} answers ({} bytes); {} hits ({} of them old), {} asked for, {} shared; {} removed for room, {} deleted",
            cache.entries,
            cache.bytes,
            cache.hits,
            cache.stale,
            cache.misses,
            cache.collapsed,
            cache.evicted,
            cache.purged,
        ));
        if let Some(problem) = &cache.problem {
            say(&format!("  nothing can be cached: {problem}"));
        }
    }
    if let Some(spool) = &status.spool {
        say(&format!(
            "Deliveries kept: {} ({} bytes) of {} servers, the oldest for {} s; {} handed over, {} refused, {} too old, {} without room",
            spool.entries,
            spool.bytes,
            spool.senders,
            spool.oldest_seconds.unwrap_or(0),
            spool.replayed,
            spool.refused,
            spool.outdated,
            spool.turned_away,
        ));
        if let Some(problem) = &spool.problem {
            say(&format!("  nothing can be kept: {problem}"));
        }
    }
    say(&format!(
        "{} connections, {} WebSockets, {} requests, {} in progress",
        status.connections, status.websockets, status.requests, status.in_progress
    ));
}
