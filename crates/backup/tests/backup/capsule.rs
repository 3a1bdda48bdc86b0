//! The identity capsule: written when something of it changed, and a server made of it alone.

use std::fs;
use std::path::PathBuf;

use backup::capsule::{self, Opener};
use backup::{BackupError, Setup};
use store::{Location, Store};

use crate::support::{Machine, PASSWORD, add_key, all_keys, set};

fn by_password() -> Opener {
    Opener::Password(PASSWORD.into())
}

async fn restore(setup: &Setup, file: &PathBuf) -> backup::Result<capsule::Restored> {
    let bytes = fs::read(file).unwrap();
    let config::DatabaseUrl::Sqlite(database) = setup.database.clone() else { panic!("SQLite") };
    let open = || async move { Ok(Store::open(&Location::Sqlite(database), 1).await?) };
    capsule::restore(setup, bytes.as_slice(), &by_password(), open, &all_keys(), false).await
}

#[tokio::test]
async fn it_lies_beside_the_backups_and_is_written_again_only_when_something_changed() {
    let machine = Machine::new().await;
    machine.snapshot().await;
    let files = machine.files("capsules");
    assert_eq!(files.len(), 1);
    let state = || backup::state(&machine.data()).capsule.unwrap();
    let first = state();
    assert!(first.at.is_some() && !first.is_behind);
    // Within the hour it is not looked at, and that is remembered.
    let store = machine.store().await;
    set(&store, "instance_title", "another title").await;
    store.close().await;
    machine.snapshot().await;
    assert_eq!((state().digest, state().is_behind), (first.digest.clone(), true));
    machine.clock.advance(61 * 60_000);
    let store = machine.store().await;
    let outcome = backup::snapshot::run(&machine.setup(), &store, true).await.unwrap();
    let second = state();
    assert_ne!(second.digest, first.digest, "{outcome:?}");
    assert!(!second.is_behind);
    // What changes all the time is not part of it.
    machine.clock.advance(61 * 60_000);
    set(&store, "last_ready", "12345").await;
    store.close().await;
    machine.snapshot().await;
    assert_eq!((state().at, state().digest), (second.at, second.digest));
    assert_ne!(state().looked_at, second.looked_at);
    machine.restic(&["check", "--read-data"]);
}

#[tokio::test]
async fn a_server_is_made_of_it_with_its_keys_its_people_and_its_secrets() {
    let machine = Machine::new().await;
    let store = machine.store().await;
    add_key(&store).await;
    set(&store, "instance_title", "as it was").await;
    store.close().await;
    let secret = machine.folder.path().join("link-secret");
    fs::write(&secret, b"secret").unwrap();
    let mut setup = machine.setup();
    setup.config_files = vec![secret];
    let copy = machine.folder.path().join("stick");
    fs::create_dir(&copy).unwrap();
    setup.config.capsule_copy = Some(copy.clone());
    let store = machine.store().await;
    backup::snapshot::run(&setup, &store, false).await.unwrap();
    store.close().await;
    fs::remove_dir_all(machine.data()).unwrap();
    fs::remove_dir_all(machine.repository()).unwrap();

    let new = machine.elsewhere("new");
    let restored = restore(&new, &copy.join("capsule.age")).await.unwrap();
    assert_eq!((restored.head.host.as_str(), restored.keys), ("old.test", 1));
    assert!(backup::unfinished(&new.data).is_none());
    let aside = new.data.join("restored-config");
    assert_eq!(fs::read(aside.join("link-secret")).unwrap(), b"secret");
    assert_eq!(fs::read_to_string(aside.join("backup-password")).unwrap(), PASSWORD);
    let store = Store::open(&Location::Sqlite(new.data.join("tuskling.db")), 1).await.unwrap();
    let counts = store.row_counts().await.unwrap();
    store.close().await;
    assert_eq!((counts["accounts"], counts["actor_keys"]), (1, 1));
    // Where somebody lives, nobody else moves in.
    let error = restore(&new, &copy.join("capsule.age")).await.err().unwrap();
    assert!(matches!(error, BackupError::NotEmpty(_)), "{error}");
}

#[tokio::test]
async fn a_damaged_capsule_and_another_password_leave_nothing_behind() {
    let machine = Machine::new().await;
    machine.snapshot().await;
    let file = machine.files("capsules").remove(0);
    let good = fs::read(&file).unwrap();
    let bad = machine.folder.path().join("bad.age");
    for end in [0, 100, good.len() / 2, good.len() - 1] {
        fs::write(&bad, &good[..end]).unwrap();
        let new = machine.elsewhere(&format!("cut{end}"));
        let error = restore(&new, &bad).await.err().unwrap();
        assert!(matches!(error, BackupError::Capsule(_)), "{end}: {error}");
        // The whole one goes where the damaged one failed.
        restore(&new, &file).await.unwrap();
    }
    let new = machine.elsewhere("wrong");
    let open = || async { panic!("nothing is opened for who cannot read it") };
    let opener = Opener::Password("another".into());
    let error = capsule::restore(&new, good.as_slice(), &opener, open, &all_keys(), false).await;
    assert!(error.err().unwrap().to_string().contains("not opened by this password"));
    assert!(!new.data.join(".backup").exists());
}

#[tokio::test]
async fn old_ones_are_let_go_by_who_may_delete() {
    let machine = Machine::new().await;
    machine.snapshot().await;
    let folder = machine.repository().join("capsules");
    for day in 1..=31 {
        fs::write(folder.join(format!("2020-01-{day:02}.age")), b"old").unwrap();
    }
    backup::prune::run(&machine.setup(), false).unwrap();
    let left = machine.files("capsules");
    assert_eq!(left.len(), 30);
    assert!(left.iter().all(|path| !path.ends_with("2020-01-01.age")));
}
