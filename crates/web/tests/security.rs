//! Looking after one's account: browsers, apps, password, address, and what mail tells of it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;

use app::jobs::run_all;
use browser::{Browser, location, mailed_link, mails, whole};
use testkit::{PASSWORD, Server, for_each_engine};

const SECURITY: &str = "/settings/security";
const NEW: &str = "an entirely new password";

async fn signed_in(server: &Server, name: &str) -> Browser {
    let mut browser = Browser::at(server);
    assert_eq!(location(&browser.sign_in(name, PASSWORD).await), "/home");
    browser
}

/// The text of the newest mail that holds these words.
fn mail_with(server: &Server, words: &str) -> Option<String> {
    let mut files: Vec<_> = std::fs::read_dir(server.data().join("mail"))
        .ok()?
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let texts = files.iter().rev().map(|file| std::fs::read_to_string(file).unwrap());
    texts.into_iter().find(|text| text.contains(words))
}

#[tokio::test]
async fn browsers_are_listed_and_signed_out_by_their_owner_alone() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        server.account("bob").await;
        let mut mine = signed_in(&server, "alice").await;
        let mut other = Browser::at(&server);
        other.extra.push(("user-agent", "<b>Phone</b>".into()));
        other.sign_in("alice", PASSWORD).await;
        let page = mine.get(SECURITY).await;
        assert!(page.text.contains("(this one)"));
        assert!(!page.text.contains("<b>Phone"), "what a browser calls itself is text");
        let id = page
            .text
            .split("name=\"id\" value=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .find(|id| id != "others")
            .unwrap();

        let mut bobs = signed_in(&server, "bob").await;
        let theirs = bobs.get(SECURITY).await;
        let stolen = bobs.submit(&theirs, "/settings/security/session", &[("id", &id)]).await;
        assert_eq!(stolen.status, 404, "v05");
        assert_eq!(other.get(SECURITY).await.status, 200);
        mine.submit(&page, "/settings/security/session", &[("id", &id)]).await;
        assert_eq!(other.get(SECURITY).await.status, 302, "signed out");

        other.sign_in("alice", PASSWORD).await;
        mine.submit(&page, "/settings/security/session", &[("id", "others")]).await;
        assert_eq!(other.get(SECURITY).await.status, 302);
        assert_eq!(mine.get(SECURITY).await.status, 200);
        assert_eq!(bobs.get(SECURITY).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a03_an_app_is_revoked_by_its_owner_alone() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        server.account("bob").await;
        let token = server.token(alice.id, "read write").await;
        let talk = whole(&server);
        let me = "/api/v1/accounts/verify_credentials";
        let mut mine = signed_in(&server, "alice").await;
        let page = mine.get(SECURITY).await;
        assert!(page.text.contains("Made on the command line"), "{}", page.text);
        let apps = page.text.split("/settings/security/app").nth(1).unwrap();
        let id = apps.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let mut bobs = signed_in(&server, "bob").await;
        let theirs = bobs.get(SECURITY).await;
        let form = [("id", id)];
        assert_eq!(bobs.submit(&theirs, "/settings/security/app", &form).await.status, 404, "v05");
        assert_eq!(talk.get(me, &token).await.status, 200);
        mine.submit(&page, "/settings/security/app", &form).await;
        let answer = talk.get(me, &token).await;
        assert_eq!(answer.json()["error"], "The access token was revoked");
        assert_eq!(mine.submit(&page, "/settings/security/app", &form).await.status, 404, "gone");
        assert_eq!(location(&mine.get("/oauth/authorized_applications").await), SECURITY);
    })
    .await;
}

#[tokio::test]
async fn a03_a_changed_password_leaves_this_browser_in_and_nobody_else() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        let token = server.token(alice.id, "read").await;
        let mut mine = signed_in(&server, "alice").await;
        let mut other = signed_in(&server, "alice").await;
        let old = mine.cookies["tuskling_session"].clone();
        let page = mine.get(SECURITY).await;
        let path = "/settings/security/password";
        let wrong = [("current_password", "wrong password"), ("password", NEW)];
        assert_eq!(mine.submit(&page, path, &wrong).await.status, 422);
        let short = [("current_password", PASSWORD), ("password", "short")];
        assert_eq!(mine.submit(&page, path, &short).await.status, 422);
        let right = [("current_password", PASSWORD), ("password", NEW)];
        assert!(location(&mine.submit(&page, path, &right).await).contains("done=password"));
        assert_ne!(mine.cookies["tuskling_session"], old, "a new session");
        assert_eq!(mine.get(SECURITY).await.status, 200);
        assert_eq!(other.get(SECURITY).await.status, 302);
        let talk = whole(&server);
        assert_eq!(talk.get("/api/v1/accounts/verify_credentials", &token).await.status, 401);
        run_all(&server.app).await.unwrap();
        assert!(mail_with(&server, "Your password was changed").is_some());
    })
    .await;
}

#[tokio::test]
async fn a12_another_address_is_used_once_its_link_was_opened() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        server.account("bob").await;
        let mut mine = signed_in(&server, "alice").await;
        let page = mine.get(SECURITY).await;
        let path = "/settings/security/email";
        let form = |email, password| [("email", email), ("email_password", password)];
        let wrong = form("new@localhost", "wrong password");
        assert_eq!(mine.submit(&page, path, &wrong).await.status, 422);
        assert_eq!(mine.submit(&page, path, &form("no address", PASSWORD)).await.status, 422);
        let taken = mine.submit(&page, path, &form("bob@localhost", PASSWORD)).await;
        assert!(location(&taken).contains("done=email"), "a09: it does not tell");
        run_all(&server.app).await.unwrap();
        assert!(mailed_link(&server, "/auth/confirmation?token=").is_none());

        mine.submit(&page, path, &form("first@localhost", PASSWORD)).await;
        run_all(&server.app).await.unwrap();
        let dead = mailed_link(&server, "/auth/confirmation?token=").unwrap();
        mine.submit(&page, path, &form("new@localhost", PASSWORD)).await;
        run_all(&server.app).await.unwrap();
        let link = mailed_link(&server, "/auth/confirmation?token=").unwrap();
        let mut any = Browser::at(&server);
        assert_eq!(any.get(&dead).await.status, 404, "the newer one counts");
        assert_eq!(location(&any.get(&link).await), "/auth/sign_in?done=changed");
        assert_eq!(any.get(&link).await.status, 404, "once");
        assert_eq!(mine.get(SECURITY).await.status, 302, "signed out");
        assert_eq!(any.sign_in("alice@localhost", PASSWORD).await.status, 422);
        assert_eq!(location(&any.sign_in("new@localhost", PASSWORD).await), "/home");
        run_all(&server.app).await.unwrap();
        let told = mail_with(&server, "Your address was changed").unwrap();
        assert!(told.contains("To: <alice@localhost>"), "the old address hears of it: {told}");
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_from_a_browser_that_never_did_so_is_told_by_mail() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let mut first = signed_in(&server, "alice").await;
        run_all(&server.app).await.unwrap();
        assert_eq!(mails(&server), 0, "somebody's first browser");
        let page = first.get("/auth/password/new").await;
        first.submit(&page, "/auth/sign_out", &[]).await;
        first.sign_in("alice", PASSWORD).await;
        run_all(&server.app).await.unwrap();
        assert_eq!(mails(&server), 0, "the same browser again");

        let mut second = Browser::at(&server);
        second.extra.push(("user-agent", "Strange/1.0".into()));
        assert_eq!(second.sign_in("alice", "wrong password").await.status, 422);
        run_all(&server.app).await.unwrap();
        assert_eq!(mails(&server), 0, "nobody got in");
        second.sign_in("alice", PASSWORD).await;
        run_all(&server.app).await.unwrap();
        let told = mail_with(&server, "A new sign-in").unwrap();
        assert!(told.contains("Browser: Strange/1.0"), "{told}");
        assert!(told.contains("http://localhost:3000/auth/password/new"), "{told}");
    })
    .await;
}

#[tokio::test]
async fn what_mail_tells_of_is_kept() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let mut mine = signed_in(&server, "alice").await;
        let page = mine.get("/settings/mail").await;
        let on = |text: &str, name: &str| {
            text.contains(&format!("id=\"kind-{name}\" name=\"{name}\" value=\"1\" checked"))
        };
        assert!(on(&page.text, "mention") && !on(&page.text, "follow"));
        assert!(!page.text.contains("(staff)"), "nothing of staff for members");
        let form = [("follow", "1"), ("always", "1")];
        mine.submit(&page, "/settings/mail", &form).await;
        let page = mine.get("/settings/mail").await;
        assert!(!on(&page.text, "mention") && on(&page.text, "follow"));
        assert!(page.text.contains("id=\"always\" name=\"always\" value=\"1\" checked"));
        let stranger = Browser::at(&server).get("/settings/mail").await;
        assert_eq!(location(&stranger), "/auth/sign_in?return_to=%2Fsettings%2Fmail");
    })
    .await;
}
