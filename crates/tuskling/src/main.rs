//! The tuskling binary: the only place that wires the rooms together.
//!
//! Results go to stdout, logs to stderr; exit 0 is done, 1 failed, 2 wrong usage.

mod cli;
mod commands;
mod context;
mod host;
mod http;
mod logs;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    // Decoding happens in this same program, started anew with limits on itself: before any thread.
    if std::env::args_os().nth(1).is_some_and(|word| word == "media-child") {
        return media::child::main();
    }
    let arguments = cli::Cli::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            commands::say_error(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: cli::Cli) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(commands::run(arguments));
    // Whatever still hangs (a name look-up, say) does not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    result
}
