//! Everything in one file, and old posts back out of one.
#![expect(clippy::unwrap_used, reason = "a test stops where its tools fail")]

use std::io::Write;
use std::path::Path;

use app::AppError;
use app::access::Me;
use app::archive::{Brought, Import, bring_posts, latest, open, request, write_to};
use app::statuses::{self, NewStatus};
use domain::status::Visibility;
use domain::time::{DAY, MINUTE};
use store::statuses::AccountFilter;
use store::{Page, StoreError};
use testkit::{Server, for_each_engine};

async fn me(server: &Server, name: &str) -> Me {
    let account = server.account(name).await;
    let id = account.id;
    let user = server
        .app
        .store
        .read(move |conn| Box::pin(async move { store::users::by_account(conn, id).await }));
    Me { account, user: user.await.unwrap().unwrap() }
}

async fn say(server: &Server, me: &Me, new: NewStatus) -> app::StatusView {
    server.clock.advance(MINUTE);
    statuses::post(&server.app, me, new).await.unwrap()
}

fn new(text: &str, visibility: Visibility) -> NewStatus {
    NewStatus { text: text.into(), visibility: Some(visibility), ..NewStatus::default() }
}

async fn posts(server: &Server, me: &Me) -> Vec<app::StatusView> {
    let (id, now) = (me.id(), server.app.now());
    let read = server.app.store.read(move |conn| {
        Box::pin(async move {
            let (filter, page) = (AccountFilter::default(), Page::newest(40));
            let ids = store::statuses::account(conn, id, filter, Some(id), &page, now).await?;
            let views = store::statuses::hydrate(conn, &ids, Some(id)).await?;
            Ok::<_, StoreError>(views)
        })
    });
    read.await.unwrap()
}

async fn bring(server: &Server, me: &Me, file: &Path, import: Import) -> Brought {
    bring_posts(&server.app, &me.account, file, import, &|_| {}).await.unwrap()
}

#[tokio::test]
async fn posts_that_are_taken_along_can_be_brought_back_with_their_dates() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let (alice, bob) = (me(&server, "alice").await, me(&server, "bob").await);
        app::jobs::run_all(&server.app).await.unwrap();
        let first = say(&server, &alice, new("first <b> #Rust", Visibility::Public)).await;
        let reply = NewStatus {
            in_reply_to: Some(first.status.id),
            spoiler_text: "careful".into(),
            ..new("second", Visibility::Private)
        };
        let second = say(&server, &alice, reply).await;
        say(&server, &alice, new("@bob in private", Visibility::Direct)).await;
        let other = say(&server, &bob, new("bob's own", Visibility::Public)).await;
        statuses::boost(&server.app, &alice, other.status.id, None).await.unwrap();
        app::jobs::run_all(&server.app).await.unwrap();
        server.clock.advance(30 * DAY);

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("archive.tar.gz");
        let size = write_to(&server.app, &alice.account, &file, u64::MAX).await.unwrap();
        assert_eq!(size, std::fs::metadata(&file).unwrap().len());
        let dry = bring(&server, &bob, &file, Import::DryRun).await;
        assert_eq!((dry.posts, dry.direct, dry.others, dry.wrong), (2, 1, 1, 0), "{dry:?}");
        assert_eq!(posts(&server, &bob).await.len(), 1, "nothing is written by looking");
        let done = bring(&server, &bob, &file, Import::Real).await;
        assert_eq!(done, dry, "what a look promises");
        let again = bring(&server, &bob, &file, Import::Real).await;
        assert_eq!((again.posts, again.already), (0, 2), "and not twice");

        let theirs = posts(&server, &bob).await;
        let [newest, mine_second, mine_first] = theirs.as_slice() else { panic!("{theirs:#?}") };
        assert_eq!(newest.status.id, other.status.id, "old posts stand where they belong");
        for (copy, original) in [(mine_first, &first), (mine_second, &second)] {
            // A document tells whole seconds or milliseconds: the id is of that moment.
            let apart = copy.status.created_at.since(original.status.created_at).abs();
            assert!(apart < 1_000, "{apart}");
            assert!((copy.status.id.time().since(copy.status.created_at)).abs() < 1_000);
            assert_eq!(copy.status.visibility, original.status.visibility);
            assert_eq!(copy.status.spoiler_text, original.status.spoiler_text);
        }
        assert_eq!(mine_first.tags[0].name, "rust");
        assert!(mine_first.status.text.contains("first <b>"), "{}", mine_first.status.text);
        assert_eq!(mine_second.status.in_reply_to, Some(mine_first.status.id));
        assert_eq!((mine_first.status.replies_count, mine_first.author.statuses_count), (1, 3));

        statuses::delete(&server.app, &bob, mine_second.status.id, app::uploads::Release::ForGood)
            .await
            .unwrap();
        let third = bring(&server, &bob, &file, Import::Real).await;
        assert_eq!((third.posts, third.already), (0, 2), "what was deleted stays deleted");
        let own = bring(&server, &alice, &file, Import::Real).await;
        assert_eq!((own.posts, own.already), (0, 2), "what never went away is there");
    })
    .await;
}

#[tokio::test]
async fn an_archive_is_made_once_a_week_for_its_owner_and_goes_after_one() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let (alice, bob) = (me(&server, "alice").await, me(&server, "bob").await);
        app::jobs::run_all(&server.app).await.unwrap();
        let asked = request(&server.app, alice.id()).await.unwrap();
        assert!(matches!(open(&server.app, alice.id(), asked.id).await, Err(AppError::NotFound)));
        assert!(matches!(request(&server.app, alice.id()).await, Err(AppError::Conflict(_))));
        app::jobs::run_all(&server.app).await.unwrap();
        let made = latest(&server.app, alice.id()).await.unwrap().unwrap();
        let object = open(&server.app, alice.id(), asked.id).await.unwrap();
        assert_eq!(i64::try_from(object.length).unwrap(), made.bytes);
        assert!(matches!(open(&server.app, bob.id(), asked.id).await, Err(AppError::NotFound)));
        assert!(app::uploads::open(&server.app, &made.file_key.unwrap()).await.unwrap().is_none());
        server.clock.advance(8 * DAY);
        app::jobs::ensure_recurring(&server.app).await.unwrap();
        app::jobs::run_all(&server.app).await.unwrap();
        assert_eq!(latest(&server.app, alice.id()).await.unwrap(), None);
        assert!(matches!(open(&server.app, alice.id(), asked.id).await, Err(AppError::NotFound)));
        assert!(request(&server.app, alice.id()).await.is_ok());
    })
    .await;
}

const ACTOR: &str = r#"{"@context":"https://www.w3.org/ns/activitystreams","id":"https://old.test/users/me",
    "type":"Person","preferredUsername":"me","inbox":"https://old.test/users/me/inbox","followers":"https://old.test/f"}"#;

/// A plain tar with these files.
fn tar(files: &[(&str, String)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, text) in files {
        let mut header = vec![0_u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", text.len()).as_bytes());
        header[148..156].copy_from_slice(b"        ");
        header[156] = b'0';
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        bytes.extend(header);
        bytes.extend(text.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1_024, 0);
    bytes
}

fn note(number: u32, author: &str, content: &str) -> String {
    serde_json::json!({
        "id": format!("https://old.test/{number}/activity"), "type": "Create", "actor": author,
        "published": format!("2020-01-0{number}T10:00:00Z"),
        "object": {
            "id": format!("https://old.test/{number}"), "type": "Note", "attributedTo": author,
            "published": format!("2020-01-0{number}T10:00:00Z"), "content": content,
            "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": ["https://old.test/f"],
            "attachment": [{"type": "Document", "url": "/media_attachments/../../../etc/passwd"}],
        }
    })
    .to_string()
}

#[tokio::test]
async fn m01_a_hostile_archive_brings_clean_posts_of_its_owner_alone() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = me(&server, "alice").await;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("archive.tar");
        let (own, other) = ("https://old.test/users/me", "https://old.test/users/other");
        let outbox = format!(
            "{{\"orderedItems\":[{},{},7,{}",
            note(1, own, "<p onclick=x>hi<script>alert(1)</script></p>"),
            note(2, other, "not mine"),
            note(3, own, "<p>last</p>")
        );
        let files = [("x/actor.json", ACTOR.to_owned()), ("x/outbox.json", outbox)];
        std::fs::File::create(&path).unwrap().write_all(&tar(&files)).unwrap();
        let done = bring(&server, &alice, &path, Import::Real).await;
        // Beside the 7, the list is cut off.
        let counts = (done.posts, done.others, done.wrong, done.lost_media);
        assert_eq!(counts, (2, 1, 2, 2), "{done:#?}");
        let posts = posts(&server, &alice).await;
        assert_eq!(posts[1].status.content, "<p>hi</p>");
        assert_eq!(posts[1].status.created_at.date(), "2020-01-01");
        for bytes in [tar(&[("outbox.json", "{}".into())]), b"PK\x03\x04".to_vec(), vec![9; 700]] {
            std::fs::File::create(&path).unwrap().write_all(&bytes).unwrap();
            let done = bring_posts(&server.app, &alice.account, &path, Import::Real, &|_| {}).await;
            assert!(matches!(done, Err(AppError::Invalid(_))), "{done:?}");
        }
    })
    .await;
}
