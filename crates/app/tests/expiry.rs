//! Posts that go by themselves.
#![expect(clippy::unwrap_used, reason = "a test stops where its tools fail")]

use app::access::Me;
use app::statuses::{ExpiryRule, Mark, NewStatus, end_expiry, expiry, mark, post, set_expiry};
use domain::StatusId;
use domain::time::{DAY, HOUR};
use testkit::{Server, for_each_engine};

async fn me(server: &Server, name: &str) -> Me {
    let account = server.account(name).await;
    let id = account.id;
    let user = server
        .app
        .store
        .read(move |conn| Box::pin(async move { store::users::by_account(conn, id).await }));
    Me { account, user: user.await.unwrap().unwrap() }
}

async fn say(server: &Server, me: &Me, text: &str, expires_in: Option<i64>) -> StatusId {
    let new = NewStatus { text: text.into(), expires_in, ..NewStatus::default() };
    post(&server.app, me, new).await.unwrap().status.id
}

async fn is_there(server: &Server, id: StatusId) -> bool {
    app::statuses::show(&server.app, id, None).await.is_ok()
}

#[tokio::test]
async fn a_post_with_a_time_of_its_own_goes_then() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = me(&server, "alice").await;
        let (short, long) = (
            say(&server, &alice, "short", Some(3_600)).await,
            say(&server, &alice, "long", None).await,
        );
        for bad in [0, -5, 60, i64::MAX] {
            let new = NewStatus { text: "x".into(), expires_in: Some(bad), ..NewStatus::default() };
            assert!(post(&server.app, &alice, new).await.is_err(), "{bad}");
        }
        app::jobs::run_all(&server.app).await.unwrap();
        assert!(is_there(&server, short).await);
        server.clock.advance(2 * HOUR);
        app::jobs::run_all(&server.app).await.unwrap();
        assert!(!is_there(&server, short).await && is_there(&server, long).await);
    })
    .await;
}

#[tokio::test]
async fn old_posts_go_by_the_rule_of_their_author_only() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let (alice, bob) = (me(&server, "alice").await, me(&server, "bob").await);
        let (old, pinned, saved) = (
            say(&server, &alice, "old", None).await,
            say(&server, &alice, "pinned", None).await,
            say(&server, &alice, "saved", None).await,
        );
        let of_bob = say(&server, &bob, "of bob", None).await;
        mark(&server.app, &alice, pinned, Mark::Pin).await.unwrap();
        mark(&server.app, &alice, saved, Mark::Bookmark).await.unwrap();
        mark(&server.app, &bob, old, Mark::Bookmark).await.unwrap();
        let rule = ExpiryRule {
            account_id: alice.id(),
            days: 14,
            keep_pinned: true,
            keep_direct: true,
            keep_media: false,
            keep_polls: false,
            keep_marked: true,
        };
        assert!(set_expiry(&server.app, ExpiryRule { days: 1, ..rule }).await.is_err());
        set_expiry(&server.app, rule).await.unwrap();
        assert_eq!(expiry(&server.app, alice.id()).await.unwrap(), Some(rule));
        server.clock.advance(20 * DAY);
        let young = say(&server, &alice, "young", None).await;
        app::jobs::ensure_recurring(&server.app).await.unwrap();
        app::jobs::run_all(&server.app).await.unwrap();
        let mut left = Vec::new();
        for id in [old, pinned, saved, of_bob, young] {
            left.push(is_there(&server, id).await);
        }
        assert_eq!(left, [false, true, true, true, true]);
        assert!(end_expiry(&server.app, alice.id()).await.unwrap());
        assert_eq!(expiry(&server.app, alice.id()).await.unwrap(), None);
    })
    .await;
}
