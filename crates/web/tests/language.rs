//! In which language pages answer: the person's, the browser's, or English.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;

use browser::{Browser, location};
use http::StatusCode;
use testkit::{Answer, PASSWORD, Server, for_each_engine};

/// The language of a page, as it says itself.
fn spoken(page: &Answer) -> &str {
    let (_, rest) = page.text.split_once("<html lang=\"").unwrap();
    let (code, _) = rest.split_once('"').unwrap();
    if let Some(said) = page.headers.get("content-language") {
        assert_eq!(said, code);
    }
    code
}

fn asking(server: &Server, languages: &str) -> Browser {
    let mut browser = Browser::at(server);
    browser.extra.push(("accept-language", languages.to_owned()));
    browser
}

#[tokio::test]
async fn strangers_are_answered_in_the_language_that_their_browser_asks_for() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        for (asked, code, title) in [
            ("de-CH, en;q=0.7", "de", "<h1>Anmelden</h1>"),
            ("fr", "fr", "<h1>Se connecter</h1>"),
            ("ja, ko", "en", "<h1>Sign in</h1>"),
            (";;q=\"", "en", "<h1>Sign in</h1>"),
        ] {
            let mut browser = asking(&server, asked);
            let page = browser.get("/auth/sign_in").await;
            assert_eq!(spoken(&page), code);
            assert!(page.text.contains(title), "{asked}");
            // What there is not is said in the same language.
            let missing = browser.get("/no/such/page").await;
            assert_eq!((missing.status, spoken(&missing)), (StatusCode::NOT_FOUND, code));
            // What everybody may keep says by what it differs.
            let public = browser.get("/about").await;
            assert!(public.headers["vary"].to_str().unwrap().contains("Accept-Language"));
        }
    })
    .await;
}

#[tokio::test]
async fn who_is_signed_in_reads_the_language_of_their_choice_whatever_the_browser_asks_for() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let mut browser = asking(&server, "fr");
        assert_eq!(spoken(&browser.get("/auth/sign_in").await), "fr");
        assert_eq!(location(&browser.sign_in("alice", PASSWORD).await), "/home");
        assert_eq!(spoken(&browser.get("/home").await), "en", "an account speaks English at first");

        let page = browser.get("/settings/preferences").await;
        let usual = [("visibility", "public"), ("language", ""), ("quotes", "public")];
        let german = [usual.as_slice(), &[("locale", "de")]].concat();
        browser.submit(&page, "/settings/preferences", &german).await;
        let home = browser.get("/home").await;
        assert_eq!(spoken(&home), "de");
        assert!(home.text.contains("Was möchtest du sagen?"));
        // The scripts below that language's folder speak it as well.
        let entry = home.text.split('"').find(|text| text.ends_with("/client.js")).unwrap();
        let texts = browser.get(&entry.replace("client.js", "texts.js")).await;
        assert!(texts.text.contains("\"posted\": \"Veröffentlicht.\""), "{}", texts.text);
        assert!(texts.headers["cache-control"].to_str().unwrap().contains("immutable"));

        // A language that is not there changes nothing, and what is refused is said in German.
        let page = browser.get("/settings/preferences").await;
        let unknown = [usual.as_slice(), &[("locale", "xx")]].concat();
        browser.submit(&page, "/settings/preferences", &unknown).await;
        let page = browser.get("/lists").await;
        let refused = browser.submit(&page, "/lists", &[("title", " ")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(spoken(&refused), "de");
        assert!(refused.text.contains("Der Name darf nicht leer sein."), "{}", refused.text);
    })
    .await;
}

/// Apps ask for any language when they sign somebody up.
#[tokio::test]
async fn an_account_whose_language_is_not_there_reads_what_the_browser_asks_for() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let name = "alice";
        server.account(name).await;
        let accounts = app::accounts::local(&server.app).await.unwrap();
        let (account, user) = accounts.into_iter().next().unwrap();
        let me = app::access::Me { account, user };
        let changes = app::accounts::Changes { locale: Some("pt-BR".into()), ..Default::default() };
        app::accounts::update(&server.app, &me, changes).await.unwrap();
        let mut browser = asking(&server, "fr-CA");
        browser.sign_in(name, PASSWORD).await;
        assert_eq!(spoken(&browser.get("/home").await), "fr");
        for odd in ["", "x", "de\r\n", "a b", "<script>", &"e".repeat(17)] {
            let changes = app::accounts::Changes { locale: Some(odd.into()), ..Default::default() };
            assert!(app::accounts::update(&server.app, &me, changes).await.is_err(), "{odd:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn who_signs_up_on_a_page_keeps_its_language() {
    for_each_engine(|store| async move {
        let mode = config::RegistrationsMode::Open;
        let server = Server::with(store, |config| config.registrations.mode = mode);
        server.account("taken").await;
        let mut browser = asking(&server, "de");
        let page = browser.get("/auth/sign_up").await;
        assert_eq!(spoken(&page), "de");
        let wrong =
            [("username", "ü"), ("email", "a@b.test"), ("password", PASSWORD), ("agreement", "1")];
        let refused = browser.submit(&page, "/auth/sign_up", &wrong).await;
        let why = "Das darf nur Buchstaben, Ziffern und Unterstriche enthalten.";
        assert!(refused.text.contains(why), "{}", refused.text);
        let right = [
            ("username", "bob"),
            ("email", "a@b.test"),
            ("password", PASSWORD),
            ("agreement", "1"),
        ];
        browser.submit(&page, "/auth/sign_up", &right).await;
        let accounts = app::accounts::local(&server.app).await.unwrap();
        let bob = accounts.iter().find(|(account, _)| account.username == "bob").unwrap();
        assert_eq!(bob.1.locale, "de");
    })
    .await;
}
