//! `tuskling backup prune`: takes away what is not to be kept, while nobody else works on the repository.

use blob::BlobError;

use crate::local::Local;
use crate::setup::Setup;
use crate::{Keep, Pruned, Result, Share, capsule};

/// Capsules that stay: of so many days on which something of them changed.
const CAPSULES: usize = 30;

/// Removes the snapshots that the settings do not keep, what only they need, and old capsules. With
/// `only_say`, nothing changes. Blocks.
///
/// # Errors
/// [`crate::BackupError::Locked`] while somebody backs up there; whatever [`crate::Repo::prune`] says.
pub fn run(setup: &Setup, only_say: bool) -> Result<Pruned> {
    let local = Local::take(&setup.data)?;
    let repo = setup.open(&local)?;
    let keep = Keep {
        hours: setup.config.keep_hours,
        hourly: setup.config.keep_hourly,
        daily: setup.config.keep_daily,
        weekly: setup.config.keep_weekly,
        monthly: setup.config.keep_monthly,
    };
    let now = setup.clock.now();
    if only_say {
        return repo.prune(keep, now, true);
    }
    // Who may not delete would leave the lock that nobody works beside.
    let probe = repo.lock(Share::Shared, now, setup.patience, &setup.clock, &setup.random)?;
    if !probe.let_go() {
        let cause = "these credentials may not delete; prune with the operator's".to_owned();
        return Err(BlobError::Denied { key: "locks".into(), cause }.into());
    }
    let _alone = repo.lock(Share::Alone, now, setup.patience, &setup.clock, &setup.random)?;
    let pruned = repo.prune(keep, now, false)?;
    capsule::let_go(repo.depot(), CAPSULES)?;
    Ok(pruned)
}
