//! A fresh, migrated database for each test: a copy of a template made once.
//!
//! SQLite is always there. PostgreSQL is used when `TUSKLING_TEST_POSTGRES` names a server on which
//! databases may be made; `make test` starts one.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test fixture fails by panicking"
)]

use std::future::Future;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::Timestamp;
use store::{Location, Store, migrations};
use tokio::sync::OnceCell;
use tokio_postgres::NoTls;

/// When the template's migrations say they were applied; also a good start for test clocks.
pub const START: Timestamp = Timestamp(1_750_000_000_000);

/// A database that is gone when this is dropped (SQLite) or at the end of [`for_each_engine`].
pub struct TestDatabase {
    /// Where it is.
    pub location: Location,
    /// Open and migrated.
    pub store: Store,
    _folder: Option<tempfile::TempDir>,
    postgres_name: Option<String>,
}

/// Runs a test once on each engine that is there, each time on a fresh database.
pub async fn for_each_engine<F, Fut>(test: F)
where
    F: Fn(Store) -> Fut,
    Fut: Future<Output = ()>,
{
    let database = TestDatabase::sqlite().await;
    test(database.store.clone()).await;
    match TestDatabase::postgres().await {
        Some(database) => {
            test(database.store.clone()).await;
            database.remove().await;
        }
        None => eprintln!("PostgreSQL left out: TUSKLING_TEST_POSTGRES is not set"),
    }
}

impl TestDatabase {
    /// A database in a temporary folder.
    pub async fn sqlite() -> Self {
        static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
        let bytes = TEMPLATE.get_or_init(sqlite_template).await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tuskling.db");
        std::fs::write(&path, bytes).unwrap();
        let location = Location::Sqlite(path);
        let store = Store::open(&location, 0).await.unwrap();
        Self { location, store, _folder: Some(folder), postgres_name: None }
    }

    /// A database on the test server, if there is one.
    pub async fn postgres() -> Option<Self> {
        let server = std::env::var("TUSKLING_TEST_POSTGRES").ok().filter(|url| !url.is_empty())?;
        let template = postgres_template(&server).await;
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("tuskling_t{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
        let admin = connect(&server).await;
        admin.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await.unwrap();
        let location = Location::Postgres(with_database(&server, &name));
        let store = Store::open(&location, 4).await.unwrap();
        Some(Self { location, store, _folder: None, postgres_name: Some(name) })
    }

    /// Removes a PostgreSQL database; an SQLite one goes with its folder.
    pub async fn remove(self) {
        let Some(name) = self.postgres_name else { return };
        self.store.close().await;
        let server = std::env::var("TUSKLING_TEST_POSTGRES").unwrap();
        let admin = connect(&server).await;
        admin.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
    }
}

async fn sqlite_template() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("template.db");
    let copy = folder.path().join("copy.db");
    let store = Store::open(&Location::Sqlite(path.clone()), 1).await.unwrap();
    migrations::migrate(&store, START).await.unwrap();
    store.copy_to(&copy).await.unwrap();
    store.close().await;
    std::fs::read(copy).unwrap()
}

/// The template's name carries the newest schema's number and a hash of the program, so that a
/// changed migration makes another template.
async fn postgres_template(server: &str) -> String {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    TEMPLATE
        .get_or_init(|| async {
            let name = format!("tuskling_template_{}_{:x}", migrations::newest(), migrations::fingerprint());
            let admin = connect(server).await;
            // One process makes the template, the others wait for it.
            admin.batch_execute("SELECT pg_advisory_lock(7407)").await.unwrap();
            let there = admin
                .query("SELECT 1 FROM pg_database WHERE datname = $1", &[&name])
                .await
                .unwrap();
            if there.is_empty() {
                let building = format!("{name}_new");
                admin.batch_execute(&format!("DROP DATABASE IF EXISTS {building} WITH (FORCE)")).await.unwrap();
                admin.batch_execute(&format!("CREATE DATABASE {building}")).await.unwrap();
                let store = Store::open(&Location::Postgres(with_database(server, &building)), 1).await.unwrap();
                migrations::migrate(&store, START).await.unwrap();
                store.close().await;
                admin
                    .batch_execute(&format!(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{building}'"
                    ))
                    .await
                    .unwrap();
                admin.batch_execute(&format!("ALTER DATABASE {building} RENAME TO {name}")).await.unwrap();
            }
            admin.batch_execute("SELECT pg_advisory_unlock(7407)").await.unwrap();
            name
        })
        .await
        .clone()
}

async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .expect("TUSKLING_TEST_POSTGRES names a server that answers");
    tokio::spawn(connection);
    client
}

/// The server's URL with another database: the last part of its path.
fn with_database(server: &str, name: &str) -> String {
    let (before, query) =
        server.split_once('?').map_or((server, None), |(url, query)| (url, Some(query)));
    let (base, _) = before.rsplit_once('/').expect("the URL ends in /DATABASE");
    query.map_or_else(|| format!("{base}/{name}"), |query| format!("{base}/{name}?{query}"))
}
