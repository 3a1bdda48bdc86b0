//! The database: its version, whether it is whole, whether keys sign, and what failed in it.

use config::{Config, DatabaseUrl};
use domain::Timestamp;
use domain::time::DAY;
use store::{Store, StoreError, deliveries, jobs, migrations, settings};

use super::Finding;
use crate::context;

const ABOUT: &str = "database";

/// What was found.
#[derive(Default)]
pub(super) struct Looked {
    pub(super) findings: Vec<Finding>,
    /// When the server last wrote down that it works.
    pub(super) newest: Option<Timestamp>,
}

/// Looks at the database. Name and address of the server are taken over from it where the settings have
/// none, as every command does.
pub(super) async fn look(config: &mut Config) -> Looked {
    if let Ok(DatabaseUrl::Sqlite(path)) = config.database.resolve(&config.server.data)
        && !path.exists()
    {
        let what = format!("there is none at {}", path.display());
        let remedy = "Name the right one with --data or --database; `tuskling serve` makes it at its first start";
        return Looked { findings: vec![Finding::wrong(ABOUT, what, remedy)], newest: None };
    }
    let store = match context::open_as_it_is(config).await {
        Ok(store) => store,
        Err(error) => {
            let remedy = match config.database.resolve(&config.server.data) {
                Ok(DatabaseUrl::Postgres(_)) => {
                    "See that the database runs, and check database.url and its password"
                }
                _ => {
                    "If it is damaged, keep a copy of the file and restore the last backup: tuskling restore, see docs/BACKUP.md"
                }
            };
            let what = format!("it cannot be opened: {error:#}");
            return Looked { findings: vec![Finding::wrong(ABOUT, what, remedy)], newest: None };
        }
    };
    let mut looked = Looked::default();
    match examine(&store, config).await {
        Ok((findings, newest)) => looked = Looked { findings, newest },
        Err(error) => looked.findings.push(Finding::wrong(
            ABOUT,
            format!("it cannot be read: {error}"),
            "Restore it from a backup: tuskling restore, see docs/BACKUP.md",
        )),
    }
    store.close().await;
    looked
}

async fn examine(
    store: &Store,
    config: &mut Config,
) -> Result<(Vec<Finding>, Option<Timestamp>), StoreError> {
    let problems = store.problems().await?;
    if !problems.is_empty() {
        let remedy = "Stop the server, keep a copy of the file, and restore the last backup: tuskling restore, see docs/BACKUP.md";
        let what = format!("it is damaged: {}", problems.join("; "));
        return Ok((vec![Finding::wrong(ABOUT, what, remedy)], None));
    }
    if let Some(finding) = schema(store).await? {
        return Ok((vec![finding], None));
    }
    let version = store.version().await?;
    let what =
        format!("{version}, whole, with the schema of this program ({})", migrations::newest());
    let mut findings = vec![Finding::good(ABOUT, what)];
    findings.push(keys(store).await);
    findings.extend(work(store).await?);
    let (domain, base, ready) = store
        .read(|conn| {
            Box::pin(async move {
                let domain = settings::get(conn, context::DOMAIN).await?;
                let base = settings::get(conn, context::BASE).await?;
                Ok::<_, StoreError>((domain, base, settings::get(conn, "last_ready").await?))
            })
        })
        .await?;
    if config.server.domain.is_none() && config.server.url.is_none() {
        (config.server.domain, config.server.url) = (domain, base);
    }
    Ok((findings, ready.and_then(|text| text.parse().ok()).map(Timestamp)))
}

/// What is wrong with the schema, if anything.
async fn schema(store: &Store) -> Result<Option<Finding>, StoreError> {
    let (found, known) = (migrations::found(store).await?, migrations::newest());
    if found > known {
        let what = format!("its schema {found} is of a newer program, this one knows {known}");
        let remedy = "Install the program that was used last; an older one does not run on it";
        return Ok(Some(Finding::wrong(ABOUT, what, remedy)));
    }
    if found == 0 {
        let what = "it is empty: there is nothing of a server in it";
        let remedy = "If there was one, restore it: tuskling restore, see docs/BACKUP.md; else start `tuskling serve`";
        return Ok(Some(Finding::wrong(ABOUT, what, remedy)));
    }
    if found < known {
        let what = format!("its schema is {found}, this program wants {known}");
        let remedy = "Start `tuskling serve`: it brings the schema up to date";
        return Ok(Some(Finding::hint(ABOUT, what, remedy)));
    }
    let refused = store.refused_statements().await?;
    Ok(refused.first().map(|first| {
        let what = format!("its tables are not those of this program: {first}");
        Finding::wrong(ABOUT, what, "Restore the last backup: tuskling restore, see docs/BACKUP.md")
    }))
}

async fn keys(store: &Store) -> Finding {
    const KEYS: &str = "keys";
    const REMEDY: &str = "Restore a backup from before it was broken: tuskling restore --at TIME; or give the account a new key: tuskling account rotate-key NAME";
    match ::backup::check_keys(store, &context::key_check()).await {
        Ok((good, problems)) if problems.is_empty() => {
            Finding::good(KEYS, format!("{good} of {good} sign"))
        }
        Ok((_, problems)) => Finding::wrong(KEYS, problems.join("; "), REMEDY),
        Err(error) => Finding::wrong(KEYS, error.to_string(), REMEDY),
    }
}

async fn work(store: &Store) -> Result<Vec<Finding>, StoreError> {
    const JOBS: &str = "jobs";
    const DELIVERIES: &str = "deliveries";
    let ((_, set_aside), (waiting, oldest)) = store
        .read(|conn| {
            Box::pin(async move {
                Ok::<_, StoreError>((jobs::counts(conn).await?, deliveries::backlog(conn).await?))
            })
        })
        .await?;
    let mut findings = Vec::new();
    findings.push(match set_aside {
        0 => Finding::good(JOBS, "none failed for good"),
        failed => Finding::hint(
            JOBS,
            format!("{failed} failed for good: what they were to do has not happened"),
            "The dashboard names each with its error, and tries it again or discards it: /dashboard/work",
        ),
    });
    let age =
        oldest.map_or(0, |oldest| domain::Clock::now(&crate::host::SystemClock).since(oldest));
    findings.push(if age > 2 * DAY {
        let what = format!("{waiting} wait, the oldest for {} days", age / DAY);
        Finding::hint(DELIVERIES, what, "Which servers do not answer: tuskling delivery list")
    } else {
        Finding::good(DELIVERIES, format!("{waiting} wait"))
    });
    Ok(findings)
}
