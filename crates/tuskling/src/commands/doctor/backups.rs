//! The backups: whether they are made, whether they are fresh and proved, whether their place answers.

use std::path::Path;
use std::time::Duration;

use app::backups::worries;
use config::Config;
use domain::Clock as _;

use super::Finding;
use crate::commands::schedule;
use crate::context;
use crate::host::SystemClock;

const ABOUT: &str = "backups";
/// How long the place of the backups may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Looks at the backups of this data.
pub(super) async fn look(config: &Config, file: Option<&Path>, is_local: bool) -> Vec<Finding> {
    let Some(report) = schedule::report(config) else {
        let what = "none are made: if this machine is lost, everything is";
        let remedy = "Set backup.repository and backup.password, see docs/BACKUP.md";
        let finding = if is_local { Finding::hint } else { Finding::wrong };
        return vec![finding(ABOUT, what, remedy)];
    };
    let mut findings: Vec<Finding> = worries(&report, &config.backup, SystemClock.now())
        .into_iter()
        .map(|worry| {
            let finding = if worry.is_grave { Finding::wrong } else { Finding::hint };
            finding(ABOUT, worry.what, worry.remedy)
        })
        .collect();
    findings.extend(place(config, file).await);
    if findings.is_empty() {
        let time = |at: Option<domain::Timestamp>| at.map_or_else(String::new, |at| at.rfc3339());
        let proved_at = report.proof.map(|proof| proof.at);
        let what = format!(
            "saved on {}, a restore was proved on {}",
            time(report.saved_at),
            time(proved_at)
        );
        findings.push(Finding::good(ABOUT, what));
    }
    findings
}

/// Whether the repository is there and the password is known. It is not opened: a backup may run.
async fn place(config: &Config, file: Option<&Path>) -> Option<Finding> {
    const REMEDY: &str = "Check backup.repository, its credentials and the way there; then see that it works: tuskling backup list";
    if let Err(error) = config.backup.password() {
        let remedy =
            "Put the password back where the settings say; without it nobody can read the backups";
        return Some(Finding::wrong(ABOUT, error.to_string(), remedy));
    }
    let setup = match context::backup_setup(config, file) {
        Ok(setup) => setup,
        Err(error) => return Some(Finding::wrong(ABOUT, format!("{error:#}"), REMEDY)),
    };
    let asked = tokio::task::spawn_blocking(move || setup.is_there());
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(Ok(true))) => None,
        Ok(Ok(Ok(false))) => {
            let what = "there is no repository where the settings say";
            let remedy =
                "If it is not the first one, check backup.repository; else: tuskling backup run";
            Some(Finding::wrong(ABOUT, what, remedy))
        }
        Ok(Ok(Err(error))) => Some(Finding::wrong(ABOUT, error.to_string(), REMEDY)),
        Ok(Err(_)) | Err(_) => {
            Some(Finding::wrong(ABOUT, "their place does not answer in time", REMEDY))
        }
    }
}
