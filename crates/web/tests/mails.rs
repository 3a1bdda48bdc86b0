//! What goes by mail: new passwords, confirmed addresses; and sign-up, which needs the latter.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;

use std::os::unix::fs::PermissionsExt;

use app::jobs::run_all;
use browser::{Browser, location, mailed_link, mails, whole};
use config::RegistrationsMode;
use domain::scope::Scopes;
use domain::secret::Secret;
use domain::time::{HOUR, MINUTE};
use http::StatusCode;
use serde_json::json;
use store::sessions::{Purpose, insert_link};
use testkit::{PASSWORD, Server, for_each_engine};

const NEW: &str = "an entirely new password";

async fn ask_for_reset(server: &Server, email: &str) -> (StatusCode, String) {
    let mut browser = Browser::at(server);
    let page = browser.get("/auth/password/new").await;
    let answer = browser.submit(&page, "/auth/password/new", &[("email", email)]).await;
    run_all(&server.app).await.unwrap();
    (answer.status, answer.text)
}

async fn set_password(server: &Server, link: &str, password: &str) -> StatusCode {
    let mut browser = Browser::at(server);
    let page = browser.get(link).await;
    if page.status != StatusCode::OK {
        return page.status;
    }
    let form = [("password", password), ("password_confirmation", password)];
    browser.submit(&page, "/auth/password/edit", &form).await.status
}

#[tokio::test]
async fn a12_a_reset_link_works_once_and_ends_what_the_old_password_opened() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read").await;
        let mut browser = Browser::at(&server);
        browser.sign_in("alice", PASSWORD).await;
        ask_for_reset(&server, "Alice@localhost").await;
        let link = mailed_link(&server, "/auth/password/edit?token=").unwrap();

        assert_eq!(set_password(&server, &link, "short").await, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(set_password(&server, &link, NEW).await, StatusCode::OK);
        assert_eq!(set_password(&server, &link, NEW).await, StatusCode::NOT_FOUND, "once");
        let talk = whole(&server);
        let answer = talk.get("/api/v1/accounts/verify_credentials", &token).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(browser.get("/auth/sign_in").await.status, StatusCode::OK, "signed out");
        assert_eq!(browser.sign_in("alice", PASSWORD).await.status, 422);
        assert_eq!(location(&browser.sign_in("alice", NEW).await), "/home");
    })
    .await;
}

#[tokio::test]
async fn a12_a_reset_link_dies_after_an_hour_and_with_the_password() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        ask_for_reset(&server, "alice@localhost").await;
        let late = mailed_link(&server, "/auth/password/edit?token=").unwrap();
        server.clock.advance(HOUR + MINUTE);
        assert_eq!(set_password(&server, &late, NEW).await, StatusCode::NOT_FOUND);

        ask_for_reset(&server, "alice@localhost").await;
        let link = mailed_link(&server, "/auth/password/edit?token=").unwrap();
        assert_ne!(link, late);
        app::access::set_password(&server.app, alice.id, "third password".into()).await.unwrap();
        assert_eq!(set_password(&server, &link, NEW).await, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn a12_a_link_in_an_address_goes_to_no_other_site() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        ask_for_reset(&server, "alice@localhost").await;
        let link = mailed_link(&server, "/auth/password/edit?token=").unwrap();
        let page = Browser::at(&server).get(&link).await;
        assert_eq!(page.headers["referrer-policy"], "same-origin");
        assert_eq!(page.headers["cache-control"], "private, no-store");
    })
    .await;
}

#[tokio::test]
async fn a09_asking_for_a_reset_tells_nobody_who_is_here() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let known = ask_for_reset(&server, "alice@localhost").await;
        assert_eq!(mails(&server), 1);
        let unknown = ask_for_reset(&server, "nobody@localhost").await;
        assert_eq!(mails(&server), 1);
        assert_eq!(known.0, StatusCode::OK);
        assert_eq!(known, unknown);
    })
    .await;
}

#[tokio::test]
async fn a06_one_address_gets_five_mails_in_half_an_hour() {
    for_each_engine(|store| async move {
        let server = Server::with(store, |config| config.limits.rate = config::Rate::On);
        for _ in 0..5 {
            assert_eq!(ask_for_reset(&server, "nobody@localhost").await.0, StatusCode::OK);
        }
        let sixth = ask_for_reset(&server, "NOBODY@localhost").await.0;
        assert_eq!(sixth, StatusCode::TOO_MANY_REQUESTS);
        server.clock.advance(30 * MINUTE);
        assert_eq!(ask_for_reset(&server, "nobody@localhost").await.0, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a06_ten_tries_to_change_a_password_in_ten_minutes() {
    for_each_engine(|store| async move {
        let server = Server::with(store, |config| config.limits.rate = config::Rate::On);
        server.account("alice").await;
        ask_for_reset(&server, "alice@localhost").await;
        let link = mailed_link(&server, "/auth/password/edit?token=").unwrap();
        for number in 0..10 {
            let mut browser = Browser::at(&server);
            let page = browser.get(&link).await;
            let form = [("token", "a guess"), ("password", NEW), ("password_confirmation", NEW)];
            let answer = browser.submit(&page, "/auth/password/edit", &form).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{number}");
        }
        assert_eq!(set_password(&server, &link, NEW).await, StatusCode::TOO_MANY_REQUESTS);
        server.clock.advance(10 * MINUTE);
        assert_eq!(set_password(&server, &link, NEW).await, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a06_one_account_changes_its_password_ten_times_from_anywhere() {
    for_each_engine(|store| async move {
        let server = Server::with(store, |config| config.limits.rate = config::Rate::On);
        let alice = server.account("alice").await;
        let change = async |number: u8| {
            let secret = Secret::generate(server.app.random.as_ref());
            let (hash, now) = (secret.hash(), server.app.now());
            let account = alice.id;
            server
                .app
                .write(move |conn| {
                    Box::pin(
                        async move { insert_link(conn, &hash, account, Purpose::Reset, now).await },
                    )
                })
                .await
                .unwrap();
            let from = std::net::IpAddr::from([192, 0, 2, number]);
            let password = format!("password number {number}");
            app::access::reset_password(&server.app, &secret, password, from).await.unwrap()
        };
        for number in 0..10 {
            assert_eq!(change(number).await, Ok(()));
        }
        let limited = change(10).await.unwrap_err();
        assert_eq!(limited.limit, 10);
        server.clock.advance(10 * MINUTE);
        assert_eq!(change(11).await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn m11_mails_are_files_for_the_owner_of_the_machine() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        ask_for_reset(&server, "alice@localhost").await;
        ask_for_reset(&server, "alice@localhost\r\nBcc: b@b.test").await;
        assert_eq!(mails(&server), 1);
        let file = std::fs::read_dir(server.data().join("mail")).unwrap().next().unwrap().unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(file.path()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("To: <alice@localhost>\r\n"), "{head}");
        assert!(!head.contains("\n\n") && !head.contains("Bcc"));
        assert!(body.contains("http://localhost:3000/auth/password/edit?token="));
        let elsewhere = body.split("http").skip(1).find(|at| !at.starts_with("://localhost:3000/"));
        assert_eq!(elsewhere, None, "only our own address");
    })
    .await;
}

/// An app's own token that may sign people up, on a server that lets them.
async fn sign_up_token(server: &Server) -> String {
    let new = app::access::NewApp {
        name: "T".into(),
        redirect_uris: vec!["app://x".into()],
        scopes: "read write".into(),
        website: None,
    };
    let client = app::access::register(&server.app, new).await.unwrap().client;
    let scopes = Scopes::parse("read write").unwrap();
    let token = app::access::create_token(&server.app, None, Some(client.id), scopes).await;
    token.unwrap().secret.reveal().to_owned()
}

fn form(username: &str) -> String {
    format!(
        "username={username}&email={username}@localhost&password=long+enough&agreement=true&locale=en"
    )
}

#[tokio::test]
async fn a_person_signs_up_through_an_app_and_confirms_by_mail() {
    for_each_engine(|store| async move {
        let server =
            Server::with(store, |config| config.registrations.mode = RegistrationsMode::Open);
        let talk = whole(&server);
        let token = sign_up_token(&server).await;
        let answer = talk.post("/api/v1/accounts", &token, &form("alice")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let mine = answer.json()["access_token"].as_str().unwrap().to_owned();
        let early = talk.get("/api/v1/accounts/verify_credentials", &mine).await;
        assert_eq!(early.status, StatusCode::FORBIDDEN);
        assert_eq!(early.json()["error"], "Your login is missing a confirmed e-mail address");
        let check = "/api/v1/emails/check_confirmation";
        assert_eq!(talk.get(check, &mine).await.json(), json!(false));

        run_all(&server.app).await.unwrap();
        let old = mailed_link(&server, "/auth/confirmation?token=").unwrap();
        let resend = "/api/v1/emails/confirmations";
        let account = server.app.read(|conn| {
            Box::pin(async move { store::accounts::by_handle(conn, "alice", None).await })
        });
        let account = account.await.unwrap().unwrap().id;
        let elsewhere = server.token(account, "write").await;
        let other = talk.post(resend, &elsewhere, "").await;
        assert_eq!(other.status, StatusCode::FORBIDDEN, "another app than the one of the sign-up");
        let again = talk.post(resend, &mine, "email=other@localhost").await;
        assert_eq!((again.status, again.text.as_str()), (StatusCode::OK, "{}"));
        run_all(&server.app).await.unwrap();
        let link = mailed_link(&server, "/auth/confirmation?token=").unwrap();
        let mut browser = Browser::at(&server);
        let dead = browser.get(&old).await;
        assert_eq!(dead.status, StatusCode::NOT_FOUND, "a12: dies with the address");
        assert_eq!(location(&browser.get(&link).await), "/auth/sign_in?done=confirmed");
        assert_eq!(browser.get(&link).await.status, StatusCode::NOT_FOUND, "once");
        assert_eq!(talk.get(check, &mine).await.json(), json!(true));
        assert_eq!(talk.post(resend, &mine, "").await.status, StatusCode::FORBIDDEN);
        let me = talk.get("/api/v1/accounts/verify_credentials", &mine).await;
        assert_eq!(me.json()["username"], "alice");
    })
    .await;
}

#[tokio::test]
async fn sign_up_names_each_field_that_is_wrong() {
    for_each_engine(|store| async move {
        let server =
            Server::with(store, |config| config.registrations.mode = RegistrationsMode::Open);
        server.account("alice").await;
        let talk = whole(&server);
        let token = sign_up_token(&server).await;
        let refused = async |form: &str| {
            let answer = talk.post("/api/v1/accounts", &token, form).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
            answer.json()
        };
        let all = refused("username=&email=nowhere&password=short").await;
        let code =
            |value: &serde_json::Value, field: &str| value["details"][field][0]["error"].clone();
        assert_eq!(code(&all, "username"), "ERR_BLANK");
        assert_eq!(code(&all, "email"), "ERR_INVALID");
        assert_eq!(code(&all, "password"), "ERR_TOO_SHORT");
        assert_eq!(code(&all, "agreement"), "ERR_ACCEPTED");
        assert!(all["error"].as_str().unwrap().starts_with("Validation failed: Username can't"));
        let taken = refused(&form("ALICE")).await;
        assert_eq!(code(&taken, "username"), "ERR_TAKEN");
        assert_eq!(code(&taken, "email"), "ERR_TAKEN");
        assert_eq!(code(&refused(&form("admin")).await, "username"), "ERR_RESERVED");
        assert_eq!(code(&refused(&form(&"a".repeat(31))).await, "username"), "ERR_TOO_LONG");
        assert_eq!(code(&refused(&form("a-b")).await, "username"), "ERR_INVALID");
    })
    .await;
}

#[tokio::test]
async fn a10_sign_up_keeps_to_the_mode_of_the_server() {
    for_each_engine(|store| async move {
        let closed = Server::on(store.clone());
        let token = sign_up_token(&closed).await;
        let answer = whole(&closed).post("/api/v1/accounts", &token, &form("bob")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        let mine = closed.account("alice").await;
        let mine = closed.token(mine.id, "write").await;
        let answer = whole(&closed).post("/api/v1/accounts", &mine, &form("bob")).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "a person's token makes no accounts");

        let approval = Server::with(store, |config| {
            config.registrations.mode = RegistrationsMode::Approval;
            config.registrations.confirm_email = false;
        });
        let talk = whole(&approval);
        let answer = talk.post("/api/v1/accounts", &token, &form("carol")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "a reason is asked for");
        assert_eq!(answer.json()["details"]["reason"][0]["error"], "ERR_BLANK");
        let with_reason = format!("{}&reason=birds", form("carol"));
        let answer = talk.post("/api/v1/accounts", &token, &with_reason).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let carol = answer.json()["access_token"].as_str().unwrap().to_owned();
        let waiting = talk.get("/api/v1/accounts/verify_credentials", &carol).await;
        assert_eq!(waiting.status, StatusCode::FORBIDDEN);
        assert_eq!(waiting.json()["error"], "Your login is currently pending approval");
    })
    .await;
}

#[tokio::test]
async fn one_press_in_a_mail_program_ends_such_mails_and_no_others() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let (alice, bob) = (server.account("alice").await, server.account("bob").await);
        let token = server.token(bob.id, "write").await;
        let talk = whole(&server);
        let mention = async || {
            let said = talk.post("/api/v1/statuses", &token, "status=@alice+hello").await;
            assert_eq!(said.status, StatusCode::OK, "{}", said.text);
            run_all(&server.app).await.unwrap();
            server.clock.advance(2 * HOUR);
            run_all(&server.app).await.unwrap();
            mails(&server)
        };
        assert_eq!(mention().await, 1);
        let link = mailed_link(&server, "/mail/unsubscribe/").unwrap();
        let link = link.trim_end_matches('>').to_owned();
        let wanted = async || {
            let kinds = app::mail::choices::show(&server.app, alice.id).await.unwrap().kinds;
            kinds.iter().map(|kind| kind.name()).collect::<std::collections::BTreeSet<_>>()
        };
        let before = wanted().await;
        // Programs that look at links end nothing.
        let page = talk.get(&link, "").await;
        assert!(page.text.contains("End these mails?"), "{}", page.text);
        assert_eq!(wanted().await, before);
        for bent in [link.replace("/mention/", "/follow_request/"), format!("{link}A")] {
            assert_eq!(talk.post(&bent, "", "x=y").await.status, StatusCode::NOT_FOUND, "{bent}");
        }
        assert_eq!(wanted().await, before, "a code is for its own kind");
        let done = talk.post(&link, "", "List-Unsubscribe=One-Click").await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.text);
        let mut without = before;
        assert!(without.remove("mention"));
        assert_eq!(wanted().await, without);
        assert_eq!(mention().await, 1, "no more of them");
    })
    .await;
}
