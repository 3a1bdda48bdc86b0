//! Security keys beside codes: added with the password, asked for after it, and each answer good once.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;

use app::access::{KeyAnswer, NewKey};
use app::jobs::run_all;
use browser::person::{Person, between, code};
use browser::{Browser, location};
use domain::secret::Secret;
use domain::time::MINUTE;
use testkit::authenticator::{Authenticator, Made, Signed, base64url, from_base64url};
use testkit::{Answer, PASSWORD, Server, for_each_engine};

const CODE: &str = "/auth/second_factor";
const KEY: &str = "/auth/second_factor/key";
const SECURITY: &str = "/settings/security";
const KEYS: &str = "/settings/security_keys";
const ADD: &str = "/settings/security_keys/add";
const REMOVE: &str = "/settings/security_keys/remove";

fn new_key() -> Authenticator {
    Authenticator::es256("localhost", "http://localhost:3000")
}

/// What the page's script asks the key.
fn challenge(page: &Answer) -> Vec<u8> {
    assert!(page.text.contains("data-party=\"localhost\""), "{}", page.text);
    from_base64url(&between(&page.text, "data-challenge=\"", "\""))
}

/// The page that asks for the new key, after the password.
async fn asked(browser: &mut Browser) -> Answer {
    let page = browser.get(KEYS).await;
    let page = browser.submit(&page, KEYS, &[("current_password", PASSWORD)]).await;
    assert_eq!(page.status, 200, "{}", page.text);
    page
}

/// Sends what the script would.
async fn send(browser: &mut Browser, page: &Answer, name: &str, made: &Made) -> Answer {
    let (client_data, attestation) = (base64url(&made.client_data), base64url(&made.attestation));
    let fields = [
        ("name", name),
        ("client_data", client_data.as_str()),
        ("attestation", attestation.as_str()),
        ("transports", "usb,nfc,odd"),
    ];
    browser.submit(page, ADD, &fields).await
}

async fn add(browser: &mut Browser, key: &Authenticator, name: &str) {
    let page = asked(browser).await;
    let made = key.register(&challenge(&page));
    let added = send(browser, &page, name, &made).await;
    assert_eq!(location(&added), "/settings/security?done=key", "{}", added.text);
}

/// A fresh browser after the right password, and the page that asks for a code or a key.
async fn halfway(server: &Server, name: &str) -> (Browser, Answer) {
    let mut browser = Browser::at(server);
    let answer = browser.sign_in(name, PASSWORD).await;
    assert!(location(&answer).starts_with(CODE), "{answer:?}");
    let page = browser.get(&location(&answer)).await;
    (browser, page)
}

async fn answer(browser: &mut Browser, page: &Answer, signed: &Signed, handle: &str) -> Answer {
    let fields =
        [&signed.credential, &signed.client_data, &signed.authenticator_data, &signed.signature];
    let [credential, client_data, data, signature] = fields.map(|bytes| base64url(bytes));
    let fields = [
        ("credential", credential.as_str()),
        ("client_data", client_data.as_str()),
        ("authenticator_data", data.as_str()),
        ("signature", signature.as_str()),
        ("handle", handle),
    ];
    browser.submit(page, KEY, &fields).await
}

/// Whether a key opens the account.
async fn opens(server: &Server, name: &str, key: &mut Authenticator) -> bool {
    let (mut browser, page) = halfway(server, name).await;
    let signed = key.assert(&challenge(&page));
    let answer = answer(&mut browser, &page, &signed, "").await;
    assert_eq!(answer.status == 302, browser.cookies.contains_key("tuskling_session"));
    answer.status == 302
}

async fn told(server: &Server, words: &str) -> bool {
    run_all(&server.app).await.unwrap();
    let files = std::fs::read_dir(server.data().join("mail")).unwrap();
    let mut texts = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    texts.any(|text| text.contains(words))
}

#[tokio::test]
async fn a_key_is_added_with_the_password_and_opens_instead_of_a_code() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let mut alice = Person::with_second_factor(&server, "alice").await;
        let mine = &mut alice.browser;
        let page = mine.get(KEYS).await;
        let wrong = [("current_password", "wrong password")];
        assert_eq!(mine.submit(&page, KEYS, &wrong).await.status, 422);
        let page = asked(mine).await;
        let handle = between(&page.text, "data-handle=\"", "\"");
        assert_eq!(from_base64url(&handle).len(), 32);
        let mut key = new_key();
        let made = key.register(&challenge(&page));
        assert_eq!(
            location(&send(mine, &page, " Blue <key> ", &made).await),
            "/settings/security?done=key"
        );
        assert!(told(&server, "the security key \"Blue <key>\" was added").await);
        let list = mine.get(SECURITY).await;
        assert!(list.text.contains("<bdi>Blue &#60;key&#62;</bdi>"), "{}", list.text);
        let shown = between(&list.text, "Blue &#60;key&#62;</bdi>", "</li>");
        assert!(shown.contains("added") && !shown.contains("used last"), "{shown}");

        let (mut browser, page) = halfway(&server, "alice").await;
        let known = format!("data-known=\"{}:usb,nfc\"", base64url(&key.credential));
        assert!(page.text.contains(&known), "{}", page.text);
        let signed = key.assert(&challenge(&page));
        let other = answer(&mut browser, &page, &signed, &base64url(b"somebody else")).await;
        assert_eq!(other.status, 422, "a key that knows another account");
        let signed = key.assert(&challenge(&other));
        assert_eq!(location(&answer(&mut browser, &other, &signed, &handle).await), "/home");
        let list = browser.get(SECURITY).await;
        let shown = between(&list.text, "Blue &#60;key&#62;</bdi>", "</li>");
        assert!(shown.contains("used last"), "{shown}");

        // A code does as well.
        let (mut browser, page) = halfway(&server, "alice").await;
        let right = code(&server, &alice.key);
        assert_eq!(browser.submit(&page, CODE, &[("code", &right)]).await.status, 302);
        // And keys that do not count.
        let mut second = Authenticator::ed_dsa("localhost", "http://localhost:3000");
        second.sign_count = None;
        add(&mut browser, &second, "A passkey").await;
        assert!(opens(&server, "alice", &mut second).await);
        assert!(opens(&server, "alice", &mut second).await);
        assert!(opens(&server, "alice", &mut key).await);
    })
    .await;
}

#[tokio::test]
async fn a05_each_question_is_answered_once() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let mut alice = Person::with_second_factor(&server, "alice").await;
        let mut key = new_key();
        add(&mut alice.browser, &key, "Blue").await;

        let (mut one, page) = halfway(&server, "alice").await;
        let (mut two, other) = halfway(&server, "alice").await;
        assert_ne!(challenge(&page), challenge(&other));
        let signed = key.assert(&challenge(&page));
        let replayed = answer(&mut two, &other, &signed, "").await;
        assert_eq!(replayed.status, 422, "an answer to somebody else's question");
        assert!(replayed.text.contains("answered before or is too old"), "{}", replayed.text);
        assert_ne!(challenge(&replayed), challenge(&other), "that question is gone");
        let late = key.assert(&challenge(&other));
        assert_eq!(
            answer(&mut two, &other, &late, "").await.status,
            422,
            "also for the right answer"
        );
        assert_eq!(answer(&mut one, &page, &signed, "").await.status, 302);
        let again = answer(&mut one, &page, &signed, "").await;
        assert_eq!(location(&again), "/auth/sign_in", "the sign-in is over");

        // Two at the same moment: one wins.
        let (browser, page) = halfway(&server, "alice").await;
        let half = Secret::from_outside(browser.cookies["tuskling_half"].as_str());
        let signed = key.assert(&challenge(&page));
        let sent = || KeyAnswer {
            credential: base64url(&signed.credential),
            client_data: base64url(&signed.client_data),
            authenticator_data: base64url(&signed.authenticator_data),
            signature: base64url(&signed.signature),
            handle: String::new(),
        };
        let from = || app::access::Whence {
            address: std::net::Ipv4Addr::LOCALHOST.into(),
            user_agent: String::new(),
            browser: None,
        };
        let tries = (0..8).map(|_| {
            let (app, half, sent, from) = (server.app.clone(), half.clone(), sent(), from());
            tokio::spawn(async move {
                app::access::sign_in_by_key(&app, &half, sent, from).await.is_ok()
            })
        });
        let mut let_in = 0;
        for one in tries.collect::<Vec<_>>() {
            let_in += usize::from(one.await.unwrap());
        }
        assert_eq!(let_in, 1);
    })
    .await;
}

#[tokio::test]
async fn a05_an_answer_from_elsewhere_opens_nothing() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let mut alice = Person::with_second_factor(&server, "alice").await;
        let mut bob = Person::with_second_factor(&server, "bob").await;
        let (mut key, mut bobs) = (new_key(), new_key());
        add(&mut alice.browser, &key, "Blue").await;
        add(&mut bob.browser, &bobs, "Blue").await;
        assert!(!opens(&server, "alice", &mut bobs).await, "v05");
        let theirs = std::mem::replace(&mut bobs.credential, key.credential.clone());
        assert!(!opens(&server, "alice", &mut bobs).await, "under another's name");
        bobs.credential = theirs;
        assert!(opens(&server, "bob", &mut bobs).await);
        for origin in ["http://localhost:3001", "https://localhost:3000", "http://evil.test"] {
            key.origin = origin.into();
            assert!(!opens(&server, "alice", &mut key).await, "{origin}");
        }
        key.origin = "http://localhost:3000".into();
        key.party = "evil.test".into();
        assert!(!opens(&server, "alice", &mut key).await);
        key.party = "localhost".into();
        key.flags = 0;
        assert!(!opens(&server, "alice", &mut key).await, "nobody touched it");
        key.flags = 1;
        assert!(opens(&server, "alice", &mut key).await);

        let (mut browser, page) = halfway(&server, "alice").await;
        for wrong in ["", "%", "AAAA", "A"] {
            let fields = ["credential", "client_data", "authenticator_data", "signature", "handle"];
            let fields = fields.map(|name| (name, wrong));
            assert_eq!(browser.submit(&page, KEY, &fields).await.status, 422, "{wrong}");
        }
        assert_eq!(location(&Browser::at(&server).get(CODE).await), "/auth/sign_in");
    })
    .await;
}

#[tokio::test]
async fn a05_a_key_whose_count_goes_back_opens_nothing_and_its_owner_is_told() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let mut alice = Person::with_second_factor(&server, "alice").await;
        let mut key = new_key();
        add(&mut alice.browser, &key, "Blue").await;
        assert!(opens(&server, "alice", &mut key).await);
        assert!(!told(&server, "may have been copied").await);
        key.sign_count = Some(0);
        let (mut copy, page) = halfway(&server, "alice").await;
        let signed = key.assert(&challenge(&page));
        let refused = answer(&mut copy, &page, &signed, "").await;
        assert_eq!(refused.status, 422);
        assert!(refused.text.contains("may be a copy"), "{}", refused.text);
        assert!(told(&server, "may have been copied").await);
        assert!(opens(&server, "alice", &mut key).await, "the one that has signed more often");
    })
    .await;
}

#[tokio::test]
async fn a05_keys_cannot_be_tried_without_end() {
    for_each_engine(|store| async move {
        let server = Server::with(store, |config| config.limits.rate = config::Rate::On);
        let mut alice = Person::with_second_factor(&server, "alice").await;
        server.clock.advance(20 * MINUTE);
        let mut key = new_key();
        add(&mut alice.browser, &key, "Blue").await;
        server.clock.advance(20 * MINUTE);
        let (mut browser, page) = halfway(&server, "alice").await;
        for _ in 0..3 {
            assert_eq!(browser.submit(&page, KEY, &[]).await.status, 422);
        }
        for _ in 0..2 {
            assert_eq!(browser.submit(&page, CODE, &[("code", "000000")]).await.status, 422);
        }
        let again = browser.get(CODE).await;
        assert_eq!(location(&again), "/auth/sign_in", "keys and codes are counted together");
        let signed = key.assert(&challenge(&page));
        let over = answer(&mut browser, &page, &signed, "").await;
        assert!(over.text.contains("Sign in again"), "{}", over.text);

        let (mut browser, page) = halfway(&server, "alice").await;
        for _ in 0..4 {
            assert_eq!(browser.submit(&page, KEY, &[]).await.status, 422);
        }
        let signed = key.assert(&challenge(&page));
        assert_eq!(answer(&mut browser, &page, &signed, "").await.status, 429);
        let (mut browser, page) = halfway(&server, "alice").await;
        server.clock.advance(11 * MINUTE);
        let signed = key.assert(&challenge(&page));
        let late = answer(&mut browser, &page, &signed, "").await;
        assert!(late.text.contains("Sign in again"), "it waited too long");
    })
    .await;
}

#[tokio::test]
async fn a05_the_key_is_asked_for_whatever_the_state_of_the_account() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let mut alice = Person::with_second_factor(&server, "alice").await;
        let mut key = new_key();
        add(&mut alice.browser, &key, "Blue").await;
        app::accounts::suspend(&server.app, alice.account.id, true).await.unwrap();
        let (mut browser, page) = halfway(&server, "alice").await;
        let signed = key.assert(&challenge(&page));
        let refused = answer(&mut browser, &page, &signed, "").await;
        assert_eq!(refused.status, 403);
        assert!(refused.text.contains("currently disabled"), "{}", refused.text);
        assert!(!browser.cookies.contains_key("tuskling_session"));
    })
    .await;
}

#[tokio::test]
async fn a_key_is_added_once_by_the_session_that_knows_the_password() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("carol").await;
        let mut carol = Browser::at(&server);
        carol.sign_in("carol", PASSWORD).await;
        let page = carol.get(KEYS).await;
        assert!(page.text.contains("Set up codes"), "{}", page.text);
        let form = [("current_password", PASSWORD)];
        let other = carol.get("/settings/two_factor").await;
        let early = carol.submit(&other, KEYS, &form).await;
        assert_eq!(early.status, 422, "codes come first");

        let mut alice = Person::with_second_factor(&server, "alice").await;
        let mine = &mut alice.browser;
        let key = new_key();
        let page = asked(mine).await;
        let made = key.register(&challenge(&page));
        for (name, why) in [("  ", "blank"), (&*"x".repeat(61), "too long")] {
            let refused = send(mine, &page, name, &made).await;
            assert_eq!(refused.status, 422);
            assert!(refused.text.contains(why), "{}", refused.text);
        }
        let refused = send(mine, &page, "Blue", &made).await;
        assert_eq!(refused.status, 422, "its question was answered with the wrong name");
        let mut elsewhere = new_key();
        elsewhere.origin = "https://evil.test".into();
        let refused = send(mine, &refused, "Blue", &elsewhere.register(&challenge(&refused))).await;
        assert!(refused.text.contains("own address"), "{}", refused.text);
        assert!(refused.text.contains("value=\"Blue\""), "the name stays");

        // Another session of the same person has no part in it.
        let (mut other, half) = halfway(&server, "alice").await;
        let right = code(&server, &alice.key);
        assert_eq!(other.submit(&half, CODE, &[("code", &right)]).await.status, 302);
        let theirs = other.get(KEYS).await;
        let made = key.register(&challenge(&refused));
        assert_eq!(location(&send(&mut other, &theirs, "Blue", &made).await), KEYS);

        let added = send(mine, &refused, "Blue", &made).await;
        assert_eq!(location(&added), "/settings/security?done=key");
        assert_eq!(location(&send(mine, &refused, "Blue", &made).await), KEYS, "once");
        let page = asked(mine).await;
        assert!(page.text.contains(&base64url(&key.credential)), "the browser is told of it");
        let refused = send(mine, &page, "White", &key.register(&challenge(&page))).await;
        assert!(refused.text.contains("added already"), "{}", refused.text);
        let made = new_key().register(&challenge(&refused));
        let refused = send(mine, &refused, "Blue", &made).await;
        assert!(refused.text.contains("of that name already"), "{}", refused.text);
        server.clock.advance(11 * MINUTE);
        let made = new_key().register(&challenge(&refused));
        assert_eq!(location(&send(mine, &refused, "Late", &made).await), KEYS, "it took too long");
    })
    .await;
}

#[tokio::test]
async fn an_account_has_twenty_keys_at_most() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = Person::with_second_factor(&server, "alice").await;
        let session = Secret::from_outside(alice.browser.cookies["tuskling_session"].as_str());
        for turn in 0..21 {
            let begun = app::access::begin_security_key(&server.app, &alice.account, &session);
            let challenge = from_base64url(&begun.await.unwrap().challenge);
            let made = new_key().register(&challenge);
            let new = NewKey {
                name: format!("Key {turn}"),
                client_data: base64url(&made.client_data),
                attestation: base64url(&made.attestation),
                transports: String::new(),
            };
            let id = alice.account.id;
            let added = app::access::add_security_key(&server.app, id, &session, new).await;
            assert_eq!(added.is_ok(), turn < 20, "{turn}: {added:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_key_is_removed_with_the_password_by_its_owner() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let mut alice = Person::with_second_factor(&server, "alice").await;
        let mut bob = Person::with_second_factor(&server, "bob").await;
        let mut key = new_key();
        add(&mut alice.browser, &key, "Blue").await;
        let (mut other, page) = halfway(&server, "alice").await;
        let signed = key.assert(&challenge(&page));
        assert_eq!(answer(&mut other, &page, &signed, "").await.status, 302);

        let mine = &mut alice.browser;
        let list = mine.get(SECURITY).await;
        let id = between(&list.text, "security_keys/remove?id=", "\"");
        let address = format!("{REMOVE}?id={id}");
        assert_eq!(bob.browser.get(&address).await.status, 404, "v05");
        let theirs = bob.browser.get(SECURITY).await;
        let form = [("id", id.as_str()), ("current_password", PASSWORD)];
        assert_eq!(bob.browser.submit(&theirs, REMOVE, &form).await.status, 404, "v05");
        assert_eq!(mine.get(&format!("{REMOVE}?id=x")).await.status, 404);
        let page = mine.get(&address).await;
        assert!(page.text.contains("Blue"), "{}", page.text);
        let wrong = [("current_password", "wrong password")];
        assert_eq!(mine.submit(&page, REMOVE, &wrong).await.status, 422);
        assert_eq!(other.get(SECURITY).await.status, 200);
        let right = [("current_password", PASSWORD)];
        let removed = mine.submit(&page, REMOVE, &right).await;
        assert_eq!(location(&removed), "/settings/security?done=key_removed");
        assert_eq!(mine.submit(&page, REMOVE, &right).await.status, 404, "it is gone");
        assert_eq!(other.get(SECURITY).await.status, 302, "signed out");
        assert!(told(&server, "the security key \"Blue\" was removed").await);
        let (_, page) = halfway(&server, "alice").await;
        assert!(!page.text.contains("data-key"), "only a code is asked for: {}", page.text);
    })
    .await;
}

#[tokio::test]
async fn keys_go_with_the_codes() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let mut alice = Person::with_second_factor(&server, "alice").await;
        let mut bob = Person::with_second_factor(&server, "bob").await;
        add(&mut alice.browser, &new_key(), "Blue").await;
        add(&mut bob.browser, &new_key(), "Blue").await;
        assert!(app::access::reset_second_factor(&server.app, alice.account.id).await.unwrap());
        let page = bob.browser.get("/settings/two_factor").await;
        let right = [("current_password", PASSWORD)];
        bob.browser.submit(&page, "/settings/two_factor/off", &right).await;
        for person in [alice.account, bob.account] {
            let keys = app::access::security_keys(&server.app, person.id).await.unwrap();
            assert_eq!(keys, []);
            let name = person.username.as_str();
            assert_eq!(location(&Browser::at(&server).sign_in(name, PASSWORD).await), "/home");
        }
    })
    .await;
}
