//! One status to many inboxes: how long until the last has it, against the time that the
//! signatures alone take on the same cores, and the requests alone.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use activitypub::MEDIA_TYPE;
use activitypub::sign::{Scheme, SigningKey, new_key};
use clap::Args;
use http::HeaderMap;
use tokio::time::timeout;
use url::Url;

use super::sink::Sink;
use super::{follower, now};
use crate::client::Client;
use crate::process::{cpu_ticks, resident};

/// `deliver`
#[derive(Debug, Args)]
pub struct Arguments {
    /// The server, on loopback.
    #[arg(long)]
    address: SocketAddr,
    /// A bearer token of the reader.
    #[arg(long)]
    token: String,
    /// As in `peers`.
    #[arg(long, default_value_t = 1_000)]
    inboxes: u16,
    /// As in `peers`.
    #[arg(long, default_value_t = 19_500)]
    port: u16,
    /// The server's process, to read its CPU time and memory.
    #[arg(long)]
    pid: u32,
    /// Statuses, one after the other.
    #[arg(long, default_value_t = 6)]
    rounds: usize,
}

/// Bytes of an activity, about.
const BODY: usize = 2_000;
/// How long a round may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Posts the statuses and prints a row each.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let sink = Sink::start(arguments.inboxes, arguments.port).await?;
    let mut client = Client::connect(arguments.address, &arguments.token).await?;
    let mut out = std::io::stdout();
    for round in 1..=arguments.rounds {
        // Beside every round: other work on the machine slows both.
        let alone = signatures(&arguments).await?;
        let bare = requests(&arguments).await?;
        let (had, ticks) = (sink.count(), cpu_ticks(arguments.pid).unwrap_or(0));
        let form = format!("status=Status+number+{round}+for+everybody");
        let start = Instant::now();
        let (status, _) = client.request("POST", "/api/v1/statuses", &form).await?;
        anyhow::ensure!(status == 200, "the server answered {status}");
        let all = sink.wait_for(had + usize::from(arguments.inboxes));
        let in_time = timeout(PATIENCE, all).await;
        anyhow::ensure!(in_time.is_ok(), "only {} arrived", sink.count() - had);
        let wall = start.elapsed();
        let used = cpu_ticks(arguments.pid).unwrap_or(0).saturating_sub(ticks);
        #[expect(clippy::cast_precision_loss, reason = "ticks and KiB")]
        let (used, memory) = (
            used as f64 / 100.0,
            resident(arguments.pid).map_or(0.0, |(all, _)| all as f64 / 1024.0),
        );
        writeln!(
            out,
            "| {round} | {:.0} | {:.0} | {:.0} | {:.2} | {:.2} | {used:.2} | {memory:.1} |",
            alone.as_secs_f64() * 1_000.0,
            bare.as_secs_f64() * 1_000.0,
            wall.as_secs_f64() * 1_000.0,
            wall.as_secs_f64() / alone.as_secs_f64(),
            wall.as_secs_f64() / (alone + bare).as_secs_f64(),
        )?;
        // What follows a delivery is written before the next begins.
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(())
}

/// How long the signatures of one round take, all cores at work.
async fn signatures(arguments: &Arguments) -> anyhow::Result<Duration> {
    let new = tokio::task::spawn_blocking(new_key).await??;
    let key_id = "http://localhost/users/1#main-key".to_owned();
    let key = Arc::new(SigningKey::from_pkcs8(key_id, &new.private)?);
    let body = Arc::new(vec![b'x'; BODY]);
    let port = arguments.port;
    on_all_cores(arguments.inboxes, move |number| {
        let url = Url::parse(&format!("http://{}/inbox", follower(number, port).1))?;
        let extra = HeaderMap::new();
        let headers = key.sign_post(&url, MEDIA_TYPE, &body, &extra, Scheme::Cavage, now());
        std::hint::black_box(headers);
        Ok(())
    })
    .await
}

/// How long the requests of one round take, made by as little as can make them: what the kernel and the inboxes do
/// for each, whoever asks.
async fn requests(arguments: &Arguments) -> anyhow::Result<Duration> {
    let port = arguments.port;
    // About the headers of a signed request.
    let padding = "x".repeat(600);
    let head =
        format!("POST /inbox HTTP/1.1\r\nsignature: {padding}\r\ncontent-length: {BODY}\r\n\r\n");
    let request = Arc::new([head.as_bytes(), &[b'x'; BODY]].concat());
    on_all_cores(arguments.inboxes, move |number| {
        let mut stream = TcpStream::connect((follower(number, port).0, port))?;
        stream.set_nodelay(true)?;
        stream.write_all(&request)?;
        anyhow::ensure!(stream.read(&mut [0; 1_024])? > 0, "an inbox did not answer");
        Ok(())
    })
    .await
}

/// Runs `work` for every inbox, all cores at it.
async fn on_all_cores(
    inboxes: u16,
    work: impl Fn(u16) -> anyhow::Result<()> + Clone + Send + 'static,
) -> anyhow::Result<Duration> {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let start = Instant::now();
    let mut tasks = Vec::new();
    for core in 0..cores {
        let work = work.clone();
        tasks.push(tokio::task::spawn_blocking(move || {
            (1..=inboxes).filter(|number| usize::from(*number) % cores == core).try_for_each(work)
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(start.elapsed())
}
