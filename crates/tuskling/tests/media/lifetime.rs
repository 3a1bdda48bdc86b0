//! When stored files end.

use domain::time::{DAY, HOUR};
use testkit::for_each_engine;

use crate::support::{House, path_of, png, wav};

async fn post_with(house: &House, media: &str) -> String {
    let form = format!("status=look&visibility=private&media_ids[]={media}");
    let posted = house.talk.post("/api/v1/statuses", &house.token, &form).await;
    assert_eq!(posted.status, 200, "{}", posted.text);
    posted.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn v06_media_are_unguessable_and_die_with_their_post() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let media = house.upload(&png(20, 10)).await.json();
        let status = post_with(&house, media["id"].as_str().unwrap()).await;
        let urls: Vec<String> =
            ["url", "preview_url"].map(|name| media[name].as_str().unwrap().to_owned()).to_vec();
        for url in &urls {
            let name = path_of(url).rsplit('/').next().unwrap().to_owned();
            let (name, _) = name.split_once('.').unwrap();
            assert!(name.len() >= 32 && name.chars().all(|c| c.is_ascii_hexdigit()), "{name}");
            assert_eq!(house.file(url, &[]).await.status, 200);
        }
        let path = format!("/api/v1/statuses/{status}?delete_media=true");
        assert_eq!(house.talk.send("DELETE", &path, &house.token, "").await.status, 200);
        house.run_jobs().await;
        for url in &urls {
            assert_eq!(house.file(url, &[]).await.status, 404);
        }
        assert_eq!(house.stored(), 0);
    })
    .await;
}

#[tokio::test]
async fn v06_media_of_a_deleted_post_can_be_posted_again_for_a_day() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let id = house.uploaded(&png(20, 10)).await;
        let status = post_with(&house, &id).await;
        house.server.clock.advance(3 * DAY);
        house.run_jobs().await;
        assert_eq!(house.stored(), 2);
        let path = format!("/api/v1/statuses/{status}");
        assert_eq!(house.talk.send("DELETE", &path, &house.token, "").await.status, 200);
        app::jobs::ensure_recurring(&house.server.app).await.unwrap();
        house.run_jobs().await;
        assert_eq!(house.media(&id).await.status, 200);
        house.server.clock.advance(DAY + 1);
        house.run_jobs().await;
        assert_eq!(house.media(&id).await.status, 404);
        assert_eq!(house.stored(), 0);
    })
    .await;
}

#[tokio::test]
async fn uploads_that_were_never_posted_go_after_a_day() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        app::jobs::ensure_recurring(&house.server.app).await.unwrap();
        let forgotten = house.uploaded(&png(20, 10)).await;
        let posted = house.uploaded(&png(20, 10)).await;
        post_with(&house, &posted).await;
        house.server.clock.advance(DAY - 1);
        house.run_jobs().await;
        assert_eq!(house.media(&forgotten).await.status, 200);
        assert_eq!(house.stored(), 4);
        house.server.clock.advance(DAY);
        house.run_jobs().await;
        assert_eq!(house.media(&forgotten).await.status, 404);
        assert_eq!(house.stored(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_upload_and_a_deleted_account_leave_no_files() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let id = house.uploaded(&wav()).await;
        let path = format!("/api/v1/media/{id}");
        assert_eq!(house.talk.send("DELETE", &path, &house.token, "").await.status, 200);
        // Its conversion was queued; there is nothing to convert.
        house.run_jobs().await;
        assert_eq!(house.stored(), 0);

        let posted = house.uploaded(&png(20, 10)).await;
        post_with(&house, &posted).await;
        house.uploaded(&png(20, 10)).await;
        let avatar = [crate::support::Part::File("avatar", "a.png", &png(20, 20))];
        let path = "/api/v1/accounts/update_credentials";
        assert_eq!(house.form("PATCH", path, &avatar).await.status, 200);
        assert_eq!(house.stored(), 5);
        app::accounts::delete(&house.server.app, house.alice).await.unwrap();
        house.run_jobs().await;
        assert_eq!(house.stored(), 0);
    })
    .await;
}

#[tokio::test]
async fn files_whose_row_never_came_go_after_an_hour() {
    for_each_engine(|store| async move {
        let house = House::on(store).await;
        let app = &house.server.app;
        let secret = domain::secret::Secret::from_outside(house.token.clone());
        let me = app::access::authenticate(app, &secret, false).await.unwrap().me.unwrap();
        let picture = house.server.data().join("a.png");
        std::fs::write(&picture, png(20, 20)).unwrap();
        // The account goes while its picture is made.
        app::accounts::delete(app, house.alice).await.unwrap();
        let changes = app::accounts::Changes {
            avatar: app::accounts::Picture::New(picture),
            ..app::accounts::Changes::default()
        };
        assert!(app::accounts::update(app, &me, changes).await.is_err());
        house.run_jobs().await;
        assert_eq!(house.stored(), 1);
        house.server.clock.advance(HOUR);
        house.run_jobs().await;
        assert_eq!(house.stored(), 0);
    })
    .await;
}
