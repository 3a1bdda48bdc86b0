//! Two machines, one repository: whoever deletes is alone, and the dead are not waited for.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use backup::{BackupError, Held, Local, Repo, Setup, Share, prune, snapshot};
use domain::{Clock, Random};

use crate::support::{Machine, PASSWORD, set};

fn open(setup: &Setup) -> Repo {
    let local = Local::take(&setup.data).unwrap();
    setup.open(&local).unwrap()
}

fn lock(repo: &Repo, setup: &Setup, share: Share) -> backup::Result<Held> {
    repo.lock(share, setup.clock.now(), Duration::ZERO, &setup.clock, &setup.random)
}

#[tokio::test]
async fn r16_prune_does_not_run_beside_another_machines_backup() {
    let machine = Machine::new().await;
    machine.snapshot().await;
    // Another machine has other data and the same repository.
    let other = machine.elsewhere("other");
    let repo = open(&other);
    machine.clock.advance(60_000);
    let backup = lock(&repo, &other, Share::Shared).unwrap();
    assert_eq!(machine.files("locks").len(), 1);
    let error = prune::run(&machine.setup(), false).err().unwrap();
    let BackupError::Locked { pid, void_at, what, .. } = &error else { panic!("{error}") };
    assert_eq!((*pid, *what), (std::process::id(), "a backup is being made"));
    assert_eq!(*void_at, machine.clock.now().plus(30 * 60_000).rfc3339());
    // Backups do not mind each other.
    drop(lock(&repo, &other, Share::Shared).unwrap());
    drop(backup);
    assert!(machine.files("locks").is_empty());
    prune::run(&machine.setup(), false).unwrap();
    assert!(machine.files("locks").is_empty());
}

#[tokio::test]
async fn r16_no_backup_is_made_while_somebody_deletes() {
    let machine = Machine::new().await;
    let first = machine.snapshot().await;
    let other = machine.elsewhere("other");
    machine.clock.advance(60_000);
    let alone = lock(&open(&other), &other, Share::Alone).unwrap();
    let store = machine.store().await;
    set(&store, "x", "y").await;
    let error = snapshot::run(&machine.setup(), &store, false).await.err().unwrap();
    assert!(matches!(error, BackupError::Locked { .. }), "{error}");
    assert_eq!(machine.files("snapshots").len(), 1, "{}", first.id);
    drop(alone);
    snapshot::run(&machine.setup(), &store, false).await.unwrap();
    store.close().await;
    assert_eq!(machine.files("snapshots").len(), 2);
    assert!(machine.files("locks").is_empty());
}

#[tokio::test]
async fn r16_a_lock_that_nobody_refreshed_and_one_of_a_recorded_snapshot_are_void() {
    let machine = Machine::new().await;
    let snapshot = machine.snapshot().await;
    let setup = machine.setup();
    let repo = open(&setup);
    // As a machine leaves it that may not delete: its snapshot is recorded, its lock is still there.
    let begun = snapshot.made_at;
    std::mem::forget(
        repo.lock(Share::Shared, begun, Duration::ZERO, &setup.clock, &setup.random).unwrap(),
    );
    assert_eq!(machine.files("locks").len(), 1);
    prune::run(&setup, false).unwrap();
    assert!(machine.files("locks").is_empty(), "prune removes what is void");
    machine.clock.advance(60_000);
    std::mem::forget(lock(&repo, &setup, Share::Alone).unwrap());
    assert!(matches!(lock(&repo, &setup, Share::Shared), Err(BackupError::Locked { .. })));
    machine.clock.advance(31 * 60_000);
    drop(lock(&repo, &setup, Share::Shared).unwrap());
    prune::run(&setup, false).unwrap();
    assert!(machine.files("locks").is_empty());
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "another program's clock cannot be passed in")]
async fn r16_stock_restic_minds_our_lock_and_we_mind_its() {
    let machine = Machine::new().await;
    // Its clock is the real one.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    machine.clock.advance(i64::try_from(now.as_millis()).unwrap() - machine.clock.now().0);
    machine.snapshot().await;
    let setup = machine.setup();
    let repo = open(&setup);
    let held = lock(&repo, &setup, Share::Shared).unwrap();
    let restic = |arguments: &[&str]| {
        let mut command = Command::new("restic");
        command.args(["--no-cache", "--repo"]).arg(machine.repository()).args(arguments);
        command.env("RESTIC_PASSWORD", PASSWORD).output().ok()
    };
    // Where it is not installed, `make test` installs it.
    let Some(refused) = restic(&["prune"]) else { return };
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && told.contains("already locked"), "{told}");
    drop(held);
    assert!(restic(&["prune"]).unwrap().status.success());
    assert!(machine.files("locks").is_empty());
    // And a lock of its own, as it leaves it when it is killed: it stands in the way of ours.
    let random: Arc<dyn Random> = setup.random.clone();
    let ours = repo.lock(Share::Alone, setup.clock.now(), Duration::ZERO, &setup.clock, &random);
    let listed = restic(&["list", "locks"]).unwrap();
    assert_eq!(String::from_utf8_lossy(&listed.stdout).lines().count(), 1);
    let name = machine.files("locks").remove(0);
    let name = name.file_name().unwrap().to_str().unwrap().to_owned();
    let shown = restic(&["--no-lock", "cat", "lock", &name]).unwrap();
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("\"exclusive\": true"), "{shown}");
    drop(ours);
    assert!(fs::read_dir(machine.repository().join("locks")).unwrap().next().is_none());
}
