//! What a server is to others is read out and written into an empty database of either engine.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use domain::{AccountId, Timestamp};
use store::identity::Chunk;
use store::relations::{self, FollowOptions};
use store::{Store, StoreError, Value, migrations, settings};
use testkit::{Server, TestDatabase};

#[tokio::test]
async fn an_identity_moves_into_an_empty_database_and_is_the_same() {
    let source = filled().await;
    let target = empty_sqlite().await;
    moves(&source.store, &target.1).await;
    target.1.close().await;
}

#[tokio::test]
async fn an_identity_moves_from_sqlite_to_postgresql_and_back() {
    let Some(middle) = TestDatabase::postgres().await else { return };
    let source = filled().await;
    moves(&source.store, &middle.store).await;
    let back = empty_sqlite().await;
    moves(&middle.store, &back.1).await;
    back.1.close().await;
    middle.remove().await;
}

#[tokio::test]
async fn a_foreign_table_and_a_missing_end_leave_the_database_as_it_was() {
    let source = filled().await;
    let target = empty_sqlite().await;
    let mut chunks = all(&source.store).await.into_iter();
    let mut next = || match chunks.next() {
        Some(chunk) => Ok(Some(chunk)),
        None => Err(StoreError::Busy("the file is cut short".into())),
    };
    assert!(target.1.write_identity(&mut next).await.is_err());
    let row = Chunk {
        table: "statuses".into(),
        columns: vec!["id".into()],
        rows: vec![vec![Value::Int(1)]],
    };
    let mut rows = Some(row);
    let mut next = || Ok::<_, StoreError>(rows.take());
    let error = target.1.write_identity(&mut next).await.unwrap_err();
    assert!(error.to_string().contains("statuses is no table of an identity"), "{error}");
    assert_eq!(target.1.row_counts().await.unwrap()["accounts"], 0);
    target.1.close().await;
}

async fn moves(from: &Store, to: &Store) {
    let before = all(from).await;
    let mut chunks = before.clone().into_iter();
    let mut next = || Ok::<_, StoreError>(chunks.next());
    let rows = to.write_identity(&mut next).await.unwrap();
    let sum: usize = before.iter().map(|chunk| chunk.rows.len()).sum();
    assert_eq!(rows, u64::try_from(sum).unwrap());
    let after = all(to).await;
    assert_eq!(before, after);
    let account = after.iter().find(|chunk| chunk.table == "accounts").unwrap();
    assert_eq!(account.rows.len(), 3);
    let counted = to
        .read(|conn| {
            Box::pin(async move {
                let keys = store::actor_keys::all_local(conn, AccountId(0), 10).await?;
                let ids: Vec<AccountId> = keys.into_iter().map(|(id, _)| id).collect();
                let found = store::accounts::by_ids(conn, &ids).await?;
                Ok::<_, StoreError>(found.iter().map(|one| one.followers_count).sum::<i64>())
            })
        })
        .await
        .unwrap();
    assert_eq!(counted, 1, "followers are counted anew");
}

async fn all(store: &Store) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    let mut take = |chunk| {
        chunks.push(chunk);
        Ok::<_, StoreError>(())
    };
    store.read_identity(&mut take).await.unwrap();
    chunks
}

async fn empty_sqlite() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let location = store::Location::Sqlite(folder.path().join("new.db"));
    let store = Store::open(&location, 1).await.unwrap();
    migrations::migrate(&store, Timestamp(0)).await.unwrap();
    (folder, store)
}

/// Three people with keys, one of whom follows another, a post, and a setting.
async fn filled() -> TestDatabase {
    let database = TestDatabase::sqlite().await;
    let server = Server::on(database.store.clone());
    let mut people = Vec::new();
    for name in ["anna", "berta", "chris"] {
        let account = server.account(name).await;
        app::jobs::run_all(&server.app).await.unwrap();
        server.token(account.id, "read").await;
        people.push(account.id);
    }
    let (row, now, pair) = (server.app.ids.next(), server.app.now(), (people[0], people[1]));
    let write = database.store.write(move |conn| {
        Box::pin(async move {
            settings::set(conn, "instance_title", "naïve Ünïcode 'quoted'").await?;
            settings::set(conn, "last_ready", "changes all the time").await?;
            relations::follow(conn, row, pair, &FollowOptions::default(), now).await?;
            Ok::<_, StoreError>(())
        })
    });
    write.await.unwrap();
    database
}
