//! Both engines have the same tables, and every statement is valid on both.

use store::{Location, Store, StoreError, migrations};
use testkit::{TestDatabase, for_each_engine};

#[tokio::test]
async fn every_statement_prepares_on_both_engines() {
    for_each_engine(|store| async move {
        let refused = store.refused_statements().await.unwrap();
        assert!(refused.is_empty(), "{}: {refused:#?}", store.version().await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn both_engines_have_the_same_schema() {
    let Some(postgres) = TestDatabase::postgres().await else { return };
    let sqlite = TestDatabase::sqlite().await;
    let left = sqlite.store.columns().await.unwrap();
    let right = postgres.store.columns().await.unwrap();
    assert!(left.len() > 100, "the schema was read");
    assert_eq!(left, right);
    postgres.remove().await;
}

#[tokio::test]
async fn r15_a_database_of_a_newer_program_is_left_alone() {
    for_each_engine(|store| async move {
        store.pretend_schema(migrations::newest() + 1).await.unwrap();
        let refused = migrations::migrate(&store, domain::Timestamp(0)).await;
        assert!(matches!(refused, Err(StoreError::TooNew { .. })), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn a_folder_that_is_missing_is_named() {
    let place = Location::Sqlite("/nonexistent/folder/tuskling.db".into());
    let Err(error) = Store::open(&place, 0).await else { panic!("opened") };
    assert!(error.to_string().contains("/nonexistent/folder"), "{error}");
}
