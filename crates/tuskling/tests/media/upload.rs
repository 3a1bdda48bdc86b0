//! Uploading, asking how far it is, describing.

use testkit::for_each_engine;

use crate::support::{House, Part, png, wav};

#[tokio::test]
async fn a_picture_is_ready_at_once() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        for path in ["/api/v1/media", "/api/v2/media"] {
            let parts = [
                Part::File("file", "a.png", &png(80, 40)),
                Part::Text("description", "two halves"),
                Part::Text("focus", "0.5,-0.25"),
            ];
            let answer = house.form("POST", path, &parts).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            let media = answer.json();
            assert_eq!(media["type"], "image");
            assert_eq!(media["description"], "two halves");
            assert_eq!(media["meta"]["original"]["size"], "80x40");
            assert_eq!(media["meta"]["focus"], serde_json::json!({"x": 0.5, "y": -0.25}));
            assert!(media["blurhash"].is_string());
            let again = house.media(media["id"].as_str().unwrap()).await;
            assert_eq!((again.status.as_u16(), again.json()), (200, media));
        }
        assert_eq!((house.stored(), house.on_their_way()), (4, 0));
    })
    .await;
}

#[tokio::test]
async fn sound_is_taken_at_once_and_ready_later() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let answer = house.upload(&wav()).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        assert_eq!(answer.json()["type"], "audio");
        assert!(answer.json()["url"].is_null());
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        let waiting = house.media(&id).await;
        assert_eq!(waiting.status, 206);
        assert!(waiting.json()["url"].is_null());
        let post = format!("media_ids[]={id}");
        let early = house.talk.post("/api/v1/statuses", &house.token, &post);
        assert_eq!(early.await.status, 422);

        house.run_jobs().await;
        let ready = house.media(&id).await;
        assert_eq!(ready.status, 200, "{}", ready.text);
        assert!(ready.json()["preview_url"].is_null());
        let url = ready.json()["url"].as_str().unwrap().to_owned();
        assert_eq!(house.file(&url, &[]).await.status, 200);
        // The bytes as they came are gone.
        assert_eq!((house.stored(), house.on_their_way()), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn a_killed_conversion_is_taken_up_again() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let id = house.uploaded(&wav()).await;
        // A worker takes the job and dies.
        let now = house.server.app.now();
        let taken = house
            .server
            .app
            .store
            .write(move |conn| {
                let lane = store::jobs::Lane::Slow;
                Box::pin(async move {
                    store::jobs::lease(conn, now, now.plus(60_000), 2, lane, &[]).await
                })
            })
            .await
            .unwrap();
        assert_eq!(taken.len(), 1);
        house.run_jobs().await;
        assert_eq!(house.media(&id).await.status, 206);
        // A server that is alone on its database knows at its start that nobody is about it.
        app::jobs::ensure_recurring(&house.server.app).await.unwrap();
        if house.server.app.store.is_shared() {
            house.server.clock.advance(60_001);
        }
        house.run_jobs().await;
        assert_eq!(house.media(&id).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn sound_that_turns_out_broken_fails_and_leaves_nothing() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let mut broken = b"OggS\0\x02".to_vec();
        broken.extend([0; 22]);
        broken.extend(b"\x01vorbis nothing of the kind");
        let answer = house.upload(&broken).await;
        if answer.status == 422 {
            // Seen at once: as good.
            assert_eq!(house.stored(), 0);
            return;
        }
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        house.run_jobs().await;
        let failed = house.media(&id).await;
        if !house.has_tools() {
            // Nobody here can look into it: it is kept as it came.
            assert_eq!(failed.status, 200, "{}", failed.text);
            return;
        }
        assert_eq!(failed.status, 422, "{}", failed.text);
        assert_eq!((house.stored(), house.on_their_way()), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn uploads_are_described_by_their_owner_until_they_are_posted() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let id = house.uploaded(&png(20, 10)).await;
        let path = format!("/api/v1/media/{id}");
        let described =
            house.talk.send("PUT", &path, &house.token, "description=new&focus=-3,0.1").await;
        assert_eq!(described.status, 200, "{}", described.text);
        assert_eq!(described.json()["description"], "new");
        assert_eq!(described.json()["meta"]["focus"], serde_json::json!({"x": -1.0, "y": 0.1}));
        let long = format!("description={}", "x".repeat(1501));
        assert_eq!(house.talk.send("PUT", &path, &house.token, &long).await.status, 422);
        let senseless = house.talk.send("PUT", &path, &house.token, "focus=NaN,inf").await;
        assert_eq!(senseless.status, 200);

        let bob = house.server.account("bob").await;
        let bobs = house.server.token(bob.id, "read write").await;
        for method in ["GET", "PUT", "DELETE"] {
            let answer = house.talk.send(method, &path, &bobs, "").await;
            assert_eq!(answer.status, 404, "{method}");
        }
        let weak = house.server.token(house.alice, "read").await;
        assert_eq!(house.talk.get(&path, &weak).await.status, 403);

        let post = format!("status=look&media_ids[]={id}");
        let posted = house.talk.post("/api/v1/statuses", &house.token, &post).await;
        assert_eq!(posted.status, 200, "{}", posted.text);
        assert_eq!(posted.json()["media_attachments"][0]["description"], "new");
        assert_eq!(house.media(&id).await.status, 404);
        assert_eq!(house.talk.send("PUT", &path, &house.token, "description=x").await.status, 404);
        assert_eq!(house.talk.send("DELETE", &path, &house.token, "").await.status, 422);
    })
    .await;
}

#[tokio::test]
async fn a_sound_gets_another_poster() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let parts =
            [Part::File("file", "a.wav", &wav()), Part::File("thumbnail", "t.png", &png(60, 40))];
        let answer = house.form("POST", "/api/v2/media", &parts).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        house.run_jobs().await;
        let first = house.media(&id).await.json();
        assert_eq!(first["meta"]["small"]["size"], "60x40");
        let path = format!("/api/v1/media/{id}");
        let fake = [Part::File("thumbnail", "t.png", b"<html>")];
        assert_eq!(house.form("PUT", &path, &fake).await.status, 422);
        let parts = [Part::File("thumbnail", "t.png", &png(30, 30))];
        let second = house.form("PUT", &path, &parts).await.json();
        assert_eq!(second["meta"]["small"]["size"], "30x30");
        assert_ne!(first["preview_url"], second["preview_url"]);
        house.run_jobs().await;
        assert_eq!((house.stored(), house.on_their_way()), (2, 0));
    })
    .await;
}

#[tokio::test]
async fn r05_many_uploads_at_once_are_all_taken_and_too_many_are_put_off() {
    for_each_engine(|store| async move {
        let house = std::sync::Arc::new(House::on(store).await);
        let mut uploads = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let house = house.clone();
            uploads.spawn(async move { house.uploaded(&png(600, 400)).await });
        }
        let ids = uploads.join_all().await;
        house.run_jobs().await;
        for id in ids {
            assert_eq!(house.media(&id).await.status, 200);
        }
        for _ in 0..64 {
            assert_eq!(house.upload(&wav()).await.status, 202);
        }
        let refused = house.upload(&wav()).await;
        assert_eq!(refused.status, 503, "{}", refused.text);
        assert!(refused.headers.contains_key("retry-after"));
        assert_eq!(house.on_their_way(), 0);
    })
    .await;
}
