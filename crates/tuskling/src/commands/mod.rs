//! One module a verb.

mod account;
mod account_has;
mod announcement;
mod backup;
mod backup_cost;
mod config;
mod db;
mod delivery;
pub mod deploy;
mod doctor;
mod domain;
mod edge;
mod edge_acme;
pub mod edge_nat;
mod emoji;
mod invite;
mod reload;
mod restore;
mod restore_capsule;
pub mod schedule;
mod serve;
mod token;

use std::io::Write;

use crate::cli::{Cli, Edge, Verb};
use crate::{context, logs};
use reload::Reload;

/// Does what the command line says.
///
/// # Errors
/// Whatever went wrong, in words for the person at the terminal.
pub async fn run(cli: Cli) -> anyhow::Result<()> {
    if let Verb::Config(verb) = &cli.verb {
        return config::run(verb, cli.config.as_deref());
    }
    // Before any configuration: it runs early at boot, where flags or two variables are enough.
    if let Verb::Edge { verb: Some(Edge::Nat(verb)) } = cli.verb {
        return edge_nat::run(verb, cli.config.as_deref()).await;
    }
    if let Verb::Doctor(arguments) = &cli.verb {
        return doctor::run(cli.config.as_deref(), cli.log_json, arguments).await;
    }
    let config = context::load_config(cli.config.as_deref())?;
    let level = logs::start(&config.log, cli.log_json)?;
    match cli.verb {
        Verb::Serve(arguments) => {
            let reload = Reload { file: cli.config, loaded: config.clone(), level };
            serve::run(config, arguments, reload).await
        }
        Verb::Edge { verb } => {
            let reload = Reload { file: cli.config, loaded: config.clone(), level };
            edge::run(config, verb, reload).await
        }
        Verb::Account(verb) => account::run(config, verb).await,
        Verb::Token(verb) => token::run(config, verb).await,
        Verb::Invite(verb) => invite::run(config, verb).await,
        Verb::Domain(verb) => domain::run(config, verb).await,
        Verb::Announcement(verb) => announcement::run(config, verb).await,
        Verb::Emoji(verb) => emoji::run(config, verb).await,
        Verb::Delivery(verb) => delivery::run(config, verb).await,
        Verb::Db(verb) => db::run(verb).await,
        Verb::Backup(verb) => backup::run(config, verb, cli.config.as_deref()).await,
        Verb::Restore(arguments) => restore::run(config, arguments).await,
        Verb::Deploy(verb) => deploy::run(&config, verb, cli.config.as_deref()),
        Verb::Config(_) | Verb::Doctor(_) => Ok(()),
    }
}

/// A line of result on stdout. A reader that has gone away (`| head`) is not an error.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The end of a failed command, on stderr.
pub fn say_error(error: &anyhow::Error) {
    let _ = writeln!(std::io::stderr(), "tuskling: {error:#}");
}
