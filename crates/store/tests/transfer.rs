//! A whole database moves to the other engine and back, and every row is the same.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicU64, Ordering};

use store::{Store, StoreError, settings};
use testkit::{Server, TestDatabase};

#[tokio::test]
async fn a_database_moves_to_an_empty_one_and_is_compared_row_by_row() {
    let source = filled().await;
    let target = TestDatabase::sqlite().await;
    moves(&source.store, &target.store).await;
}

#[tokio::test]
async fn a_database_moves_from_sqlite_to_postgresql_and_back() {
    let Some(middle) = TestDatabase::postgres().await else { return };
    let source = filled().await;
    moves(&source.store, &middle.store).await;
    let back = TestDatabase::sqlite().await;
    moves(&middle.store, &back.store).await;
    assert_eq!(source.store.row_counts().await.unwrap(), back.store.row_counts().await.unwrap());
    // Links between tables are as they were.
    let broken = middle
        .store
        .write(|conn| {
            Box::pin(async move {
                store::actor_keys::keep_local(
                    conn,
                    domain::AccountId(404),
                    &store::actor_keys::LocalKey {
                        key_id: "x".into(),
                        public_pem: "x".into(),
                        private: vec![1],
                    },
                    domain::Timestamp(0),
                )
                .await
            })
        })
        .await;
    assert!(matches!(broken, Err(StoreError::Constraint(_))));
    middle.remove().await;
}

/// Accounts with keys, and texts that databases order and store differently.
async fn filled() -> TestDatabase {
    let database = TestDatabase::sqlite().await;
    let server = Server::on(database.store.clone());
    for name in ["anna", "berta", "chris"] {
        let account = server.account(name).await;
        app::jobs::run_all(&server.app).await.unwrap();
        server.token(account.id, "read").await;
    }
    database
        .store
        .write(|conn| {
            Box::pin(async move {
                for number in 0..1_200 {
                    let name = format!("row {}", number % 700 * 7919 % 1_000_003);
                    settings::set(conn, &name, &format!("Zürich ß 漢字 {number}")).await?;
                }
                for name in ["a", "B", "ä", "Ä", "_", "-", "~", "漢", "a b", "ab"] {
                    settings::set(conn, name, name).await?;
                }
                Ok::<_, StoreError>(())
            })
        })
        .await
        .unwrap();
    database
}

async fn moves(from: &Store, to: &Store) {
    let (copied, compared) = (AtomicU64::new(0), AtomicU64::new(0));
    let progress = |_: &str, done: u64, all: u64, compares: bool| {
        assert!(done <= all);
        if compares { &compared } else { &copied }.store(done, Ordering::Relaxed);
    };
    let rows = from.copy_rows_to(to, &progress).await.unwrap();
    assert!(rows > 700);
    assert_eq!(copied.into_inner(), rows);
    assert_eq!(compared.into_inner(), rows);
    assert_eq!(from.row_counts().await.unwrap(), to.row_counts().await.unwrap());
}
