//! The backups of `serve`: every few minutes when something changed, a restore on trial every few days.
//!
//! Each is a process of its own, this same program with `backup run`: what it needs of memory goes back
//! with it, and nothing that happens to it reaches the server. Of several servers on one database one
//! does it, as long as it lives.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use app::App;
use app::backups::{Failure, Proof, Report};
use domain::Timestamp;
use domain::time::{DAY, MINUTE};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

/// The lock that says who does it, by a number that nothing else uses in the database.
const LEAD: i64 = 7_409;
/// How soon after the start it first looks: a restart must not cost the window.
const FIRST: Duration = Duration::from_secs(20);
/// The longest that one run may take before it is ended and tried again.
const LONGEST: Duration = Duration::from_secs(6 * 3600);

/// Runs until the server stops. Does nothing when no repository or no interval is set.
pub async fn run(app: Arc<App>, file: Option<PathBuf>, stop: CancellationToken) {
    let settings = &app.config.backup;
    if settings.repository.is_none() || settings.interval_minutes == 0 {
        if !app.urls.is_local {
            tracing::warn!("no backups are made: set backup.repository and backup.password");
        }
        return;
    }
    let interval = Duration::from_secs(settings.interval_minutes.saturating_mul(60));
    say_last(&app);
    let mut schedule = Schedule { app: app.clone(), file, tried_proof: None };
    let mut pause = FIRST.min(interval);
    let mut lead: Option<store::Lead> = None;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = interval;
        lead = match lead {
            Some(held) => held.is_held().await.then_some(held),
            None => app.store.lead(LEAD).await.unwrap_or(None),
        };
        if lead.is_none() {
            continue;
        }
        tokio::select! {
            // The child ends with its handle; what it had written is used by the next one.
            () = stop.cancelled() => return,
            () = schedule.turn() => {}
        }
    }
}

struct Schedule {
    app: Arc<App>,
    file: Option<PathBuf>,
    tried_proof: Option<Timestamp>,
}

impl Schedule {
    /// One look: a snapshot if something changed, a proof if it is time for one.
    async fn turn(&mut self) {
        if !self.child(&["run", "--if-changed"]).await {
            return;
        }
        let now = self.app.now();
        let state = backup::state(&self.app.config.server.data);
        let days = i64::try_from(self.app.config.backup.verify_days).unwrap_or(i64::MAX);
        if days == 0 || state.snapshot.is_none() {
            return;
        }
        let due = |at: Timestamp, after: i64| now.since(at) >= after;
        let is_old =
            state.proof.is_none_or(|proof| due(Timestamp(proof.at), days.saturating_mul(DAY)));
        // One that failed is tried again on the next day, not with every snapshot.
        if is_old && self.tried_proof.is_none_or(|at| due(at, DAY)) {
            self.tried_proof = Some(now);
            self.child(&["verify"]).await;
        }
    }

    /// Runs a verb of `tuskling backup` on the data of this server. True when it worked.
    async fn child(&self, verb: &[&str]) -> bool {
        let mut command = Command::new("/proc/self/exe");
        command.args(self.arguments(verb)).stdin(Stdio::null()).stdout(Stdio::null());
        command.kill_on_drop(true);
        // On the command line its password would be for everybody on the machine to read.
        if let Some(url) = &self.app.config.database.url {
            command.env("TUSKLING_DATABASE_URL", url);
        }
        let ended = async { command.spawn()?.wait().await };
        match tokio::time::timeout(LONGEST, ended).await {
            Ok(Ok(status)) if status.success() => true,
            Ok(Ok(status)) => {
                tracing::error!(%status, "a backup failed; its own lines above say why");
                false
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "a backup could not be started");
                false
            }
            Err(_) => {
                tracing::error!("a backup took too long and was ended");
                false
            }
        }
    }

    fn arguments(&self, verb: &[&str]) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = Vec::new();
        if let Some(file) = &self.file {
            arguments.extend(["--config".into(), file.into()]);
        }
        arguments.push("backup".into());
        arguments.extend(verb.iter().map(OsString::from));
        arguments.extend(["--data".into(), self.app.config.server.data.clone().into()]);
        arguments
    }
}

fn say_last(app: &App) {
    let now = app.now();
    let state = backup::state(&app.config.server.data);
    let ago = |at: i64| now.since(Timestamp(at)) / MINUTE;
    match (&state.snapshot, &state.proof) {
        (Some(made), Some(proof)) => tracing::info!(
            snapshot_minutes_ago = ago(state.unchanged_at.unwrap_or(made.at)),
            proved_restore_minutes_ago = ago(proof.at),
            "backups are made"
        ),
        (Some(_), None) => tracing::warn!("backups are made, but no restore was proved yet"),
        (None, _) => tracing::info!("the first backup is made soon"),
    }
}

/// Lets dashboard, admin API and `/metrics` know how the backups are. None where none are made.
pub fn report(config: &config::Config) -> Option<Report> {
    config.backup.repository.as_ref()?;
    let state = backup::state(&config.server.data);
    let failure =
        |failure: backup::Failure| Failure { at: Timestamp(failure.at), what: failure.what };
    let proof = |proof: backup::Proof| Proof {
        at: Timestamp(proof.at),
        rows: proof.rows,
        files: proof.files,
    };
    Some(Report {
        saved_at: state.snapshot.map(|made| Timestamp(state.unchanged_at.unwrap_or(made.at))),
        proof: state.proof.map(proof),
        failure: state.failure.map(failure),
        capsule_at: state.capsule.as_ref().and_then(|capsule| capsule.at).map(Timestamp),
        capsule_failure: state.capsule.and_then(|capsule| capsule.failure),
    })
}
