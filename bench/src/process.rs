//! What is read of the server's process, and of lists of times.

use std::time::Duration;

/// CPU time of a process in clock ticks of 10 ms (proc(5)).
pub fn cpu_ticks(pid: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after) = text.rsplit_once(") ")?;
    let fields: Vec<&str> = after.split(' ').collect();
    let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
    Some(number(11)? + number(12)?)
}

/// Resident memory of a process in KiB, all of it and the anonymous part.
pub fn resident(pid: u32) -> Option<(u64, u64)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let field = |name: &str| {
        text.lines().find_map(|line| {
            line.strip_prefix(name)?.split_whitespace().next()?.parse::<u64>().ok()
        })
    };
    Some((field("VmRSS:")?, field("RssAnon:")?))
}

/// The time that this part of the requests stayed below, in milliseconds; `times` are sorted.
pub fn percentile(times: &[Duration], part: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index below the length"
    )]
    let index = ((times.len().saturating_sub(1)) as f64 * part) as usize;
    times.get(index).copied().unwrap_or_default().as_secs_f64() * 1000.0
}
