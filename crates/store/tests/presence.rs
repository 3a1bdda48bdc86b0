//! Which process may take up what a killed one was about.

use store::Store;
use testkit::TestDatabase;

#[tokio::test]
async fn r06_only_the_first_process_of_a_database_is_alone() {
    let sqlite = TestDatabase::sqlite().await;
    sqlite.store.join().await.unwrap();
    assert!(sqlite.store.was_alone());
    let Some(postgres) = TestDatabase::postgres().await else { return };
    let first = Store::open(&postgres.location, 2).await.unwrap();
    assert!(!first.was_alone(), "nobody knows before it has joined");
    first.join().await.unwrap();
    let second = Store::open(&postgres.location, 2).await.unwrap();
    second.join().await.unwrap();
    assert_eq!((first.was_alone(), second.was_alone()), (true, false));
    postgres.remove().await;
}
