//! What a transaction promises: all or nothing, each on its own, durable when acknowledged.

use domain::{JobId, RowId, Timestamp};
use store::{StoreError, emojis, settings};
use testkit::for_each_engine;

#[tokio::test]
async fn a_failed_transaction_leaves_nothing_and_takes_nobody_with_it() {
    for_each_engine(|store| async move {
        let failing = store.write(|conn| {
            Box::pin(async move {
                settings::set(conn, "half", "written").await?;
                Err::<(), _>(StoreError::Busy("on purpose".into()))
            })
        });
        let fine =
            store.write(|conn| Box::pin(async move { settings::set(conn, "whole", "yes").await }));
        let (failed, done) = tokio::join!(failing, fine);
        assert!(matches!(failed, Err(StoreError::Busy(_))));
        done.unwrap();
        let (half, whole) = store
            .read(|conn| {
                Box::pin(async move {
                    let half = settings::get(conn, "half").await?;
                    Ok::<_, StoreError>((half, settings::get(conn, "whole").await?))
                })
            })
            .await
            .unwrap();
        assert_eq!((half, whole.as_deref()), (None, Some("yes")));
    })
    .await;
}

#[tokio::test]
async fn a_panic_in_a_transaction_is_an_error_and_the_next_one_works() {
    for_each_engine(|store| async move {
        let panicked: Result<(), StoreError> =
            store.write(|_| Box::pin(async move { panic!("on purpose") })).await;
        assert!(matches!(panicked, Err(StoreError::Panicked)), "{panicked:?}");
        store
            .write(|conn| Box::pin(async move { settings::set(conn, "a", "b").await }))
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn many_writers_at_once_all_get_their_turn() {
    for_each_engine(|store| async move {
        let tasks: Vec<_> = (0..200)
            .map(|number| {
                let store = store.clone();
                tokio::spawn(async move {
                    store
                        .write(move |conn| {
                            Box::pin(async move {
                                settings::set(conn, &format!("n{number}"), "x").await
                            })
                        })
                        .await
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let last = store
            .read(|conn| Box::pin(async move { settings::get(conn, "n199").await }))
            .await
            .unwrap();
        assert_eq!(last.as_deref(), Some("x"));
    })
    .await;
}

#[tokio::test]
async fn r06_a_job_is_leased_once_and_comes_back_when_its_worker_died() {
    for_each_engine(|store| async move {
        let job = store::jobs::New {
            lane: store::jobs::Lane::Quick,
            host: None,
            id: domain::JobId(1),
            kind: "test",
            payload: "{}".into(),
            unique_key: None,
            run_at: Timestamp(1_000),
        };
        store
            .write(move |conn| {
                Box::pin(async move { store::jobs::insert(conn, &job, Timestamp(1_000)).await })
            })
            .await
            .unwrap();
        let lease = |now: i64| {
            let store = store.clone();
            async move {
                store
                    .write(move |conn| {
                        Box::pin(async move {
                            store::jobs::lease(
                                conn,
                                Timestamp(now),
                                Timestamp(now + 500),
                                10,
                                store::jobs::Lane::Quick,
                                &[],
                            )
                            .await
                        })
                    })
                    .await
                    .unwrap()
            }
        };
        assert!(lease(999).await.is_empty(), "not due yet");
        assert_eq!(lease(1_000).await.len(), 1);
        assert!(lease(1_100).await.is_empty(), "somebody has it");
        assert!(lease(1_500).await.is_empty(), "its worker died, perhaps of it: it comes alone");
        let suspect = |now: i64| {
            store.write(move |conn| {
                Box::pin(async move {
                    let (now, until) = (Timestamp(now), Timestamp(now + 500));
                    let lane = store::jobs::Lane::Quick;
                    store::jobs::lease_suspect(conn, now, until, lane).await
                })
            })
        };
        let again = suspect(1_500).await.unwrap().unwrap();
        assert_eq!((again.attempts, again.is_suspect), (2, true));
        assert_eq!(suspect(1_600).await.unwrap(), None, "somebody has it");
    })
    .await;
}

fn emoji(id: i64) -> emojis::Emoji {
    emojis::Emoji {
        id: RowId(id),
        shortcode: "taken".into(),
        image_key: "a".into(),
        static_key: "a".into(),
        content_type: "image/png".into(),
        category: None,
        visible: true,
        created_at: Timestamp(1),
    }
}

/// What was refused says so at the end at the latest, whether or not something was asked in between.
#[tokio::test]
async fn a_statement_that_is_refused_takes_its_transaction_back() {
    for_each_engine(|store| async move {
        for asks_in_between in [false, true] {
            let refused = store
                .write(move |conn| {
                    Box::pin(async move {
                        settings::set(conn, "before", "x").await?;
                        emojis::insert_local(conn, &emoji(1)).await?;
                        emojis::insert_local(conn, &emoji(2)).await?;
                        settings::set(conn, "after", "x").await?;
                        if asks_in_between {
                            settings::get(conn, "before").await?;
                        }
                        Ok::<_, StoreError>(())
                    })
                })
                .await;
            assert!(matches!(refused, Err(StoreError::Constraint(_))), "{refused:?}");
        }
        let found = store
            .write(|conn| {
                Box::pin(async move {
                    let before = settings::get(conn, "before").await?;
                    Ok::<_, StoreError>((before, emojis::local(conn).await?.len()))
                })
            })
            .await
            .unwrap();
        assert_eq!(found, (None, 0), "and the connection goes on");
    })
    .await;
}

#[tokio::test]
async fn a_transaction_reads_what_it_wrote_and_more_statements_than_travel_together() {
    for_each_engine(|store| async move {
        let found = store
            .write(|conn| {
                Box::pin(async move {
                    conn.may_be_redone();
                    for number in 0..40 {
                        settings::set(conn, &format!("n{number}"), "x").await?;
                    }
                    settings::set(conn, "n0", "y").await?;
                    settings::get(conn, "n0").await
                })
            })
            .await
            .unwrap();
        assert_eq!(found.as_deref(), Some("y"));
        let last = store
            .read(|conn| Box::pin(async move { settings::get(conn, "n39").await }))
            .await
            .unwrap();
        assert_eq!(last.as_deref(), Some("x"));
        // Nothing is asked, so nothing can go wrong.
        store.write(|_| Box::pin(async { Ok::<_, StoreError>(()) })).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_slow_host_leaves_places_to_others() {
    for_each_engine(|store| async move {
        let now = Timestamp(1_000);
        let of_slow = (1..=6).map(|id| (id, Some("slow.test")));
        for (id, host) in of_slow.chain([(7, None), (8, None), (9, Some("quick.test"))]) {
            let job = store::jobs::New {
                id: JobId(id),
                kind: "fetch_statuses",
                payload: "{}".into(),
                unique_key: None,
                run_at: now,
                lane: store::jobs::Lane::Fetch,
                host: host.map(Into::into),
            };
            store
                .write(move |conn| {
                    Box::pin(async move { store::jobs::insert(conn, &job, now).await })
                })
                .await
                .unwrap();
        }
        let lease = async |mine: Vec<JobId>| {
            let leased = store
                .write(move |conn| {
                    Box::pin(async move {
                        let lane = store::jobs::Lane::Fetch;
                        store::jobs::lease(conn, now, now.plus(500), 8, lane, &mine).await
                    })
                })
                .await
                .unwrap();
            leased.into_iter().map(|job| job.id).collect::<Vec<_>>()
        };
        let first = lease(Vec::new()).await;
        assert_eq!(first, [1, 2, 3, 4, 7, 8, 9].map(JobId), "the line of the slow one is jumped");
        assert!(lease(first.clone()).await.is_empty(), "four are being asked");
        let done = [JobId(2)];
        store
            .write(move |conn| Box::pin(async move { store::jobs::done(conn, &done).await }))
            .await
            .unwrap();
        assert_eq!(lease(first).await, [JobId(5)]);
    })
    .await;
}

#[tokio::test]
async fn a_host_that_another_process_is_about_is_left_to_it() {
    for_each_engine(|store| async move {
        let now = Timestamp(1_000);
        let lease = async |mine: &'static [JobId]| {
            let leased = store
                .write(move |conn| {
                    Box::pin(async move {
                        let lane = store::jobs::Lane::Inbox;
                        store::jobs::lease(conn, now, now.plus(500), 1, lane, mine).await
                    })
                })
                .await
                .unwrap();
            leased.into_iter().map(|job| job.id.0).collect::<Vec<_>>()
        };
        for (id, host) in [(1, "one.test"), (2, "one.test"), (3, "one.test"), (4, "two.test")] {
            let job = store::jobs::New {
                id: JobId(id),
                kind: "receive",
                payload: "{}".into(),
                unique_key: None,
                run_at: now,
                lane: store::jobs::Lane::Inbox,
                host: Some(host.into()),
            };
            store
                .write(move |conn| {
                    Box::pin(async move { store::jobs::insert(conn, &job, now).await })
                })
                .await
                .unwrap();
        }
        assert_eq!(lease(&[]).await, [1]);
        assert_eq!(lease(&[]).await, [4], "another process gets another host");
        assert!(lease(&[]).await.is_empty(), "both hosts are taken");
        assert_eq!(lease(&[JobId(1)]).await, [2], "whose host it is goes on with it");
    })
    .await;
}
