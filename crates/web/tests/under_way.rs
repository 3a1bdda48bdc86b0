//! A password that changes while something is under way that it was checked for: who knows the old one only must not come
//! in behind the change.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use app::access::{self, SignIn, SignInError, Step, Whence};
use app::rates::{Limit, Subject};
use app::{App, AppError};
use browser::Browser;
use browser::person::{Person, code};
use config::Rate;
use domain::time::MINUTE;
use testkit::{PASSWORD, Server, for_each_engine};

const NEW: &str = "another password";
const TWO_FACTOR: &str = "/settings/two_factor";

fn whence() -> Whence {
    let address = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    Whence { address, user_agent: "test".into(), browser: None }
}

fn sign_in(app: &Arc<App>, login: &str) -> tokio::task::JoinHandle<Result<Step, SignInError>> {
    let attempt = SignIn { login: login.into(), password: PASSWORD.into(), from: whence() };
    let app = app.clone();
    tokio::spawn(async move { access::sign_in(&app, attempt).await })
}

/// Ends when the account of this name was looked up for a sign-in, so that its password is what comes next.
async fn looked_up(app: &App, login: &str) {
    let one = Limit { name: "sign-in to", most: 1, window: MINUTE };
    while !app.rates.is_exceeded(one, Subject::named(login), app.now()) {
        tokio::task::yield_now().await;
    }
}

/// The owner's new password, in no time: what is under way has been waiting for its turn to check the old one.
async fn change(app: &App, name: &'static str) {
    app.write(move |conn| {
        Box::pin(async move {
            let account = store::accounts::by_handle(conn, name, None).await?.unwrap();
            store::users::set_password(conn, account.id, "$argon2id$another").await
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a03_a_sign_in_under_way_does_not_outlive_a_change_of_the_password() {
    for_each_engine(|store| async move {
        let server = Server::with(store, |config| {
            config.limits.rate = Rate::On;
            config.limits.sign_ins = 1000;
        });
        server.account("alice").await;
        Person::with_second_factor(&server, "bob").await;
        for name in ["alice", "bob"] {
            server.clock.advance(61 * MINUTE);
            // Two passwords are looked at at once; these come before.
            let others: Vec<String> = (0..16).map(|number| format!("nobody{number}")).collect();
            let waiting: Vec<_> = others.iter().map(|other| sign_in(&server.app, other)).collect();
            for other in &others {
                looked_up(&server.app, other).await;
            }
            let under_way = sign_in(&server.app, name);
            looked_up(&server.app, name).await;
            change(&server.app, name).await;
            let outcome = under_way.await.unwrap();
            assert!(matches!(outcome, Err(SignInError::Wrong)), "{name} came in");
            for other in waiting {
                assert!(matches!(other.await.unwrap(), Err(SignInError::Wrong)));
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a03_what_the_old_password_was_checked_for_is_not_done_after_its_change() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let mut alice = Person::with_second_factor(&server, "alice").await;
        let session =
            domain::secret::Secret::from_outside(&alice.browser.cookies["tuskling_session"]);
        // As a request knows her that has come before the change.
        let me = access::resume(&server.app, &session).await.unwrap().unwrap().me;
        let first =
            access::change_password(&server.app, &me, PASSWORD.into(), NEW.into(), whence());
        assert!(first.await.unwrap().is_ok());
        let refused =
            |error: AppError| matches!(error, AppError::Invalid(_) | AppError::Unauthorized(_));
        let second = access::change_password(
            &server.app,
            &me,
            PASSWORD.into(),
            "a third one".into(),
            whence(),
        );
        assert!(second.await.is_err_and(refused));
        let email = access::change_email(&server.app, &me, "mallory@localhost".into()).await;
        assert!(email.is_err_and(refused));
        let off = access::disable_second_factor(&server.app, me.id(), &session).await;
        assert!(off.is_err_and(refused));
        let removed = access::remove_security_key(&server.app, me.id(), domain::RowId(1), &session);
        assert!(removed.await.is_err_and(refused));
        assert!(access::second_factor(&server.app, me.id()).await.unwrap().is_on);
        assert_eq!(alice.browser.sign_in("alice", PASSWORD).await.status, 422);
        assert_eq!(alice.browser.sign_in("alice", NEW).await.status, 302);
    })
    .await;
}

#[tokio::test]
async fn a05_a_secret_that_is_set_up_is_shown_and_taken_for_some_minutes() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let mut browser = Browser::at(&server);
        browser.sign_in("alice", PASSWORD).await;
        let page = browser.get(TWO_FACTOR).await;
        let page = browser.submit(&page, TWO_FACTOR, &[("current_password", PASSWORD)]).await;
        let key = browser::person::between(&page.text, "<code class=\"host\">", "</code>");
        server.clock.advance(11 * MINUTE);
        // Somebody else at the browser, who does not know the password.
        let path = format!("{TWO_FACTOR}/confirm");
        let shown = browser.submit(&page, &path, &[("code", "000000")]).await;
        assert!(!shown.text.contains(&key), "the secret is shown to whoever comes by");
        let right = code(&server, &key);
        assert_ne!(browser.submit(&page, &path, &[("code", &right)]).await.status, 200);
        let page = browser.get(TWO_FACTOR).await;
        assert!(page.text.contains("current_password"), "{}", page.text);
        // The password again, and it goes on.
        let page = browser.submit(&page, TWO_FACTOR, &[("current_password", PASSWORD)]).await;
        let key = browser::person::between(&page.text, "<code class=\"host\">", "</code>");
        let right = code(&server, &key);
        let done = browser.submit(&page, &path, &[("code", &right)]).await;
        assert_eq!(done.status, 200);
    })
    .await;
}
