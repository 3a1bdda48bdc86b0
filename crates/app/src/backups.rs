//! What is known of this server's backups: when the data were last safe, when a restore last stood the
//! check, and whether that is good enough.
//!
//! Backups are made elsewhere, and what is known of them lies beside the data; whoever starts the server
//! says by [`Backups::told_by`] how it is read. Used by the dashboard, the admin API and `doctor`.

use std::sync::OnceLock;

use domain::Timestamp;
use domain::time::{DAY, HOUR, MINUTE};

/// What is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// When the data were last known to be saved: a snapshot, or a look that found nothing new.
    pub saved_at: Option<Timestamp>,
    /// The newest restore on trial that stood the check.
    pub proof: Option<Proof>,
    /// The newest failure, if nothing worked since.
    pub failure: Option<Failure>,
    /// When the identity capsule was last written.
    pub capsule_at: Option<Timestamp>,
    /// Why it could not be written, if that failed since.
    pub capsule_failure: Option<String>,
}

/// A restore on trial that stood the check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// When.
    pub at: Timestamp,
    /// Rows of the database that came back.
    pub rows: i64,
    /// Files that came back.
    pub files: u64,
}

/// Something that did not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// When.
    pub at: Timestamp,
    /// What, in words.
    pub what: String,
}

type Source = Box<dyn Fn() -> Option<Report> + Send + Sync>;

/// Where to ask for the report.
#[derive(Default)]
pub struct Backups(OnceLock<Source>);

impl Backups {
    /// Says how the report is read; None from it means that no backups are made. Only the first one who
    /// says so is believed.
    pub fn told_by(&self, source: impl Fn() -> Option<Report> + Send + Sync + 'static) {
        // There is one process and one place where it is put together.
        let _ = self.0.set(Box::new(source));
    }

    /// What is known now. None when no backups are made, or nobody here knows.
    #[must_use]
    pub fn report(&self) -> Option<Report> {
        self.0.get().and_then(|source| source())
    }
}

/// Something about the backups that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worry {
    /// What and why, in a sentence.
    pub what: String,
    /// What to do.
    pub remedy: &'static str,
    /// Data could be lost if the machine were lost now.
    pub is_grave: bool,
}

/// What is not as it should be.
#[must_use]
pub fn worries(report: &Report, settings: &config::Backup, now: Timestamp) -> Vec<Worry> {
    let mut found = Vec::new();
    if let Some(failure) = &report.failure {
        let what = format!("The last backup failed on {}: {}", failure.at.rfc3339(), failure.what);
        let remedy = "Mend what it says, then see that it works: tuskling backup run";
        found.push(Worry { what, remedy, is_grave: true });
    }
    found.extend(about_age(report, settings, now));
    found.extend(about_proof(report, settings, now));
    if let Some(why) = &report.capsule_failure {
        let what = format!("The identity capsule could not be written: {why}");
        let remedy = "Mend what it says, then write it: tuskling backup capsule";
        found.push(Worry { what, remedy, is_grave: false });
    }
    found
}

fn about_age(report: &Report, settings: &config::Backup, now: Timestamp) -> Option<Worry> {
    let Some(saved_at) = report.saved_at else {
        return Some(Worry {
            what: "No snapshot was made yet: nothing of this server is anywhere else".into(),
            remedy: "Make the first one: tuskling backup run",
            is_grave: true,
        });
    };
    // A look or two may be missed while the server restarts.
    let interval = i64::try_from(settings.interval_minutes).unwrap_or(i64::MAX);
    let bound = if interval == 0 { 2 * DAY } else { interval.saturating_mul(3 * MINUTE) }.max(HOUR);
    let age = now.since(saved_at);
    (age > bound).then(|| Worry {
        what: format!(
            "The last snapshot is {} old: what was written since would be lost with this machine",
            span(age)
        ),
        remedy: "See that serve runs and what its log says of backups, or save now: tuskling backup run",
        is_grave: true,
    })
}

fn about_proof(report: &Report, settings: &config::Backup, now: Timestamp) -> Option<Worry> {
    let remedy = "Restore it on trial: tuskling backup verify";
    let Some(proof) = &report.proof else {
        report.saved_at?;
        let what = "No restore was proved yet: whether the backups can be used is not known".into();
        return Some(Worry { what, remedy, is_grave: false });
    };
    let days = i64::try_from(settings.verify_days).unwrap_or(i64::MAX);
    let bound = if days == 0 { 90 * DAY } else { days.saturating_mul(2 * DAY) };
    let age = now.since(proof.at);
    (age > bound).then(|| Worry {
        what: format!("The last proved restore is {} old", span(age)),
        remedy,
        is_grave: false,
    })
}

/// A length of time in its largest unit.
fn span(milliseconds: i64) -> String {
    let units = [(DAY, "days"), (HOUR, "hours"), (MINUTE, "minutes")];
    let fitting = units.iter().find(|(unit, _)| milliseconds >= 2 * unit);
    fitting.map_or_else(
        || "a moment".to_owned(),
        |(unit, name)| format!("{} {name}", milliseconds / unit),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(100 * DAY);

    fn good() -> Report {
        Report {
            saved_at: Some(NOW.plus(-10 * MINUTE)),
            proof: Some(Proof { at: NOW.plus(-10 * DAY), rows: 1, files: 1 }),
            ..Report::default()
        }
    }

    fn judged(report: &Report) -> Vec<(String, bool)> {
        let found = worries(report, &config::Backup::default(), NOW);
        found.into_iter().map(|worry| (worry.what, worry.is_grave)).collect()
    }

    #[test]
    fn a_fresh_snapshot_and_a_fresh_proof_worry_nobody() {
        assert_eq!(judged(&good()), []);
    }

    #[test]
    fn what_is_too_old_or_failed_is_named() {
        let old = Report { saved_at: Some(NOW.plus(-3 * HOUR)), ..good() };
        assert!(judged(&old)[0].0.contains("3 hours old") && judged(&old)[0].1);
        let proof = Some(Proof { at: NOW.plus(-15 * DAY), rows: 1, files: 1 });
        let unproved = Report { proof, ..good() };
        assert!(judged(&unproved)[0].0.contains("15 days old"));
        let none = Report { proof: None, ..good() };
        assert!(judged(&none)[0].0.contains("No restore was proved"));
        let failure = Some(Failure { at: NOW, what: "the disk is full".into() });
        let failed = Report { failure, ..good() };
        assert!(judged(&failed)[0].0.contains("the disk is full"));
        assert!(judged(&Report::default())[0].0.contains("No snapshot"));
    }

    #[test]
    fn who_makes_snapshots_by_hand_has_two_days() {
        let by_hand = config::Backup { interval_minutes: 0, ..config::Backup::default() };
        let old = Report { saved_at: Some(NOW.plus(-DAY)), ..good() };
        assert_eq!(worries(&old, &by_hand, NOW), []);
    }
}
