//! Files of other servers: one key an address, and which are cached.

use domain::Timestamp;
use store::remote_files::{self as files, Place};
use store::{Conn, StoreError};
use testkit::for_each_engine;

async fn cached(conn: &mut Conn, name: &str, bytes: i64, at: i64) -> Result<String, StoreError> {
    let key =
        files::key_of(conn, &format!("https://a.test/{name}"), name, Place::Column, Timestamp(0))
            .await?;
    assert!(files::cached(conn, &key, "image/png", bytes, Timestamp(at)).await?);
    Ok(key)
}

#[tokio::test]
async fn an_address_has_one_key() {
    for_each_engine(|store| async move {
        store
            .write(|conn| {
                Box::pin(async move {
                    let first = files::key_of(
                        conn,
                        "https://a.test/x",
                        "remote/1",
                        Place::Column,
                        Timestamp(1),
                    );
                    assert_eq!(first.await?, "remote/1");
                    let again = files::key_of(
                        conn,
                        "https://a.test/x",
                        "remote/2",
                        Place::Column,
                        Timestamp(2),
                    );
                    assert_eq!(again.await?, "remote/1");
                    let other = files::key_of(
                        conn,
                        "https://a.test/y",
                        "remote/2",
                        Place::Column,
                        Timestamp(2),
                    );
                    assert_eq!(other.await?, "remote/2");
                    assert_eq!(files::by_key(conn, "remote/3").await?, None);
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_nobody_looked_at_for_longest_goes_first_and_only_as_much_as_needed() {
    for_each_engine(|store| async move {
        store
            .write(|conn| {
                Box::pin(async move {
                    for (name, bytes, at) in [("a", 10, 3), ("b", 20, 1), ("c", 30, 2)] {
                        cached(conn, name, bytes, at).await?;
                    }
                    files::used(conn, "b", Timestamp(9)).await?;
                    assert_eq!(files::total(conn).await?, 60);
                    assert_eq!(files::evict(conn, 60, 10).await?, Vec::<String>::new());
                    assert_eq!(files::evict(conn, 25, 10).await?, ["c", "a"]);
                    assert_eq!(files::total(conn).await?, 20);
                    assert!(files::by_key(conn, "a").await?.unwrap().cached_at.is_none());
                    assert!(files::by_key(conn, "b").await?.unwrap().cached_at.is_some());
                    assert_eq!(files::evict(conn, 0, 0).await?, Vec::<String>::new());
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn failures_add_up_and_a_success_ends_them() {
    for_each_engine(|store| async move {
        store
            .write(|conn| {
                Box::pin(async move {
                    let key = cached(conn, "a", 10, 1).await?;
                    files::failed(conn, &key, 1, Timestamp(5)).await?;
                    files::failed(conn, &key, 6, Timestamp(7)).await?;
                    let file = files::by_key(conn, &key).await?.unwrap();
                    assert_eq!((file.failures, file.failed_at), (7, Some(Timestamp(7))));
                    assert_eq!((file.cached_at, file.bytes), (None, 0));
                    files::cached(conn, &key, "image/gif", 3, Timestamp(8)).await?;
                    let file = files::by_key(conn, &key).await?.unwrap();
                    assert_eq!((file.failures, file.failed_at), (0, None));
                    assert_eq!(file.content_type.as_deref(), Some("image/gif"));
                    assert!(files::forget(conn, &key).await?);
                    assert!(!files::cached(conn, &key, "image/gif", 3, Timestamp(8)).await?);
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_nothing_refers_to_is_swept_slice_by_slice() {
    for_each_engine(|store| async move {
        store
            .write(|conn| {
                Box::pin(async move {
                    for name in ["a", "b", "c", "d"] {
                        let url = format!("https://a.test/{name}");
                        files::key_of(conn, &url, name, Place::Column, Timestamp(5)).await?;
                    }
                    // An emoji, also when it was something else before.
                    files::key_of(conn, "https://a.test/b", "x", Place::Text, Timestamp(5)).await?;
                    files::used(conn, "c", Timestamp(50)).await?;
                    let first = files::sweep(conn, "", 3, Timestamp(10)).await?;
                    assert_eq!(first, (Some("c".into()), vec!["a".into()]));
                    let second = files::sweep(conn, "c", 3, Timestamp(10)).await?;
                    assert_eq!(second, (Some("d".into()), vec!["d".into()]));
                    assert_eq!(
                        files::sweep(conn, "d", 3, Timestamp(10)).await?,
                        (None, Vec::new())
                    );
                    assert!(files::by_key(conn, "b").await?.is_some());
                    assert!(files::by_key(conn, "c").await?.is_some());
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .unwrap();
    })
    .await;
}
