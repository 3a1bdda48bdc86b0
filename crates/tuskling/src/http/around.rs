//! What stands around the API and the pages: tolerance for trailing slashes, health and readiness, and the last
//! word on panics.

use std::sync::Arc;

use app::App;
use app::gone::Since;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use http::{HeaderMap, StatusCode, Uri};
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;

use super::door::FromEdge;
use super::part_heads;

/// Everything that the main listener serves.
pub fn router(app: Arc<App>) -> Router {
    let inner = Router::new()
        .route("/health", get(|| async { "OK" }))
        .route("/ready", get(ready))
        .with_state(app.clone())
        .merge(api::router(app.clone()))
        .merge(web::router(app.clone()))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(axum::middleware::from_fn_with_state(app.clone(), api::frame));
    // Routing happens inside, so the path is put right before it.
    Router::new().fallback_service(tower::service_fn(move |mut request: Request| {
        if let Some(target) = request.uri().path_and_query() {
            let arrived = api::Arrived(target.to_string());
            request.extensions_mut().insert(arrived);
        }
        let request = api::negotiate(&app, without_trailing_slash(request));
        let request = part_heads::bounded(request);
        inner.clone().oneshot(request)
    }))
}

/// With this an edge asks, along with readiness, what was deleted since; the answer has the same with
/// what to ask with next time. Edges take it out of what clients send.
const GONE_SINCE: &str = "x-tuskling-gone-since";

/// With this an edge tells how it stands with its certificates.
const CERTIFICATES: &str = "x-tuskling-certificates";

/// Can the server read and write?
async fn ready(
    State(app): State<Arc<App>>,
    edge: Option<Extension<FromEdge>>,
    headers: HeaderMap,
) -> Response {
    // Whoever comes in by another way has proved nothing.
    if let (Some(Extension(FromEdge(address))), Some(said)) = (edge, headers.get(CERTIFICATES)) {
        app.edges.note(address, said.as_bytes(), app.now());
    }
    match app::health::check(&app).await {
        Ok(()) => match headers.get(GONE_SINCE).and_then(|value| value.to_str().ok()) {
            Some(since) => gone(&app.gone.since(since)),
            None => "OK".into_response(),
        },
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready: the database does not read and write")
                .into_response()
        }
    }
}

/// The paths of what is gone, a line each. Whoever sees them can do nothing with them: they lead
/// nowhere.
fn gone(since: &Since) -> Response {
    let text = since.paths.as_ref().map_or_else(|| "*".to_owned(), |paths| paths.join("\n"));
    ([(GONE_SINCE, since.until.as_str())], format!("OK\n{text}\n")).into_response()
}

/// Some clients call `/api/v2/instance/`.
fn without_trailing_slash(mut request: Request) -> Request {
    let path = request.uri().path();
    if path.len() < 2 || !path.ends_with('/') {
        return request;
    }
    let trimmed = path.trim_end_matches('/');
    let trimmed = if trimmed.is_empty() { "/" } else { trimmed };
    let target = match request.uri().query() {
        Some(query) => format!("{trimmed}?{query}"),
        None => trimmed.to_owned(),
    };
    if let Ok(uri) = target.parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    request
}

/// A handler panicked: that is our mistake, and only this request's end (P05).
#[expect(clippy::needless_pass_by_value, reason = "the signature is the layer's")]
fn panicked(payload: Box<dyn std::any::Any + Send>) -> Response<Body> {
    let text = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(panic = text, "a handler panicked");
    let body = "{\"error\":\"Something went wrong on this server; its log says what\"}";
    (StatusCode::INTERNAL_SERVER_ERROR, [(http::header::CONTENT_TYPE, "application/json")], body)
        .into_response()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::body::Bytes;
    use http::header;
    use testkit::{Server, Talk, for_each_engine};

    use super::*;

    const DOCUMENT: &str = "application/activity+json";
    const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

    #[tokio::test]
    async fn r05_a_form_with_parts_is_refused_as_soon_as_it_is_too_large() {
        let database = testkit::TestDatabase::sqlite().await;
        let server = Server::on(database.store.clone());
        let talk = Talk::to(router(server.app.clone()));
        for (path, most) in [("/compose", 512 * 1024), ("/api/v1/apps", 2 * 1024 * 1024)] {
            let taken = Arc::new(AtomicUsize::new(0));
            let counted = taken.clone();
            let begin = "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n";
            let pieces = std::iter::once(Bytes::from_static(begin.as_bytes()))
                .chain(std::iter::repeat_n(Bytes::from(vec![b'a'; 16 * 1024]), 1000))
                .map(move |piece| {
                    counted.fetch_add(piece.len(), Ordering::Relaxed);
                    Ok::<_, std::convert::Infallible>(piece)
                });
            let request = Request::post(path)
                .header("content-type", "multipart/form-data; boundary=B")
                .body(Body::from_stream(futures_util::stream::iter(pieces)));
            let status = talk.ask(request.unwrap()).await.status;
            assert!(status == 400 || status == 413, "{path}: {status}");
            let taken = taken.load(Ordering::Relaxed);
            assert!(taken < most, "{path}: {taken} bytes of a field were taken");
        }
    }

    #[tokio::test]
    async fn forms_of_one_piece_and_of_many_are_read() {
        let database = testkit::TestDatabase::sqlite().await;
        let server = Server::on(database.store.clone());
        let talk = Talk::to(router(server.app.clone()));
        let part = |name: &str, value: &str| {
            format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let to = part("redirect_uris", "urn:ietf:wg:oauth:2.0:oob");
        let form = format!("{}{to}--B--\r\n", part("client_name", "an app"));
        for at_once in [1, 7, 1000] {
            let pieces: Vec<_> = form
                .as_bytes()
                .chunks(at_once)
                .map(|piece| Ok::<_, std::convert::Infallible>(Bytes::copy_from_slice(piece)))
                .collect();
            let request = Request::post("/api/v1/apps")
                .header("content-type", "multipart/form-data; boundary=B")
                .body(Body::from_stream(futures_util::stream::iter(pieces)));
            let answer = talk.ask(request.unwrap()).await;
            assert_eq!(answer.status, 200, "{at_once}: {}", answer.text);
            assert_eq!(answer.json()["name"], "an app");
        }
    }

    #[tokio::test]
    async fn e05_only_edges_on_the_link_are_believed_about_certificates() {
        for_each_engine(|store| async move {
            let server = Server::on(store);
            let talk = Talk::to(router(server.app.clone()));
            let ask = |edge: Option<FromEdge>| {
                let said = r#"[{"name":"a.test","has_certificate":true}]"#;
                let mut request = Request::new(Body::empty());
                *request.uri_mut() = "/ready".parse().unwrap();
                request.headers_mut().insert(CERTIFICATES, said.parse().unwrap());
                if let Some(edge) = edge {
                    request.extensions_mut().insert(edge);
                }
                request
            };
            assert_eq!(talk.ask(ask(None)).await.status, 200);
            assert!(server.app.edges.all().is_empty(), "anybody may say that");
            let edge = FromEdge([10, 0, 0, 9].into());
            assert_eq!(talk.ask(ask(Some(edge))).await.status, 200);
            assert_eq!(server.app.edges.all()[0].names[0].name, "a.test");
        })
        .await;
    }

    #[tokio::test]
    async fn e08_one_address_has_two_forms_and_says_so() {
        for_each_engine(|store| async move {
            let server = Server::on(store);
            let alice = server.account("alice").await;
            let token = server.token(alice.id, "write").await;
            let talk = Talk::to(router(server.app.clone()));
            let posted = talk.post("/api/v1/statuses", &token, "status=hello").await;
            let id = posted.json()["id"].as_str().unwrap().to_owned();
            let page = format!("/@alice/{id}");
            let note = format!("/users/alice/statuses/{id}");
            for (path, accept, status, kind) in [
                ("/@alice", BROWSER, 200, "text/html"),
                ("/@alice", DOCUMENT, 200, DOCUMENT),
                ("/@alice", BROWSER, 200, "text/html"),
                ("/@alice/", DOCUMENT, 200, DOCUMENT),
                ("/@alice", "*/*", 200, "text/html"),
                ("/@nobody", BROWSER, 404, "text/html"),
                ("/@nobody", DOCUMENT, 404, "application/json"),
                (page.as_str(), BROWSER, 200, "text/html"),
                (page.as_str(), DOCUMENT, 200, DOCUMENT),
                ("/users/alice", BROWSER, 302, ""),
                ("/users/alice", DOCUMENT, 200, DOCUMENT),
                ("/users/alice", "*/*", 200, DOCUMENT),
                ("/users/alice/outbox", BROWSER, 302, ""),
                (note.as_str(), BROWSER, 302, ""),
                (note.as_str(), DOCUMENT, 200, DOCUMENT),
                ("/users/nobody", BROWSER, 302, ""),
                ("/users/nobody", DOCUMENT, 404, "application/json"),
                ("/actor", BROWSER, 302, ""),
                ("/actor", DOCUMENT, 200, DOCUMENT),
            ] {
                let request = Request::builder().uri(path).header(header::ACCEPT, accept);
                let answer = talk.ask(request.body(Body::empty()).unwrap()).await;
                assert_eq!(answer.status, status, "{path} {accept}: {}", answer.text);
                let vary: Vec<_> = answer.headers.get_all(header::VARY).iter().collect();
                let vary = vary.iter().any(|value| value.to_str().unwrap().contains("Accept"));
                assert!(vary, "{path} {accept} does not vary");
                let found = answer.headers.get(header::CONTENT_TYPE);
                let found = found.map_or("", |value| value.to_str().unwrap());
                assert!(found.starts_with(kind), "{path} {accept}: {found}");
            }
            let request = Request::builder().uri(note.as_str()).header(header::ACCEPT, BROWSER);
            let answer = talk.ask(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.headers[header::LOCATION], format!("http://localhost:3000{page}"));
            // M10: whatever the name is, the page is here.
            for odd in ["/users/%2F%2Fb.test", "/users/..%2F..%2F", "/users/a%0D%0Ab:%20c"] {
                let request = Request::builder().uri(odd).header(header::ACCEPT, BROWSER);
                let answer = talk.ask(request.body(Body::empty()).unwrap()).await;
                let to = answer.headers[header::LOCATION].to_str().unwrap();
                let name = to.strip_prefix("http://localhost:3000/@").unwrap();
                assert!(!name.contains(['/', '\\', '?', '#']), "{odd} → {to}");
            }
        })
        .await;
    }
}
