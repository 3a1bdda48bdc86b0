//! PostgreSQL over TLS, against the test server that `tests/scripts/with-postgres` starts.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test fails by panicking")]

use store::{Location, Sql, Store, StoreError};

static BY_TLS: Sql =
    Sql::declare("BY_TLS", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");

/// The test server's URL and the file of the authority that vouches for it.
fn server() -> Option<(String, String)> {
    let url = std::env::var("TUSKLING_TEST_POSTGRES").ok().filter(|url| !url.contains('?'));
    let found = url.zip(std::env::var("TUSKLING_TEST_POSTGRES_CA").ok());
    if found.is_none() {
        eprintln!(
            "left out: TUSKLING_TEST_POSTGRES_CA is not set (with-postgres makes one where openssl is)"
        );
    }
    found
}

async fn open(url: String) -> Result<Store, StoreError> {
    Store::open(&Location::Postgres(url), 2).await
}

async fn is_encrypted(store: &Store) -> bool {
    let ssl =
        store.read(|conn| Box::pin(async move { conn.scalar::<bool>(&BY_TLS, &[]).await })).await;
    ssl.unwrap().unwrap()
}

/// The URL with another host name, which still leads to the test server.
fn named(url: &str, name: &str) -> String {
    format!("{}?hostaddr=127.0.0.1", url.replace("127.0.0.1", name))
}

#[tokio::test]
async fn o07_a_database_is_spoken_to_by_tls_when_its_authority_is_known() {
    let Some((url, authority)) = server() else { return };
    for mode in ["require", "verify-full"] {
        let url = format!("{url}?sslmode={mode}&sslrootcert={authority}");
        assert!(is_encrypted(&open(url).await.unwrap()).await, "{mode}");
    }
    let plain = open(url.clone()).await.unwrap();
    assert!(!is_encrypted(&plain).await, "on this machine nobody listens in");
    let store = open(format!("{url}?sslmode=verify-full&sslrootcert={authority}")).await.unwrap();
    let mut messages = store.listen("tuskling_tls_test").await.unwrap();
    store.notify("tuskling_tls_test", &["heard".into()]).await.unwrap();
    let heard = tokio::time::timeout(std::time::Duration::from_secs(10), messages.recv());
    assert_eq!(heard.await.unwrap().as_deref(), Some("heard"), "it listens when it says so");
}

#[tokio::test]
async fn o07_unknown_authorities_and_wrong_names_are_refused() {
    let Some((url, authority)) = server() else { return };
    for (what, url) in [
        ("an authority that the system does not know", format!("{url}?sslmode=verify-full")),
        ("the same by the weaker word", format!("{url}?sslmode=require")),
        ("another name", format!("{}&sslrootcert={authority}", named(&url, "db.test"))),
        ("another name, unasked", named(&url, "db.test")),
    ] {
        let error = open(url).await.err();
        assert!(matches!(error, Some(StoreError::Unreachable(_))), "{what}: {error:?}");
    }
    let asked = format!("{}&sslmode=disable", named(&url, "db.test"));
    assert!(!is_encrypted(&open(asked).await.unwrap()).await, "only when somebody says so");
}
