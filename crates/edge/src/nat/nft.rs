//! The program `nft`, run as a child: the kernel's own interface changes more often than it does.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::time::timeout;

use super::NatError;
use super::rules::TABLE;

/// Longer than any load takes, shorter than a unit's patience.
const PATIENCE: Duration = Duration::from_secs(30);

/// Our table as nft lists it; `None` when there is none.
pub(super) async fn list() -> Result<Option<Value>, NatError> {
    let doing = "list the tables";
    let tables = run(doing, &["-j", "list", "tables"], "").await?;
    let tables: Value = read(doing, &tables.stdout)?;
    let is_ours = |table: &Value| {
        table.get("name").and_then(Value::as_str) == Some(TABLE)
            && table.get("family").and_then(Value::as_str) == Some("inet")
    };
    let parts = tables.get("nftables").and_then(Value::as_array);
    if !parts.into_iter().flatten().filter_map(|part| part.get("table")).any(is_ours) {
        return Ok(None);
    }
    let doing = "list our table";
    let listed = run(doing, &["-j", "list", "table", "inet", TABLE], "").await?;
    read(doing, &listed.stdout).map(Some)
}

/// Asks whether commands would work, and changes nothing.
pub(super) async fn check(script: &str) -> Result<(), NatError> {
    run("check the rules", &["-c", "-j", "-f", "-"], script).await.map(|_| ())
}

/// Carries commands out: all of them or none.
pub(super) async fn load(script: &str) -> Result<(), NatError> {
    run("load the rules", &["-j", "-f", "-"], script).await.map(|_| ())
}

async fn run(doing: &'static str, arguments: &[&str], input: &str) -> Result<Output, NatError> {
    let failed = |said: String| NatError::Nft { doing, said };
    let mut child = Command::new(program().ok_or(NatError::NoNft)?)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let mut stdin = child.stdin.take();
    let talk = async {
        if let Some(stdin) = &mut stdin {
            // A program that ends before it has read everything says why on its stderr.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
        drop(stdin);
        child.wait_with_output().await
    };
    let output = timeout(PATIENCE, talk)
        .await
        .map_err(|_| failed(format!("it did not end within {} s", PATIENCE.as_secs())))?
        .map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(output);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    Err(failed(format!("{} ({})", said.join(" / "), output.status)))
}

fn read(doing: &'static str, bytes: &[u8]) -> Result<Value, NatError> {
    serde_json::from_slice(bytes)
        .map_err(|error| NatError::Nft { doing, said: format!("its answer is no JSON: {error}") })
}

/// People who are not root often lack the folders of system programs in their path.
fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/sbin", "/sbin", "/usr/local/sbin"].map(PathBuf::from);
    let folders = std::env::split_paths(&path).chain(usual);
    folders.map(|folder| folder.join("nft")).find(|file| Path::is_file(file))
}
