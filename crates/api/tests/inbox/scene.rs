//! A server here, a peer there, and somebody who looks.

use std::future::Future;

use axum::body::Body;
use domain::AccountId;
use domain::account::Account;
use serde_json::{Value, json};
use store::Store;
use testkit::{Peer, PeerActor, Server, Talk, for_each_engine};

/// The address of the shared inbox, as others know it.
pub const INBOX: &str = "http://localhost:3000/inbox";
/// Everybody.
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// A server with one person, alice, and a peer.
pub struct Scene {
    pub server: Server,
    pub talk: Talk,
    pub peer: Peer,
    pub alice: Account,
    pub token: String,
}

/// Runs a test on each engine.
pub async fn each<F, Fut>(test: F)
where
    F: Fn(Scene) -> Fut,
    Fut: Future<Output = ()>,
{
    for_each_engine(async |store| test(Scene::on(store).await).await).await;
}

impl Scene {
    pub async fn on(store: Store) -> Self {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read write follow").await;
        let scene = Self { server, talk, peer: Peer::start(2).await, alice, token };
        scene.settle().await;
        scene
    }

    /// The ActivityPub id of alice.
    pub fn alice_id(&self) -> String {
        "http://localhost:3000/users/alice".into()
    }

    /// Runs all jobs, and brings what they cause to its receivers.
    pub async fn settle(&self) {
        app::jobs::run_all(&self.server.app).await.unwrap();
        app::delivery::deliver_all(&self.server.app).await.unwrap();
    }

    /// Sends a request; the answer is its status code.
    pub async fn send(&self, request: http::Request<Body>) -> u16 {
        self.talk.ask(request).await.status.as_u16()
    }

    /// Posts an activity to the shared inbox and lets it be done.
    pub async fn deliver(&self, actor: &PeerActor, activity: &Value) {
        let request = actor.post(INBOX, activity, self.server.app.now());
        let answer = self.talk.ask(request).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        self.settle().await;
    }

    /// What alice reads at a path.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self.talk.get(path, &self.token).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    /// What alice gets for a form.
    pub async fn post(&self, path: &str, form: &str) -> Value {
        let answer = self.talk.post(path, &self.token, form).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    /// The status with this id, if alice finds it without anybody being asked.
    pub async fn known(&self, uri: &str) -> Option<Value> {
        self.find(uri, "statuses", false).await
    }

    /// The account or status at an address, asked for.
    pub async fn resolve(&self, address: &str, kind: &str) -> Option<Value> {
        self.find(address, kind, true).await
    }

    async fn find(&self, address: &str, kind: &str, resolve: bool) -> Option<Value> {
        let query: String = url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
        let found =
            self.get(&format!("/api/v2/search?q={query}&type={kind}&resolve={resolve}")).await;
        found[kind].as_array().unwrap().first().cloned()
    }

    /// What alice has been told, newest first, by kind.
    pub async fn told(&self) -> Vec<String> {
        let list = self.get("/api/v1/notifications").await;
        let kinds = list.as_array().unwrap().iter();
        kinds.map(|entry| entry["type"].as_str().unwrap().to_owned()).collect()
    }

    /// Ids of the statuses in alice's home feed.
    pub async fn home(&self) -> Vec<String> {
        let list = self.get("/api/v1/timelines/home").await;
        let uris = list.as_array().unwrap().iter();
        uris.map(|status| status["uri"].as_str().unwrap().to_owned()).collect()
    }

    /// Lets alice follow an actor, and the actor agree. Answers with its id here.
    pub async fn follow(&self, actor: &PeerActor) -> String {
        let found = self.resolve(&actor.id, "accounts").await.unwrap();
        let id = found["id"].as_str().unwrap().to_owned();
        self.post(&format!("/api/v1/accounts/{id}/follow"), "").await;
        self.settle().await;
        let follow = self.sent("Follow").pop().unwrap();
        // Each has an id of its own: the same one would take effect once.
        let number = 900 + u32::try_from(self.sent("Follow").len()).unwrap();
        let accept = actor.activity(number, "Accept", &follow);
        self.deliver(actor, &accept).await;
        id
    }

    /// What this server has posted to the peer, of one type.
    pub fn sent(&self, kind: &str) -> Vec<Value> {
        let posts = self.peer.posts().into_iter().map(|post| post.json());
        posts.filter(|activity| activity["type"] == kind).collect()
    }

    /// A public status by alice: its id here and its ActivityPub id.
    pub async fn status(&self, text: &str, rest: &str) -> (String, String) {
        let text: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let made = self.post("/api/v1/statuses", &format!("status={text}{rest}")).await;
        self.settle().await;
        (made["id"].as_str().unwrap().to_owned(), made["uri"].as_str().unwrap().to_owned())
    }

    /// What alice and another account are to each other.
    pub async fn relation(&self, id: &str) -> Value {
        self.get(&format!("/api/v1/accounts/relationships?id[]={id}")).await[0].clone()
    }

    /// Suspends the account with this id here.
    pub async fn suspend(&self, id: &str) {
        let id = AccountId(id.parse().unwrap());
        app::accounts::suspend(&self.server.app, id, true).await.unwrap();
    }
}

/// A note made an answer to another status and addressed to its author.
pub fn answering(mut note: Value, status: &str, author: &str) -> Value {
    note["inReplyTo"] = json!(status);
    note["cc"] = json!([note["cc"][0], author]);
    note["tag"] = json!([{ "type": "Mention", "href": author, "name": "@alice" }]);
    note
}
