//! Receipts: who sees them, and trying again.

use app::AppError;
use app::delivery::{self, State};
use domain::status::Visibility;
use store::Page;
use testkit::peer::Peer;
use testkit::{Server, for_each_engine};

use super::support::{deliver, follows, me, remote, say};

#[tokio::test]
async fn the_author_sees_who_has_it_who_waits_and_why_and_can_try_again() {
    for_each_engine(|store| async move {
        let (server, good, bad) = (Server::on(store), Peer::start(2).await, Peer::start(3).await);
        let (author, other) = (me(&server, "author").await, me(&server, "other").await);
        for peer in [&good, &bad] {
            let follower = remote(&server, peer, "f").await;
            follows(&server, follower.id, author.id()).await;
        }
        bad.answer_posts(502);
        let id = say(&server, &author, "hello", Visibility::Public).await.status.id;
        deliver(&server).await;
        let receipts =
            delivery::receipts(&server.app, &author, id, Page::newest(10)).await.unwrap();
        let of = |host: &str| receipts.iter().find(|receipt| receipt.host == host).unwrap();
        assert_eq!(of(&good.host).state, State::Delivered);
        assert!(of(&good.host).finished_at.is_some());
        assert_eq!(of(&bad.host).state, State::Waiting);
        assert!(of(&bad.host).reason.as_deref().unwrap().contains("502"));
        let hosts = delivery::waiting_hosts(&server.app).await.unwrap();
        assert_eq!(hosts.len(), 1);
        assert_eq!((hosts[0].host.as_str(), hosts[0].waiting), (bad.host.as_str(), 1));
        bad.answer_posts(202);
        assert_eq!(deliver(&server).await, 0, "it waits for its time");
        assert_eq!(delivery::retry(&server.app, &author, id).await.unwrap(), 1);
        assert_eq!(deliver(&server).await, 1);
        let receipts =
            delivery::receipts(&server.app, &author, id, Page::newest(10)).await.unwrap();
        assert!(receipts.iter().all(|receipt| receipt.state == State::Delivered));
        assert_eq!(good.posts().len(), 1, "who has it does not get it again");
        for result in [
            delivery::receipts(&server.app, &other, id, Page::newest(10)).await.map(|_| ()),
            delivery::retry(&server.app, &other, id).await.map(|_| ()),
        ] {
            assert!(matches!(result, Err(AppError::NotFound)), "V05");
        }
    })
    .await;
}
