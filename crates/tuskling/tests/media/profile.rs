//! Changing one's profile.

use serde_json::json;
use testkit::for_each_engine;

use crate::support::{House, Part, png};

const PATH: &str = "/api/v1/accounts/update_credentials";

#[tokio::test]
async fn texts_switches_and_defaults_are_kept() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let parts = [
            Part::Text("display_name", " Alice "),
            Part::Text("note", "hi"),
            Part::Text("locked", "true"),
            Part::Text("bot", "1"),
            Part::Text("discoverable", "true"),
            Part::Text("hide_collections", "true"),
            Part::Text("indexable", "true"),
            Part::Text("fields_attributes[0][name]", "web"),
            Part::Text("fields_attributes[0][value]", "https://a.example"),
            Part::Text("fields_attributes[1][name]", ""),
            Part::Text("fields_attributes[1][value]", ""),
            Part::Text("source[privacy]", "unlisted"),
            Part::Text("source[sensitive]", "true"),
            Part::Text("source[language]", "de"),
            Part::Text("source[quote_policy]", "followers"),
        ];
        let answer = house.form("PATCH", PATH, &parts).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let seen = house.get("/api/v1/accounts/verify_credentials").await.json();
        assert_eq!(seen, answer.json());
        assert_eq!(seen["display_name"], "Alice");
        for switch in ["locked", "bot", "discoverable", "hide_collections", "indexable"] {
            assert_eq!(seen[switch], true, "{switch}");
        }
        let source = &seen["source"];
        assert_eq!(source["privacy"], "unlisted");
        assert_eq!(source["sensitive"], true);
        assert_eq!(source["language"], "de");
        assert_eq!(source["quote_policy"], "followers");
        assert_eq!(
            source["fields"],
            json!([{"name": "web", "value": "https://a.example", "verified_at": null}])
        );
        // What is not sent stays; what is sent empty goes.
        let later = house.form("PATCH", PATH, &[Part::Text("note", "")]).await.json();
        assert_eq!(later["display_name"], "Alice");
        assert_eq!(later["source"]["note"], "");
        assert_eq!(later["fields"].as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn values_that_break_rules_are_named_and_change_nothing() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let before = house.get("/api/v1/accounts/verify_credentials").await.json();
        let (name, note, cell) = ("n".repeat(31), "n".repeat(501), "c".repeat(256));
        let refused = [
            ("display_name", name.as_str(), "display_name"),
            ("note", note.as_str(), "note"),
            ("fields_attributes[0][name]", cell.as_str(), "fields"),
            ("source[privacy]", "nobody", "default_privacy"),
            ("source[language]", "<script>", "default_language"),
            ("source[quote_policy]", "all", "default_quote_policy"),
        ];
        for (field, value, named) in refused {
            let parts = [Part::Text("bot", "true"), Part::Text(field, value)];
            let answer = house.form("PATCH", PATH, &parts).await;
            assert_eq!(answer.status, 422, "{field}: {}", answer.text);
            let problem = &answer.json()["details"][named][0];
            assert!(problem["error"].as_str().unwrap().starts_with("ERR_"), "{field}");
            let text = answer.json()["error"].as_str().unwrap().to_owned();
            assert!(text.starts_with("Validation failed: "), "{text}");
        }
        let five: Vec<String> = (0..5).map(|n| format!("fields_attributes[{n}][name]")).collect();
        let parts: Vec<Part<'_>> = five.iter().map(|name| Part::Text(name, "x")).collect();
        assert_eq!(house.form("PATCH", PATH, &parts).await.status, 422);
        let after = house.get("/api/v1/accounts/verify_credentials").await.json();
        assert_eq!(before, after);
        assert_eq!(
            house.form("PATCH", PATH, &[Part::Text("display_name", &"é".repeat(30))]).await.status,
            200
        );
    })
    .await;
}

#[tokio::test]
async fn m06_pictures_are_made_anew_and_former_ones_removed() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let default = house.get("/api/v1/accounts/verify_credentials").await.json();
        let parts = [
            Part::File("avatar", "a.png", &png(900, 500)),
            Part::File("header", "h.png", &png(900, 500)),
            Part::Text("avatar_description", "me"),
        ];
        let first = house.form("PATCH", PATH, &parts).await;
        assert_eq!(first.status, 200, "{}", first.text);
        let first = first.json();
        assert_eq!(first["avatar_description"], "me");
        assert_eq!((house.stored(), house.on_their_way()), (2, 0));
        for name in ["avatar", "header"] {
            let file = house.file(first[name].as_str().unwrap(), &[]).await;
            assert_eq!(file.status, 200);
        }

        let fake =
            [Part::File("avatar", "a.png", b"<script>"), Part::Text("display_name", "changed")];
        let refused = house.form("PATCH", PATH, &fake).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert_eq!(house.get("/api/v1/accounts/verify_credentials").await.json(), first);

        let parts = [Part::File("avatar", "a.png", &png(50, 50))];
        let second = house.form("PATCH", PATH, &parts).await.json();
        assert_ne!(first["avatar"], second["avatar"]);
        house.run_jobs().await;
        assert_eq!(house.file(first["avatar"].as_str().unwrap(), &[]).await.status, 404);
        assert_eq!(house.stored(), 2);

        for name in ["avatar", "header"] {
            let path = format!("/api/v1/profile/{name}");
            let answer = house.talk.send("DELETE", &path, &house.token, "").await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            assert_eq!(answer.json()[name], default[name]);
        }
        house.run_jobs().await;
        assert_eq!(house.stored(), 0);
    })
    .await;
}
