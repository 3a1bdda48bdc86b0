//! A code beside the password: asked for in every state of an account, good once, lost and reset.

mod browser;

use app::jobs::run_all;
use browser::person::{Person, between, code};
use browser::{Browser, location, mails, whole};
use domain::time::{MINUTE, SECOND};
use testkit::{Answer, PASSWORD, Server, for_each_engine};

const CODE: &str = "/auth/second_factor";

/// A fresh browser after the right password; the page that asks for the code.
async fn halfway(server: &Server, name: &str) -> (Browser, Answer) {
    let mut browser = Browser::at(server);
    let answer = browser.sign_in(name, PASSWORD).await;
    assert!(location(&answer).starts_with(CODE), "{answer:?}");
    assert!(!browser.cookies.contains_key("tuskling_session"), "not in yet");
    let page = browser.get(&location(&answer)).await;
    (browser, page)
}

async fn try_code(browser: &mut Browser, page: &Answer, code: &str) -> u16 {
    browser.submit(page, CODE, &[("code", code)]).await.status.as_u16()
}

#[tokio::test]
async fn a05_a_code_is_asked_for_after_the_password_and_works_once() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = Person::with_second_factor(&server, "alice").await;
        let mut first = Browser::at(&server);
        assert_eq!(first.sign_in("alice", "wrong password").await.status, 422);
        assert_eq!(location(&first.get(CODE).await), "/auth/sign_in", "the password comes first");

        let (mut one, page) = halfway(&server, "alice").await;
        let (mut two, other) = halfway(&server, "alice").await;
        assert_eq!(try_code(&mut one, &page, "000000").await, 422);
        let right = code(&server, &alice.key);
        let spaced = format!("{} {}", &right[..3], &right[3..]);
        assert_eq!(try_code(&mut one, &page, &spaced).await, 302);
        assert!(one.cookies.contains_key("tuskling_session"));
        assert_eq!(one.get("/settings/security").await.status, 200);
        assert_eq!(try_code(&mut two, &other, &right).await, 422, "the same code again");
        server.clock.advance(30 * SECOND);
        assert_eq!(try_code(&mut two, &other, &right).await, 422, "also in its drift");
        assert_eq!(try_code(&mut two, &other, &code(&server, &alice.key)).await, 302, "the next");
    })
    .await;
}

#[tokio::test]
async fn a05_a_recovery_code_works_once() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = Person::with_second_factor(&server, "alice").await;
        let (mut one, page) = halfway(&server, "alice").await;
        let typed = alice.codes[0].to_uppercase().replace('-', " ");
        assert_eq!(try_code(&mut one, &page, &typed).await, 302);
        let (mut two, page) = halfway(&server, "alice").await;
        assert_eq!(try_code(&mut two, &page, &alice.codes[0]).await, 422);
        assert_eq!(try_code(&mut two, &page, &alice.codes[1]).await, 302);
        let page = two.get("/settings/security").await;
        assert!(page.text.contains("You have 8 recovery codes left"), "{}", page.text);
    })
    .await;
}

#[tokio::test]
async fn a05_the_code_is_asked_for_whatever_the_state_of_the_account() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = Person::with_second_factor(&server, "alice").await;
        app::accounts::suspend(&server.app, alice.account.id, true).await.unwrap();
        let (mut browser, page) = halfway(&server, "alice").await;
        let wrong = browser.submit(&page, CODE, &[("code", "000000")]).await;
        assert!(!wrong.text.contains("disabled"), "only with the code: {}", wrong.text);
        let right = code(&server, &alice.key);
        let told = browser.submit(&page, CODE, &[("code", right.as_str())]).await;
        assert_eq!(told.status, 403);
        assert!(told.text.contains("currently disabled"), "{}", told.text);
        assert!(!browser.cookies.contains_key("tuskling_session"));
    })
    .await;
}

#[tokio::test]
async fn a05_codes_cannot_be_guessed() {
    for_each_engine(|store| async move {
        let server = Server::with(store, |config| config.limits.rate = config::Rate::On);
        let alice = Person::with_second_factor(&server, "alice").await;
        server.clock.advance(20 * MINUTE);
        let (mut browser, page) = halfway(&server, "alice").await;
        for _ in 0..5 {
            assert_eq!(try_code(&mut browser, &page, "000000").await, 422);
        }
        let over = browser.submit(&page, CODE, &[("code", "000000")]).await;
        assert!(over.text.contains("Sign in again"), "{}", over.text);
        let right = code(&server, &alice.key);
        assert_eq!(
            location(&browser.submit(&page, CODE, &[("code", right.as_str())]).await),
            "/auth/sign_in"
        );

        let (mut browser, page) = halfway(&server, "alice").await;
        for _ in 0..4 {
            assert_eq!(try_code(&mut browser, &page, "000000").await, 422);
        }
        let limited = browser.submit(&page, CODE, &[("code", right.as_str())]).await;
        assert_eq!(limited.status, 429, "ten codes in ten minutes, over all sign-ins");
        assert!(limited.headers.contains_key("x-ratelimit-reset"));

        let (mut browser, page) = halfway(&server, "alice").await;
        server.clock.advance(11 * MINUTE);
        let late = code(&server, &alice.key);
        let answer = browser.submit(&page, CODE, &[("code", late.as_str())]).await;
        assert!(answer.text.contains("Sign in again"), "it waited too long");
    })
    .await;
}

#[tokio::test]
async fn a03_a_reset_ends_everything_and_the_password_is_enough_again() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let mut alice = Person::with_second_factor(&server, "alice").await;
        let token = server.token(alice.account.id, "read").await;
        let id = alice.account.id;
        let (mut waiting, page) = halfway(&server, "alice").await;
        run_all(&server.app).await.unwrap();
        let before = mails(&server);
        assert!(app::access::reset_second_factor(&server.app, id).await.unwrap());
        assert!(!app::access::reset_second_factor(&server.app, id).await.unwrap(), "it is off");
        run_all(&server.app).await.unwrap();
        assert_eq!(mails(&server), before + 1, "its owner is told");
        let talk = whole(&server);
        assert_eq!(talk.get("/api/v1/accounts/verify_credentials", &token).await.status, 401);
        assert_eq!(
            location(&alice.browser.get("/settings/security").await),
            "/auth/sign_in?return_to=%2Fsettings%2Fsecurity"
        );
        let over = waiting.submit(&page, CODE, &[("code", "1")]).await;
        assert!(over.text.contains("Sign in again"), "{}", over.text);
        assert_eq!(location(&Browser::at(&server).sign_in("alice", PASSWORD).await), "/home");
    })
    .await;
}

#[tokio::test]
async fn switching_it_on_or_off_signs_other_browsers_out() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let mut bystander = Browser::at(&server);
        bystander.sign_in("alice", PASSWORD).await;
        // `with_second_factor` makes its own account, so this one is set up by hand.
        let mut mine = Browser::at(&server);
        mine.sign_in("alice", PASSWORD).await;
        let page = mine.get("/settings/two_factor").await;
        let right = [("current_password", PASSWORD)];
        let page = mine.submit(&page, "/settings/two_factor", &right).await;
        let key = between(&page.text, "<code class=\"host\">", "</code>");
        let first = code(&server, &key);
        mine.submit(&page, "/settings/two_factor/confirm", &[("code", first.as_str())]).await;
        assert_eq!(bystander.get("/settings/security").await.status, 302, "signed out");
        assert_eq!(mine.get("/settings/security").await.status, 200);

        let page = mine.get("/settings/two_factor").await;
        let wrong = [("current_password", "wrong password")];
        assert_eq!(mine.submit(&page, "/settings/two_factor/off", &wrong).await.status, 422);
        let again = [("current_password", PASSWORD)];
        assert_eq!(
            mine.submit(&page, "/settings/two_factor", &again).await.status,
            422,
            "it is on"
        );
        assert_eq!(
            location(&mine.submit(&page, "/settings/two_factor/off", &right).await),
            "/settings/security"
        );
        assert_eq!(location(&Browser::at(&server).sign_in("alice", PASSWORD).await), "/home");
    })
    .await;
}
