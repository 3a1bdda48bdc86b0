//! Link previews, fetched from a real site on loopback.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use domain::account::Account;
use domain::status::Status;
use domain::time::{DAY, MINUTE, SECOND};
use domain::{AccountId, JobId, StatusId, Timestamp};
use serde_json::Value;
use testkit::for_each_engine;
use tokio::net::TcpListener;

use super::support::Place;

const ALL: &str = "read write follow";

/// A small site: `/page` has everything, `/busy` asks for rest once, `/film` has a player.
struct Site {
    address: SocketAddr,
    hits: Arc<AtomicUsize>,
}

impl Site {
    async fn start() -> Self {
        let hits = Arc::new(AtomicUsize::new(0));
        let (page, busy) = (hits.clone(), hits.clone());
        let router = Router::new()
            .route(
                "/page",
                get(move || async move {
                    page.fetch_add(1, Ordering::SeqCst);
                    Html(
                        "<html lang=en><title>t</title><meta property='og:title' content='A page'>\
                         <meta name=description content='About things'><meta name=author content='Ann'>\
                         <meta property='og:image' content='/picture.gif'>",
                    )
                }),
            )
            .route(
                "/busy",
                get(move || async move {
                    if busy.fetch_add(1, Ordering::SeqCst) == 0 {
                        return (http::StatusCode::TOO_MANY_REQUESTS, [("retry-after", "300")])
                            .into_response();
                    }
                    Html("<title>Rested</title>").into_response()
                }),
            )
            .route(
                "/film",
                get(|| async {
                    Html(
                        "<title>Film</title>\
                         <link rel=alternate type='application/json+oembed' href='/oembed'>",
                    )
                }),
            )
            .route(
                "/oembed",
                get(|| async {
                    let html = "<script>alert(1)</script><iframe onload='alert(1)' \
                                src='https://player.test/1'></iframe>";
                    axum::Json(serde_json::json!({
                        "type": "video", "html": html, "width": 640, "height": 360,
                    }))
                }),
            )
            .route("/text", get(|| async { "<title>plain text</title>" }))
            .route("/picture.gif", get(|| async { "GIF89a picture" }));
        let listener = TcpListener::bind("127.0.0.3:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, hits }
    }

    fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }

    fn link(&self, path: &str) -> String {
        format!("http%3A%2F%2F{}{path}", self.address)
    }
}

async fn card(place: &Place, token: &str, id: &str) -> Value {
    let answer = place.talk.get(&format!("/api/v1/statuses/{id}"), token).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["card"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn o06_two_hundred_posts_of_one_page_cause_one_fetch() {
    for_each_engine(|store| async move {
        let (place, site) = (Place::on(store).await, Site::start().await);
        let (_, alice) = place.user("alice", ALL).await;
        let mut last = String::new();
        for number in 0..200 {
            let form = format!("status={number}+{}", site.link("/page"));
            let answer = place.talk.post("/api/v1/statuses", &alice, &form).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            last = answer.json()["id"].as_str().unwrap().to_owned();
        }
        place.work().await;
        assert_eq!(site.hits(), 1);
        let card = card(&place, &alice, &last).await;
        assert_eq!(card["url"], format!("http://{}/page", site.address));
        for (name, value) in [
            ("title", "A page"),
            ("description", "About things"),
            ("type", "link"),
            ("author_name", "Ann"),
            ("provider_name", "127.0.0.3"),
            ("html", ""),
            ("language", "en"),
        ] {
            assert_eq!(card[name], value, "{name}");
        }
        // Its picture comes through our cache, when somebody looks.
        let image = card["image"].as_str().unwrap();
        let (_, path) = image.split_once("localhost:3000").unwrap();
        let picture = place.talk.get(path, "").await;
        assert_eq!((picture.status.as_u16(), picture.text.as_str()), (200, "GIF89a picture"));
        // A post within 14 days asks for nothing, one after them does.
        place.server.clock.advance(13 * DAY);
        place.post(&alice, &format!("status=again+{}", site.link("/page"))).await;
        assert_eq!(site.hits(), 1);
        place.server.clock.advance(2 * DAY);
        place.post(&alice, &format!("status=later+{}", site.link("/page"))).await;
        assert_eq!(site.hits(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn o06_what_not_everybody_may_read_is_never_fetched() {
    for_each_engine(|store| async move {
        let (place, site) = (Place::on(store).await, Site::start().await);
        let (_, alice) = place.user("alice", ALL).await;
        for visibility in ["private", "direct"] {
            let form = format!("status={}&visibility={visibility}", site.link("/page"));
            let id = place.post(&alice, &form).await;
            assert_eq!(card(&place, &alice, &id).await, Value::Null);
        }
        assert_eq!(site.hits(), 0);
        let form = format!("status={}&visibility=unlisted", site.link("/page"));
        let id = place.post(&alice, &form).await;
        assert_eq!(card(&place, &alice, &id).await["title"], "A page");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn o06_a_site_that_asks_for_rest_gets_it() {
    for_each_engine(|store| async move {
        let (place, site) = (Place::on(store).await, Site::start().await);
        let (_, alice) = place.user("alice", ALL).await;
        let id = place.post(&alice, &format!("status={}", site.link("/busy"))).await;
        assert_eq!(site.hits(), 1);
        place.server.clock.advance(4 * MINUTE);
        // Other pages of the site wait as well.
        let other = place.post(&alice, &format!("status={}", site.link("/page"))).await;
        assert_eq!((site.hits(), card(&place, &alice, &other).await), (1, Value::Null));
        place.server.clock.advance(MINUTE + 10 * SECOND);
        place.work().await;
        assert_eq!(card(&place, &alice, &id).await["title"], "Rested");
        assert_eq!(card(&place, &alice, &other).await["title"], "A page");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn m02_of_a_player_only_a_sandboxed_frame_is_left() {
    for_each_engine(|store| async move {
        let (place, site) = (Place::on(store).await, Site::start().await);
        let (_, alice) = place.user("alice", ALL).await;
        let id = place.post(&alice, &format!("status={}", site.link("/film"))).await;
        let film = card(&place, &alice, &id).await;
        assert_eq!((&film["type"], &film["width"]), (&"video".into(), &640.into()));
        let html = film["html"].as_str().unwrap();
        assert!(html.starts_with("<iframe src=\"https://player.test/1\" width=\"640\""), "{html}");
        assert!(html.contains("sandbox=\""), "{html}");
        assert!(!html.contains("onload") && !html.contains("script>"), "{html}");
        let id = place.post(&alice, &format!("status={}", site.link("/text"))).await;
        assert_eq!(card(&place, &alice, &id).await, Value::Null, "text is no page");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_are_told_when_the_preview_comes_and_an_edit_changes_it() {
    for_each_engine(|store| async move {
        let (place, site) = (Place::on(store).await, Site::start().await);
        let (_, alice) = place.user("alice", ALL).await;
        let mut socket = place.ws(&format!("access_token={alice}&stream=user")).await;
        socket.settle().await;
        let id = place.post(&alice, &format!("status={}", site.link("/page"))).await;
        let (_, event, payload) = socket.frame().await;
        let first: Value = serde_json::from_str(&payload).unwrap();
        assert_eq!((event.as_str(), &first["id"]), ("update", &id.as_str().into()));
        let (_, event, payload) = socket.frame().await;
        let second: Value = serde_json::from_str(&payload).unwrap();
        assert_eq!(event, "status.update");
        assert_eq!(second["card"]["title"], "A page");
        assert_eq!(second["edited_at"], Value::Null);
        let path = format!("/api/v1/statuses/{id}");
        let edited = place.talk.send("PUT", &path, &alice, "status=no+link").await;
        assert_eq!(edited.status, 200);
        place.work().await;
        assert_eq!(card(&place, &alice, &id).await, Value::Null);
    })
    .await;
}

/// A post like this one, by somebody elsewhere, as the inbox would store it.
async fn arrive(place: &Place, of: StatusId, content: String) {
    let app = &place.server.app;
    let stored = app.store.write(move |conn| {
        Box::pin(async move {
            let status = store::statuses::by_id(conn, of).await?.unwrap();
            let author = store::accounts::by_id(conn, status.account_id).await?.unwrap();
            let far = Account {
                id: AccountId(author.id.0 + 1),
                domain: Some("far.test".into()),
                uri: Some("https://far.test/users/alice".into()),
                ..author
            };
            store::accounts::insert(conn, &far).await?;
            let id = StatusId(status.id.0 + 1);
            let uri = Some("https://far.test/1".into());
            let copy = Status { id, uri, account_id: far.id, content, card_hash: None, ..status };
            store::statuses::insert(conn, &copy, false).await?;
            let job = store::jobs::New {
                id: JobId(99),
                kind: "fan_out",
                payload: serde_json::json!({"job": "fan_out", "status": id, "edited": false})
                    .to_string(),
                unique_key: None,
                run_at: Timestamp(0),
                lane: store::jobs::Lane::Quick,
                host: None,
            };
            store::jobs::insert(conn, &job, Timestamp(0)).await
        })
    });
    stored.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn o06_pages_that_posts_of_others_name_are_fetched_within_a_minute_not_at_once() {
    for_each_engine(|store| async move {
        let (place, site) = (Place::on(store).await, Site::start().await);
        let (_, alice) = place.user("alice", ALL).await;
        let id = place.post(&alice, "status=hello").await;
        let content = format!("<p><a href=\"http://{}/page\">a page</a></p>", site.address);
        arrive(&place, StatusId(id.parse().unwrap()), content).await;
        place.work().await;
        assert_eq!(site.hits(), 0);
        let lane = store::jobs::Lane::Fetch;
        let due = place
            .server
            .app
            .store
            .read(move |conn| Box::pin(async move { store::jobs::next_due(conn, lane).await }));
        let wait = due.await.unwrap().unwrap().since(place.server.app.now());
        assert!((1..MINUTE).contains(&wait), "{wait}");
        place.server.clock.advance(MINUTE);
        place.work().await;
        assert_eq!(site.hits(), 1);
    })
    .await;
}
