//! A repository that lost something: it is named, and the rest is restored (R17).

use std::fs;
use std::path::Path;

use backup::restore::{Which, bring};
use backup::{BackupError, Local, Target, verify};

use crate::support::{Machine, all_keys, noise};

/// A repository with three snapshots, so that its packs do not all hang on one index.
async fn grown() -> Machine {
    let machine = Machine::new().await;
    for number in 0..3_u64 {
        machine.write(&format!("media/2/{number}.png"), &noise(50 + number, 400_000));
        machine.snapshot().await;
    }
    machine
}

/// Restores everything that is whole and says what is lost.
fn restore(machine: &Machine, to: &str) -> backup::Result<backup::Restored> {
    let setup = machine.elsewhere(to);
    let local = Local::take(&setup.data).unwrap();
    let repo = setup.open(&local)?;
    let snapshot = backup::restore::choose(&repo, &Which::Latest)?;
    let place = |path: &Path| Some(setup.data.join(path));
    repo.restore(&snapshot, &Target { place: &place, progress: &|_, _| {} })
}

#[tokio::test]
async fn r17_a_missing_pack_loses_what_was_in_it_and_nothing_else() {
    let machine = grown().await;
    for (number, pack) in machine.files("data").into_iter().enumerate() {
        let aside = pack.with_extension("aside");
        fs::rename(&pack, &aside).unwrap();
        let to = format!("missing{number}");
        match restore(&machine, &to) {
            Ok(restored) => {
                assert!(!restored.lost.is_empty() || restored.files == 7, "{restored:?}");
                let there = crate::support::files_below(&machine.folder.path().join(&to));
                let whole = there
                    .iter()
                    .filter(|path| !path.to_string_lossy().contains(".incomplete"))
                    .filter(|path| !path.to_string_lossy().contains("/.backup/"))
                    .count() as u64;
                assert_eq!(whole, restored.files);
            }
            Err(BackupError::Damaged { what, .. }) => assert!(what.contains("list"), "{what}"),
            Err(other) => panic!("{other}"),
        }
        fs::rename(&aside, &pack).unwrap();
    }
    assert_eq!(restore(&machine, "whole").unwrap().lost, Vec::<String>::new());
}

#[tokio::test]
async fn r17_truncated_packs_still_give_their_beginning() {
    let machine = grown().await;
    let packs = machine.files("data");
    let large = packs.iter().max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap();
    let bytes = fs::read(large).unwrap();
    fs::write(large, &bytes[..bytes.len() / 2]).unwrap();
    let restored = restore(&machine, "half").unwrap();
    assert!(!restored.lost.is_empty());
    assert!(restored.files >= 3, "{restored:?}");
    assert!(restored.lost.iter().all(|what| what.contains("cut short")), "{restored:?}");
    let error = verify::run(&machine.setup(), None, &all_keys()).await.err().unwrap();
    assert!(matches!(error, BackupError::Damaged { .. } | BackupError::Lost(_)), "{error}");
    assert_eq!(backup::state(&machine.data()).proof, None);
}

#[tokio::test]
async fn r17_a_flipped_bit_is_found() {
    let machine = grown().await;
    let packs = machine.files("data");
    let large = packs.iter().max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap();
    let mut bytes = fs::read(large).unwrap();
    let middle = bytes.len() / 3;
    bytes[middle] ^= 1;
    fs::write(large, bytes).unwrap();
    let restored = restore(&machine, "flipped").unwrap();
    assert_eq!(restored.lost.len(), 1, "{restored:?}");
}

#[tokio::test]
async fn r17_a_lost_or_damaged_index_is_made_up_for_by_the_packs_themselves() {
    for damage in ["missing", "truncated", "garbage"] {
        let machine = grown().await;
        for (number, index) in machine.files("index").into_iter().enumerate() {
            let bytes = fs::read(&index).unwrap();
            match damage {
                "missing" => fs::remove_file(&index).unwrap(),
                "truncated" => fs::write(&index, &bytes[..bytes.len() / 2]).unwrap(),
                _ => fs::write(&index, noise(9, 500)).unwrap(),
            }
            let restored = restore(&machine, &format!("{damage}{number}")).unwrap();
            assert_eq!(restored.lost, Vec::<String>::new(), "{damage} {number}");
            assert_eq!(restored.files, 7);
            fs::write(&index, &bytes).unwrap();
        }
    }
}

#[tokio::test]
async fn r17_a_damaged_snapshot_is_named_and_the_one_before_it_restored() {
    let machine = grown().await;
    let local = Local::take(&machine.data()).unwrap();
    let repo = machine.setup().open(&local).unwrap();
    let (snapshots, damaged) = repo.snapshots().unwrap();
    assert_eq!((snapshots.len(), damaged.len()), (3, 0));
    let newest = machine.repository().join("snapshots").join(&snapshots[0].id);
    fs::write(&newest, b"garbage").unwrap();
    let (left, damaged) = repo.snapshots().unwrap();
    assert_eq!(left.len(), 2);
    assert!(damaged[0].contains(&snapshots[0].id), "{damaged:?}");
    // What a damaged snapshot needs cannot be known, so nothing may be deleted.
    let error = repo
        .prune(backup::Keep::default(), domain::Clock::now(&*machine.clock), false)
        .err()
        .unwrap();
    assert!(matches!(error, BackupError::Damaged { .. }));
    drop((repo, local));
    let brought = bring(&machine.elsewhere("before"), Which::Latest, false).await.unwrap();
    assert_eq!(brought.snapshot.id, snapshots[1].id);
}

#[tokio::test]
async fn r17_what_the_repository_lost_is_in_it_again_with_the_next_snapshot() {
    for damage in ["missing", "truncated"] {
        let machine = grown().await;
        let packs = machine.files("data");
        let large = packs.iter().max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap();
        match damage {
            "missing" => fs::remove_file(large).unwrap(),
            _ => fs::write(large, &fs::read(large).unwrap()[..1000]).unwrap(),
        }
        verify::run(&machine.setup(), None, &all_keys()).await.err().unwrap();
        assert!(backup::state(&machine.data()).failure.is_some());
        // Nothing was written to the data since, and it is saved anew all the same.
        let store = machine.store().await;
        machine.clock.advance(60_000);
        let outcome = backup::snapshot::run(&machine.setup(), &store, true).await.unwrap();
        store.close().await;
        assert!(matches!(outcome, backup::snapshot::Outcome::Made(_)), "{damage}");
        let restored = restore(&machine, "again").unwrap();
        assert_eq!(restored.lost, Vec::<String>::new(), "{damage}");
    }
}
