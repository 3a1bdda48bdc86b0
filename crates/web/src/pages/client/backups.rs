//! How the backups are, as a card of the dashboard.

use crate::view::Moment;

/// How the backups are.
#[derive(Debug, Clone, Default)]
pub struct BackupCard {
    /// A place for them is set.
    pub are_made: bool,
    /// What somebody should look at.
    pub worries: Vec<WorryRow>,
    /// What happened last, and when.
    pub moments: Vec<(String, Moment)>,
}

/// What somebody should look at.
#[derive(Debug, Clone)]
pub struct WorryRow {
    /// What it is.
    pub what: String,
    /// What to do.
    pub remedy: &'static str,
}
