//! Verified links of profiles, here and on other servers.

use serde_json::{Value, json};

use crate::scene::{Scene, each};

const PATH: &str = "/api/v1/accounts/update_credentials";

/// Which fields of alice are verified.
async fn verified(scene: &Scene) -> Vec<bool> {
    let me = scene.get("/api/v1/accounts/verify_credentials").await;
    marks(&me)
}

fn marks(account: &Value) -> Vec<bool> {
    account["fields"].as_array().unwrap().iter().map(|f| !f["verified_at"].is_null()).collect()
}

async fn set(scene: &Scene, values: &[String]) {
    let form: Vec<String> = values
        .iter()
        .enumerate()
        .map(|(at, value)| {
            let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            format!("fields_attributes[{at}][name]=x&fields_attributes[{at}][value]={value}")
        })
        .collect();
    let answer = scene.talk.send("PATCH", PATH, &scene.token, &form.join("&")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    scene.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn m09_a_link_is_verified_when_its_page_names_exactly_this_profile() {
    each(async |scene| {
        let other = testkit::Peer::start(3).await;
        let page = |rel: &str, to: &str| format!("<p><a rel=\"{rel}\" href=\"{to}\">me</a></p>");
        let mine = "http://localhost:3000/@alice";
        let html = "text/html; charset=utf-8";
        scene.peer.serve_as("/good", html, &page("noopener me", mine));
        scene.peer.serve_as("/no-rel", html, &page("noopener", mine));
        scene.peer.serve_as("/other", html, &page("me", "http://localhost:3000/@alicia"));
        scene.peer.serve_as("/text", "text/plain", &page("me", mine));
        other.serve_as("/good", html, &page("me", mine));
        scene.peer.redirect("/away", &other.url("/good"));
        let url = |path: &str| scene.peer.url(path);
        set(&scene, &[url("/good"), url("/no-rel"), url("/other"), url("/text")]).await;
        assert_eq!(verified(&scene).await, [true, false, false, false]);
        // What is the same stays verified and is not asked for again; another value is looked at anew.
        let named = scene.peer.base.replace("http://", "http://good.test@");
        set(&scene, &[url("/good"), url("/away"), format!("{named}/good"), url("/good?x")]).await;
        assert_eq!(verified(&scene).await, [true, false, false, true]);
        let plain = scene.peer.requests().iter().filter(|asked| asked.path == "/good").count();
        assert_eq!(plain, 1);
        assert_eq!(scene.peer.hits("/no-rel"), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_of_somebody_who_is_followed_are_looked_at_again_when_they_change() {
    each(async |scene| {
        let mut bob = scene.peer.actor("bob").await;
        let html = "text/html";
        let profile = bob.document["url"].as_str().unwrap().to_owned();
        scene.peer.serve_as("/home", html, &format!("<link rel=me href=\"{profile}\">"));
        let link = |path: &str| {
            let url = scene.peer.url(path);
            let value = format!("<a href=\"{url}\" rel=\"me\">{url}</a>");
            json!([{ "type": "PropertyValue", "name": "x", "value": value }])
        };
        bob.document["attachment"] = link("/home");
        scene.peer.serve("/users/bob", &bob.document);
        scene.resolve(&bob.id, "accounts").await.unwrap();
        scene.settle().await;
        assert_eq!(scene.peer.hits("/home"), 0, "nobody here cares yet");
        let id = scene.follow(&bob).await;
        let place = format!("/api/v1/accounts/{id}");
        assert_eq!(marks(&scene.get(&place).await), [true]);
        // An Update that changes something else leaves it as it is.
        bob.document["name"] = json!("Robert");
        scene.deliver(&bob, &bob.activity(1, "Update", &bob.document)).await;
        assert_eq!(marks(&scene.get(&place).await), [true]);
        assert_eq!(scene.peer.hits("/home"), 1);
        bob.document["attachment"] = link("/nowhere");
        scene.deliver(&bob, &bob.activity(2, "Update", &bob.document)).await;
        assert_eq!(marks(&scene.get(&place).await), [false]);
        assert_eq!(scene.peer.hits("/nowhere"), 1);
    })
    .await;
}
