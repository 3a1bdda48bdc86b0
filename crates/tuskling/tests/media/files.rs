//! How stored files are served.

use axum::body::Body;
use http::Request;
use testkit::for_each_engine;

use crate::support::{House, path_of, png, wav};

#[tokio::test]
async fn m07_files_carry_their_own_type_and_can_do_nothing() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let url = house.upload(&png(40, 30)).await.json()["url"].as_str().unwrap().to_owned();
        let accept = [
            ("accept", "application/activity+json"),
            ("authorization", "Bearer nonsense"),
            ("origin", "https://elsewhere.example"),
        ];
        let answer = house.file(&url, &accept).await;
        assert_eq!(answer.status, 200);
        let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
        assert_eq!(header("content-type"), Some("image/png"));
        assert_eq!(header("x-content-type-options"), Some("nosniff"));
        assert_eq!(header("content-security-policy"), Some("default-src 'none'; sandbox"));
        assert_eq!(header("access-control-allow-origin"), Some("*"));
        assert_eq!(header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(header("set-cookie"), None);
    })
    .await;
}

#[tokio::test]
async fn m07_bytes_as_they_came_are_never_served() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        house.uploaded(&wav()).await;
        let incoming = std::fs::read_dir(house.server.data().join("media/incoming")).unwrap();
        let mut seen = 0;
        for entry in incoming {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let answer = house.file(&format!("/media/incoming/{name}"), &[]).await;
            assert_eq!(answer.status, 404);
            seen += 1;
        }
        assert_eq!(seen, 1);
    })
    .await;
}

#[tokio::test]
async fn parts_of_a_file_and_known_files() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let url = house.upload(&png(40, 30)).await.json()["url"].as_str().unwrap().to_owned();
        let whole = house.file(&url, &[]).await;
        let length: u64 = whole.headers["content-length"].to_str().unwrap().parse().unwrap();
        let tag = whole.headers["etag"].to_str().unwrap().to_owned();

        let part = house.file(&url, &[("range", "bytes=1-3")]).await;
        assert_eq!((part.status.as_u16(), part.text.as_str()), (206, "PNG"));
        assert_eq!(part.headers["content-range"], format!("bytes 1-3/{length}"));
        assert_eq!(part.headers["content-length"], "3");

        let tail = house.file(&url, &[("range", "bytes=-4"), ("if-range", tag.as_str())]).await;
        assert_eq!(tail.status, 206);
        assert_eq!(
            tail.headers["content-range"],
            format!("bytes {}-{}/{length}", length - 4, length - 1)
        );
        let other = house.file(&url, &[("range", "bytes=-4"), ("if-range", "\"x\"")]).await;
        assert_eq!(other.status, 200);

        let beyond = house.file(&url, &[("range", &format!("bytes={length}-"))]).await;
        assert_eq!(beyond.status, 416);
        assert_eq!(beyond.headers["content-range"], format!("bytes */{length}"));

        let known = house.file(&url, &[("if-none-match", tag.as_str())]).await;
        assert_eq!((known.status.as_u16(), known.text.as_str()), (304, ""));

        let head = Request::head(path_of(&url)).body(Body::empty()).unwrap();
        let head = house.talk.ask(head).await;
        assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
        assert_eq!(head.headers["content-length"], length.to_string());
    })
    .await;
}
