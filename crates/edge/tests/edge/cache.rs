//! The cache as clients and origins see it.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::support::{NAME, Place, exchange, read_all, read_until, status};

const PATIENCE: Duration = Duration::from_secs(20);
const LARGE: usize = 3_000_000;
/// More than is held in memory.
const MANY: usize = 100_000;

/// An origin whose answers are as the test wants them.
struct Library {
    address: SocketAddr,
    shelf: Arc<Shelf>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Shelf {
    /// What was asked for: method, target, and what the headers said.
    asked: Mutex<Vec<Asked>>,
    pages: Mutex<HashMap<String, Page>>,
    /// What `/ready` says of what is gone.
    gone: Mutex<Option<(String, String)>>,
    go_on: Notify,
}

#[derive(Clone, Debug)]
struct Asked {
    line: String,
    headers: http::HeaderMap,
}

#[derive(Clone)]
struct Page {
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: Bytes,
    /// It comes in halves, the second when it is told to.
    is_slow: bool,
}

fn page(cache: &'static str, body: impl Into<Bytes>) -> Page {
    let headers = vec![("cache-control", cache), ("etag", "\"1\"")];
    Page { status: 200, headers, body: body.into(), is_slow: false }
}

const MINUTE: &str = "public, max-age=60";

impl Library {
    async fn open() -> Self {
        Self::at(SocketAddr::from(([127, 0, 0, 1], 0)), Arc::default()).await
    }

    async fn at(address: SocketAddr, shelf: Arc<Shelf>) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let of_task = shelf.clone();
        let task = tokio::spawn(async move {
            let mut tasks = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let shelf = of_task.clone();
                let service = service_fn(move |request| answer(shelf.clone(), request));
                tasks.spawn(async move {
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self { address, shelf, task }
    }

    fn put(&self, path: &str, page: Page) {
        self.shelf.pages.lock().unwrap().insert(path.to_owned(), page);
    }

    fn asked(&self) -> Vec<Asked> {
        self.shelf.asked.lock().unwrap().clone()
    }

    fn count(&self) -> usize {
        self.shelf.asked.lock().unwrap().len()
    }

    async fn close(self) -> (SocketAddr, Arc<Shelf>) {
        self.task.abort();
        let _ = self.task.await;
        (self.address, self.shelf)
    }
}

async fn answer(
    shelf: Arc<Shelf>,
    request: Request<Incoming>,
) -> Result<Response<BoxBody<Bytes, Infallible>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    if head.uri.path() == "/ready" {
        let mut response = Response::new(Full::default().boxed());
        if let Some((until, text)) = &*shelf.gone.lock().unwrap()
            && head.headers.contains_key("x-tuskling-gone-since")
        {
            *response.body_mut() = Full::from(text.clone()).boxed();
            response.headers_mut().insert("x-tuskling-gone-since", until.parse().unwrap());
        }
        return Ok(response);
    }
    let line = format!("{} {} {}", head.method, head.uri, String::from_utf8_lossy(&body));
    let known = head.headers.get("if-none-match").cloned();
    let accept = head.headers.get("accept").cloned();
    shelf.asked.lock().unwrap().push(Asked { line: line.trim().to_owned(), headers: head.headers });
    let path = head.uri.path_and_query().unwrap().as_str();
    let found = shelf.pages.lock().unwrap().get(path).cloned();
    let Some(page) = found else {
        let text = format!("{path} in {accept:?}");
        return Ok(Response::builder().status(404).body(Full::from(text).boxed()).unwrap());
    };
    let mut builder = Response::builder().status(page.status);
    for (name, value) in &page.headers {
        builder = builder.header(*name, *value);
    }
    let has = |tag: &http::HeaderValue| page.headers.contains(&("etag", tag.to_str().unwrap()));
    if known.as_ref().is_some_and(has) {
        return Ok(builder.status(304).body(Full::default().boxed()).unwrap());
    }
    if !page.is_slow {
        return Ok(builder.body(Full::from(page.body).boxed()).unwrap());
    }
    let half = page.body.len() / 2;
    let pieces = futures_util::stream::unfold(0, move |number| {
        let (body, shelf) = (page.body.clone(), shelf.clone());
        async move {
            let piece = match number {
                0 => body.slice(..half),
                1 => {
                    shelf.go_on.notified().await;
                    body.slice(half..)
                }
                _ => return None,
            };
            Some((Ok(Frame::data(piece)), number + 1))
        }
    });
    let builder = builder.header("content-length", (half * 2).to_string());
    Ok(builder.body(StreamBody::new(pieces).boxed()).unwrap())
}

fn numbers(count: usize) -> Bytes {
    (0..count).map(|number| b'a' + u8::try_from(number % 23).unwrap()).collect()
}

/// An edge whose cache is open.
async fn before(library: &Library) -> Place {
    ready(Place::with(&[library.address], |edge| edge.wait_for_origin = 0).await).await
}

async fn ready(place: Place) -> Place {
    until(async || {
        let (_, text) = place.get("/probe").await;
        header(&text, "cache-status").is_some_and(|status| status.contains("fwd=miss"))
    })
    .await;
    place
}

async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < PATIENCE, "it does not happen");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn header<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let head = text.split("\r\n\r\n").next()?;
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn body(text: &str) -> &str {
    text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

fn is_hit(text: &str) -> bool {
    header(text, "cache-status").is_some_and(|status| status.starts_with("tuskling; hit"))
}

#[tokio::test]
async fn what_everybody_may_see_is_asked_for_once() {
    let library = Library::open().await;
    library.put("/page", page(MINUTE, "hello"));
    let place = before(&library).await;
    let count = library.count();
    let (code, first) = place.get("/page").await;
    assert_eq!((code, body(&first)), (200, "hello"));
    assert_eq!(header(&first, "cache-status"), Some("tuskling; fwd=uri-miss; stored"));
    for _ in 0..3 {
        let (code, text) = place.get("/page").await;
        assert_eq!((code, body(&text)), (200, "hello"));
        assert!(is_hit(&text), "{text}");
        assert_eq!(header(&text, "age"), Some("0"));
        assert!(header(&text, "strict-transport-security").is_some());
    }
    let (code, text) = place.ask("HEAD", "/page", "").await;
    assert_eq!((code, body(&text), header(&text, "content-length")), (200, "", Some("5")));
    let (code, text) = place.ask("GET", "/page", "If-None-Match: W/\"1\"\r\n").await;
    assert_eq!((code, body(&text)), (304, ""));
    assert_eq!(library.count(), count + 1);
}

#[tokio::test]
async fn e08_what_shows_who_asks_is_neither_kept_nor_answered_from_the_cache() {
    let library = Library::open().await;
    library.put("/page", page(MINUTE, "for all"));
    library.put("/page?access_token=x", page(MINUTE, "for one"));
    library.put("/api/v1/x", page(MINUTE, "api"));
    library.put("/private", page("private, max-age=60", "mine"));
    library.put("/no-store", page("public, max-age=60, no-store", "mine"));
    library.put(
        "/cookie",
        Page {
            headers: vec![("cache-control", MINUTE), ("set-cookie", "a=b")],
            ..page(MINUTE, "mine")
        },
    );
    let place = before(&library).await;
    place.get("/page").await;
    let count = library.count();
    let all = [
        ("/page", "Cookie: a=b\r\n"),
        ("/page", "Authorization: Bearer x\r\n"),
        ("/page", "Signature: keyId=\"x\"\r\n"),
        ("/page", "Signature-Input: sig=()\r\n"),
        ("/page?access_token=x", ""),
        ("/api/v1/x", ""),
        ("/private", ""),
        ("/no-store", ""),
        ("/cookie", ""),
    ];
    for round in 1..=2 {
        for (path, headers) in all {
            let (code, text) = place.ask("GET", path, headers).await;
            assert!(code == 200 && !is_hit(&text), "{path} {headers}: {text}");
        }
        assert_eq!(library.count(), count + round * all.len());
    }
    assert!(is_hit(&place.get("/page").await.1));
}

#[tokio::test]
async fn e08_what_one_client_says_reaches_no_other_by_the_answer() {
    let library = Library::open().await;
    library.put("/page", page(MINUTE, "hello"));
    let place = before(&library).await;
    let said = "X-Evil: 1\r\nReferer: https://evil.test/\r\nX-Forwarded-Host: evil.test\r\n\
                Cache-Control: no-cache\r\nOrigin: https://evil.test\r\nRange: bytes=0-0\r\n\
                If-None-Match: \"1\"\r\n";
    assert_eq!(place.ask("GET", "/page", said).await.0, 304);
    let asked = library.asked().pop().unwrap();
    let mut names: Vec<&str> = asked.headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    let expected =
        ["accept", "forwarded", "host", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"];
    assert_eq!(names, expected);
    assert_eq!(asked.headers["x-forwarded-host"], NAME);
    assert!(is_hit(&place.get("/page").await.1));
    // A host that nobody else writes has no part in what others get.
    let count = library.count();
    let odd = format!("GET /page HTTP/1.1\r\nHost: {NAME}:81\r\nConnection: close\r\n\r\n");
    for _ in 0..2 {
        let text = place.raw(odd.as_bytes()).await;
        assert_eq!(
            (status(&text), header(&text, "cache-status")),
            (200, Some("tuskling; fwd=bypass"))
        );
    }
    assert_eq!(library.count(), count + 2);
    let own = format!("GET /page HTTP/1.1\r\nHost: {NAME}:443\r\nConnection: close\r\n\r\n");
    assert!(is_hit(&place.raw(own.as_bytes()).await));
}

#[tokio::test]
async fn e08_html_after_json_and_json_after_html() {
    let library = Library::open().await;
    let place = before(&library).await;
    let vary = |body: &'static str| Page {
        headers: vec![("cache-control", MINUTE), ("vary", "Accept")],
        ..page(MINUTE, body)
    };
    for (path, order) in [("/@a", ["html", "json"]), ("/@b", ["json", "html"])] {
        for form in order {
            library.put(path, vary(form));
            let accept = match form {
                "html" => "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n",
                _ => "Accept: application/activity+json\r\n",
            };
            let (_, text) = place.ask("GET", path, accept).await;
            assert_eq!(body(&text), form);
            let asked = library.asked().pop().unwrap();
            let expected = if form == "html" { "text/html" } else { "application/activity+json" };
            assert_eq!(asked.headers["accept"], expected, "it is asked for what it is kept as");
        }
        library.put(path, vary("wrong"));
        for (form, accept) in [
            ("html", "Accept: text/html\r\n"),
            ("json", "Accept: application/activity+json, application/ld+json\r\n"),
        ] {
            let (_, text) = place.ask("GET", path, accept).await;
            assert_eq!(body(&text), form);
            assert!(is_hit(&text));
        }
    }
}

#[tokio::test]
async fn e08_text_is_kept_once_and_packed_for_those_who_accept_it() {
    let library = Library::open().await;
    let text = "a line of text\n".repeat(200);
    library.put(
        "/text",
        Page {
            headers: vec![
                ("cache-control", MINUTE),
                ("content-type", "text/html"),
                ("etag", "\"1\""),
            ],
            ..page(MINUTE, text.clone())
        },
    );
    let place = before(&library).await;
    let count = library.count();
    for (accept, coding) in
        [("gzip", Some("gzip")), ("br", Some("br")), ("identity", None), ("zstd", Some("zstd"))]
    {
        for _ in 0..2 {
            let (code, answer) =
                place.ask("GET", "/text", &format!("Accept-Encoding: {accept}\r\n")).await;
            assert_eq!((code, header(&answer, "content-encoding")), (200, coding));
            assert_eq!(header(&answer, "vary"), Some("accept-encoding"));
            let length: usize = header(&answer, "content-length").unwrap().parse().unwrap();
            assert_eq!(length == text.len(), coding.is_none(), "{accept}: {length}");
            let tag = if coding.is_some() { "W/\"1\"" } else { "\"1\"" };
            assert_eq!(header(&answer, "etag"), Some(tag));
        }
    }
    assert_eq!(library.count(), count + 1);
    assert!(!library.asked().pop().unwrap().headers.contains_key("accept-encoding"));
}

#[tokio::test]
async fn files_are_the_same_for_all_and_parts_come_from_the_cache() {
    let library = Library::open().await;
    let bytes = numbers(LARGE);
    library.put("/media/film.mp4", page("public, max-age=31536000, immutable", bytes.clone()));
    let place = before(&library).await;
    let count = library.count();
    let whole = String::from_utf8(bytes.to_vec()).unwrap();
    let mine = "Cookie: a=b\r\nAuthorization: Bearer x\r\n";
    let (code, text) = place.ask("GET", "/media/film.mp4?x=1", mine).await;
    assert_eq!((code, body(&text).len()), (200, LARGE));
    assert!(body(&text) == whole);
    let asked = library.asked().pop().unwrap();
    assert_eq!(asked.line, "GET /media/film.mp4");
    assert!(!asked.headers.contains_key("cookie") && !asked.headers.contains_key("authorization"));
    for (range, from, to) in [
        ("bytes=0-0", 0, 1),
        ("bytes=1000000-2000000", 1_000_000, 2_000_001),
        ("bytes=-10", LARGE - 10, LARGE),
        ("bytes=2999999-", LARGE - 1, LARGE),
    ] {
        let (code, text) = place
            .ask("GET", "/media/film.mp4", &format!("Range: {range}\r\nCookie: c=d\r\n"))
            .await;
        assert_eq!(code, 206, "{range}");
        assert!(body(&text) == &whole[from..to], "{range}");
        let said = format!("bytes {from}-{}/{LARGE}", to - 1);
        assert_eq!(header(&text, "content-range"), Some(said.as_str()));
    }
    let (code, text) = place.ask("GET", "/media/film.mp4", "Range: bytes=3000000-\r\n").await;
    assert_eq!((code, header(&text, "content-range")), (416, Some("bytes */3000000")));
    assert_eq!(library.count(), count + 1);
}

#[tokio::test]
async fn e09_five_hundred_who_ask_at_once_are_one_to_the_origin() {
    let library = Library::open().await;
    library.put("/media/a", Page { is_slow: true, ..page(MINUTE, numbers(MANY)) });
    library.put("/page", Page { is_slow: true, ..page(MINUTE, numbers(1000)) });
    let place = Arc::new(before(&library).await);
    let count = library.count();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..500 {
        let place = place.clone();
        let path = if number % 2 == 0 { "/page" } else { "/media/a" };
        tasks.spawn(async move { place.get(path).await });
    }
    // All of them are there before the second half comes.
    until(async || library.count() >= count + 2).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    library.shelf.go_on.notify_one();
    library.shelf.go_on.notify_one();
    while let Some(done) = tasks.join_next().await {
        let (code, text) = done.unwrap();
        assert!(code == 200 && [1000, MANY].contains(&body(&text).len()), "{code}");
        // Late ones find an answer that waits for nobody.
        library.shelf.go_on.notify_waiters();
    }
    let asked = library.count() - count;
    assert!(asked <= 4, "{asked} instead of two for each");
}

#[tokio::test]
async fn readers_get_what_has_come_while_the_rest_is_on_its_way() {
    let library = Library::open().await;
    let bytes = numbers(200_000);
    library.put("/media/a", Page { is_slow: true, ..page(MINUTE, bytes.clone()) });
    let place = before(&library).await;
    let get = format!("GET /media/a HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n");
    let mut first = place.secure(&["http/1.1"]).await;
    first.write_all(get.as_bytes()).await.unwrap();
    read_until(&mut first, "\r\n\r\n").await;
    let (code, text) = place.ask("GET", "/media/a", "Range: bytes=10-19\r\n").await;
    assert_eq!((code, body(&text).as_bytes()), (206, &bytes[10..20]));
    // The one that asked goes away; the file comes all the same.
    drop(first);
    let late = place.ask("GET", "/media/a", "Range: bytes=150000-150009\r\n");
    let (_, (code, text)) = tokio::join!(
        async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            library.shelf.go_on.notify_one();
        },
        late
    );
    assert_eq!((code, body(&text).as_bytes()), (206, &bytes[150_000..150_010]));
}

#[tokio::test]
async fn e09_a_server_that_is_away_is_stood_in_for() {
    let library = Library::open().await;
    library.put("/page", page("public, max-age=1, stale-if-error=86400", "page"));
    library.put("/strict", page("public, max-age=1, must-revalidate", "strict"));
    library.put("/media/a", page("public, max-age=1", numbers(LARGE)));
    let place = before(&library).await;
    for path in ["/page", "/strict", "/media/a"] {
        assert_eq!(place.get(path).await.0, 200);
    }
    let (address, shelf) = library.close().await;
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let begun = Instant::now();
    for _ in 0..3 {
        let (code, text) = place.get("/page").await;
        assert_eq!((code, body(&text)), (200, "page"));
        assert!(header(&text, "cache-status").unwrap().starts_with("tuskling; hit; ttl=-"));
        let (code, text) = place.ask("GET", "/media/a", "Range: bytes=5-9\r\n").await;
        assert_eq!((code, body(&text)), (206, "fghij"));
    }
    assert!(begun.elapsed() < Duration::from_secs(3), "nobody waits for it");
    assert_eq!(place.get("/strict").await.0, 503);
    assert_eq!(place.get("/never-seen").await.0, 503);
    // It is back, with errors first.
    let broken = Page { status: 500, ..page("no-store", "broken") };
    shelf.pages.lock().unwrap().insert("/page".into(), broken);
    let library = Library::at(address, shelf).await;
    until(async || place.get("/strict").await.0 == 200).await;
    assert_eq!(body(&place.get("/page").await.1), "page");
    library.put("/page", Page { headers: vec![("cache-control", MINUTE)], ..page(MINUTE, "new") });
    until(async || body(&place.get("/page").await.1) == "new").await;
}

#[tokio::test]
async fn what_was_cached_survives_a_restart_and_a_torn_file_is_not_served() {
    let library = Library::open().await;
    let bytes = numbers(LARGE);
    for path in ["/media/a", "/media/b"] {
        library.put(path, page("public, max-age=3600", bytes.clone()));
    }
    library.put("/page", page("public, max-age=3600", "page"));
    let folder = tempfile::tempdir().unwrap();
    let at = async || {
        ready(Place::at(&[library.address], folder.path(), |edge| edge.wait_for_origin = 0).await)
            .await
    };
    let place = at().await;
    for path in ["/media/a", "/media/b", "/page"] {
        assert_eq!(place.get(path).await.0, 200);
        until(async || is_hit(&place.get(path).await.1)).await;
    }
    place.stop().await;
    // One loses its end, as after a power cut.
    let files = walk(&folder.path().join("data/cache"));
    let large: Vec<_> = files.iter().filter(|(_, length)| *length > 1_000_000).collect();
    assert_eq!(large.len(), 2, "{files:?}");
    let torn = std::fs::OpenOptions::new().write(true).open(&large[0].0).unwrap();
    torn.set_len(large[0].1 - 1).unwrap();
    let count = library.count();
    let place = at().await;
    let probes = library.asked().iter().filter(|asked| asked.line == "GET /probe").count();
    for path in ["/media/a", "/media/b", "/page"] {
        let (code, text) = place.get(path).await;
        assert!(code == 200 && (body(&text).as_bytes() == bytes || body(&text) == "page"));
    }
    let asked = library.asked().split_off(count);
    let asked: Vec<_> = asked.iter().filter(|asked| asked.line != "GET /probe").collect();
    assert_eq!(asked.len(), 1, "only the torn one ({probes} probes): {asked:?}");
    place.stop().await;
}

fn walk(folder: &std::path::Path) -> Vec<(std::path::PathBuf, u64)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(walk(&entry.path()));
        } else {
            found.push((entry.path(), entry.metadata().unwrap().len()));
        }
    }
    found
}

#[tokio::test]
async fn e10_the_cache_keeps_to_its_ceilings() {
    let library = Library::open().await;
    let few = |edge: &mut config::Edge| {
        (edge.cache_bytes, edge.cache_entries) = (16 * 1024 * 1024, 5);
    };
    let place = ready(Place::with(&[library.address], few).await).await;
    for number in 0..12 {
        library.put(&format!("/media/{number}"), page(MINUTE, numbers(1_900_000)));
        assert_eq!(place.get(&format!("/media/{number}")).await.0, 200);
    }
    let folder = place.config.edge.data.join("cache");
    let held = || {
        let files = walk(&folder);
        let large = files.iter().filter(|(_, length)| *length > 0);
        (large.clone().count(), large.map(|(_, length)| length).sum::<u64>())
    };
    until(async || held().0 == 5).await;
    assert!(held().1 <= 16 * 1024 * 1024);
    until(async || is_hit(&place.get("/media/11").await.1)).await;
    let count = library.count();
    place.get("/media/0").await;
    assert_eq!(library.count(), count + 1, "the one used longest ago is gone");
    // More than its share goes through and is not kept.
    library.put("/media/huge", page(MINUTE, numbers(2_200_000)));
    for _ in 0..2 {
        let (code, text) = place.get("/media/huge").await;
        assert!(code == 200 && body(&text).len() == 2_200_000 && !is_hit(&text));
    }
}

#[tokio::test]
async fn what_an_origin_has_deleted_disappears() {
    let library = Library::open().await;
    for path in ["/media/a", "/media/b", "/media/c"] {
        library.put(path, page("public, max-age=3600", numbers(100_000)));
    }
    *library.shelf.gone.lock().unwrap() = Some(("x.0".into(), "OK\n".into()));
    let place = before(&library).await;
    for path in ["/media/a", "/media/b", "/media/c"] {
        until(async || is_hit(&place.get(path).await.1)).await;
    }
    library.shelf.pages.lock().unwrap().remove("/media/a");
    *library.shelf.gone.lock().unwrap() = Some(("x.1".into(), "OK\n/media/a\nnonsense\n".into()));
    until(async || place.get("/media/a").await.0 == 404).await;
    assert!(is_hit(&place.get("/media/b").await.1));
    // Something was missed: everything is asked about, and what is as it was stays.
    library.shelf.pages.lock().unwrap().remove("/media/b");
    *library.shelf.gone.lock().unwrap() = Some(("y.7".into(), "OK\n*\n".into()));
    until(async || place.get("/media/b").await.0 == 404).await;
    let (code, text) = place.get("/media/c").await;
    assert_eq!((code, body(&text).len()), (200, 100_000));
    let asked = library.asked();
    let about_c = asked.iter().filter(|asked| asked.line == "GET /media/c").count();
    assert_eq!(about_c, 2);
    assert!(is_hit(&place.get("/media/c").await.1));
}

#[tokio::test]
async fn e03_a_connection_is_used_again_after_a_body_on_a_cached_address() {
    let library = Library::open().await;
    library.put("/page", page(MINUTE, "hello"));
    library.put("/other", page("no-store", "other"));
    let place = before(&library).await;
    place.get("/page").await;
    assert!(is_hit(&place.get("/page").await.1));
    let hidden = "GET /hidden HTTP/1.1\r\nHost: a.test\r\n\r\n";
    let requests = format!(
        "GET /page HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: {}\r\n\r\n{hidden}\
         GET /page HTTP/1.1\r\nHost: {NAME}\r\n\r\n\
         GET /other HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n",
        hidden.len()
    );
    let stream = place.secure(&["http/1.1"]).await;
    let text = exchange(stream, requests.as_bytes()).await;
    let answers: Vec<u16> =
        text.split("HTTP/1.1 ").skip(1).map(|part| status(&format!("HTTP/1.1 {part}"))).collect();
    assert_eq!(answers, [200, 200, 200], "{text}");
    assert!(text.ends_with("other"), "{text}");
    let asked = library.asked();
    assert!(asked.iter().all(|asked| !asked.line.starts_with("GET /hidden")), "{asked:?}");
    // The body never comes to its end: the connection is not used for what follows.
    let mut stream = place.secure(&["http/1.1"]).await;
    let half = format!(
        "GET /page HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n{hidden}"
    );
    stream.write_all(half.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let text = read_all(&mut stream).await;
    assert!(text.matches("HTTP/1.1 ").count() <= 1, "{text}");
    let asked = library.asked();
    assert!(
        asked.iter().all(
            |asked| !asked.line.contains("/hidden HTTP") || asked.line.starts_with("GET /page")
        )
    );
}

#[tokio::test]
async fn settings_of_the_cache_can_be_changed_while_it_runs() {
    let library = Library::open().await;
    library.put("/page", page(MINUTE, "hello"));
    let place = before(&library).await;
    place.get("/page").await;
    until(async || is_hit(&place.get("/page").await.1)).await;
    let mut config = place.config.clone();
    config.edge.cache_bytes = 0;
    place.handle.reload(&config).unwrap();
    let (_, text) = place.get("/page").await;
    assert!(!is_hit(&text), "{text}");
    place.handle.reload(&place.config).unwrap();
    until(async || is_hit(&place.get("/page").await.1)).await;
}
