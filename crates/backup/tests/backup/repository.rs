//! The repository: restic agrees, pieces are stored once, nothing is recorded that is not whole.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use backup::{BackupError, Keep, Local, verify};

use crate::support::{Machine, all_keys, files_below, noise, set};

#[tokio::test]
async fn r16_stock_restic_checks_and_restores_what_we_wrote() {
    let machine = Machine::new().await;
    machine.snapshot().await;
    let store = machine.store().await;
    set(&store, "x", "another row").await;
    store.close().await;
    machine.snapshot().await;
    let Some(text) = machine.restic(&["check", "--read-data"]) else { return };
    assert!(text.contains("no errors were found"), "{text}");
    let to = machine.folder.path().join("by-restic");
    machine.restic(&["restore", "latest", "--target", to.to_str().unwrap()]);
    assert_eq!(fs::read(to.join("data/media/1/a.png")).unwrap(), noise(1, 500_000));
    let counts = store::snapshot::count_sqlite(&to.join("data/tuskling.db")).unwrap();
    assert_eq!(counts["settings"], 2);
    let names: Vec<_> = files_below(&to)
        .iter()
        .map(|path| path.strip_prefix(&to).unwrap().display().to_string())
        .collect();
    assert!(
        !names.iter().any(|name| name.contains("half") || name.contains("scratch")),
        "{names:?}"
    );
}

#[tokio::test]
async fn what_did_not_change_is_not_written_again() {
    let machine = Machine::new().await;
    machine.snapshot().await;
    let size = || {
        files_below(&machine.repository())
            .iter()
            .map(|path| fs::metadata(path).unwrap().len())
            .sum::<u64>()
    };
    let first = size();
    assert!(first > 570_000);
    let store = machine.store().await;
    set(&store, "x", "another row").await;
    store.close().await;
    let snapshot = machine.snapshot().await;
    let added = size() - first;
    assert!(added < 150_000, "{added} bytes for one row");
    assert_eq!(snapshot.files, 4);
}

#[tokio::test]
async fn r18_nothing_is_uploaded_when_nothing_was_written() {
    let machine = Machine::new().await;
    machine.snapshot().await;
    let store = machine.store().await;
    // The store that was closed may have put its log away since.
    backup::snapshot::run(&machine.setup(), &store, true).await.unwrap();
    let before = files_below(&machine.repository());
    machine.clock.advance(60_000);
    let outcome = backup::snapshot::run(&machine.setup(), &store, true).await.unwrap();
    assert!(matches!(outcome, backup::snapshot::Outcome::Unchanged));
    assert_eq!(files_below(&machine.repository()), before);
    set(&store, "x", "y").await;
    machine.clock.advance(60_000);
    let outcome = backup::snapshot::run(&machine.setup(), &store, true).await.unwrap();
    assert!(matches!(outcome, backup::snapshot::Outcome::Made(_)));
    store.close().await;
}

#[tokio::test]
async fn a_wrong_password_is_named_and_changes_nothing() {
    let machine = Machine::new().await;
    machine.snapshot().await;
    let before = files_below(&machine.repository());
    let mut setup = machine.setup();
    setup.config.password = Some("not it".into());
    let local = Local::take(&setup.data).unwrap();
    let error = setup.open(&local).err().unwrap();
    assert!(matches!(error, BackupError::WrongPassword(_)), "{error}");
    assert_eq!(files_below(&machine.repository()), before);
}

#[tokio::test]
async fn a_folder_without_a_repository_is_named() {
    let machine = Machine::new().await;
    let local = Local::take(&machine.data()).unwrap();
    let error = machine.setup().open(&local).err().unwrap();
    assert!(matches!(error, BackupError::NoRepository(_)), "{error}");
    assert!(!machine.repository().exists());
}

#[tokio::test]
async fn r16_no_snapshot_is_recorded_when_the_place_stops_taking_packs() {
    let machine = Machine::new().await;
    machine.snapshot().await;
    machine.write("media/1/c.png", &noise(3, 900_000));
    // Packs cannot be written, snapshots could.
    let data = machine.repository().join("data");
    let aside = machine.repository().join("data-aside");
    fs::rename(&data, &aside).unwrap();
    fs::write(&data, b"in the way").unwrap();
    machine.clock.advance(60_000);
    let store = machine.store().await;
    let error = backup::snapshot::run(&machine.setup(), &store, false).await.err().unwrap();
    assert!(
        matches!(
            error,
            BackupError::Incomplete(_) | BackupError::Damaged { .. } | BackupError::Library(_)
        ),
        "{error:?}"
    );
    assert_eq!(machine.files("snapshots").len(), 1);
    let failure = backup::state(&machine.data()).failure.unwrap();
    assert!(!failure.what.is_empty());
    fs::remove_file(&data).unwrap();
    fs::rename(&aside, &data).unwrap();
    let outcome = backup::snapshot::run(&machine.setup(), &store, false).await.unwrap();
    assert!(matches!(outcome, backup::snapshot::Outcome::Made(_)));
    assert_eq!(backup::state(&machine.data()).failure, None);
    store.close().await;
    machine.restic(&["check", "--read-data"]);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_leaves_no_snapshot() {
    let machine = Machine::new().await;
    let secret = machine.folder.path().join("secret");
    fs::create_dir(&secret).unwrap();
    // A folder where a file is expected fails when it is read, whoever reads it.
    let mut setup = machine.setup();
    let path = machine.folder.path().join("gone");
    fs::write(&path, b"x").unwrap();
    setup.config_files = vec![path.clone()];
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    let is_root = fs::read(&path).is_ok();
    let store = machine.store().await;
    let outcome = backup::snapshot::run(&setup, &store, false).await;
    store.close().await;
    if is_root {
        return;
    }
    assert!(matches!(outcome, Err(BackupError::Incomplete(_))));
    assert!(machine.files("snapshots").is_empty());
}

#[tokio::test]
async fn two_runs_at_once_are_refused() {
    let machine = Machine::new().await;
    let _held = Local::take(&machine.data()).unwrap();
    let store = machine.store().await;
    let error = backup::snapshot::run(&machine.setup(), &store, false).await.err().unwrap();
    assert!(matches!(error, BackupError::Busy(_)), "{error}");
    store.close().await;
}

#[tokio::test]
async fn prune_keeps_what_is_to_be_kept_and_deletes_packs_a_day_later() {
    let machine = Machine::new().await;
    for round in 0..5_u64 {
        machine.write("media/1/changing.png", &noise(100 + round, 300_000));
        let store = machine.store().await;
        set(&store, "round", &round.to_string()).await;
        store.close().await;
        machine.snapshot().await;
        machine.clock.advance(40 * 60_000);
    }
    let keep = Keep { hours: 0, hourly: 2, ..Keep::default() };
    let prune = |only_say| {
        let local = Local::take(&machine.data()).unwrap();
        let repo = machine.setup().open(&local).unwrap();
        repo.prune(keep, domain::Clock::now(&*machine.clock), only_say).unwrap()
    };
    let said = prune(true);
    assert_eq!(machine.files("snapshots").len(), 5);
    let done = prune(false);
    assert_eq!((&said.kept, &said.removed), (&done.kept, &done.removed));
    assert_eq!(machine.files("snapshots").len(), done.kept.len());
    assert!((2..=3).contains(&done.kept.len()), "{done:?}");
    machine.restic(&["check", "--read-data"]);
    let proof = verify::run(&machine.setup(), None, &all_keys()).await.unwrap();
    assert_eq!(Some(&proof.id), done.kept.first());
    assert_eq!(backup::state(&machine.data()).proof, Some(proof));
}

#[tokio::test]
async fn r16_a_first_run_that_was_killed_leaves_a_key_that_does_no_harm() {
    let machine = Machine::new().await;
    machine.snapshot().await;
    // As if the first of two runs had died behind its key: another repository's, by the same password.
    let other = Machine::new().await;
    other.snapshot().await;
    for key in other.files("keys") {
        fs::copy(&key, machine.repository().join("keys").join(key.file_name().unwrap())).unwrap();
    }
    fs::remove_file(machine.data().join(".backup/key.json")).unwrap();
    let local = Local::take(&machine.data()).unwrap();
    let repo = machine.setup().open(&local).unwrap();
    assert_eq!(repo.snapshots().unwrap().0.len(), 1);
}
