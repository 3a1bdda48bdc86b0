//! Making an account on the page: open to all, by asking, by invite.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;

use app::access::{self, Terms};
use app::accounts::NewAccount;
use app::jobs::run_all;
use browser::{Browser, location, mailed_link, whole};
use config::{Rate, RegistrationsMode};
use domain::account::Role;
use domain::time::DAY;
use testkit::{Answer, PASSWORD, Server, for_each_engine};

const SIGN_UP: &str = "/auth/sign_up";
const CHOSEN: &str = "a password of mine";

fn filled(name: &str) -> Vec<(&'static str, String)> {
    vec![
        ("username", name.to_owned()),
        ("email", format!("{name}@localhost")),
        ("password", CHOSEN.to_owned()),
        ("agreement", "1".to_owned()),
    ]
}

async fn sign_up(browser: &mut Browser, page: &Answer, form: &[(&'static str, String)]) -> Answer {
    let form: Vec<(&str, &str)> = form.iter().map(|(name, text)| (*name, text.as_str())).collect();
    browser.submit(page, SIGN_UP, &form).await
}

async fn owner(server: &Server) -> Browser {
    let new = NewAccount {
        username: "boss".into(),
        email: "boss@localhost".into(),
        password: PASSWORD.into(),
        role: Role::Owner,
        confirmed: true,
        approved: true,
        locale: "en".into(),
    };
    app::accounts::create(&server.app, new).await.unwrap();
    let mut browser = Browser::at(server);
    browser.sign_in("boss", PASSWORD).await;
    browser
}

fn in_mode(mode: RegistrationsMode) -> impl Fn(&mut config::Config) {
    move |config| config.registrations.mode = mode
}

#[tokio::test]
async fn somebody_signs_up_confirms_and_signs_in() {
    for_each_engine(|store| async move {
        let server = Server::with(store, in_mode(RegistrationsMode::Open));
        server.account("taken").await;
        let mut browser = Browser::at(&server);
        let page = browser.get(SIGN_UP).await;
        assert!(!page.text.contains("Why would you like"), "nobody decides");
        let mut wrong = filled("taken");
        wrong[2].1 = "short".into();
        wrong.pop();
        let told = sign_up(&mut browser, &page, &wrong).await;
        assert_eq!(told.status, 422);
        for words in ["already been taken", "too short", "have to be accepted"] {
            assert!(told.text.contains(words), "{words}: {}", told.text);
        }
        assert!(!told.text.contains("value=\"short\""), "passwords are not shown again");
        assert_eq!(sign_up(&mut browser, &page, &filled("alice")).await.status, 200);
        assert_eq!(browser.sign_in("alice", CHOSEN).await.status, 403, "not confirmed yet");
        run_all(&server.app).await.unwrap();
        let link = mailed_link(&server, "/auth/confirmation?token=").unwrap();
        assert_eq!(location(&browser.get(&link).await), "/auth/sign_in?done=confirmed");
        assert_eq!(location(&browser.sign_in("alice", CHOSEN).await), "/home");
    })
    .await;
}

#[tokio::test]
async fn staff_reads_why_and_lets_people_in() {
    for_each_engine(|store| async move {
        let server = Server::with(store, in_mode(RegistrationsMode::Approval));
        let mut boss = owner(&server).await;
        let mut browser = Browser::at(&server);
        let page = browser.get(SIGN_UP).await;
        assert_eq!(sign_up(&mut browser, &page, &filled("carol")).await.status, 422, "no reason");
        let mut form = filled("carol");
        form.push(("reason", "I like\r\n.<b>birds".into()));
        assert_eq!(sign_up(&mut browser, &page, &form).await.status, 200);
        run_all(&server.app).await.unwrap();
        let folder = server.data().join("mail");
        let texts: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
            .collect();
        let told = texts.iter().find(|text| text.contains("To: <boss@localhost>")).unwrap();
        assert!(told.contains("> I like"), "{told}");
        assert!(told.contains("&lt;b&gt;birds"), "m03: {told}");

        let link = mailed_link(&server, "/auth/confirmation?token=").unwrap();
        assert_eq!(location(&browser.get(&link).await), "/auth/sign_in?done=waiting");
        let waits = browser.sign_in("carol", CHOSEN).await;
        assert!(waits.text.contains("pending approval"), "{}", waits.text);
        let carol = app::accounts::local_by_name(&server.app, "carol").await.unwrap().unwrap();
        let reason = access::sign_up_reason(&server.app, carol.id).await.unwrap();
        assert!(reason.unwrap().contains("birds"));
        assert!(access::approve(&server.app, carol.id).await.unwrap());
        assert!(!access::approve(&server.app, carol.id).await.unwrap(), "in already");
        assert_eq!(location(&browser.sign_in("carol", CHOSEN).await), "/home");
        let account = app::accounts::local_by_name(&server.app, "boss").await.unwrap().unwrap();
        let token = server.token(account.id, "read").await;
        let told = whole(&server).get("/api/v1/notifications", &token).await.json();
        assert_eq!(told[0]["type"], "admin.sign_up");
        assert_eq!(told[0]["account"]["username"], "carol");
        assert_eq!(boss.get("/settings/invites").await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a10_an_invite_lets_so_many_in_for_so_long_where_nobody_else_may() {
    for_each_engine(|store| async move {
        let server = Server::with(store, |config| config.registrations.confirm_email = false);
        let mut boss = owner(&server).await;
        let page = boss.get("/settings/invites").await;
        let bad = [("uses", "0"), ("days", "2")];
        assert_eq!(boss.submit(&page, "/settings/invites", &bad).await.status, 422);
        let good = [("uses", "1"), ("days", "2")];
        boss.submit(&page, "/settings/invites", &good).await;
        let list = boss.get("/settings/invites").await;
        let link = list.text.split("http://localhost:3000/invite/").nth(1).unwrap();
        let code = link.split('<').next().unwrap().to_owned();

        let mut browser = Browser::at(&server);
        assert!(browser.get(SIGN_UP).await.text.contains("Sign-up is closed"));
        let form = location(&browser.get(&format!("/invite/{code}")).await);
        let page = browser.get(&form).await;
        assert!(page.text.contains("Your invite works"), "{}", page.text);
        assert_eq!(sign_up(&mut browser, &page, &filled("alice")).await.status, 200);
        assert_eq!(location(&browser.sign_in("alice", CHOSEN).await), "/home");
        let mut late = Browser::at(&server);
        assert!(late.get(&form).await.text.contains("used up"), "one use");
        let again = sign_up(&mut late, &page, &filled("bob")).await;
        assert_eq!(again.status, 403, "another browser's form");

        let terms = Terms { most_uses: None, days: Some(2) };
        let open = access::invite(&server.app, None, terms).await.unwrap();
        let form = format!("{SIGN_UP}?invite={}", open.code);
        let page = late.get(&form).await;
        server.clock.advance(2 * DAY + 1);
        assert!(sign_up(&mut late, &page, &filled("bob")).await.text.contains("used up"), "over");
        let members = browser.get("/settings/invites").await;
        assert_eq!(members.status, 403, "members make none");
    })
    .await;
}

#[tokio::test]
async fn the_last_place_of_an_invite_is_taken_once() {
    for_each_engine(|store| async move {
        let server = Server::with(store, |config| config.registrations.confirm_email = false);
        let terms = Terms { most_uses: Some(1), days: None };
        let invite = access::invite(&server.app, None, terms).await.unwrap();
        let mut tries = Vec::new();
        for name in ["alice", "bob", "carol", "dave"] {
            let (app, code) = (server.app.clone(), invite.code.clone());
            tries.push(tokio::spawn(async move {
                let form = access::SignUp {
                    username: name.into(),
                    email: format!("{name}@localhost"),
                    password: CHOSEN.into(),
                    agreement: true,
                    locale: "en".into(),
                    reason: String::new(),
                    invite: code,
                    address: "127.0.0.1".parse().unwrap(),
                };
                access::sign_up_by_page(&app, form).await.is_ok()
            }));
        }
        let mut came = 0;
        for one in tries {
            came += u32::from(one.await.unwrap());
        }
        assert_eq!(came, 1);
        assert_eq!(
            app::accounts::local(&server.app).await.unwrap().len(),
            1,
            "nothing half-written"
        );
    })
    .await;
}

#[tokio::test]
async fn a06_sign_ups_from_one_address_are_counted_on_the_page_as_well() {
    for_each_engine(|store| async move {
        let server = Server::with(store, |config| {
            config.registrations.mode = RegistrationsMode::Open;
            config.limits.rate = Rate::On;
            config.limits.sign_ups = 2;
        });
        let mut browser = Browser::at(&server);
        let page = browser.get(SIGN_UP).await;
        for (name, status) in [("alice", 200), ("bob", 200), ("carol", 429)] {
            assert_eq!(sign_up(&mut browser, &page, &filled(name)).await.status, status, "{name}");
        }
    })
    .await;
}
