//! The card of the dashboard that says how the backups are.

use app::backups::{Report, worries};

use crate::pages::client::{BackupCard, WorryRow};
use crate::routes::{Shared, present};

/// What the owner sees of the backups.
pub(super) fn card(app: &Shared) -> BackupCard {
    let Some(report) = app.backups.report() else { return BackupCard::default() };
    let found = worries(&report, &app.config.backup, app.now());
    let row = |worry: app::backups::Worry| WorryRow { what: worry.what, remedy: worry.remedy };
    BackupCard {
        are_made: true,
        worries: found.into_iter().map(row).collect(),
        moments: moments(&report),
    }
}

fn moments(report: &Report) -> Vec<(String, crate::view::Moment)> {
    let saved = report.saved_at.map(|at| (crate::t().last_saved.to_owned(), at));
    let proof = report.proof.as_ref().map(|proof| {
        let what = crate::t().last_proved_restore(proof.rows, proof.files);
        (what, proof.at)
    });
    let capsule = report.capsule_at.map(|at| (crate::t().identity_capsule_written.to_owned(), at));
    let all = [saved, proof, capsule].into_iter().flatten();
    all.map(|(what, at)| (what, present::moment(at))).collect()
}
