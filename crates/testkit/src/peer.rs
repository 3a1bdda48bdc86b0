//! Another server, played on a loopback address: it serves actors, notes and WebFinger, signs what
//! it posts, records what it is asked and sent, and lies where a test tells it to.
#![expect(clippy::unwrap_used, reason = "a test fixture fails by panicking")]

use std::collections::{HashMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use activitypub::sign::{NewKey, Scheme, SigningKey, new_key};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use domain::Timestamp;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use tokio::sync::Notify;
use url::Url;

/// What this peer's documents are, unless a test says otherwise.
pub const ACTIVITY: &str = "application/activity+json; charset=utf-8";

/// A server on `127.0.0.N`, until it is dropped.
pub struct Peer {
    /// `http://127.0.0.N:PORT`
    pub base: String,
    /// `127.0.0.N:PORT`
    pub host: String,
    shelf: Arc<Shelf>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Shelf {
    pages: Mutex<HashMap<String, Page>>,
    requests: Mutex<Vec<Recorded>>,
    answers: Mutex<VecDeque<Scripted>>,
    usual: Mutex<Option<StatusCode>>,
    rung: Notify,
}

/// How a POST is answered: status and headers.
type Scripted = (StatusCode, Vec<(&'static str, String)>);

#[derive(Clone)]
struct Page {
    status: StatusCode,
    kind: String,
    body: String,
    location: Option<String>,
}

/// A request that reached a peer.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Its method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
    /// The same as it came.
    pub bytes: Bytes,
}

impl Recorded {
    /// Its body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// An account of a peer, with its private key.
pub struct PeerActor {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
    /// Its key's id.
    pub key_id: String,
    /// Signs for it.
    pub key: SigningKey,
    /// Its document, to be changed and served anew.
    pub document: Value,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Peer {
    /// A peer on `127.0.0.<last>` and a free port.
    pub async fn start(last: u8) -> Self {
        let address = SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), 0));
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let shelf = Arc::new(Shelf::default());
        let router = Router::new().fallback(answer).with_state(shelf.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base: format!("http://{host}"), host, shelf, task }
    }

    /// An address on this peer.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Serves a document of ActivityPub at a path.
    pub fn serve(&self, path: &str, document: &Value) {
        self.serve_as(path, ACTIVITY, &document.to_string());
    }

    /// Serves anything at a path (with its query, when the query matters).
    pub fn serve_as(&self, path: &str, kind: &str, body: &str) {
        let page = Page {
            status: StatusCode::OK,
            kind: kind.to_owned(),
            body: body.to_owned(),
            location: None,
        };
        self.shelf.pages.lock().unwrap().insert(path.to_owned(), page);
    }

    /// Answers with this status code at a path.
    pub fn fail(&self, path: &str, status: u16) {
        let page = Page {
            status: StatusCode::from_u16(status).unwrap(),
            kind: ACTIVITY.to_owned(),
            body: String::new(),
            location: None,
        };
        self.shelf.pages.lock().unwrap().insert(path.to_owned(), page);
    }

    /// Redirects a path.
    pub fn redirect(&self, path: &str, to: &str) {
        let page = Page {
            status: StatusCode::FOUND,
            kind: ACTIVITY.to_owned(),
            body: String::new(),
            location: Some(to.to_owned()),
        };
        self.shelf.pages.lock().unwrap().insert(path.to_owned(), page);
    }

    /// Serves a WebFinger answer for `name@domain`: who it says that is, and where.
    pub fn serve_webfinger(&self, name: &str, domain: &str, subject: &str, actor: &str) {
        let document = json!({
            "subject": format!("acct:{subject}"),
            "links": [{ "rel": "self", "type": "application/activity+json", "href": actor }],
        });
        let path = format!("/.well-known/webfinger?resource=acct:{name}@{domain}");
        self.serve_as(&path, "application/jrd+json", &document.to_string());
    }

    /// An account of this peer, with document and WebFinger answer.
    pub async fn actor(&self, name: &str) -> PeerActor {
        let key = tokio::task::spawn_blocking(new_key).await.unwrap().unwrap();
        let actor = self.actor_with(name, &key);
        self.serve(&format!("/users/{name}"), &actor.document);
        self.serve_webfinger(name, &self.host, &format!("{name}@{}", self.host), &actor.id);
        actor
    }

    /// The same with a key that is there, and nothing served.
    #[must_use]
    pub fn actor_with(&self, name: &str, key: &NewKey) -> PeerActor {
        let id = self.url(&format!("/users/{name}"));
        let key_id = format!("{id}#main-key");
        let document = json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": id,
            "type": "Person",
            "preferredUsername": name,
            "name": format!("{name} of the peer"),
            "summary": "<p>Somebody</p>",
            "url": self.url(&format!("/@{name}")),
            "inbox": format!("{id}/inbox"),
            "outbox": format!("{id}/outbox"),
            "followers": format!("{id}/followers"),
            "following": format!("{id}/following"),
            "endpoints": { "sharedInbox": self.url("/inbox") },
            "publicKey": { "id": key_id, "owner": id, "publicKeyPem": key.public_pem },
        });
        PeerActor {
            name: name.to_owned(),
            key: SigningKey::from_pkcs8(key_id.clone(), &key.private).unwrap(),
            id,
            key_id,
            document,
        }
    }

    /// A public note of an actor, not yet served.
    #[must_use]
    pub fn note(&self, actor: &PeerActor, number: u32, content: &str) -> Value {
        let id = format!("{}/statuses/{number}", actor.id);
        json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": id,
            "type": "Note",
            "attributedTo": actor.id,
            "content": content,
            "published": crate::engines::START.plus(-60_000).rfc3339(),
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
            "cc": [format!("{}/followers", actor.id)],
            "url": self.url(&format!("/@{}/{number}", actor.name)),
        })
    }

    /// Answers the next POST that has no answer yet so, with these headers; all others with 202.
    pub fn answer_post(&self, status: u16, headers: &[(&'static str, &str)]) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let answer = (StatusCode::from_u16(status).unwrap(), headers);
        self.shelf.answers.lock().unwrap().push_back(answer);
    }

    /// Answers every POST so from now on.
    pub fn answer_posts(&self, status: u16) {
        *self.shelf.usual.lock().unwrap() = Some(StatusCode::from_u16(status).unwrap());
    }

    /// Everything it was asked and sent.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.shelf.requests.lock().unwrap().clone()
    }

    /// How often it was asked for a path, without regard to queries.
    #[must_use]
    pub fn hits(&self, path: &str) -> usize {
        let requests = self.shelf.requests.lock().unwrap();
        requests.iter().filter(|request| request.path.split('?').next() == Some(path)).count()
    }

    /// What was posted to it.
    #[must_use]
    pub fn posts(&self) -> Vec<Recorded> {
        self.requests().into_iter().filter(|request| request.method == "POST").collect()
    }

    /// Waits until it has received so many POSTs.
    pub async fn wait_for_posts(&self, count: usize) -> Vec<Recorded> {
        loop {
            let rung = self.shelf.rung.notified();
            let posts = self.posts();
            if posts.len() >= count {
                return posts;
            }
            rung.await;
        }
    }
}

impl PeerActor {
    /// A signed POST to an address, for a router in the same process.
    #[must_use]
    pub fn post(&self, url: &str, activity: &Value, now: Timestamp) -> http::Request<Body> {
        self.post_text(url, &activity.to_string(), now, Scheme::Cavage)
    }

    /// The same with any body and either scheme.
    #[must_use]
    pub fn post_text(
        &self,
        url: &str,
        body: &str,
        now: Timestamp,
        scheme: Scheme,
    ) -> http::Request<Body> {
        let url = Url::parse(url).unwrap();
        let kind = activitypub::MEDIA_TYPE;
        let signed =
            self.key.sign_post(&url, kind, body.as_bytes(), &HeaderMap::new(), scheme, now);
        let mut request = http::Request::builder()
            .method("POST")
            .uri(url.path())
            .body(Body::from(body.to_owned()));
        let headers = request.as_mut().unwrap().headers_mut();
        headers.extend(signed);
        headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        headers.insert(header::CONTENT_LENGTH, body.len().into());
        request.unwrap()
    }

    /// An activity of this actor.
    #[must_use]
    pub fn activity(&self, number: u32, verb: &str, object: &Value) -> Value {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": format!("{}#activities/{number}", self.id),
            "type": verb,
            "actor": self.id,
            "to": object.get("to").cloned().unwrap_or_else(|| json!([])),
            "cc": object.get("cc").cloned().unwrap_or_else(|| json!([])),
            "object": object,
        })
    }
}

async fn answer(State(shelf): State<Arc<Shelf>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, 8 * 1024 * 1024).await.unwrap_or(Bytes::new());
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let decoded = path.replace("%3A", ":").replace("%40", "@");
    shelf.requests.lock().unwrap().push(Recorded {
        method: head.method.to_string(),
        path: decoded.clone(),
        headers: head.headers,
        body: String::from_utf8_lossy(&bytes).into_owned(),
        bytes,
    });
    shelf.rung.notify_waiters();
    if head.method == http::Method::POST {
        return answer_post(&shelf);
    }
    let page = {
        let pages = shelf.pages.lock().unwrap();
        let bare = decoded.split('?').next().unwrap_or_default();
        pages.get(&decoded).or_else(|| pages.get(bare)).cloned()
    };
    let Some(page) = page else { return StatusCode::NOT_FOUND.into_response() };
    let mut response = (page.status, page.body).into_response();
    response.headers_mut().remove(header::CONTENT_TYPE);
    if !page.kind.is_empty() {
        response.headers_mut().insert(header::CONTENT_TYPE, page.kind.parse().unwrap());
    }
    if let Some(location) = page.location {
        response.headers_mut().insert(header::LOCATION, location.parse().unwrap());
    }
    response
}

fn answer_post(shelf: &Shelf) -> Response {
    let usual = shelf.usual.lock().unwrap().unwrap_or(StatusCode::ACCEPTED);
    let next = shelf.answers.lock().unwrap().pop_front();
    let (status, headers) = next.unwrap_or((usual, Vec::new()));
    let mut response = status.into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}
