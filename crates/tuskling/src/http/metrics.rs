//! `GET /metrics` on its own loopback listener: Prometheus text.

use std::fmt::Write as _;
use std::sync::Arc;

use app::App;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use domain::Timestamp;
use domain::time::SECOND;

/// The router of the metrics listener.
pub fn router(app: Arc<App>) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state(app)
}

async fn metrics(State(app): State<Arc<App>>) -> String {
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, value: i64| {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
    };
    let streams = i64::try_from(app.hub.len()).unwrap_or(i64::MAX);
    gauge("tuskling_streams", "Streaming clients of this process.", streams);
    let of = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let (delivered, failed) = (of(app.deliveries.delivered()), of(app.deliveries.failed()));
    gauge("tuskling_delivered", "Deliveries of this process that arrived.", delivered);
    gauge("tuskling_delivery_failures", "Tries of this process that failed.", failed);
    if let Some(report) = app.backups.report() {
        let now = app.now();
        let age = |at: Timestamp| now.since(at).max(0) / SECOND;
        if let Some(at) = report.saved_at {
            let help = "Since the data were last known to be saved, in seconds.";
            gauge("tuskling_backup_age_seconds", help, age(at));
        }
        if let Some(proof) = &report.proof {
            let help = "Since a restore on trial last stood the check, in seconds.";
            gauge("tuskling_backup_proof_age_seconds", help, age(proof.at));
        }
        if let Some(at) = report.capsule_at {
            let help = "Since the identity capsule was last written, in seconds.";
            gauge("tuskling_backup_capsule_age_seconds", help, age(at));
        }
        let help = "The last backup or restore on trial failed.";
        gauge("tuskling_backup_failed", help, report.failure.is_some().into());
    }
    match app::health::figures(&app).await {
        Ok(figures) => {
            gauge("tuskling_up", "The database answers.", 1);
            gauge("tuskling_jobs", "Jobs waiting or running.", figures.jobs);
            gauge("tuskling_jobs_set_aside", "Jobs that failed for good.", figures.set_aside);
            gauge("tuskling_users", "Users of this server.", figures.users);
            gauge("tuskling_users_month", "Users seen within 30 days.", figures.users_month);
            gauge("tuskling_deliveries", "Deliveries that wait.", figures.deliveries);
            let oldest = figures.oldest_delivery;
            gauge("tuskling_delivery_oldest_seconds", "Age of the oldest that waits.", oldest);
            gauge("tuskling_statuses_local", "Statuses made here.", figures.statuses);
            let help = "Bytes of other servers' files in the cache.";
            gauge("tuskling_remote_files_bytes", help, figures.cached_bytes);
        }
        Err(_) => gauge("tuskling_up", "The database answers.", 0),
    }
    text
}
