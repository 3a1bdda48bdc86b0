//! Open pages hear of what happens, by the session's cookie, and only of what is for them.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod browser;

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use browser::Browser;
use domain::status::Visibility;
use futures_util::StreamExt;
use http::{Request, StatusCode};
use testkit::{PASSWORD, Server, for_each_engine};
use tower::ServiceExt;

const PATIENCE: Duration = Duration::from_secs(30);

/// An open page.
struct Page(BodyDataStream);

impl Page {
    async fn open(server: &Server, browser: &Browser, of: &str) -> Self {
        let response = ask(server, browser, of).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut page = Self(response.into_body().into_data_stream());
        assert!(page.next().await.unwrap().starts_with("retry:"));
        page
    }

    /// The next event; `None` when the stream has ended.
    async fn next(&mut self) -> Option<String> {
        let chunk = tokio::time::timeout(PATIENCE, self.0.next()).await.expect("something comes");
        chunk.map(|chunk| String::from_utf8(chunk.unwrap().to_vec()).unwrap())
    }
}

async fn ask(server: &Server, browser: &Browser, of: &str) -> axum::response::Response {
    let cookies: Vec<String> =
        browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = Request::get(format!("/live?of={of}")).header("cookie", cookies.join("; "));
    let router = tuskling_web::router(server.app.clone());
    router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

async fn post(server: &Server, name: &str, text: &str, visibility: Visibility) -> app::StatusView {
    let accounts = app::accounts::local(&server.app).await.unwrap();
    let (account, user) =
        accounts.into_iter().find(|(account, _)| account.username == name).unwrap();
    let new = app::statuses::NewStatus {
        text: text.into(),
        visibility: Some(visibility),
        ..Default::default()
    };
    let me = app::access::Me { account, user };
    let view = app::statuses::post(&server.app, &me, new).await.unwrap();
    app::jobs::run_all(&server.app).await.unwrap();
    view
}

#[tokio::test]
async fn a_new_post_comes_as_a_piece_of_the_page_and_goes_when_deleted() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.relay_events().await;
        server.account("alice").await;
        server.account("bob").await;
        let mut browser = Browser::at(&server);
        browser.sign_in("alice", PASSWORD).await;
        let mut page = Page::open(&server, &browser, "local").await;
        post(&server, "bob", "for followers", Visibility::Private).await;
        let view = post(&server, "bob", "<b>for all</b>", Visibility::Public).await;
        let event = page.next().await.unwrap();
        assert!(event.starts_with("event: post\ndata: <article"), "v01: {event}");
        assert!(event.contains("for all") && !event.contains("<b>for all"), "{event}");
        assert!(event.contains(&format!("action=\"/posts/{}\"", view.status.id)));

        post(&server, "bob", "@alice look", Visibility::Unlisted).await;
        assert_eq!(page.next().await.unwrap(), "event: notified\ndata: 1\n\n");
        let accounts = app::accounts::local(&server.app).await.unwrap();
        let (account, user) = accounts.into_iter().find(|(one, _)| one.username == "bob").unwrap();
        let bob = app::access::Me { account, user };
        let release = app::uploads::Release::ForGood;
        app::statuses::delete(&server.app, &bob, view.status.id, release).await.unwrap();
        let gone = format!("event: gone\ndata: {}\n\n", view.status.id);
        assert_eq!(page.next().await.unwrap(), gone);
    })
    .await;
}

#[tokio::test]
async fn a03_a_stream_ends_with_its_session() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.relay_events().await;
        server.account("alice").await;
        let mut browser = Browser::at(&server);
        browser.sign_in("alice", PASSWORD).await;
        let mut page = Page::open(&server, &browser, "home").await;
        let form = browser.get("/menu").await;
        browser.submit(&form, "/auth/sign_out", &[]).await;
        while let Some(event) = page.next().await {
            assert!(event.starts_with(":thump"), "{event}");
        }
    })
    .await;
}

#[tokio::test]
async fn a11_a_session_has_sixteen_streams_and_strangers_have_none() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.relay_events().await;
        server.account("alice").await;
        let mut browser = Browser::at(&server);
        let stranger = ask(&server, &browser, "home").await;
        assert_eq!(stranger.status(), StatusCode::FOUND, "sent to sign in");
        browser.sign_in("alice", PASSWORD).await;
        let mut open = Vec::new();
        for _ in 0..app::stream::MOST_STREAMS {
            open.push(Page::open(&server, &browser, "home").await);
        }
        let one_more = ask(&server, &browser, "home").await;
        assert_eq!(one_more.status(), StatusCode::SERVICE_UNAVAILABLE);
        drop(open);
        for odd in ["nothing", "list:x", "list:9", "tag:", "user"] {
            let answer = ask(&server, &browser, odd).await;
            assert!(answer.status().is_client_error(), "{odd}: {}", answer.status());
        }
    })
    .await;
}
