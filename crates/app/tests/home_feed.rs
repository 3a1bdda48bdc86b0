//! What arrives in home feeds, and what happens to feeds over time.
#![expect(clippy::unwrap_used, reason = "a test stops where its tools fail")]

use app::relations::{self, FollowChanges};
use app::statuses::{self, NewStatus};
use app::{Page, timelines};
use domain::AccountId;
use domain::account::Account;
use domain::time::DAY;
use store::relations::FollowOptions;
use testkit::{Server, TestDatabase, for_each_engine};
use tokio::sync::oneshot;

async fn me(server: &Server, account: &Account) -> app::access::Me {
    let token = server.token(account.id, "read write").await;
    let secret = domain::secret::Secret::from_outside(token);
    app::access::authenticate(&server.app, &secret, false).await.unwrap().me.unwrap()
}

async fn say(server: &Server, who: &app::access::Me, text: &str) -> app::StatusView {
    // Each status in its own millisecond, so that their order is the order of posting.
    server.clock.advance(10);
    let new = NewStatus { text: text.into(), ..NewStatus::default() };
    let view = statuses::post(&server.app, who, new).await.unwrap();
    app::jobs::run_all(&server.app).await.unwrap();
    view
}

async fn home(server: &Server, who: &app::access::Me) -> Vec<String> {
    let views = timelines::home(&server.app, who.id(), Page::newest(40)).await.unwrap();
    views
        .into_iter()
        .map(|view| {
            view.boost_of.map_or(view.status.text, |of| format!("boost: {}", of.status.text))
        })
        .collect()
}

#[tokio::test]
async fn a_follower_sees_posts_and_boosts_but_not_replies_to_strangers() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let (author, reader, other) = (
            server.account("author").await,
            server.account("reader").await,
            server.account("other").await,
        );
        let (author, reader, other) =
            (me(&server, &author).await, me(&server, &reader).await, me(&server, &other).await);
        let before = say(&server, &author, "before the follow").await;
        assert!(home(&server, &reader).await.is_empty());
        relations::follow(&server.app, &reader, author.id(), FollowChanges::default())
            .await
            .unwrap();
        let theirs = say(&server, &other, "a stranger's").await;
        let reply = NewStatus {
            text: "to a stranger".into(),
            in_reply_to: Some(theirs.status.id),
            ..NewStatus::default()
        };
        statuses::post(&server.app, &author, reply).await.unwrap();
        server.clock.advance(10);
        statuses::boost(&server.app, &author, theirs.status.id, None).await.unwrap();
        app::jobs::run_all(&server.app).await.unwrap();
        let own = NewStatus {
            text: "my own thread".into(),
            in_reply_to: Some(before.status.id),
            ..NewStatus::default()
        };
        server.clock.advance(10);
        statuses::post(&server.app, &author, own).await.unwrap();
        app::jobs::run_all(&server.app).await.unwrap();
        assert_eq!(
            home(&server, &reader).await,
            ["my own thread", "boost: a stranger's", "before the follow"]
        );
        relations::unfollow(&server.app, &reader, author.id()).await.unwrap();
        assert!(home(&server, &reader).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn muted_and_blocked_people_are_left_out_when_the_feed_is_read() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let (author, reader) = (server.account("author").await, server.account("reader").await);
        let (author, reader) = (me(&server, &author).await, me(&server, &reader).await);
        relations::follow(&server.app, &reader, author.id(), FollowChanges::default())
            .await
            .unwrap();
        say(&server, &author, "hello").await;
        relations::mute(&server.app, &reader, author.id(), true, 60).await.unwrap();
        assert!(home(&server, &reader).await.is_empty());
        server.clock.advance(61_000);
        assert_eq!(home(&server, &reader).await, ["hello"], "the mute has ended");
        relations::block(&server.app, &author, reader.id()).await.unwrap();
        assert!(home(&server, &reader).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_feed_of_somebody_who_stays_away_is_given_up_and_built_anew() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let (author, reader) = (server.account("author").await, server.account("reader").await);
        let (author, reader) = (me(&server, &author).await, me(&server, &reader).await);
        relations::follow(&server.app, &reader, author.id(), FollowChanges::default())
            .await
            .unwrap();
        say(&server, &author, "one").await;
        assert_eq!(home(&server, &reader).await, ["one"]);
        app::jobs::ensure_recurring(&server.app).await.unwrap();
        server.clock.advance(40 * DAY);
        app::jobs::run_all(&server.app).await.unwrap();
        say(&server, &author, "two").await;
        assert_eq!(home(&server, &reader).await, ["two", "one"]);
    })
    .await;
}

#[tokio::test]
async fn who_has_just_come_misses_nothing_before_it_is_noted_that_they_are_here() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let (author, reader) = (server.account("author").await, server.account("reader").await);
        let author = me(&server, &author).await;
        follow_quietly(&server, reader.id, author.id()).await;
        let page = || Page::newest(40);
        assert!(timelines::home(&server.app, reader.id, page()).await.unwrap().is_empty());
        let said = say(&server, &author, "right after").await;
        let views = timelines::home(&server.app, reader.id, page()).await.unwrap();
        assert_eq!(views.first().map(|view| view.status.id), Some(said.status.id));
    })
    .await;
}

/// A follow as the database has it, without anything that a caller of the API leaves behind.
async fn follow_quietly(server: &Server, who: AccountId, whom: AccountId) {
    let (row, now) = (server.app.ids.next(), server.app.now());
    server
        .app
        .write(move |conn| {
            Box::pin(async move {
                let options = FollowOptions::default();
                store::relations::follow(conn, row, (who, whom), &options, now).await?;
                Ok::<_, app::AppError>(())
            })
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn what_is_written_while_a_feed_is_filled_is_in_it() {
    // SQLite has one writer: nothing is written meanwhile.
    let Some(database) = TestDatabase::postgres().await else { return };
    let server = Server::on(database.store.clone());
    let (author, reader) = (server.account("author").await, server.account("reader").await);
    let author = me(&server, &author).await;
    let said = say(&server, &author, "long ago").await;

    // A follow that saw no feed yet, and is not committed.
    let (saw_none, seen) = oneshot::channel();
    let (release, released) = oneshot::channel::<()>();
    let (row, now, who, whom) = (server.app.ids.next(), server.app.now(), reader.id, author.id());
    let app = server.app.clone();
    let writing = tokio::spawn(async move {
        app.write(move |conn| {
            Box::pin(async move {
                let options = FollowOptions::default();
                store::relations::follow(conn, row, (who, whom), &options, now).await?;
                assert!(!store::home_feed::is_built(conn, who).await?);
                saw_none.send(()).unwrap();
                released.await.unwrap();
                Ok::<_, app::AppError>(())
            })
        })
        .await
    });
    seen.await.unwrap();
    let app = server.app.clone();
    let reading =
        tokio::spawn(async move { timelines::home(&app, who, Page::newest(40)).await.unwrap() });
    let is_begun = || {
        server.app.read(move |conn| {
            Box::pin(
                async move { Ok::<_, app::AppError>(store::home_feed::is_built(conn, who).await?) },
            )
        })
    };
    while !is_begun().await.unwrap() {
        tokio::task::yield_now().await;
    }
    release.send(()).unwrap();
    writing.await.unwrap().unwrap();
    let views = reading.await.unwrap();
    assert_eq!(views.first().map(|view| view.status.id), Some(said.status.id));
    database.remove().await;
}
