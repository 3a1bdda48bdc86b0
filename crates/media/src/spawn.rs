//! Starting the child and making sense of how it ended. Whatever happens in there becomes a value
//! here: the server never waits forever, never panics and never reads without a limit.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use crate::error::{Exhausted, MediaError};
use crate::protocol::Request;

/// Most that a child may say on standard output.
const MAX_OUTPUT: u64 = 512 * 1024;
/// Most of its complaints that are kept.
const MAX_COMPLAINT: u64 = 4096;

const SIGNAL_ABORT: i32 = 6;
const SIGNAL_KILL: i32 = 9;
const SIGNAL_CPU: i32 = 24;
const SIGNAL_FILE_SIZE: i32 = 25;

/// What a child that ended by itself has left.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) success: bool,
    pub(crate) output: Vec<u8>,
    pub(crate) complaint: String,
}

/// Runs `helper media-child` with one request. An error means that it did not end by itself.
pub(crate) async fn run(
    helper: &Path,
    folder: &Path,
    request: &Request,
    wait: Duration,
) -> Result<Finished, MediaError> {
    let mut line = serde_json::to_vec(request).map_err(|error| helper_error(&error))?;
    line.push(b'\n');
    let mut child = Command::new(helper)
        .arg("media-child")
        .env_clear()
        // One heap for all threads: each further one would claim address space, which is limited.
        .env("MALLOC_ARENA_MAX", "1")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| helper_error(&error))?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let conversation = async {
        let ask = async {
            if let Some(mut stdin) = stdin {
                // A child that died early is told by its status, not by a broken pipe.
                let _ = stdin.write_all(&line).await;
            }
        };
        let ((), output, complaint) = tokio::join!(
            ask,
            read_bounded(stdout, MAX_OUTPUT),
            read_bounded(stderr, MAX_COMPLAINT)
        );
        (child.wait().await, output, complaint)
    };
    let Ok((status, output, complaint)) = tokio::time::timeout(wait, conversation).await else {
        // Dropping the child has killed it; the runtime reaps it.
        return Err(MediaError::Stopped(Exhausted::Time));
    };
    let status = status.map_err(|error| helper_error(&error))?;
    let complaint = String::from_utf8_lossy(&complaint).into_owned();
    match unnatural_end(status, &complaint) {
        Some(exhausted) => {
            tracing::info!(%status, %complaint, "a media child was stopped");
            Err(MediaError::Stopped(exhausted))
        }
        None => Ok(Finished { success: status.success(), output, complaint }),
    }
}

fn unnatural_end(status: ExitStatus, complaint: &str) -> Option<Exhausted> {
    /// What the standard library exits with after a panic in `main`.
    const PANIC: i32 = 101;
    match status.signal() {
        Some(SIGNAL_CPU) => Some(Exhausted::Time),
        Some(SIGNAL_FILE_SIZE) => Some(Exhausted::Output),
        // The kernel's own choice when the machine runs out of memory.
        Some(SIGNAL_KILL) => Some(Exhausted::Memory),
        Some(SIGNAL_ABORT) if complaint.contains("memory allocation of") => Some(Exhausted::Memory),
        Some(_) => Some(Exhausted::Crash),
        None if status.code() == Some(PANIC) => Some(Exhausted::Crash),
        None => None,
    }
}

/// Keeps the first `limit` bytes and reads on, so that the child does not block on a full pipe.
async fn read_bounded(pipe: Option<impl AsyncRead + Unpin>, limit: u64) -> Vec<u8> {
    let mut kept = Vec::new();
    if let Some(mut pipe) = pipe {
        // A pipe that fails has nothing more to say.
        let _ = (&mut pipe).take(limit).read_to_end(&mut kept).await;
        let _ = tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await;
    }
    kept
}

fn helper_error(error: &dyn std::fmt::Display) -> MediaError {
    MediaError::Helper(error.to_string())
}
