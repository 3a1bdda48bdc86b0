//! PostgreSQL: its own programs write and read its dumps.
//!
//! The rows are counted in a transaction whose snapshot `pg_dump` is told to use, so that both see the
//! same moment.

use std::path::Path;
use std::process::Stdio;

use store::Store;
use store::snapshot::RowCounts;
use tokio::io::AsyncReadExt as _;
use tokio::process::{ChildStderr, ChildStdout, Command};

use crate::{BackupError, Result};

/// The system's certificate authorities, where Debian has them.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";
/// As much of a program's complaints as is shown.
const COMPLAINTS: u64 = 4 * 1024;

/// Dumps the database into the new file `to`, uncompressed: pieces that did not change are found again.
///
/// # Errors
/// [`BackupError::Program`] when `pg_dump` is missing or fails.
pub(crate) async fn dump(store: &Store, url: &str, to: &Path) -> Result<RowCounts> {
    let moment = store.hold_moment().await?;
    let mut command = Command::new("pg_dump");
    command
        .args(["--format=custom", "--compress=0", "--no-owner", "--no-privileges"])
        .arg(format!("--snapshot={}", moment.name()))
        .arg("--file")
        .arg(to);
    run(command, url, "pg_dump").await?;
    let rows = moment.finish().await?;
    Ok(rows)
}

/// Brings a dump into an empty database.
///
/// # Errors
/// [`BackupError::Program`] when `pg_restore` is missing or fails: then the database is as it was.
pub(crate) async fn restore(url: &str, from: &Path) -> Result<()> {
    let mut command = Command::new("pg_restore");
    command
        .args(["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"])
        .arg(from);
    run(command, url, "pg_restore").await
}

/// Runs a program of PostgreSQL on the database of `url`. The password goes by the environment: the
/// command line is for everybody to read.
async fn run(mut command: Command, url: &str, name: &str) -> Result<()> {
    let (plain, mode) = without_mode(url);
    let (plain, password) = without_password(&plain);
    command.env("PGCONNECT_TIMEOUT", "10").arg("--dbname").arg(plain);
    // Its own default would speak to anybody; here a connection is verified or in the clear.
    command.env("PGSSLMODE", mode);
    if mode == "verify-full" && !url.contains("sslrootcert=") {
        command.env("PGSSLROOTCERT", AUTHORITIES);
    }
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    finish(&mut command, name).await
}

/// Waits for a program and hears its complaints.
async fn finish(command: &mut Command, name: &str) -> Result<()> {
    command.stdout(Stdio::null());
    finish_reading(command, name, |_| async { Ok(()) }).await
}

/// The same, while `read` takes what the program writes, if its output is a pipe.
pub(crate) async fn finish_reading<F>(
    command: &mut Command,
    name: &str,
    read: impl FnOnce(ChildStdout) -> F,
) -> Result<()>
where
    F: Future<Output = Result<()>>,
{
    command.stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(BackupError::Program(format!(
                "the program {name} is not installed. Backups of PostgreSQL need it, of the server's version or newer: apt install postgresql-client"
            )));
        }
        Err(error) => return Err(BackupError::Program(format!("{name} cannot be run: {error}"))),
    };
    let (output, complaints) = (child.stdout.take(), child.stderr.take());
    let output = async {
        match output {
            Some(pipe) => read(pipe).await,
            None => Ok(()),
        }
    };
    let (taken, complaints) = tokio::join!(output, hear(complaints));
    let status = child
        .wait()
        .await
        .map_err(|error| BackupError::Program(format!("{name} was lost: {error}")))?;
    if status.success() {
        return taken;
    }
    let complaints = String::from_utf8_lossy(&complaints);
    let complaints = complaints.split_whitespace().collect::<Vec<_>>().join(" ");
    Err(BackupError::Program(format!("{name} failed ({status}): {complaints}")))
}

/// What a program complains of; beyond some of it, it is read and dropped, so that nobody waits.
async fn hear(pipe: Option<ChildStderr>) -> Vec<u8> {
    let mut complaints = Vec::new();
    if let Some(mut pipe) = pipe {
        let _ = (&mut pipe).take(COMPLAINTS).read_to_end(&mut complaints).await;
        let _ = tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await;
    }
    complaints
}

/// The URL without what it says of TLS, and that in libpq's words, where `require` would verify nobody.
fn without_mode(url: &str) -> (String, &'static str) {
    let Some((base, query)) = url.split_once('?') else {
        return (url.to_owned(), default_mode(url));
    };
    let mut mode = default_mode(url);
    let rest: Vec<&str> = query
        .split('&')
        .filter(|part| match part.strip_prefix("sslmode=") {
            Some(said) => {
                mode = if said == "disable" { "disable" } else { "verify-full" };
                false
            }
            None => true,
        })
        .collect();
    let join = if rest.is_empty() { "" } else { "?" };
    (format!("{base}{join}{}", rest.join("&")), mode)
}

/// In the clear within this machine, verified to any other.
fn default_mode(url: &str) -> &'static str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let is_local = host.is_empty()
        || host.starts_with("localhost")
        || host.starts_with("127.")
        || host.starts_with("[::1]")
        || url.contains("host=%2F")
        || url.contains("host=/");
    if is_local { "prefer" } else { "verify-full" }
}

/// The URL without its password, and the password as it is.
fn without_password(url: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (url.to_owned(), None) };
    let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let Some((person, host)) = authority.rsplit_once('@') else { return (url.to_owned(), None) };
    let Some((user, password)) = person.split_once(':') else { return (url.to_owned(), None) };
    let password = percent_encoding::percent_decode_str(password).decode_utf8_lossy().into_owned();
    (format!("{scheme}://{user}@{host}{tail}"), Some(password))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_taken_out_of_the_url() {
        let (plain, password) = without_password("postgres://me:p%40ss@db:5432/x?sslmode=disable");
        assert_eq!(plain, "postgres://me@db:5432/x?sslmode=disable");
        assert_eq!(password.as_deref(), Some("p@ss"));
        let (plain, password) = without_password("postgres://me@db/x");
        assert_eq!((plain.as_str(), password), ("postgres://me@db/x", None));
    }

    #[test]
    fn another_machine_is_verified_unless_the_url_says_otherwise() {
        let modes = [
            ("postgres://me@db/x", "postgres://me@db/x", "verify-full"),
            ("postgres://me@db/x?sslmode=require", "postgres://me@db/x", "verify-full"),
            ("postgres://me@db/x?sslmode=disable&a=b", "postgres://me@db/x?a=b", "disable"),
            ("postgres://me@127.0.0.1:5/x", "postgres://me@127.0.0.1:5/x", "prefer"),
        ];
        for (url, plain, mode) in modes {
            assert_eq!(without_mode(url), (plain.to_owned(), mode), "{url}");
        }
    }
}
