//! The machine: folders, room on the disk, the clock.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use config::{Config, DatabaseUrl};
use domain::time::{HOUR, MINUTE};
use domain::{Clock as _, Timestamp};

use super::Finding;
use crate::commands::backup::size;
use crate::host::SystemClock;

/// Below this, writes fail soon.
const LITTLE: u64 = 256 * 1024 * 1024;

/// The data folder and the one of media: there, ours, private, writable.
pub(super) fn folders(data: &Path) -> Vec<Finding> {
    const ABOUT: &str = "data folder";
    let shown = data.display();
    let found = match fs::metadata(data) {
        Ok(found) => found,
        Err(error) => {
            return vec![Finding::wrong(
                ABOUT,
                format!("{shown} cannot be looked at: {error}"),
                "Name the right folder with --data or server.data; `tuskling serve` makes it at its first start",
            )];
        }
    };
    if !found.is_dir() {
        let remedy = "Name a folder with --data or server.data";
        return vec![Finding::wrong(ABOUT, format!("{shown} is not a folder"), remedy)];
    }
    let mut findings = Vec::new();
    if let Some(unfinished) = ::backup::unfinished(data) {
        findings.push(Finding::wrong(
            ABOUT,
            format!("the restore of {} into {shown} is not finished", unfinished.snapshot),
            "Run the same tuskling restore again; it goes on where it was",
        ));
    }
    if found.mode() & 0o077 != 0 {
        findings.push(Finding::hint(
            ABOUT,
            format!("others on this machine may look into {shown}, where keys and tokens lie"),
            format!("chmod 700 {shown}"),
        ));
    }
    for folder in [data.to_owned(), data.join("media")] {
        if folder.is_dir()
            && let Err(error) = try_to_write(&folder)
        {
            findings.push(Finding::wrong(
                ABOUT,
                format!("{} cannot be written: {error}", folder.display()),
                "Run this as the user of the server; if it is that, give the folder to it with chown, or make room",
            ));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::good(ABOUT, format!("{shown} can be written and is private")));
    }
    findings
}

fn try_to_write(folder: &Path) -> std::io::Result<()> {
    let path = folder.join(format!(".doctor-{}", std::process::id()));
    fs::write(&path, b"x")?;
    fs::remove_file(&path)
}

/// Whether there is room to go on writing, and for the copy that a backup makes.
pub(super) fn room(config: &Config) -> Option<Finding> {
    const ABOUT: &str = "disk";
    let data = &config.server.data;
    let disk = rustix::fs::statvfs(data).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let database = match config.database.resolve(data) {
        Ok(DatabaseUrl::Sqlite(path)) => fs::metadata(path).map_or(0, |found| found.len()),
        _ => 0,
    };
    let told = format!("{} are free where the data lie", size(free));
    let remedy = "Make room, or make the disk larger; media may take most: see the dashboard";
    if free < LITTLE {
        return Some(Finding::wrong(ABOUT, told, remedy));
    }
    let wanted = database.saturating_add(LITTLE);
    if config.backup.repository.is_some() && free < wanted {
        let what = format!("{told}, a backup needs {} for a while", size(wanted));
        return Some(Finding::wrong(ABOUT, what, remedy));
    }
    if disk.f_files > 0 && disk.f_favail.saturating_mul(100) < disk.f_files {
        let what = format!("{told}, but fewer than 1 % of its files can still be made");
        return Some(Finding::wrong(
            ABOUT,
            what,
            "Remove files, or make a file system with more inodes",
        ));
    }
    Some(Finding::good(ABOUT, told))
}

/// Whether the clock can be right: others refuse signatures that are minutes off.
pub(super) fn clock(newest: Option<Timestamp>) -> Finding {
    const ABOUT: &str = "clock";
    const REMEDY: &str = "Set the clock and keep it right: apt install systemd-timesyncd (or chrony). Other servers refuse what was signed an hour off";
    let now = SystemClock.now();
    if let Some(newest) = newest.filter(|newest| newest.since(now) > MINUTE) {
        return Finding::wrong(
            ABOUT,
            format!(
                "it says {}, but the server was written to on {}",
                now.rfc3339(),
                newest.rfc3339()
            ),
            REMEDY,
        );
    }
    let kept = Path::new("/run/systemd/timesync");
    if kept.is_dir() && !kept.join("synchronized").exists() {
        let what = format!("it says {}, and was not set by any time server yet", now.rfc3339());
        return Finding::hint(ABOUT, what, REMEDY);
    }
    let is_fresh = newest.is_some_and(|newest| now.since(newest) < HOUR);
    let more = if is_fresh { ", which fits what the server wrote last" } else { "" };
    Finding::good(ABOUT, format!("it says {}{more}", now.rfc3339()))
}
