//! `tuskling backup`, `restore`, `doctor` and `db`.

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

/// `tuskling doctor`
#[derive(Debug, Args)]
pub struct Doctor {
    /// As JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub data: Data,
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
    /// Write the identity capsule now: keys, accounts, who follows whom, settings and secrets.
    Capsule {
        /// A new file for it as well.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
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
    /// Make a server of an identity capsule alone: a file, or latest for the newest beside the backups.
    #[arg(long, value_name = "FILE|latest", conflicts_with_all = ["snapshot", "at", "send_queued"])]
    pub capsule: Option<PathBuf>,
    /// File with the private key (age-keygen makes it) that opens the capsule. Default: the password.
    #[arg(long, value_name = "FILE", requires = "capsule")]
    pub identity: Option<PathBuf>,
    /// Move aside what is in the folder already.
    #[arg(long)]
    pub force: bool,
    /// Send what was waiting for other servers when the backup was made, even if it may arrive twice.
    #[arg(long)]
    pub send_queued: bool,
    #[command(flatten)]
    pub data: Data,
}
