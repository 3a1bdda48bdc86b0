//! Files that are not what they say, and names that are no names.

use std::time::{Duration, Instant};

use testkit::for_each_engine;

use crate::support::{House, Part, camera_jpeg, hollow_png, path_of, png};

#[tokio::test]
async fn m06_what_is_no_medium_is_refused_and_leaves_nothing() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let mut gif_and_script = b"GIF89a=1;/*".to_vec();
        gif_and_script.extend([0; 64]);
        let mut cut = png(300, 200);
        cut.truncate(cut.len() / 2);
        let refused: [(&str, Vec<u8>); 9] = [
            ("html", b"<!DOCTYPE html><script>alert(1)</script>".to_vec()),
            ("svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"x\"/>".to_vec()),
            ("pdf", b"%PDF-1.7\n1 0 obj".to_vec()),
            ("zip", b"PK\x03\x04\x14\0\0\0".to_vec()),
            ("text", b"hello".to_vec()),
            ("nothing", Vec::new()),
            ("half a picture", cut),
            ("a picture and a script", gif_and_script),
            // M07: a stored actor could be fetched as ActivityPub.
            ("an actor", br#"{"@context":"https://www.w3.org/ns/activitystreams"}"#.to_vec()),
        ];
        for (what, bytes) in &refused {
            for path in ["/api/v1/media", "/api/v2/media"] {
                let answer = house.form("POST", path, &[Part::File("file", "x.png", bytes)]).await;
                assert_eq!(answer.status, 422, "{what}: {}", answer.text);
                assert!(answer.json()["error"].is_string(), "{what}: {}", answer.text);
            }
        }
        let missing = house.form("POST", "/api/v2/media", &[Part::Text("description", "x")]).await;
        assert_eq!(missing.status, 422);
        assert_eq!(missing.json()["error"], "Validation failed: File can't be blank");
        assert_eq!((house.stored(), house.on_their_way()), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn m06_the_place_where_a_picture_was_taken_is_gone() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let answer = house.upload(&camera_jpeg()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        for name in ["url", "preview_url"] {
            let url = answer.json()[name].as_str().unwrap().to_owned();
            let file = house.file(&url, &[]).await;
            assert_eq!(file.status, 200);
            for trace in ["GPSPLACE", "SPY", "Exif"] {
                assert!(!file.text.contains(trace), "{name} still says {trace}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn m08_a_picture_bomb_is_refused_quickly_and_the_next_upload_works() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let started = Instant::now();
        let answer = house.upload(&hollow_png(65_535, 65_535)).await;
        assert_eq!(answer.status, 422, "{}", answer.text);
        assert!(started.elapsed() < Duration::from_secs(5));
        assert_eq!((house.stored(), house.on_their_way()), (0, 0));
        assert_eq!(house.upload(&png(40, 30)).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn m05_names_of_uploads_never_become_paths() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let long = "x".repeat(4096);
        for name in ["../../x", "/etc/passwd", "con", "a\\b", "..", long.as_str(), "x\0y.php"] {
            let bytes = png(20, 10);
            let answer =
                house.form("POST", "/api/v2/media", &[Part::File("file", name, &bytes)]).await;
            // A name that breaks the body's own form may refuse the request; nothing else may.
            if answer.status == 400 {
                continue;
            }
            assert_eq!(answer.status, 200, "{name:?}: {}", answer.text);
            let path = path_of(answer.json()["url"].as_str().unwrap());
            let key = path.strip_prefix("/media/").unwrap();
            let ours = |c: char| c.is_ascii_hexdigit() || "/.pngj".contains(c);
            assert!(key.chars().all(ours), "{key}");
        }
        let outside: Vec<String> = std::fs::read_dir(house.server.data())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "media" && name != "tmp")
            .collect();
        assert_eq!(outside, Vec::<String>::new());
        assert_eq!(house.on_their_way(), 0);
    })
    .await;
}

#[tokio::test]
async fn m05_only_keys_of_stored_media_open_files() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        std::fs::write(house.server.data().join("secret.png"), b"x").unwrap();
        for key in [
            "../secret.png",
            "%2e%2e/secret.png",
            "..%2fsecret.png",
            "aa/bb/none.png",
            ".incoming/1-0",
            "incoming/0123",
            "%00.png",
            "%ff.png",
            "",
        ] {
            let answer = house.file(&format!("/media/{key}"), &[]).await;
            assert!([400, 404].contains(&answer.status.as_u16()), "{key}: {}", answer.status);
        }
    })
    .await;
}
