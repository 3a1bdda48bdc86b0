//! Signing in, set-up, and what may not be done from elsewhere.

mod browser;

use browser::{Browser, hidden_fields, location, whole};
use config::Rate;
use domain::time::{DAY, HOUR, MINUTE};
use http::StatusCode;
use testkit::{PASSWORD, Server, TestDatabase, for_each_engine};

const SESSION: &str = "tuskling_session";

#[tokio::test]
async fn a08_cookies_are_locked_to_the_host_over_https() {
    for_each_engine(|store| async move {
        let server =
            Server::with(store, |config| config.server.domain = Some("social.example".into()));
        server.account("alice").await;
        let mut browser = Browser::at(&server);
        let page = browser.get("/auth/sign_in").await;
        let form = page.headers["set-cookie"].to_str().unwrap().to_owned();
        let form_data = [("login", "alice"), ("password", PASSWORD)];
        let signed_in = browser.submit(&page, "/auth/sign_in", &form_data).await;
        let session = signed_in.headers["set-cookie"].to_str().unwrap().to_owned();
        assert!(form.starts_with("__Host-tuskling_form="), "{form}");
        assert!(session.starts_with("__Host-tuskling_session="), "{session}");
        for cookie in [form, session] {
            for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
                assert!(cookie.contains(part), "{cookie} lacks {part}");
            }
            assert!(!cookie.contains("Domain"), "{cookie}");
        }
    })
    .await;
}

#[tokio::test]
async fn a08_a_session_is_new_at_each_sign_in_and_ends_at_sign_out() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let mut browser = Browser::at(&server);
        browser.cookies.insert(SESSION.into(), "chosen-by-somebody-else".into());
        browser.sign_in("alice", PASSWORD).await;
        let first = browser.cookies[SESSION].clone();
        assert_ne!(first, "chosen-by-somebody-else");

        let mut second = Browser::at(&server);
        second.sign_in("alice", PASSWORD).await;
        assert_ne!(first, second.cookies[SESSION]);

        // Signed in, so the form sends on; its key comes from a page of the session.
        assert_eq!(location(&browser.get("/auth/sign_in").await), "/home");
        let refused = browser.post("/auth/sign_out", &[]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "signing out needs the key as well");
        let page = browser.get("/auth/password/new").await;
        location(&browser.submit(&page, "/auth/sign_out", &[]).await);
        assert!(!browser.cookies.contains_key(SESSION));
        browser.cookies.insert(SESSION.into(), first);
        let page = browser.get("/auth/sign_in").await;
        assert_eq!(page.status, StatusCode::OK, "the old cookie opens nothing");
    })
    .await;
}

#[tokio::test]
async fn a08_forms_from_elsewhere_are_refused() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let mut browser = Browser::at(&server);
        let form = [("login", "alice"), ("password", PASSWORD)];
        let page = browser.get("/auth/sign_in").await;

        for (name, value) in
            [("origin", "https://b.test"), ("origin", "null"), ("sec-fetch-site", "cross-site")]
        {
            browser.extra = vec![(name, value.to_owned())];
            let answer = browser.submit(&page, "/auth/sign_in", &form).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
        }
        browser.extra.clear();
        let without = browser.post("/auth/sign_in", &form).await;
        assert_eq!(without.status, StatusCode::FORBIDDEN, "no key");
        // The key of another browser does not fit.
        let mut stranger = Browser::at(&server);
        let theirs = stranger.get("/auth/sign_in").await;
        let answer = browser.submit(&theirs, "/auth/sign_in", &form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "another browser's key");
        assert!(!browser.cookies.contains_key(SESSION));

        browser.extra = vec![
            ("origin", "http://localhost:3000".into()),
            ("sec-fetch-site", "same-origin".into()),
        ];
        let answer = browser.submit(&page, "/auth/sign_in", &form).await;
        assert_eq!(location(&answer), "/home");
    })
    .await;
}

#[tokio::test]
async fn a09_a_wrong_password_and_an_unknown_name_look_the_same() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let mut answers = Vec::new();
        for login in ["alice", "nobody", "alice@localhost", "nobody@localhost"] {
            let mut browser = Browser::at(&server);
            let answer = browser.sign_in(login, "not the password").await;
            let key = hidden_fields(&answer.text).remove(0).1;
            answers.push((answer.status, answer.text.replace(login, "").replace(&key, "")));
        }
        assert_eq!(answers[0].0, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    })
    .await;
}

#[tokio::test]
async fn a05_the_password_is_checked_in_every_state_of_an_account() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let suspended = server.account("suspended").await;
        app::accounts::suspend(&server.app, suspended.id, true).await.unwrap();
        for (name, confirmed, approved) in [("unconfirmed", false, true), ("waiting", true, false)]
        {
            let new = app::accounts::NewAccount {
                username: name.into(),
                email: format!("{name}@localhost"),
                password: PASSWORD.into(),
                role: domain::account::Role::Member,
                confirmed,
                approved,
                locale: "en".into(),
            };
            app::accounts::create(&server.app, new).await.unwrap();
        }
        for name in ["suspended", "unconfirmed", "waiting"] {
            let mut browser = Browser::at(&server);
            let wrong = browser.sign_in(name, "not the password").await;
            assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            assert!(wrong.text.contains("name or the password is wrong"), "{name}");
            let right = browser.sign_in(name, PASSWORD).await;
            assert_eq!(right.status, StatusCode::FORBIDDEN, "{name}");
            assert!(!browser.cookies.contains_key(SESSION), "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn a06_the_26th_sign_in_is_refused_with_the_rate_headers() {
    let database = TestDatabase::sqlite().await;
    let server = Server::with(database.store.clone(), |config| config.limits.rate = Rate::On);
    server.account("alice").await;
    let mut browser = Browser::at(&server);
    for number in 0..25 {
        let answer = browser.sign_in(&format!("nobody{number}"), "not the password").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let refused = browser.sign_in("alice", PASSWORD).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers["x-ratelimit-limit"], "25");
    assert_eq!(refused.headers["x-ratelimit-remaining"], "0");
    assert_eq!(refused.headers["retry-after"], "300");
    assert_eq!(refused.headers["x-ratelimit-reset"], "2025-06-15T15:11:40.000Z");
    server.clock.advance(5 * MINUTE);
    assert_eq!(location(&browser.sign_in("alice", PASSWORD).await), "/home");
}

#[tokio::test]
async fn a06_an_account_takes_25_tries_in_an_hour_whatever_it_is_called() {
    let database = TestDatabase::sqlite().await;
    let server = Server::with(database.store.clone(), |config| {
        config.limits.rate = Rate::On;
        config.limits.sign_ins = 1000;
    });
    server.account("alice").await;
    let mut browser = Browser::at(&server);
    for number in 0..25 {
        let login = ["alice", "ALICE", "alice@localhost", "@alice"][number % 4];
        let answer = browser.sign_in(login, "not the password").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    // The right one is none of them any more. An address that is nobody's is answered alike: nothing tells whose
    // this one is (A09).
    for login in ["alice", "alice@localhost", "nobody@localhost"] {
        let refused = browser.sign_in(login, PASSWORD).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{login}");
        assert!(refused.text.contains("or there were too many tries"), "{login}");
    }
    server.clock.advance(HOUR);
    assert_eq!(location(&browser.sign_in("alice", PASSWORD).await), "/home");
}

#[tokio::test]
async fn a06_one_name_takes_25_tries_in_an_hour_whosever_it_is() {
    let database = TestDatabase::sqlite().await;
    let server = Server::with(database.store.clone(), |config| {
        config.limits.rate = Rate::On;
        config.limits.sign_ins = 1000;
    });
    server.account("alice").await;
    let mut browser = Browser::at(&server);
    for login in ["alice", "alice@localhost", "nobody", "nobody@localhost"] {
        for _ in 0..25 {
            let answer = browser.sign_in(login, "not the password").await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{login}");
        }
        let refused = browser.sign_in(login, PASSWORD).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{login}");
    }
    server.clock.advance(HOUR);
    assert_eq!(location(&browser.sign_in("alice", PASSWORD).await), "/home");
}

#[tokio::test]
async fn a06_pages_count_for_the_address_of_strangers_and_for_who_is_signed_in() {
    let database = TestDatabase::sqlite().await;
    let server = Server::with(database.store.clone(), |config| {
        config.limits.rate = Rate::On;
        config.limits.token = 12;
        config.limits.user = 20;
    });
    server.account("alice").await;
    let mut alice = Browser::at(&server);
    alice.sign_in("alice", PASSWORD).await;
    let mut stranger = Browser::at(&server);
    // Two for signing in; what does not exist counts, and so does every method.
    let paths = ["/", "/about", "/@alice", "/nowhere", "/@nobody/1"];
    for number in 0..10 {
        let answer = match number % 3 {
            0 => stranger.head(paths[number % 5]).await,
            1 => stranger.post(paths[number % 5], &[]).await,
            _ => stranger.get(paths[number % 5]).await,
        };
        assert_ne!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{number}");
    }
    for path in paths {
        let refused = stranger.get(path).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{path}");
        assert_eq!(refused.headers["x-ratelimit-limit"], "12");
    }
    assert_eq!(stranger.get("/api/v1/instance").await.status, StatusCode::TOO_MANY_REQUESTS);
    stranger.cookies.insert(SESSION.into(), "a-guess".into());
    assert_eq!(stranger.get("/").await.status, StatusCode::TOO_MANY_REQUESTS, "opens nothing");
    let style = alice.get("/about").await.text;
    let style =
        style.split("href=\"/assets/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(stranger.get(&format!("/assets/{style}")).await.status, StatusCode::OK);
    for _ in 0..19 {
        assert_eq!(alice.get("/about").await.status, StatusCode::OK);
    }
    assert_eq!(alice.get("/about").await.status, StatusCode::TOO_MANY_REQUESTS);
    server.clock.advance(5 * MINUTE);
    assert_eq!(stranger.get("/about").await.status, StatusCode::OK);
}

#[tokio::test]
async fn m10_signing_in_never_leads_elsewhere() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        for bad in ["https://b.test/", "//b.test", "/\\b.test", "/..//b.test", "javascript:x"] {
            let mut browser = Browser::at(&server);
            let page = browser.get(&format!("/auth/sign_in?return_to={bad}")).await;
            let form = [("login", "alice"), ("password", PASSWORD), ("return_to", bad)];
            let answer = browser.submit(&page, "/auth/sign_in", &form).await;
            assert_eq!(location(&answer), "/home", "{bad}");
        }
        let mut browser = Browser::at(&server);
        for path in ["/web//b.test", "/web/%2F%2Fb.test", "//b.test"] {
            let answer = browser.get(path).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
            assert!(answer.headers.get("location").is_none(), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_that_is_not_used_ends() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let mut browser = Browser::at(&server);
        browser.sign_in("alice", PASSWORD).await;
        server.clock.advance(29 * DAY);
        assert_eq!(location(&browser.get("/auth/sign_in").await), "/home");
        server.clock.advance(29 * DAY);
        assert_eq!(
            location(&browser.get("/auth/sign_in").await),
            "/home",
            "being here prolongs it"
        );
        server.clock.advance(31 * DAY);
        assert_eq!(browser.get("/auth/sign_in").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a10_the_set_up_link_makes_one_owner() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let older = app::setup::link(&server.app).await.unwrap().unwrap();
        let link = app::setup::link(&server.app).await.unwrap().unwrap();
        let path = |link: &str| link.strip_prefix("http://localhost:3000").unwrap().to_owned();
        let mut browser = Browser::at(&server);
        assert_eq!(browser.get(&path(&older)).await.status, StatusCode::NOT_FOUND);
        assert_eq!(browser.get("/setup?token=guess").await.status, StatusCode::NOT_FOUND);
        assert_eq!(browser.get("/setup").await.status, StatusCode::NOT_FOUND);

        let page = browser.get(&path(&link)).await;
        let good = [
            ("username", "admin"),
            ("email", "owner@localhost"),
            ("password", PASSWORD),
            ("password_confirmation", PASSWORD),
            ("title", "Our house"),
        ];
        for (wrong, value) in [
            ("username", "no spaces"),
            ("email", "nowhere"),
            ("password", "short"),
            ("password_confirmation", "another"),
            ("csrf_token", "guess"),
        ] {
            let mut form = good.to_vec();
            form.retain(|(name, _)| *name != wrong);
            form.push((wrong, value));
            let answer = browser.submit(&page, "/setup", &form).await;
            let expected = if wrong == "csrf_token" { 403 } else { 422 };
            assert_eq!(answer.status.as_u16(), expected, "{wrong}");
        }
        let done = browser.submit(&page, "/setup", &good).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.text);
        assert!(done.text.contains("Our house"));
        assert_eq!(
            location(&browser.get("/auth/sign_in").await),
            "/home",
            "the owner is signed in"
        );
        let owner = app::accounts::local(&server.app).await.unwrap().remove(0).1;
        assert_eq!(owner.role, domain::account::Role::Owner);
        assert!(owner.confirmed_at.is_some() && owner.approved);

        let mut late = Browser::at(&server);
        assert_eq!(late.get(&path(&link)).await.status, StatusCode::NOT_FOUND);
        assert_eq!(app::setup::link(&server.app).await.unwrap(), None);
        assert!(late.get("/").await.text.contains("Our house"));
    })
    .await;
}

#[tokio::test]
async fn a10_nobody_signs_up_on_a_fresh_server() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let mut browser = Browser::at(&server);
        let page = browser.get("/auth/sign_up").await;
        assert!(page.text.contains("Sign-up is closed"));
        let talk = whole(&server);
        assert_eq!(talk.post("/api/v1/accounts", "", "username=x").await.status, 401);
    })
    .await;
}
