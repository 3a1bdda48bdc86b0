//! The client without scripts: what somebody who is signed in can do by links and forms.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod browser;

use browser::{Browser, hidden_fields, location};
use domain::status::Visibility;
use http::StatusCode;
use testkit::{Answer, PASSWORD, Server, for_each_engine};

/// Somebody at a browser.
async fn signed_in(server: &Server, name: &str) -> Browser {
    let mut browser = Browser::at(server);
    assert_eq!(location(&browser.sign_in(name, PASSWORD).await), "/home");
    browser
}

/// Posts and brings it to its readers.
async fn post(server: &Server, name: &str, text: &str, visibility: Visibility) -> app::StatusView {
    let me = me(server, name).await;
    let new = app::statuses::NewStatus {
        text: text.into(),
        visibility: Some(visibility),
        ..Default::default()
    };
    let view = app::statuses::post(&server.app, &me, new).await.unwrap();
    app::jobs::run_all(&server.app).await.unwrap();
    view
}

async fn me(server: &Server, name: &str) -> app::access::Me {
    let accounts = app::accounts::local(&server.app).await.unwrap();
    let (account, user) =
        accounts.into_iter().find(|(account, _)| account.username == name).unwrap();
    app::access::Me { account, user }
}

/// The forms of a page that lead to this path.
fn form(page: &Answer, path: &str) -> Vec<(String, String)> {
    let start = format!("<form method=\"post\" action=\"{path}\"");
    let text = page.text.split(&start).nth(1).expect("the form is on the page");
    hidden_fields(text.split("</form>").next().unwrap())
}

async fn press(
    browser: &mut Browser,
    page: &Answer,
    path: &str,
    filled: &[(&str, &str)],
) -> Answer {
    let hidden = form(page, path);
    let mut fields: Vec<(&str, &str)> = hidden
        .iter()
        .filter(|(name, _)| !filled.iter().any(|(given, _)| given == name))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    fields.extend_from_slice(filled);
    browser.post(path, &fields).await
}

#[tokio::test]
async fn who_is_not_signed_in_is_sent_to_sign_in_and_comes_back() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let mut browser = Browser::at(&server);
        for path in ["/home", "/notifications", "/compose?text=hi", "/search?q=%23a", "/settings"] {
            let to = location(&browser.get(path).await);
            let back = browser::parameter(&to, "return_to").unwrap();
            assert_eq!(back, path);
            assert!(to.starts_with("/auth/sign_in?"), "{to}");
        }
        let page = browser.get("/auth/sign_in?return_to=%2Fcompose%3Ftext%3Dhi").await;
        let fields = [("login", "alice"), ("password", PASSWORD)];
        let done = browser.submit(&page, "/auth/sign_in", &fields).await;
        assert_eq!(location(&done), "/compose?text=hi");
        assert_eq!(location(&browser.get("/").await), "/home", "the front page leads home");
    })
    .await;
}

#[tokio::test]
async fn a_post_is_written_once_however_often_its_form_is_sent() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let mut browser = signed_in(&server, "alice").await;
        let page = browser.get("/home").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        let words =
            [("text", "Hello <b>hills</b> & all"), ("visibility", "public"), ("do", "post")];
        let first = press(&mut browser, &page, "/compose", &words).await;
        let second = press(&mut browser, &page, "/compose", &words).await;
        assert_eq!(location(&first), location(&second), "the same post");
        assert!(location(&first).starts_with("/home#post-"));
        let home = browser.get("/home").await;
        assert_eq!(home.text.matches("<article").count(), 1);
        assert!(home.text.contains("Hello &lt;b&gt;hills") || home.text.contains("Hello &#60;b"));

        // What was changed since is another post.
        let other = [("text", "Another"), ("visibility", "public"), ("do", "post")];
        location(&press(&mut browser, &page, "/compose", &other).await);
        let home = browser.get("/home").await;
        assert_eq!(home.text.matches("<article").count(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_the_field_and_the_text_stays() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let mut browser = signed_in(&server, "alice").await;
        let page = browser.get("/compose").await;
        let long = "a".repeat(server.app.config.limits.status_characters + 1);
        let sent = [("text", long.as_str()), ("warning", "<w>"), ("visibility", "private")];
        let answer = press(&mut browser, &page, "/compose", &sent).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text.contains("id=\"text-error\"") && answer.text.contains("limit"));
        assert!(answer.text.contains(&long) && answer.text.contains("value=\"&#60;w&#62;\""));
        assert!(answer.text.contains("<option value=\"private\" selected>"));
        let empty = press(&mut browser, &page, "/compose", &[("text", "  ")]).await;
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(empty.text.contains("Write something first"));
        let poll = [("text", "Which?"), ("poll_1", "One"), ("poll_seconds", "300")];
        let poll = press(&mut browser, &page, "/compose", &poll).await;
        assert_eq!(poll.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(poll.text.contains("more than one item") && poll.text.contains("value=\"One\""));
    })
    .await;
}

#[tokio::test]
async fn a_text_that_comes_after_the_session_ended_is_not_lost() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let mut browser = signed_in(&server, "alice").await;
        let page = browser.get("/compose").await;
        browser.cookies.remove("tuskling_session");
        let answer = press(&mut browser, &page, "/compose", &[("text", "dear <diary>")]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.text.contains("dear &#60;diary&#62;"));
        let action = press(&mut browser, &page, "/auth/sign_out", &[]).await;
        assert_eq!(action.status, StatusCode::FORBIDDEN);
        assert!(
            app::timelines::home(
                &server.app,
                me(&server, "alice").await.id(),
                app::Page::newest(5)
            )
            .await
            .unwrap()
            .is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn buttons_below_a_post_do_what_they_say_and_return() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        server.account("bob").await;
        let view = post(&server, "bob", "A heron", Visibility::Public).await;
        let id = view.status.id;
        let mut browser = signed_in(&server, "alice").await;
        let path = format!("/posts/{id}");
        for (deed, undo) in [
            ("favourite", "unfavourite"),
            ("boost", "unboost"),
            ("bookmark", "unbookmark"),
            ("mute", "unmute"),
        ] {
            let page = browser.get("/public/local").await;
            assert!(page.text.contains(&format!("value=\"{deed}\"")), "{deed}");
            let answer = press(&mut browser, &page, &path, &[("do", deed)]).await;
            assert_eq!(location(&answer), format!("/public/local#post-{id}"));
            let page = browser.get(&format!("/@bob/{id}")).await;
            assert!(page.text.contains(&format!("value=\"{undo}\"")), "{undo}");
            let answer = press(&mut browser, &page, &path, &[("do", undo)]).await;
            assert!(location(&answer).starts_with(&format!("/@bob/{id}#")));
        }
        let page = browser.get("/public/local").await;
        let foreign = [("do", "favourite"), ("back", "https://b.test/")];
        let answer = press(&mut browser, &page, &path, &foreign).await;
        assert!(location(&answer).starts_with("/home#"), "m10: only our own pages");
        let odd = press(&mut browser, &page, &path, &[("do", "explode")]).await;
        assert_eq!(odd.status, StatusCode::BAD_REQUEST);
    })
    .await;
}

#[tokio::test]
async fn a_script_gets_the_post_as_it_is_now() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        server.account("bob").await;
        let view = post(&server, "bob", "A heron", Visibility::Public).await;
        let path = format!("/posts/{}", view.status.id);
        let mut browser = signed_in(&server, "alice").await;
        let page = browser.get("/public/local").await;
        browser.extra = vec![("x-tuskling-part", "1".into())];
        let part = press(&mut browser, &page, &path, &[("do", "favourite")]).await;
        assert_eq!(part.status, StatusCode::OK);
        assert!(part.text.trim_start().starts_with("<article") && !part.text.contains("<html"));
        assert!(part.text.contains("value=\"unfavourite\""));
        browser.cookies.remove("tuskling_session");
        let ended = press(&mut browser, &page, &path, &[("do", "favourite")]).await;
        assert_eq!(ended.status, StatusCode::UNAUTHORIZED);
        assert!(ended.text.contains("Sign in again"));
    })
    .await;
}

#[tokio::test]
async fn a08_the_client_takes_no_form_from_elsewhere() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let view = post(&server, "alice", "mine", Visibility::Public).await;
        let id = view.status.id;
        let mut browser = signed_in(&server, "alice").await;
        let page = browser.get("/home").await;
        let delete = format!("/posts/{id}/delete");
        for path in ["/compose", delete.as_str(), &format!("/posts/{id}"), "/notifications/clear"] {
            let without = browser.post(path, &[("text", "x"), ("do", "favourite")]).await;
            assert_eq!(without.status, StatusCode::FORBIDDEN, "{path} without a key");
        }
        browser.extra = vec![("sec-fetch-site", "cross-site".into())];
        let foreign = press(&mut browser, &page, "/compose", &[("text", "x")]).await;
        assert_eq!(foreign.status, StatusCode::FORBIDDEN);
        let stream = browser.get("/live?of=home").await;
        assert_eq!(stream.status, StatusCode::FORBIDDEN, "nobody else's page listens");
        browser.extra.clear();

        // Two pages never show the same key, and both fit.
        let again = browser.get("/home").await;
        let keys: Vec<String> = [&page, &again]
            .into_iter()
            .map(|page| form(page, "/compose").into_iter().find(|(name, _)| name == "csrf_token"))
            .map(|key| key.unwrap().1)
            .collect();
        assert_ne!(keys[0], keys[1]);
        for page in [&page, &again] {
            let text = if std::ptr::eq(page, &again) { "second" } else { "first" };
            location(&press(&mut browser, page, "/compose", &[("text", text)]).await);
        }
    })
    .await;
}

#[tokio::test]
async fn v01_the_client_shows_nobody_what_is_not_for_them() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        server.account("bob").await;
        let secret = post(&server, "bob", "for followers", Visibility::Private).await;
        let id = secret.status.id;
        let mut browser = signed_in(&server, "alice").await;
        let gone = i64::MAX - 1;
        for path in [
            "/@bob/ID",
            "/posts/ID/people",
            "/posts/ID/history",
            "/compose?reply_to=ID",
            "/posts/ID/edit",
            "/posts/ID/delete",
        ] {
            let hidden = browser.get(&path.replace("ID", &id.to_string())).await;
            let absent = browser.get(&path.replace("ID", &gone.to_string())).await;
            assert_eq!(hidden.status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(hidden.text, absent.text, "v02: {path}");
        }
        for path in ["/@bob", "/public", "/public/local", "/home", "/search?q=followers"] {
            let page = browser.get(path).await;
            assert!(!page.text.contains("for followers"), "{path}");
        }
        let page = browser.get("/home").await;
        let reply = [("text", "x"), ("reply_to", &id.to_string())];
        let reply = press(&mut browser, &page, "/compose", &reply).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);

        // V05: another one's post is not there to be changed.
        let open = post(&server, "bob", "open", Visibility::Public).await.status.id;
        for path in [format!("/posts/{open}/edit"), format!("/posts/{open}/delete")] {
            assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
            let token = form(&page, "/compose")[0].1.clone();
            let posted = browser.post(&path, &[("csrf_token", &token), ("text", "x")]).await;
            assert_eq!(posted.status, StatusCode::NOT_FOUND, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_post_is_edited_and_deleted_by_its_author() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let id = post(&server, "alice", "first words", Visibility::Unlisted).await.status.id;
        let mut browser = signed_in(&server, "alice").await;
        let path = format!("/posts/{id}/edit");
        let page = browser.get(&path).await;
        assert!(page.text.contains(">first words</textarea>"));
        let done = press(&mut browser, &page, &path, &[("text", "second words")]).await;
        assert!(location(&done).starts_with(&format!("/@alice/{id}")));
        let thread = browser.get(&format!("/@alice/{id}")).await;
        assert!(thread.text.contains("second words") && thread.text.contains("edited"));
        let history = browser.get(&format!("/posts/{id}/history")).await;
        assert!(history.text.contains("first words") && history.text.contains("second words"));

        let path = format!("/posts/{id}/delete");
        let page = browser.get(&path).await;
        let redraft = press(&mut browser, &page, &path, &[("do", "redraft")]).await;
        assert!(redraft.text.contains(">second words</textarea>"), "it is written anew");
        assert_eq!(browser.get(&format!("/@alice/{id}")).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn a_thread_is_shown_whole_and_answered() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        server.account("bob").await;
        let root = post(&server, "bob", "the root", Visibility::Public).await.status.id;
        let mut browser = signed_in(&server, "alice").await;
        let path = format!("/@bob/{root}");
        let page = browser.get(&path).await;
        assert!(page.text.contains(">@bob </textarea>"), "the author is mentioned");
        let words = [("text", "@bob a reply"), ("visibility", "public"), ("do", "post")];
        let done = location(&press(&mut browser, &page, "/compose", &words).await);
        assert!(done.starts_with(&path), "{done}");
        let reply = done.split("#post-").nth(1).unwrap();
        let page = browser.get(&path).await;
        assert!(page.text.contains("a reply"));
        let below = browser.get(&format!("/@alice/{reply}")).await;
        assert!(below.text.contains("the root") && below.text.contains("data-back"));
        // A wrong name in the address leads to the right one.
        let moved = browser.get(&format!("/@bob/{reply}")).await;
        assert_eq!(location(&moved), format!("/@alice/{reply}"));
    })
    .await;
}

#[tokio::test]
async fn m03_names_and_texts_from_outside_are_text_on_every_page() {
    for_each_engine(|store| async move {
        const HOSTILE: &str = "<i>\"'x</i>&amp;";
        let server = Server::on(store);
        server.account("alice").await;
        let bob = server.account("bob").await;
        let changes = app::accounts::Changes {
            display_name: Some(HOSTILE.into()),
            note: Some(HOSTILE.into()),
            fields: Some(vec![(HOSTILE.into(), HOSTILE.into())]),
            ..Default::default()
        };
        app::accounts::update(&server.app, &me(&server, "bob").await, changes).await.unwrap();
        let text = format!("@alice {HOSTILE}");
        let id = post(&server, "bob", &text, Visibility::Public).await.status.id;
        let mut browser = signed_in(&server, "alice").await;
        let hostile = url::form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect::<String>();
        for path in [
            "/home".to_owned(),
            "/notifications".into(),
            "/@bob".into(),
            format!("/@bob/{id}"),
            format!("/people/{}/report?post={id}", bob.id),
            format!("/search?q={hostile}"),
            format!("/compose?text={hostile}"),
            "/conversations".into(),
        ] {
            let page = browser.get(&path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert!(!page.text.contains("<i>\"'x"), "{path}");
            for inline in [" style=", "<style", " onclick", "javascript:", "<script>"] {
                assert!(!page.text.contains(inline), "{path} contains {inline}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a02_the_dashboard_is_for_those_who_look_after_the_server() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let mut browser = signed_in(&server, "alice").await;
        let home = browser.get("/home").await;
        assert!(!home.text.contains("href=\"/dashboard\""));
        for path in [
            "/dashboard",
            "/dashboard/work",
            "/dashboard/reports",
            "/dashboard/domains",
            "/dashboard/domains.csv",
        ] {
            assert_eq!(browser.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        let key = form(&home, "/compose").remove(0).1;
        for (path, deed) in [
            ("/dashboard/work", "deliver"),
            ("/dashboard/domains", "set"),
            ("/dashboard/reports/1", "settle"),
        ] {
            let fields = [("csrf_token", key.as_str()), ("do", deed), ("domain", "b.test")];
            assert_eq!(browser.post(path, &fields).await.status, StatusCode::FORBIDDEN, "{path}");
        }

        let new = app::accounts::NewAccount {
            username: "owner".into(),
            email: "owner@localhost".into(),
            password: PASSWORD.into(),
            role: domain::account::Role::Owner,
            confirmed: true,
            approved: true,
            locale: "en".into(),
        };
        app::accounts::create(&server.app, new).await.unwrap();
        let mut owner = signed_in(&server, "owner").await;
        let page = owner.get("/dashboard/domains").await;
        let rule = [("domain", "b.test"), ("severity", "suspend"), ("do", "set")];
        location(&press(&mut owner, &page, "/dashboard/domains", &rule).await);
        assert!(owner.get("/dashboard/domains").await.text.contains("b.test"));
        for path in ["/dashboard", "/dashboard/work", "/dashboard/reports"] {
            assert_eq!(owner.get(path).await.status, StatusCode::OK, "{path}");
        }
        assert!(owner.get("/dashboard").await.text.contains("None are made"));
        let now = server.app.now();
        server.app.backups.told_by(move || {
            let proof = app::backups::Proof { at: now, rows: 42, files: 7 };
            let what = "the disk is full".to_owned();
            Some(app::backups::Report {
                saved_at: Some(now),
                proof: Some(proof),
                failure: Some(app::backups::Failure { at: now, what }),
                ..app::backups::Report::default()
            })
        });
        let shown = owner.get("/dashboard").await.text;
        assert!(shown.contains("Last proved restore, 42 rows and 7 files"), "{shown}");
        assert!(shown.contains("the disk is full"), "{shown}");
        let wrong = [("domain", "not a name"), ("severity", "suspend"), ("do", "set")];
        let wrong = press(&mut owner, &page, "/dashboard/domains", &wrong).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.text.contains("value=\"not a name\""));
    })
    .await;
}

#[tokio::test]
async fn people_follow_mute_and_block_by_forms() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await;
        let bob = server.account("bob").await;
        let mut browser = signed_in(&server, "alice").await;
        let path = format!("/people/{}", bob.id);
        for (deed, words) in [
            ("follow", ">Unfollow<"),
            ("mute", ">Muted<"),
            ("unmute", "Mute"),
            ("block", ">Unblock<"),
            ("unblock", ">Follow<"),
        ] {
            let page = browser.get("/@bob").await;
            let done = press(&mut browser, &page, &path, &[("do", deed)]).await;
            assert_eq!(location(&done), "/@bob");
            let page = browser.get("/@bob").await;
            assert!(page.text.contains(words), "{deed}: no {words}");
        }
        // One's own profile has no such buttons, and the server refuses what has none.
        let own = browser.get("/@alice").await;
        assert!(own.text.contains("Edit profile") && !own.text.contains("value=\"block\""));
        let page = browser.get("/@bob").await;
        let key = form(&page, &path)[0].1.clone();
        let itself = format!("/people/{}", alice.id);
        let refused = browser.post(&itself, &[("csrf_token", &key), ("do", "block")]).await;
        assert!(refused.status.is_client_error());
    })
    .await;
}

#[tokio::test]
async fn lists_go_out_and_come_in_as_files() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let bob = server.account("bob").await;
        let me = me(&server, "alice").await;
        let file =
            "Account address,Show boosts\nbob@localhost:3000,true\nnobody@localhost:3000,true\n";
        let what = app::portability::Kind::Following;
        for _ in 0..2 {
            let done = app::portability::import(&server.app, me.id(), what, file).await.unwrap();
            assert_eq!((done.queued, done.wrong.len()), (2, 0));
            let waiting = app::portability::waiting(&server.app, me.id()).await.unwrap();
            assert_eq!(waiting, 2, "the same line waits once");
        }
        app::jobs::run_all(&server.app).await.unwrap();
        assert_eq!(app::portability::waiting(&server.app, me.id()).await.unwrap(), 0);
        let known =
            app::relations::relationships(&server.app, me.id(), vec![bob.id]).await.unwrap();
        assert!(known[0].1.following.is_some());

        let mut browser = signed_in(&server, "alice").await;
        let answer = browser.get("/settings/export/following_accounts.csv").await;
        assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
        assert!(answer.text.contains("bob@localhost:3000,true,false,"), "{}", answer.text);
        let key = form(&browser.get("/settings/data").await, "/settings/archive").remove(0).1;
        let asked = browser.post("/settings/archive", &[("csrf_token", &key)]).await;
        assert_eq!(location(&asked), "/settings/data");
        app::jobs::run_all(&server.app).await.unwrap();
        let page = browser.get("/settings/data").await;
        let link = page.text.split("href=\"").find(|rest| rest.starts_with("/settings/archive/"));
        let link = link.and_then(|rest| rest.split('"').next()).unwrap().to_owned();
        let archive = browser.get(&link).await;
        assert_eq!(archive.headers["content-type"], "application/gzip");
        let mut other = signed_in(&server, "bob").await;
        assert_eq!(other.get(&link).await.status, StatusCode::NOT_FOUND, "it is alice's alone");
        let again = browser.post("/settings/archive", &[("csrf_token", &key)]).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "once a week");
        let absent = browser.get("/settings/export/passwords.csv").await;
        assert_eq!(absent.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn leaving_needs_name_and_password() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        server.account("alice").await;
        let mut browser = signed_in(&server, "alice").await;
        let path = "/settings/account";
        let page = browser.get(path).await;
        for (name, password) in [("alice", "wrong password"), ("alic", PASSWORD)] {
            let fields = [("do", "delete"), ("name", name), ("password", password)];
            let answer = press(&mut browser, &page, path, &fields).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            assert!(answer.text.contains("id=\"delete-error\""));
        }
        let fields = [("do", "delete"), ("name", "alice"), ("password", PASSWORD)];
        assert_eq!(location(&press(&mut browser, &page, path, &fields).await), "/");
        assert!(!browser.cookies.contains_key("tuskling_session"));
        assert!(app::accounts::local(&server.app).await.unwrap().is_empty());
    })
    .await;
}
