//! Custom emoji: importing, showing, removing.

use std::path::PathBuf;

use app::emojis;
use testkit::for_each_engine;

use crate::support::{House, Part, png};

fn write(house: &House, name: &str, bytes: &[u8]) -> PathBuf {
    let path = house.server.data().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[tokio::test]
async fn imported_emoji_are_listed_shown_in_texts_and_removed() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let app = &house.server.app;
        let file = write(&house, "cat", &png(64, 64));
        assert_eq!(house.get("/api/v1/custom_emojis").await.json(), serde_json::json!([]));
        emojis::import(app, "blob_cat", &file, Some("animals".into())).await.unwrap();
        emojis::import(app, "dog", &file, None).await.unwrap();
        assert!(file.exists());
        emojis::refresh(app).await.unwrap();
        // Without a token.
        let list = house.talk.get("/api/v1/custom_emojis", "").await.json();
        assert_eq!(list.as_array().unwrap().len(), 2);
        assert_eq!(list[0]["shortcode"], "blob_cat");
        assert_eq!(list[0]["category"], "animals");
        assert_eq!(list[0]["visible_in_picker"], true);
        let url = list[0]["url"].as_str().unwrap().to_owned();
        assert_eq!(house.file(&url, &[]).await.headers["content-type"], "image/png");

        let parts = [Part::Text("display_name", "a :blob_cat: b :none:")];
        let path = "/api/v1/accounts/update_credentials";
        let me = house.form("PATCH", path, &parts).await.json();
        assert_eq!(me["emojis"][0]["shortcode"], "blob_cat");
        assert_eq!(me["emojis"].as_array().unwrap().len(), 1);

        // Another picture under the same name takes the place of the former.
        emojis::import(app, "blob_cat", &file, None).await.unwrap();
        emojis::refresh(app).await.unwrap();
        house.run_jobs().await;
        assert_eq!(house.file(&url, &[]).await.status, 404);
        assert!(emojis::remove(app, "blob_cat").await.unwrap());
        assert!(!emojis::remove(app, "blob_cat").await.unwrap());
        assert!(emojis::remove(app, "dog").await.unwrap());
        emojis::refresh(app).await.unwrap();
        house.run_jobs().await;
        assert_eq!(house.get("/api/v1/custom_emojis").await.json(), serde_json::json!([]));
        assert_eq!(house.stored(), 0);
    })
    .await;
}

#[tokio::test]
async fn m05_only_shortcodes_are_names_of_emoji() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let file = write(&house, "cat", &png(64, 64));
        let fake = write(&house, "fake", b"<svg/>");
        let app = &house.server.app;
        for name in ["", "x", "..", "../../x", "a/b", "a b", "a:b", "é1", &"x".repeat(129)] {
            assert!(emojis::import(app, name, &file, None).await.is_err(), "{name:?}");
        }
        assert!(emojis::import(app, "fake", &fake, None).await.is_err());
        assert!(
            emojis::import(app, "none", &house.server.data().join("none"), None).await.is_err()
        );
        assert_eq!(emojis::list(app).await.unwrap(), []);
        assert_eq!((house.stored(), house.on_their_way()), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn another_process_on_the_same_database_is_told_of_new_emoji() {
    for_each_engine(|store| async move {
        if !store.is_shared() {
            return; // One process serves an SQLite file.
        }
        let here = House::on(store.clone()).await;
        let there = testkit::Server::on(store);
        let stop = tokio_util::sync::CancellationToken::new();
        let keeper = tokio::spawn(emojis::keep_fresh(there.app.clone(), stop.clone()));
        let knows = async |name: &str| {
            let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
            // Far below the interval at which it would look by itself.
            while tokio::time::Instant::now() < deadline {
                if there.app.emojis.get().0.contains_key(name) {
                    return true;
                }
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            false
        };
        let file = write(&here, "cat", &png(64, 64));
        // The first is seen at the start of the other process or by a call, the second by a call.
        emojis::import(&here.server.app, "first", &file, None).await.unwrap();
        assert!(knows("first").await);
        emojis::import(&here.server.app, "second", &file, None).await.unwrap();
        assert!(knows("second").await);
        stop.cancel();
        keeper.await.unwrap();
    })
    .await;
}
