//! `tuskling backup`, `restore` and `db`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Data;

/// `tuskling db`
#[derive(Debug, Subcommand)]
pub enum Db {
    /// Copy everything into an empty database of either engine, and compare it row by row.
    Copy {
        /// sqlite:PATH or postgres://… No server may run on it meanwhile.
        #[arg(long, value_name = "URL")]
        from: String,
        /// sqlite:PATH or postgres://…, without any table.
        #[arg(long, value_name = "URL")]
        to: String,
    },
}

/// `tuskling backup`
#[derive(Debug, Subcommand)]
pub enum Backup {
    /// Make a snapshot now, whether serve runs or not.
    Run {
        /// Not when nothing was written since the last one.
        #[arg(long)]
        if_changed: bool,
        #[command(flatten)]
        data: Data,
    },
    /// List the snapshots.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Restore the newest snapshot on trial and check it.
    Verify {
        /// Where there is room for all of it for a while [default: in the data folder].
        #[arg(long, value_name = "DIR")]
        scratch: Option<PathBuf>,
        #[command(flatten)]
        data: Data,
    },
    /// Remove snapshots that are not to be kept, and what only they need. Needs the right to delete.
    Prune {
        /// Only say what would go.
        #[arg(long)]
        dry_run: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        data: Data,
    },
}

/// `tuskling restore`
#[derive(Debug, Args)]
pub struct Restore {
    /// Which snapshot: latest, or the beginning of its id.
    #[arg(long, value_name = "ID|latest", default_value = "latest", conflicts_with = "at")]
    pub snapshot: String,
    /// The newest snapshot that is not younger than this, like 2026-11-25T18:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Move aside what is in the folder already.
    #[arg(long)]
    pub force: bool,
    /// Send what was waiting for other servers when the backup was made, even if it may arrive twice.
    #[arg(long)]
    pub send_queued: bool,
    #[command(flatten)]
    pub data: Data,
}
