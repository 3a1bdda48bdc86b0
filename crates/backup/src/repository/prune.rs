//! Takes away what no kept snapshot needs. This is the only thing that deletes, so it is a command of
//! its own: a server's credentials need no right to delete.
//!
//! Packs are first marked and deleted by a later run, when no backup can be about to use them.

use domain::Timestamp;
use rustic_core::jiff::Span;
use rustic_core::{KeepOptions, PruneOptions};

use super::backend::Backend;
use super::{Repo, Snapshot, damaged, describe, judged, zoned};
use crate::{BackupError, Result};

/// How long a marked pack stays: longer than any backup takes.
const MARKED_HOURS: i64 = 23;

/// Which snapshots stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// All of so many hours.
    pub hours: u64,
    /// One an hour, so many.
    pub hourly: i32,
    /// One a day, so many.
    pub daily: i32,
    /// One a week, so many.
    pub weekly: i32,
    /// One a month, so many.
    pub monthly: i32,
}

/// What [`Repo::prune`] did.
#[derive(Clone, Debug, Default)]
pub struct Pruned {
    /// Snapshots that stay.
    pub kept: Vec<String>,
    /// Snapshots that went.
    pub removed: Vec<String>,
    /// Bytes in packs that are marked now and go with a later run.
    pub marked: u64,
    /// Bytes in packs that were marked before and are gone now.
    pub freed: u64,
}

impl Repo {
    /// Removes the snapshots that `keep` does not hold, and then the packs that nothing needs. With
    /// `only_say`, nothing changes.
    ///
    /// # Errors
    /// [`BackupError::Depot`] when the credentials may not delete; [`BackupError::Damaged`] when the
    /// repository does not hold together: then nothing is deleted.
    pub fn prune(&self, keep: Keep, now: Timestamp, only_say: bool) -> Result<Pruned> {
        let (snapshots, broken) = self.snapshots()?;
        if !broken.is_empty() {
            return Err(BackupError::Damaged {
                what: broken.join("; "),
                advice: "Nothing was deleted: what a damaged snapshot needs cannot be known. Remove the \
                    damaged file first, if it is to be given up",
            });
        }
        let (kept, removed) = choose(snapshots, keep, now)?;
        let mut pruned = Pruned {
            kept: kept.into_iter().map(|snapshot| snapshot.id).collect(),
            removed: removed.iter().map(|snapshot| snapshot.id.clone()).collect(),
            ..Pruned::default()
        };
        let backend = Backend::new(self.depot().clone(), false);
        let repository = self.connect(&backend)?;
        let gone: Vec<_> = removed.iter().map(|snapshot| snapshot.file.id).collect();
        let mut options = PruneOptions::default();
        options.keep_delete = Span::new().hours(MARKED_HOURS);
        options.ignore_snaps.clone_from(&gone);
        let plan = repository.prune_plan(&options).map_err(|error| judged(&backend, &error))?;
        pruned.freed = plan.stats.size_to_delete.remove;
        pruned.marked = plan.stats.size.values().map(|size| size.remove + size.repackrm).sum();
        if only_say {
            return Ok(pruned);
        }
        if !gone.is_empty() {
            repository.delete_snapshots(&gone).map_err(|error| judged(&backend, &error))?;
        }
        options.ignore_snaps.clear();
        repository.prune(&options, plan).map_err(|error| judged(&backend, &error))?;
        Ok(pruned)
    }
}

/// Parts the snapshots in those that stay and those that go. The newest stays whatever is said.
fn choose(
    snapshots: Vec<Snapshot>,
    keep: Keep,
    now: Timestamp,
) -> Result<(Vec<Snapshot>, Vec<Snapshot>)> {
    let mut options = KeepOptions::default();
    options.keep_last = Some(1);
    options.keep_within =
        i64::try_from(keep.hours).ok().and_then(|hours| Span::new().try_hours(hours).ok());
    options.keep_hourly = Some(keep.hourly);
    options.keep_daily = Some(keep.daily);
    options.keep_weekly = Some(keep.weekly);
    options.keep_monthly = Some(keep.monthly);
    let files = snapshots.into_iter().map(|snapshot| snapshot.file).collect();
    let judged = options.apply(files, &zoned(now)?).map_err(|error| damaged(&error))?;
    let (kept, removed): (Vec<_>, Vec<_>) = judged.into_iter().partition(|one| one.keep);
    let describe_all = |list: Vec<rustic_core::ForgetSnapshot>| {
        list.into_iter().map(|one| describe(one.snapshot)).collect()
    };
    Ok((describe_all(kept), describe_all(removed)))
}
