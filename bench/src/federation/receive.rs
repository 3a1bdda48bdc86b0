//! Many servers send signed statuses at once: how many a second are taken and fully processed, and
//! how the API answers meanwhile.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use activitypub::MEDIA_TYPE;
use activitypub::sign::{Scheme, SigningKey};
use anyhow::Context;
use clap::Args;
use http::HeaderMap;
use serde_json::json;
use url::Url;

use super::{now, sender};
use crate::client::Client;
use crate::process::{cpu_ticks, percentile, resident};

/// `receive`
#[derive(Debug, Args)]
pub struct Arguments {
    /// The server, on loopback; it must be known as `localhost` with this port.
    #[arg(long)]
    address: SocketAddr,
    /// Its metrics.
    #[arg(long)]
    metrics: SocketAddr,
    /// A bearer token of the reader.
    #[arg(long)]
    token: String,
    /// As in `peers`.
    #[arg(long, default_value_t = 19_500)]
    port: u16,
    /// The keys that `peers` wrote, one a host.
    #[arg(long)]
    keys: PathBuf,
    /// Statuses of each host.
    #[arg(long, default_value_t = 200)]
    each: usize,
    /// The server's process, to read its CPU time and memory.
    #[arg(long)]
    pid: u32,
}

/// Between two requests of the API client.
const PACE: Duration = Duration::from_millis(20);
/// How long everything may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// Signs everything beforehand, sends it, and prints a row.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let batches = signed(&arguments).await?;
    let mut metrics = Client::connect(arguments.metrics, &arguments.token).await?;
    // the jobs of the house that recur wait at any time
    let before = waiting(&mut metrics).await?;
    let count = batches.iter().map(Vec::len).sum::<usize>();
    let stop = Arc::new(AtomicBool::new(false));
    let api = tokio::spawn(visit(arguments.address, arguments.token.clone(), stop.clone()));
    let ticks = cpu_ticks(arguments.pid).unwrap_or(0);
    let start = Instant::now();
    let mut tasks = Vec::new();
    for batch in batches {
        let mut client = Client::connect(arguments.address, &arguments.token).await?;
        tasks.push(tokio::spawn(async move {
            for request in batch {
                let (status, _) = client.exchange(&request).await?;
                anyhow::ensure!(status == 202, "an inbox answered {status}");
            }
            anyhow::Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    let accepted = start.elapsed();
    let mut memory = resident(arguments.pid).map_or(0, |(all, _)| all);
    while waiting(&mut metrics).await? > before {
        anyhow::ensure!(start.elapsed() < PATIENCE, "it was not processed in time");
        memory = memory.max(resident(arguments.pid).map_or(0, |(all, _)| all));
        tokio::time::sleep(PACE).await;
    }
    let processed = start.elapsed();
    stop.store(true, Ordering::Relaxed);
    let mut times = api.await??;
    times.sort();
    let used = cpu_ticks(arguments.pid).unwrap_or(0).saturating_sub(ticks);
    #[expect(clippy::cast_precision_loss, reason = "counts, ticks and KiB")]
    let (count, used, memory) = (count as f64, used as f64, memory as f64 / 1024.0);
    writeln!(
        std::io::stdout(),
        "| {count:.0} | {:.0} | {:.0} | {:.0} | {:.1} | {:.1} | {memory:.1} |",
        count / accepted.as_secs_f64(),
        count / processed.as_secs_f64(),
        used * 10_000.0 / count,
        percentile(&times, 0.5),
        percentile(&times, 0.95),
    )?;
    Ok(())
}

/// Jobs that wait or run.
async fn waiting(client: &mut Client) -> anyhow::Result<i64> {
    client.request("GET", "/metrics", "").await?;
    let text = String::from_utf8_lossy(client.body()).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("tuskling_jobs "));
    Ok(line.context("no such metric")?.trim().parse()?)
}

/// Reads the home timeline now and then, and says how long each took.
async fn visit(
    address: SocketAddr,
    token: String,
    stop: Arc<AtomicBool>,
) -> anyhow::Result<Vec<Duration>> {
    let mut client = Client::connect(address, &token).await?;
    let mut times = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let start = Instant::now();
        let (status, _) = client.request("GET", "/api/v1/timelines/home?limit=20", "").await?;
        anyhow::ensure!(status == 200, "the server answered {status}");
        times.push(start.elapsed());
        tokio::time::sleep(PACE).await;
    }
    Ok(times)
}

/// All requests of each host, written out.
async fn signed(arguments: &Arguments) -> anyhow::Result<Vec<Vec<Vec<u8>>>> {
    let text = std::fs::read_to_string(&arguments.keys)?;
    let target = Url::parse(&format!("http://localhost:{}/inbox", arguments.address.port()))?;
    let mut tasks = Vec::new();
    for (number, line) in (1_u16..).zip(text.lines()) {
        let host = sender(number, arguments.port);
        let private = hex::decode(line)?;
        let (target, each) = (target.clone(), arguments.each);
        tasks.push(tokio::task::spawn_blocking(move || {
            let key_id = format!("http://{host}/users/peer#main-key");
            let key = SigningKey::from_pkcs8(key_id, &private)?;
            anyhow::Ok((0..each).map(|at| request(&key, &host, &target, at)).collect())
        }));
    }
    let mut batches = Vec::new();
    for task in tasks {
        batches.push(task.await??);
    }
    Ok(batches)
}

/// A signed Create of a Note, as Mastodon writes it.
fn request(key: &SigningKey, host: &str, target: &Url, at: usize) -> Vec<u8> {
    let (now, actor) = (now(), format!("http://{host}/users/peer"));
    let id = format!("{actor}/statuses/{}{at:06}", now.0);
    let to = ["https://www.w3.org/ns/activitystreams#Public"];
    let cc = [format!("{actor}/followers")];
    let body = json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": format!("{id}/activity"),
        "type": "Create",
        "actor": actor,
        "published": now.rfc3339(),
        "to": to,
        "cc": cc,
        "object": {
            "id": id,
            "type": "Note",
            "summary": null,
            "inReplyTo": null,
            "published": now.rfc3339(),
            "url": format!("http://{host}/@peer/{}{at:06}", now.0),
            "attributedTo": actor,
            "to": to,
            "cc": cc,
            "sensitive": false,
            "content": format!("<p>Status {at} of a load test: some words of ordinary length, as people write \
                them, about nothing in particular.</p>"),
            "contentMap": { "en": "<p>The same.</p>" },
            "attachment": [],
            "tag": [],
        },
    })
    .to_string();
    let headers =
        key.sign_post(target, MEDIA_TYPE, body.as_bytes(), &HeaderMap::new(), Scheme::Cavage, now);
    let mut text = format!("POST {} HTTP/1.1\r\ncontent-length: {}\r\n", target.path(), body.len());
    for (name, value) in &headers {
        text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap_or_default()));
    }
    text.push_str("\r\n");
    text.push_str(&body);
    text.into_bytes()
}
