//! Tables that people take along and bring: what is written can be read again.
#![expect(clippy::expect_used, reason = "a test stops where its tools fail")]

use app::portability::{Kind, export, import};
use app::statuses::{Mark, NewStatus};
use testkit::{Server, for_each_engine};

async fn me(server: &Server, name: &str) -> app::access::Me {
    let account = server.account(name).await;
    let id = account.id;
    let user = server
        .app
        .store
        .read(move |conn| Box::pin(async move { store::users::by_account(conn, id).await }));
    let user = user.await.expect("the database answers").expect("the user is there");
    app::access::Me { account, user }
}

#[tokio::test]
async fn what_is_exported_can_be_imported_by_somebody_else() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let app = &server.app;
        let (alice, bob, carol) =
            (me(&server, "alice").await, me(&server, "bob").await, me(&server, "carol").await);
        let posted = NewStatus { text: "keep this".into(), ..NewStatus::default() };
        let posted = app::statuses::post(app, &bob, posted).await.expect("it is posted");
        for (kind, table) in [
            (Kind::Following, "Account address,Show boosts,Notify on new posts,Languages\nbob@localhost:3000,false,true,\"de, en\"\n"),
            (Kind::Muting, "Account address,Hide notifications\ncarol@localhost:3000,false\n"),
            (Kind::DomainBlocking, "bad.test\n"),
            (Kind::Lists, "\"Friends, old\",bob@localhost:3000\n"),
        ] {
            let done = import(app, alice.id(), kind, table).await.expect("it is taken");
            assert_eq!((done.queued, done.wrong.len()), (1, 0), "{kind:?}");
            app::jobs::run_all(app).await.expect("jobs run");
            assert_eq!(export(app, alice.id(), kind).await.expect("it is there"), table, "{kind:?}");
            // Once more changes nothing.
            import(app, alice.id(), kind, table).await.expect("it is taken");
            app::jobs::run_all(app).await.expect("jobs run");
            assert_eq!(export(app, alice.id(), kind).await.expect("it is there"), table, "{kind:?}");
        }
        app::statuses::mark(app, &alice, posted.status.id, Mark::Bookmark).await.expect("it is kept");
        let saved = export(app, alice.id(), Kind::Bookmarks).await.expect("it is there");
        import(app, carol.id(), Kind::Bookmarks, &saved).await.expect("it is taken");
        import(app, carol.id(), Kind::Blocking, "alice@localhost:3000\nnobody@localhost:3000\n")
            .await
            .expect("it is taken");
        app::jobs::run_all(app).await.expect("jobs run");
        assert_eq!(export(app, carol.id(), Kind::Bookmarks).await.expect("it is there"), saved);
        let blocked = export(app, carol.id(), Kind::Blocking).await.expect("it is there");
        assert_eq!(blocked, "alice@localhost:3000\n");
    })
    .await;
}

#[tokio::test]
async fn p06_lines_that_say_nothing_are_named_and_the_others_taken() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = me(&server, "alice").await;
        server.account("bob").await;
        let table = "bob@localhost:3000\n@\nx@not a host\n\"open\n";
        let done =
            import(&server.app, alice.id(), Kind::Blocking, table).await.expect("it is taken");
        let lines: Vec<usize> = done.wrong.iter().map(|(line, _)| *line).collect();
        assert_eq!((done.queued, lines), (1, vec![2, 3, 4]));
        let huge = "a@b.test\n".repeat(20_001);
        assert!(import(&server.app, alice.id(), Kind::Blocking, &huge).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn r05_a_table_of_nothing_but_commas_and_lines_is_refused_before_it_is_read() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let account = server.account("alice").await;
        for text in [",".repeat(300_000), "\n".repeat(300_000), ",\n".repeat(150_000)] {
            let refused = import(&server.app, account.id, Kind::Blocking, &text).await;
            assert!(matches!(refused, Err(app::AppError::Invalid(_))), "{refused:?}");
        }
        let long = format!("{}@@\n", "x".repeat(100_000));
        let done =
            import(&server.app, account.id, Kind::Blocking, &long).await.expect("it is taken");
        assert!(done.wrong[0].1.len() < 200, "an answer repeats little of what was sent");
    })
    .await;
}
