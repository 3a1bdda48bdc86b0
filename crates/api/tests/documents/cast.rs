//! An author here, and people of another server who ask for what the author wrote.

use activitypub::sign::{NewKey, Scheme, new_key};
use axum::body::Body;
use config::Config;
use domain::account::Account;
use domain::{AccountId, Timestamp};
use http::{Request, header};
use store::relations::{self, FollowOptions};
use store::remote_accounts::{self, Described, RemoteAccount};
use store::{Store, accounts};
use testkit::{Answer, Peer, PeerActor, Server, Talk};
use url::Url;

pub const VISIBILITIES: [&str; 4] = ["public", "unlisted", "private", "direct"];
/// Who signs; `nobody` does not.
pub const SIGNERS: [&str; 6] =
    ["nobody", "stranger", "follower", "blocked", "mentioned", "instance"];

pub struct Cast {
    pub server: Server,
    pub talk: Talk,
    pub author: Account,
    pub token: String,
    pub peer: Peer,
    pub people: Vec<(&'static str, PeerActor, AccountId)>,
}

impl Cast {
    pub async fn on(store: Store) -> Self {
        Self::with(store, |_| {}).await
    }

    /// The author has posted nothing yet; the follower follows, the blocked one is blocked.
    pub async fn with(store: Store, change: impl FnOnce(&mut Config)) -> Self {
        let server = Server::with(store, change);
        let author = server.account("author").await;
        let token = server.token(author.id, "read write follow").await;
        let talk = Talk::to(api::router(server.app.clone()));
        let peer = Peer::start(2).await;
        let key = tokio::task::spawn_blocking(new_key).await.unwrap().unwrap();
        let mut people = Vec::new();
        for name in ["stranger", "follower", "blocked", "mentioned", "instance"] {
            let actor = peer.actor_with(name, &key);
            let id = keep(&server, &peer, &actor, &key).await;
            people.push((name, actor, id));
        }
        let cast = Self { server, talk, author, token, peer, people };
        cast.follow("follower").await;
        let path = format!("/api/v1/accounts/{}/block", cast.id("blocked"));
        assert_eq!(cast.talk.post(&path, &cast.token, "").await.status, 200);
        cast
    }

    pub fn id(&self, name: &str) -> AccountId {
        self.person(name).2
    }

    fn person(&self, name: &str) -> &(&'static str, PeerActor, AccountId) {
        self.people.iter().find(|(known, _, _)| *known == name).unwrap()
    }

    /// Somebody there follows the author.
    pub async fn follow(&self, name: &str) {
        let (who, whom) = (self.id(name), self.author.id);
        let (row, now) = (self.server.app.ids.next(), self.server.app.now());
        self.server
            .app
            .store
            .write(move |conn| {
                Box::pin(async move {
                    let options = FollowOptions::default();
                    relations::follow(conn, row, (who, whom), &options, now).await?;
                    accounts::count_follow(conn, who, whom, 1).await
                })
            })
            .await
            .unwrap();
    }

    /// The author posts; the answer is the id.
    pub async fn post(&self, form: &str) -> String {
        let answer = self.talk.post("/api/v1/statuses", &self.token, form).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// GET as somebody, with the `Accept` of a server.
    pub async fn get(&self, signer: &str, path: &str) -> Answer {
        if signer == "nobody" {
            return self.unsigned(path, activitypub::ACCEPT).await;
        }
        self.talk.ask(self.signed(signer, path, self.server.app.now())).await
    }

    pub async fn unsigned(&self, path: &str, accept: &str) -> Answer {
        let request = Request::builder().uri(path).header(header::ACCEPT, accept);
        self.talk.ask(request.body(Body::empty()).unwrap()).await
    }

    pub fn signed(&self, signer: &str, path: &str, now: Timestamp) -> Request<Body> {
        signed(&self.person(signer).1, path, now)
    }
}

/// A signed GET of a path here.
pub fn signed(actor: &PeerActor, path: &str, now: Timestamp) -> Request<Body> {
    let url = Url::parse(&format!("http://localhost:3000{path}")).unwrap();
    let headers = actor.key.sign_get(&url, activitypub::ACCEPT, Scheme::Cavage, now);
    let mut request = Request::builder().uri(path).body(Body::empty()).unwrap();
    request.headers_mut().extend(headers);
    let accept = activitypub::ACCEPT.parse().unwrap();
    request.headers_mut().insert(header::ACCEPT, accept);
    request
}

/// Keeps an account of the peer as if it had been fetched.
async fn keep(server: &Server, peer: &Peer, actor: &PeerActor, key: &NewKey) -> AccountId {
    let id: AccountId = server.app.ids.next();
    let now = server.app.now();
    let described = Described {
        account: Account {
            id,
            username: actor.name.clone(),
            domain: Some("peer.test".into()),
            uri: Some(actor.id.clone()),
            url: None,
            ..blank(now)
        },
        remote: RemoteAccount {
            account_id: id,
            host: peer.host.clone(),
            kind: "person".into(),
            inbox: format!("{}/inbox", actor.id),
            shared_inbox: None,
            outbox: None,
            followers_uri: None,
            following_uri: None,
            featured_uri: None,
            featured_tags_uri: None,
            moved_to_uri: None,
            also_known_as: Vec::new(),
            attribution_domains: Vec::new(),
            fetched_at: now,
            backfilled_at: None,
        },
        keys: vec![(actor.key_id.clone(), key.public_pem.clone())],
    };
    let kept = server.app.store.write(move |conn| {
        Box::pin(async move { remote_accounts::upsert(conn, &described, now).await })
    });
    kept.await.unwrap()
}

fn blank(now: Timestamp) -> Account {
    Account {
        id: AccountId(0),
        username: String::new(),
        domain: None,
        uri: None,
        url: None,
        display_name: String::new(),
        note: String::new(),
        fields: Vec::new(),
        avatar: None,
        avatar_description: String::new(),
        header: None,
        header_description: String::new(),
        locked: false,
        bot: false,
        discoverable: false,
        indexable: false,
        hide_collections: false,
        followers_count: 0,
        following_count: 0,
        statuses_count: 0,
        last_status_at: None,
        created_at: now,
        suspended_at: None,
        silenced_at: None,
        sensitized_at: None,
        moved_to: None,
        is_group: false,
        memorial: false,
        emojis: Vec::new(),
    }
}
