//! Measures a release build from outside: `seed` fills a database, `load` drives a running server
//! over loopback and reports latencies, throughput, CPU a request and memory. `make bench` runs
//! both on each engine; the last table is in `bench/README.md`.

mod client;
mod load;
mod seed;

use clap::Parser;

/// Fill a database, or load a server.
#[derive(Debug, Parser)]
enum Command {
    /// Fill a fresh database: accounts, statuses, one reader who follows many.
    Seed(seed::Arguments),
    /// Load a running server on loopback.
    Load(load::Arguments),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Command::parse() {
        Command::Seed(arguments) => seed::run(arguments).await,
        Command::Load(arguments) => load::run(arguments).await,
    }
}
