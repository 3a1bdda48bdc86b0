//! A job that ends its process. The process is real: this test program, started anew.

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
/// Where the other process finds its database, and what time it is there.
const DATABASE: &str = "TUSKLING_TEST_WORKER_DATABASE";
const MINUTES: &str = "TUSKLING_TEST_WORKER_MINUTES";
/// Jobs that do no harm.
const GOOD: i64 = 100;

/// Called before each job is run.
pub(super) fn die_of(leased: &Leased) {
    if leased.kind == FATAL {
        std::process::abort();
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
    let harmless = Job::MailReset { email: "nobody@localhost".into() };
    let payload = serde_json::to_string(&harmless).unwrap();
    store
        .write(move |conn| {
            Box::pin(async move {
                for number in 0..=GOOD {
                    let new = New {
                        id: JobId(number + 1),
                        kind: if number == GOOD / 2 { FATAL } else { "mail_reset" },
                        payload: payload.clone(),
                        unique_key: None,
                        run_at: testkit::engines::START,
                        lane: Lane::Quick,
                        host: None,
                    };
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
