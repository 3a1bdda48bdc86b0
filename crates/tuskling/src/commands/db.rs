//! `tuskling db copy`: a whole database from one engine to the other, compared row by row.

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use config::{Database, DatabaseUrl};
use domain::Clock as _;
use store::{Location, Store, migrations};

use crate::cli::Db;
use crate::commands::say;
use crate::host::SystemClock;

/// Runs the verb.
///
/// # Errors
/// In words for the person at the terminal; then the target is as it was.
pub async fn run(verb: Db) -> anyhow::Result<()> {
    let Db::Copy { from, to } = verb;
    let (source, target) = (location(&from, "--from")?, location(&to, "--to")?);
    if let Location::Sqlite(path) = &source
        && !path.exists()
    {
        bail!("there is no database at {}", path.display());
    }
    let from = Store::open(&source, 2).await?;
    // A running server would write on: what it writes after this began is not in the copy.
    migrations::migrate(&from, SystemClock.now()).await?;
    let to = Store::open(&target, 2).await?;
    let rows = copy(&from, &to).await;
    from.close().await;
    to.close().await;
    say(&format!(
        "{} rows copied and compared. Set database.url and start the server on it.",
        rows?
    ));
    Ok(())
}

async fn copy(from: &Store, to: &Store) -> anyhow::Result<u64> {
    if !to.is_empty().await? {
        bail!(
            "the database named with --to holds tables already; name an empty one. Nothing was changed"
        );
    }
    migrations::migrate(to, SystemClock.now()).await?;
    let shown = Mutex::new(Shown { begun: Instant::now(), last: None });
    let progress = |table: &str, done: u64, all: u64, compares: bool| {
        if let Ok(mut shown) = shown.lock() {
            shown.step(table, done, all, compares);
        }
    };
    let rows = from.copy_rows_to(to, &progress).await.context("no row was kept; what is named with --to holds empty tables now, so name a new database next time")?;
    let found = app::search::index_all(to).await?;
    tracing::info!(statuses = found, "words of statuses can be searched for");
    Ok(rows)
}

/// Says every few seconds how far it is and how long it may take.
struct Shown {
    begun: Instant,
    last: Option<Instant>,
}

impl Shown {
    fn step(&mut self, table: &str, done: u64, all: u64, compares: bool) {
        const PAUSE: Duration = Duration::from_secs(2);
        if self.last.is_some_and(|last| last.elapsed() < PAUSE) {
            return;
        }
        self.last = Some(Instant::now());
        // Comparing takes about as long as copying.
        let (steps, of) = (if compares { all + done } else { done }, all * 2);
        let passed = self.begun.elapsed().as_secs();
        let left = passed.saturating_mul(of.saturating_sub(steps)).checked_div(steps).unwrap_or(0);
        let what = if compares { "compared" } else { "copied" };
        tracing::info!(table, "{what} {done} of {all} rows, about {left} s left");
    }
}

fn location(url: &str, flag: &str) -> anyhow::Result<Location> {
    let database = Database { url: Some(url.to_owned()), ..Database::default() };
    match database.resolve(Path::new(".")).with_context(|| flag.to_owned())? {
        DatabaseUrl::Sqlite(path) => Ok(Location::Sqlite(path)),
        DatabaseUrl::Postgres(url) => Ok(Location::Postgres(url)),
    }
}
