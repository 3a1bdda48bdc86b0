//! Web Push, seen by a push service on loopback and by the client that can read what it gets.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey as Verifier};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::account::Account;
use serde_json::Value;
use testkit::peer::{Peer, Recorded};
use testkit::{Server, Talk, for_each_engine};

/// A client: its keys, and where it is told of things.
struct Client {
    private: PrivateKey,
    auth: [u8; 16],
    token: String,
    endpoint: String,
}

impl Client {
    async fn new(server: &Server, account: &Account, peer: &Peer, path: &str) -> Self {
        let token = server.token(account.id, "read write push").await;
        let private = PrivateKey::from_private_key(&ECDH_P256, &[11; 32]).unwrap();
        Self { private, auth: [5; 16], token, endpoint: peer.url(path) }
    }

    fn public(&self) -> Vec<u8> {
        self.private.compute_public_key().unwrap().as_ref().to_vec()
    }

    async fn subscribe(&self, talk: &Talk, more: &str) -> Value {
        let (key, auth) =
            (URL_SAFE_NO_PAD.encode(self.public()), URL_SAFE_NO_PAD.encode(self.auth));
        let form = format!(
            "subscription[endpoint]={}&subscription[keys][p256dh]={key}&subscription[keys][auth]={auth}&{more}",
            self.endpoint
        );
        let answer = talk.post("/api/v1/push/subscription", &self.token, &form).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    async fn is_subscribed(&self, talk: &Talk) -> bool {
        talk.get("/api/v1/push/subscription", &self.token).await.status == 200
    }

    /// Reads a push as RFC 8291 §4 or, by its headers, the draft before says.
    fn read(&self, push: &Recorded) -> Value {
        let header = |name: &str| push.headers[name].to_str().unwrap().to_owned();
        let field = |text: &str, name: &str| {
            let found = text.split([';', ',']).find_map(|part| part.trim().strip_prefix(name));
            URL_SAFE_NO_PAD.decode(found.unwrap()).unwrap()
        };
        let body = &push.bytes[..];
        let own = self.public();
        match header("content-encoding").as_str() {
            "aes128gcm" => {
                let (salt, sender, record) = (&body[..16], &body[21..86], &body[86..]);
                assert_eq!(&body[16..21], [0, 0, 16, 0, 65], "one record of 4096, a key of 65");
                let info = [b"WebPush: info\0", &own[..], sender].concat();
                let secret = expand(&self.auth, &self.agreed(sender), &info);
                let key = expand(salt, &secret, b"Content-Encoding: aes128gcm\0");
                let nonce = expand(salt, &secret, b"Content-Encoding: nonce\0");
                let mut text = open(&key, &nonce, record);
                assert_eq!(text.pop(), Some(2), "the last record");
                serde_json::from_slice(&text).unwrap()
            }
            "aesgcm" => {
                let salt = field(&header("encryption"), "salt=");
                let sender = field(&header("crypto-key"), "dh=");
                let secret = expand(&self.auth, &self.agreed(&sender), b"Content-Encoding: auth\0");
                let context = [b"P-256\0\0\x41", &own[..], b"\0\x41", &sender[..]].concat();
                let info = |name: &[u8]| [name, &context[..]].concat();
                let key = expand(&salt, &secret, &info(b"Content-Encoding: aesgcm\0"));
                let nonce = expand(&salt, &secret, &info(b"Content-Encoding: nonce\0"));
                let text = open(&key, &nonce, body);
                assert_eq!(&text[..2], [0, 0], "no padding");
                serde_json::from_slice(&text[2..]).unwrap()
            }
            other => panic!("{other}"),
        }
    }

    fn agreed(&self, sender: &[u8]) -> Vec<u8> {
        let sender = UnparsedPublicKey::new(&ECDH_P256, sender);
        agree(&self.private, sender, (), |secret| Ok(secret.to_vec())).unwrap()
    }
}

fn expand(salt: &[u8], secret: &[u8], info: &[u8]) -> Vec<u8> {
    let sign = |key: &[u8], text: &[u8]| {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text).as_ref().to_vec()
    };
    sign(&sign(salt, secret), &[info, &[1]].concat())
}

fn open(key: &[u8], nonce: &[u8], sealed: &[u8]) -> Vec<u8> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key[..16]).unwrap());
    let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).unwrap();
    let mut text = sealed.to_vec();
    key.open_in_place(nonce, Aad::empty(), &mut text).unwrap().to_vec()
}

/// What a push service checks before it takes a push (RFC 8292).
fn check_statement(token: &str, server_key: &str, audience: &str, now: i64) {
    let (text, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let key = Verifier::new(&ECDSA_P256_SHA256_FIXED, URL_SAFE_NO_PAD.decode(server_key).unwrap());
    key.verify(text.as_bytes(), &signature).unwrap();
    let claims = URL_SAFE_NO_PAD.decode(text.split_once('.').unwrap().1).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["aud"], audience);
    let life = claims["exp"].as_i64().unwrap() - now;
    assert!((1..=86_400).contains(&life), "{claims}");
    assert!(claims["sub"].as_str().unwrap().starts_with("http"), "{claims}");
}

async fn work(server: &Server) {
    app::jobs::run_all(&server.app).await.unwrap();
}

async fn favourite(talk: &Talk, id: &str, token: &str) {
    let path = format!("/api/v1/statuses/{id}/favourite");
    assert_eq!(talk.post(&path, token, "").await.status, 200);
}

async fn say(server: &Server, talk: &Talk, token: &str, form: &str) -> String {
    let answer = talk.post("/api/v1/statuses", token, form).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    work(server).await;
    answer.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn both_encodings_reach_a_client_that_can_read_them() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let (alice, bob) = (server.account("alice").await, server.account("bob").await);
        let peer = Peer::start(5).await;
        let new = Client::new(&server, &alice, &peer, "/new").await;
        let old = Client::new(&server, &alice, &peer, "/old").await;
        let mentions = "data[alerts][mention]=true";
        let made = new.subscribe(&talk, &format!("subscription[standard]=true&{mentions}")).await;
        old.subscribe(&talk, mentions).await;
        let key = made["server_key"].as_str().unwrap().to_owned();
        let bobs = server.token(bob.id, "read write").await;
        let text = format!("status=@alice {}", "word ".repeat(60));
        say(&server, &talk, &bobs, &text).await;

        let posts = peer.posts();
        assert_eq!(posts.len(), 2);
        for push in &posts {
            assert_eq!(push.headers["ttl"], "172800");
            assert_eq!(push.headers["urgency"], "normal");
            assert!(push.bytes.len() <= 4096);
        }
        let at = |path: &str| posts.iter().find(|push| push.path == path).unwrap();
        let authorization = |path| at(path).headers["authorization"].to_str().unwrap().to_owned();
        let now = server.app.now().seconds();
        let fresh = authorization("/new");
        let (token, shown) = fresh.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(shown, key);
        check_statement(token, &key, &peer.base, now);
        check_statement(
            authorization("/old").strip_prefix("WebPush ").unwrap(),
            &key,
            &peer.base,
            now,
        );
        let crypto = at("/old").headers["crypto-key"].to_str().unwrap().to_owned();
        assert!(crypto.ends_with(&format!(";p256ecdsa={key}")), "{crypto}");

        for (client, path) in [(&new, "/new"), (&old, "/old")] {
            let said = client.read(at(path));
            assert_eq!(
                said["access_token"],
                client.token.as_str(),
                "clients find the account by it"
            );
            assert_eq!(said["notification_type"], "mention");
            assert!(said["notification_id"].is_number());
            assert_eq!(said["preferred_locale"], "en");
            assert_eq!(said["title"], "You were mentioned by bob");
            assert_eq!(said["icon"], "http://localhost:3000/assets/avatar.png");
            let body = said["body"].as_str().unwrap();
            assert!(body.starts_with("@alice word word"), "{body}");
            assert_eq!(body.chars().count(), 140);
            let id = said["notification_id"].as_i64().unwrap();
            let shown = talk.get(&format!("/api/v1/notifications/{id}"), &client.token).await;
            assert_eq!(shown.json()["type"], "mention");
        }
    })
    .await;
}

#[tokio::test]
async fn only_what_was_asked_for_and_from_whom_is_pushed() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let (alice, bob) = (server.account("alice").await, server.account("bob").await);
        let peer = Peer::start(5).await;
        let client = Client::new(&server, &alice, &peer, "/p").await;
        let bobs = server.token(bob.id, "read write follow").await;
        let wanted = "data[alerts][favourite]=true&data[alerts][mention]=false";
        let fresh = || async { say(&server, &talk, &client.token, "status=hello").await };
        let follow = |token: String, whom: String| {
            let talk = talk.clone();
            async move { talk.post(&format!("/api/v1/accounts/{whom}/follow"), &token, "").await }
        };

        client.subscribe(&talk, wanted).await;
        say(&server, &talk, &bobs, "status=@alice not wanted").await;
        assert_eq!(peer.posts().len(), 0, "mentions are off");
        favourite(&talk, &fresh().await, &bobs).await;
        work(&server).await;
        assert_eq!(peer.posts().len(), 1);

        client.subscribe(&talk, &format!("{wanted}&data[policy]=none")).await;
        favourite(&talk, &fresh().await, &bobs).await;
        client.subscribe(&talk, &format!("{wanted}&data[policy]=followed")).await;
        favourite(&talk, &fresh().await, &bobs).await;
        work(&server).await;
        assert_eq!(peer.posts().len(), 1, "nobody, or not followed");
        follow(client.token.clone(), bob.id.to_string()).await;
        favourite(&talk, &fresh().await, &bobs).await;
        work(&server).await;
        assert_eq!(peer.posts().len(), 2, "followed");

        client.subscribe(&talk, &format!("{wanted}&data[policy]=follower")).await;
        favourite(&talk, &fresh().await, &bobs).await;
        work(&server).await;
        assert_eq!(peer.posts().len(), 2, "no follower");
        follow(bobs.clone(), alice.id.to_string()).await;
        favourite(&talk, &fresh().await, &bobs).await;
        work(&server).await;
        assert_eq!(peer.posts().len(), 3, "a follower");
    })
    .await;
}

#[tokio::test]
async fn a_subscription_that_is_gone_is_removed_and_a_service_in_trouble_is_asked_again() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let (alice, bob) = (server.account("alice").await, server.account("bob").await);
        let peer = Peer::start(5).await;
        let client = Client::new(&server, &alice, &peer, "/p").await;
        let bobs = server.token(bob.id, "read write").await;
        let wanted = "subscription[standard]=true&data[alerts][favourite]=true";
        for (status, stays) in [(503, true), (429, true), (408, true), (404, false), (410, false)] {
            client.subscribe(&talk, wanted).await;
            let id = say(&server, &talk, &client.token, "status=hello").await;
            favourite(&talk, &id, &bobs).await;
            peer.answer_post(status, &[]);
            let before = peer.posts().len();
            let ran = app::jobs::run_all(&server.app).await;
            assert_eq!(ran.is_err(), stays, "{status}: a job that failed runs again");
            if let Err(error) = ran {
                assert!(!error.to_string().contains("/p"), "V07, the address is a secret: {error}");
                // The lease of a worker that died ends; then the job is tried again.
                server.clock.advance(11 * 60 * 1000);
                try_again(&server, &peer, before + 2).await;
            }
            let tries = if stays { 2 } else { 1 };
            assert_eq!(peer.posts().len() - before, tries, "{status}");
            assert_eq!(client.is_subscribed(&talk).await, stays, "{status}");
        }
    })
    .await;
}

/// Runs what failed before, as a worker does that starts anew, until it has posted.
async fn try_again(server: &Server, peer: &Peer, posts: usize) {
    let stop = tokio_util::sync::CancellationToken::new();
    let worker = app::jobs::Worker::new(server.app.clone(), stop.clone(), app::jobs::Lane::Push);
    let running = tokio::spawn(worker.run());
    peer.wait_for_posts(posts).await;
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn o01_a_push_goes_nowhere_that_may_not_be_reached() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let (alice, bob) = (server.account("alice").await, server.account("bob").await);
        let peer = Peer::start(5).await;
        let mut client = Client::new(&server, &alice, &peer, "/p").await;
        client.endpoint = "https://169.254.169.254/latest".into();
        client.subscribe(&talk, "data[alerts][favourite]=true").await;
        let bobs = server.token(bob.id, "read write").await;
        let id = say(&server, &talk, &client.token, "status=hello").await;
        favourite(&talk, &id, &bobs).await;
        work(&server).await;
        assert!(!client.is_subscribed(&talk).await, "it cannot ever be reached");
    })
    .await;
}

#[tokio::test]
async fn a03_a_password_change_ends_the_push_of_all_apps() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let talk = Talk::to(api::router(server.app.clone()));
        let (alice, bob) = (server.account("alice").await, server.account("bob").await);
        let peer = Peer::start(5).await;
        let client = Client::new(&server, &alice, &peer, "/p").await;
        client.subscribe(&talk, "data[alerts][mention]=true").await;
        app::access::set_password(&server.app, alice.id, "another password".into()).await.unwrap();
        let bobs = server.token(bob.id, "read write").await;
        say(&server, &talk, &bobs, "status=@alice hello").await;
        assert_eq!(peer.posts().len(), 0);
    })
    .await;
}
