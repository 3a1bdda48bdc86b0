//! Measures a release build from outside: `seed` fills a database, `load` drives a running server
//! over loopback and reports latencies, throughput, CPU a request and memory; `federation` plays the
//! servers that it delivers to and hears from. `make bench` runs all on each engine; the last table is in `bench/README.md`.

mod client;
mod federation;
mod load;
mod process;
mod seed;

use clap::Parser;

/// Fill a database, or load a server.
#[derive(Debug, Parser)]
enum Command {
    /// Fill a fresh database: accounts, statuses, one reader who follows many.
    Seed(seed::Arguments),
    /// Load a running server on loopback.
    Load(load::Arguments),
    /// Put servers on loopback into a database: some follow the reader, some are followed.
    Peers(federation::peers::Arguments),
    /// Let a running server deliver one status to all that follow its reader.
    Deliver(federation::deliver::Arguments),
    /// Send a running server signed activities.
    Receive(federation::receive::Arguments),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Command::parse() {
        Command::Seed(arguments) => seed::run(arguments).await,
        Command::Load(arguments) => load::run(arguments).await,
        Command::Peers(arguments) => federation::peers::run(arguments).await,
        Command::Deliver(arguments) => federation::deliver::run(arguments).await,
        Command::Receive(arguments) => federation::receive::run(arguments).await,
    }
}
