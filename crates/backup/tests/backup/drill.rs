//! The whole way: back up under load, lose everything, restore elsewhere.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use backup::restore::{Which, bring, settle};
use backup::{BackupError, Setup};
use config::DatabaseUrl;
use domain::Timestamp;
use store::{Location, Store};

use crate::support::{Machine, all_keys, noise, set};

async fn finish(
    setup: &Setup,
    brought: backup::restore::Brought,
) -> backup::Result<backup::restore::Settled> {
    let DatabaseUrl::Sqlite(path) = &setup.database else { panic!("SQLite") };
    let store = Store::open(&Location::Sqlite(path.clone()), 1).await.unwrap();
    let settled = settle(setup, &store, brought, &all_keys(), false).await;
    store.close().await;
    settled
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r16_a_snapshot_under_writes_is_one_moment_of_the_database() {
    let machine = Machine::new().await;
    let store = machine.store().await;
    let stop = Arc::new(AtomicBool::new(false));
    // Both values are always written together: a copy of two moments would have them apart.
    let writer = tokio::spawn({
        let (store, stop) = (store.clone(), stop.clone());
        async move {
            let mut number = 0_u64;
            while !stop.load(Ordering::Relaxed) {
                number += 1;
                let text = format!("{number} {}", "x".repeat(3_000));
                store
                    .write(move |conn| {
                        Box::pin(async move {
                            store::settings::set(conn, "left", &text).await?;
                            store::settings::set(conn, &format!("row {number}"), &text).await?;
                            store::settings::set(conn, "right", &text).await
                        })
                    })
                    .await
                    .unwrap();
            }
        }
    });
    for round in 0..3 {
        machine.clock.advance(60_000);
        backup::snapshot::run(&machine.setup(), &store, false).await.unwrap();
        let setup = machine.elsewhere(&format!("copy{round}"));
        let brought = bring(&setup, Which::Latest, false).await.unwrap();
        finish(&setup, brought).await.unwrap();
        let DatabaseUrl::Sqlite(path) = &setup.database else { panic!("SQLite") };
        let copy = Store::open(&Location::Sqlite(path.clone()), 1).await.unwrap();
        let pair = copy
            .read(|conn| {
                Box::pin(async move {
                    let left = store::settings::get(conn, "left").await?;
                    Ok::<_, store::StoreError>((left, store::settings::get(conn, "right").await?))
                })
            })
            .await
            .unwrap();
        assert_eq!(pair.0, pair.1);
        copy.close().await;
    }
    stop.store(true, Ordering::Relaxed);
    writer.await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn r17_everything_comes_back_into_an_empty_folder_and_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let machine = Machine::new().await;
    let secret = machine.folder.path().join("link-secret");
    fs::write(&secret, b"secret").unwrap();
    let mut setup = machine.setup();
    setup.config_files = vec![secret];
    let store = machine.store().await;
    set(&store, "word", "kept").await;
    backup::snapshot::run(&setup, &store, false).await.unwrap();
    store.close().await;
    fs::remove_dir_all(machine.data()).unwrap();
    let setup = machine.elsewhere("new");
    let brought = bring(&setup, Which::Latest, false).await.unwrap();
    // Until its queues are settled, nobody may serve from it.
    assert!(backup::unfinished(&setup.data).is_some());
    finish(&setup, brought).await.unwrap();
    assert!(backup::unfinished(&setup.data).is_none());
    assert_eq!(fs::read(setup.data.join("media/1/a.png")).unwrap(), noise(1, 500_000));
    assert_eq!(fs::read(setup.data.join("restored-config/link-secret")).unwrap(), b"secret");
    for path in crate::support::files_below(&setup.data) {
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        let is_own = path.to_string_lossy().contains("/.backup/") || mode == 0o600;
        assert!(is_own || path.to_string_lossy().contains(".db-"), "{} {mode:o}", path.display());
    }
}

#[tokio::test]
async fn r17_a_folder_with_something_in_it_is_refused_unless_told() {
    let machine = Machine::new().await;
    machine.snapshot().await;
    let error = bring(&machine.setup(), Which::Latest, false).await.err().unwrap();
    assert!(matches!(error, BackupError::NotEmpty(_)), "{error}");
    assert!(machine.data().join("tuskling.db").exists());
    machine.write("media/1/new.png", b"made after the snapshot");
    let setup = machine.setup();
    let brought = bring(&setup, Which::Latest, true).await.unwrap();
    finish(&setup, brought).await.unwrap();
    assert!(!machine.data().join("media/1/new.png").exists());
    let aside: Vec<_> = crate::support::files_below(&machine.data().join(".backup"))
        .into_iter()
        .filter(|path| path.ends_with("media/1/new.png"))
        .collect();
    assert_eq!(aside.len(), 1, "what was there is moved aside, not deleted");
}

#[tokio::test]
async fn r17_a_restore_that_was_cut_off_goes_on_where_it_was() {
    let machine = Machine::new().await;
    let first = machine.snapshot().await;
    let setup = machine.elsewhere("cut");
    let brought = bring(&setup, Which::Latest, false).await.unwrap();
    assert!(brought.restored.fetched > 500_000);
    drop(brought);
    // As if the power had gone in the middle of a file, and a newer snapshot had come meanwhile.
    let path = setup.data.join("media/1/a.png");
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..300_000]).unwrap();
    machine.write("media/1/later.png", &noise(77, 10_000));
    machine.snapshot().await;
    let brought = bring(&setup, Which::Latest, false).await.unwrap();
    assert_eq!(brought.snapshot.id, first.id);
    assert!(brought.restored.fetched < 400_000, "{:?}", brought.restored);
    drop(brought);
    let error = bring(&setup, Which::At(Timestamp(i64::MAX / 2)), false).await.err().unwrap();
    assert!(matches!(error, BackupError::OtherRestore { .. }), "{error}");
    let brought = bring(&setup, Which::Latest, false).await.unwrap();
    finish(&setup, brought).await.unwrap();
    assert_eq!(fs::read(&path).unwrap(), noise(1, 500_000));
}

#[tokio::test]
async fn r17_a_time_chooses_the_newest_snapshot_before_it() {
    let machine = Machine::new().await;
    let first = machine.snapshot().await;
    machine.write("media/1/later.png", b"later");
    let second = machine.snapshot().await;
    let at = Which::At(second.made_at.plus(-1));
    let brought = bring(&machine.elsewhere("at"), at, false).await.unwrap();
    assert_eq!(brought.snapshot.id, first.id);
    let none = Which::At(first.made_at.plus(-1));
    let error = bring(&machine.elsewhere("none"), none, false).await.err().unwrap();
    assert!(matches!(error, BackupError::NoSnapshot { .. }), "{error}");
    let id = Which::Id(second.id[..6].to_owned());
    assert_eq!(bring(&machine.elsewhere("id"), id, false).await.unwrap().snapshot.id, second.id);
}

#[tokio::test]
async fn r17_keys_that_do_not_sign_fail_the_check() {
    let machine = Machine::new().await;
    let store = machine.store().await;
    crate::support::add_key(&store).await;
    store.close().await;
    machine.snapshot().await;
    let setup = machine.elsewhere("keys");
    let brought = bring(&setup, Which::Latest, false).await.unwrap();
    let DatabaseUrl::Sqlite(path) = &setup.database else { panic!("SQLite") };
    let store = Store::open(&Location::Sqlite(path.clone()), 1).await.unwrap();
    let refuse: backup::KeyCheck =
        Arc::new(|key| Err(format!("{} does not sign", key.private.len())));
    let error = settle(&setup, &store, brought, &refuse, false).await.err().unwrap();
    store.close().await;
    assert!(error.to_string().contains("3 does not sign"), "{error}");
    assert!(backup::unfinished(&setup.data).is_some());
}

#[tokio::test]
async fn r17_the_key_of_the_servers_own_actor_is_tried_as_well() {
    let machine = Machine::new().await;
    let store = machine.store().await;
    set(&store, store::settings::INSTANCE_PRIVATE, "AQIDBA==").await;
    set(&store, store::settings::INSTANCE_PUBLIC, "public half").await;
    store.close().await;
    machine.snapshot().await;
    let refuse: backup::KeyCheck = Arc::new(|key| {
        Err(format!("{:?} and {} do not belong together", key.private, key.public_pem))
    });
    let error = backup::verify::run(&machine.setup(), None, &refuse).await.err().unwrap();
    let told = error.to_string();
    assert!(told.contains("own actor: [1, 2, 3, 4] and public half do not"), "{told}");
}
