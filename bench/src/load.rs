//! Drives a running server for a while and prints one row of the table.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use crate::client::Client;
use crate::process::{cpu_ticks, percentile, resident};

/// `load`
#[derive(Debug, Args)]
pub struct Arguments {
    /// The server, on loopback.
    #[arg(long)]
    address: SocketAddr,
    /// A bearer token.
    #[arg(long)]
    token: String,
    /// What to ask for.
    #[arg(long, value_enum)]
    what: What,
    /// Requests under way at once.
    #[arg(long, default_value_t = 16)]
    concurrency: usize,
    /// For how long, at most 120.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// The server's process, to read its CPU time and memory.
    #[arg(long)]
    pid: Option<u32>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// The home timeline, 20 statuses.
    Home,
    /// The public timeline, 20 statuses.
    Public,
    /// A new status each.
    Post,
}

/// Runs the load and prints the row.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let seconds = Duration::from_secs(arguments.seconds.min(120));
    let mut warm = Client::connect(arguments.address, &arguments.token).await?;
    for number in 0..20 {
        once(&mut warm, arguments.what, number).await?;
    }
    check_page(&warm, arguments.what)?;
    let before = arguments.pid.and_then(cpu_ticks);
    let start = Instant::now();
    let mut workers = Vec::new();
    for worker in 0..arguments.concurrency {
        let mut client = Client::connect(arguments.address, &arguments.token).await?;
        let what = arguments.what;
        workers.push(tokio::spawn(async move {
            let mut times = Vec::new();
            while start.elapsed() < seconds {
                let began = Instant::now();
                once(&mut client, what, worker * 1_000_000 + times.len()).await?;
                times.push(began.elapsed());
            }
            anyhow::Ok(times)
        }));
    }
    let mut times = Vec::new();
    for worker in workers {
        times.extend(worker.await??);
    }
    let elapsed = start.elapsed();
    let cpu = arguments.pid.and_then(cpu_ticks).zip(before).map(|(after, before)| after - before);
    times.sort();
    report(&arguments, &times, elapsed, cpu)
}

async fn once(client: &mut Client, what: What, number: usize) -> anyhow::Result<()> {
    let (status, _) = match what {
        What::Home => client.request("GET", "/api/v1/timelines/home?limit=20", "").await?,
        What::Public => client.request("GET", "/api/v1/timelines/public?limit=20", "").await?,
        What::Post => {
            let form =
                format!("status=Status+number+{number}+of+a+load+test+with+%23tag{}", number % 50);
            client.request("POST", "/api/v1/statuses", &form).await?
        }
    };
    anyhow::ensure!(status == 200, "the server answered {status}");
    Ok(())
}

/// A page that shows nothing costs nothing: what is measured must be full.
fn check_page(client: &Client, what: What) -> anyhow::Result<()> {
    let shown = String::from_utf8_lossy(client.body()).matches("\"in_reply_to_id\"").count();
    match what {
        What::Home | What::Public => {
            anyhow::ensure!(shown >= 20, "the page shows {shown} statuses")
        }
        What::Post => {}
    }
    Ok(())
}

fn report(
    arguments: &Arguments,
    times: &[Duration],
    elapsed: Duration,
    cpu: Option<u64>,
) -> anyhow::Result<()> {
    use std::io::Write;
    #[expect(clippy::cast_precision_loss, reason = "counts of requests")]
    let count = times.len() as f64;
    #[expect(clippy::cast_precision_loss, reason = "counts of ticks")]
    let micros = cpu
        .map_or_else(|| "–".to_owned(), |ticks| format!("{:.0}", ticks as f64 * 10_000.0 / count));
    let memory = arguments.pid.and_then(resident).map_or_else(
        || "–".to_owned(),
        |(all, own)| format!("{:.1} ({:.1})", all as f64 / 1024.0, own as f64 / 1024.0),
    );
    writeln!(
        std::io::stdout(),
        "| {:?} c={} | {:.0} | {:.2} | {:.2} | {} | {} |",
        arguments.what,
        arguments.concurrency,
        count / elapsed.as_secs_f64(),
        percentile(times, 0.5),
        percentile(times, 0.99),
        micros,
        memory
    )?;
    Ok(())
}
