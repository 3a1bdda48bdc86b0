//! A job that ends its process, and jobs that do not end. The process is real: this test program, started anew.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use domain::{JobId, Timestamp};
use store::jobs::{self, Lane, Leased, New};
use store::{Location, Store};
use testkit::{ManualClock, Seeded, TestDatabase};
use tokio_util::sync::CancellationToken;

use super::super::Job;
use super::Worker;
use crate::{App, Parts};

/// The kind of the job that no process survives.
const FATAL: &str = "fatal";
/// The kind of the job that does not end.
const ENDLESS: &str = "endless";
/// Where the other process finds its database, and what time it is there.
const DATABASE: &str = "TUSKLING_TEST_WORKER_DATABASE";
const MINUTES: &str = "TUSKLING_TEST_WORKER_MINUTES";
/// Jobs that do no harm.
const GOOD: i64 = 100;

/// Called before each job is run.
pub(super) async fn interfere(leased: &Leased) {
    match leased.kind.as_str() {
        FATAL => std::process::abort(),
        ENDLESS => std::future::pending().await,
        _ => {}
    }
}

#[tokio::test]
async fn r09_hosts_that_do_not_answer_leave_places_to_others() {
    for database in [Some(TestDatabase::sqlite().await), TestDatabase::postgres().await] {
        let Some(database) = database else { continue };
        let folder = tempfile::tempdir().unwrap();
        let start = testkit::engines::START;
        let app = Arc::new(application(database.store.clone(), folder.path(), start));
        // More than there are places for one of them, another one, and behind them jobs that end.
        let slow = (0..20).map(|_| (ENDLESS, "slow.test")).chain([(ENDLESS, "other.test")]);
        let quick = (0..20).map(|_| ("mail_reset", "quick.test"));
        for (number, (kind, host)) in (1..).zip(slow.chain(quick)) {
            let new = New { kind, lane: Lane::Fetch, host: Some(host.into()), ..harmless(number) };
            app.write(move |conn| Box::pin(async move { jobs::insert(conn, &new, start).await }))
                .await
                .unwrap();
        }
        let stop = CancellationToken::new();
        let worker = tokio::spawn(Worker::new(app.clone(), stop.clone(), Lane::Fetch).run());
        let left = async || app.read(|conn| Box::pin(jobs::counts(conn))).await.unwrap().0;
        let patience = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while left().await > 21 {
            assert!(std::time::Instant::now() < patience, "the quick host's jobs wait");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        worker.abort();
        assert!(worker.await.unwrap_err().is_cancelled());
        database.remove().await;
    }
}

/// A job that does nothing.
fn harmless(number: i64) -> New {
    let job = Job::MailReset { email: "nobody@localhost".into() };
    New {
        id: JobId(number),
        kind: "mail_reset",
        payload: serde_json::to_string(&job).unwrap(),
        unique_key: None,
        run_at: testkit::engines::START,
        lane: Lane::Quick,
        host: None,
    }
}

#[tokio::test]
async fn r07_a_job_that_aborts_the_process_is_set_aside_after_three_times_and_hurts_no_other() {
    let mut databases = vec![TestDatabase::sqlite().await];
    databases.extend(TestDatabase::postgres().await);
    for database in databases {
        let store = database.store.clone();
        queue(&store).await;
        let mut deaths = 0;
        for run in 0..10 {
            // A worker that died left its leases: they end before the next one begins.
            if work(&database.location, run * 11) {
                break;
            }
            deaths += 1;
        }
        assert_eq!(deaths, 3);
        let counts = store.read(|conn| Box::pin(jobs::counts(conn))).await.unwrap();
        assert_eq!(counts, (1, 1), "all are done but the fatal one, which is set aside");
        database.remove().await;
    }
}

/// A hundred jobs, and in the midst of them the fatal one.
async fn queue(store: &Store) {
    store
        .write(move |conn| {
            Box::pin(async move {
                for number in 0..=GOOD {
                    let kind = if number == GOOD / 2 { FATAL } else { "mail_reset" };
                    let new = New { kind, ..harmless(number + 1) };
                    jobs::insert(conn, &new, testkit::engines::START).await?;
                }
                Ok::<_, store::StoreError>(())
            })
        })
        .await
        .unwrap();
}

/// Runs the worker in a process of its own; true when that ended by itself.
fn work(location: &Location, minutes: i64) -> bool {
    let database = match location {
        Location::Sqlite(path) => path.to_str().unwrap().to_owned(),
        Location::Postgres(url) => url.clone(),
    };
    let test = "jobs::worker::tests::the_other_process";
    let ended = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored"])
        .env(DATABASE, database)
        .env(MINUTES, minutes.to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(said.contains("running 1 test"), "{said}");
    ended.status.success()
}

#[tokio::test]
#[ignore = "the other process of r07"]
async fn the_other_process() {
    let database = std::env::var(DATABASE).unwrap();
    let minutes: i64 = std::env::var(MINUTES).unwrap().parse().unwrap();
    let location = match database.starts_with("postgres") {
        true => Location::Postgres(database),
        false => Location::Sqlite(database.into()),
    };
    let store = Store::open(&location, 2).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let now = testkit::engines::START.plus(minutes * domain::time::MINUTE);
    let app = Arc::new(application(store, folder.path(), now));
    let stop = CancellationToken::new();
    let worker = tokio::spawn(Worker::new(app.clone(), stop.clone(), Lane::Quick).run());
    loop {
        let (all, aside) = app.read(|conn| Box::pin(jobs::counts(conn))).await.unwrap();
        if all == aside {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    stop.cancel();
    worker.await.unwrap();
    app.store.close().await;
}

pub(crate) fn application(store: Store, folder: &Path, now: Timestamp) -> App {
    let mut config = config::Config::default();
    config.server.data = folder.to_owned();
    let address = config.server.address().unwrap();
    let settings = net::Settings::default();
    App::new(Parts {
        mailer: crate::mail::Mailer::open(&config, &address, &settings).unwrap(),
        address,
        config,
        store,
        clock: Arc::new(ManualClock::new(now)),
        random: Arc::new(Seeded::new(7)),
        blobs: blob::Blobs::open_blocking(folder.join("media")).unwrap(),
        processor: media::Processor::open_blocking(media::MediaSettings {
            helper_exe: folder.join("none"),
            ffmpeg: None,
            ffprobe: None,
            scratch: folder.join("tmp"),
            limits: media::MediaLimits::default(),
        })
        .unwrap(),
        net: net::Client::new(settings).unwrap(),
    })
}
