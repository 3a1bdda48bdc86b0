//! The ends of deliveries are written in groups, one transaction for all that ended meanwhile.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use activitypub::sign::Scheme;
use domain::time::{DAY, SECOND};
use domain::{RowId, Timestamp};
use store::hosts::Host;
use store::{Conn, deliveries, hosts, remote_accounts};

use super::post::{Ended, Trouble, Verdict};
use crate::jobs::{self, Job};
use crate::{App, Result};

/// Tries of one delivery: a good two days.
const TRIES: i64 = 16;
/// What has waited for so long for a host that fails is given up, tried or not.
const PATIENCE: i64 = 3 * DAY;
/// After so many days with failures and none without, a host is tried once a day.
const FAILED_DAYS: i64 = 7;

/// What this process has delivered, for `/metrics`.
#[derive(Debug, Default)]
pub struct Counters {
    delivered: AtomicU64,
    failed: AtomicU64,
}

impl Counters {
    /// Deliveries that arrived.
    pub fn delivered(&self) -> u64 {
        self.delivered.load(Ordering::Relaxed)
    }

    /// Tries that failed.
    pub fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }
}

/// How a scheme is called in the database; the usual one has no name there.
pub(crate) fn scheme_named(name: Option<&str>) -> Scheme {
    if name == Some("rfc9421") { Scheme::Rfc9421 } else { Scheme::Cavage }
}

/// The name of a scheme there.
pub(crate) fn scheme_name(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Cavage => "cavage",
        Scheme::Rfc9421 => "rfc9421",
    }
}

/// Writes what became of these.
pub(super) async fn settle(app: &std::sync::Arc<App>, ended: Vec<Ended>) -> Result<()> {
    for one in &ended {
        let counter = match one.verdict {
            Verdict::Arrived => &app.deliveries.delivered,
            Verdict::GivenUp { .. } | Verdict::Again { .. } => &app.deliveries.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
    let context = app.clone();
    app.write(move |conn| Box::pin(async move { write(&context, conn, ended).await })).await
}

async fn write(app: &App, conn: &mut Conn, ended: Vec<Ended>) -> Result<()> {
    // Else they are delivered once more.
    conn.may_be_redone();
    let now = app.now();
    let arrived: Vec<&Ended> = ended.iter().filter(|one| one.verdict == Verdict::Arrived).collect();
    if !arrived.is_empty() {
        let ids: Vec<RowId> = arrived.iter().map(|one| one.id).collect();
        deliveries::done(conn, &ids, now).await?;
        revive(conn, &arrived, now).await?;
        hosts::succeeded(conn, &ids, now).await?;
    }
    let mut troubled: BTreeMap<&str, (Trouble, &str)> = BTreeMap::new();
    for one in &ended {
        if let Some(scheme) = one.learned {
            hosts::learn(conn, &one.host, scheme_name(scheme), now).await?;
        }
        match &one.verdict {
            Verdict::Arrived => {}
            Verdict::GivenUp { reason, inbox_is_gone } => {
                deliveries::give_up(conn, one.id, reason, now).await?;
                if *inbox_is_gone {
                    deliveries::give_up_inbox(conn, &one.host, &one.inbox, reason, now).await?;
                    ask_after(app, conn, one).await?;
                }
            }
            Verdict::Again { reason, trouble } => {
                again(app, conn, one, reason, *trouble, now).await?;
                let worst = troubled.entry(&one.host).or_insert((*trouble, reason));
                if weight(*trouble) > weight(worst.0) {
                    *worst = (*trouble, reason);
                }
            }
        }
    }
    troubled.retain(|host, _| !arrived.iter().any(|one| one.host == *host));
    note_troubles(app, conn, troubled, now).await
}

/// Most accounts that are asked for because their inbox is gone.
const ASKED_AFTER: i64 = 3;

/// Whose inbox is gone may be gone as well, or have another one now: their server is asked.
async fn ask_after(app: &App, conn: &mut Conn, one: &Ended) -> Result<()> {
    for account in remote_accounts::of_inbox(conn, &one.host, &one.inbox, ASKED_AFTER).await? {
        let job = Job::RefreshAccount { account, host: Some(one.host.clone()) };
        jobs::enqueue(app, conn, &job, app.now()).await?;
    }
    Ok(())
}

/// What waited for hosts that had failed until now is due.
async fn revive(conn: &mut Conn, arrived: &[&Ended], now: Timestamp) -> Result<()> {
    let mut names: Vec<String> = arrived.iter().map(|one| one.host.clone()).collect();
    names.sort_unstable();
    names.dedup();
    let known = hosts::of(conn, names).await?;
    let back: Vec<String> =
        known.into_iter().filter(|host| host.failures > 0).map(|host| host.name).collect();
    if !back.is_empty() {
        tracing::info!(hosts = ?back, "these servers can be reached again");
        deliveries::hasten(conn, back, now).await?;
    }
    Ok(())
}

async fn again(
    app: &App,
    conn: &mut Conn,
    one: &Ended,
    reason: &str,
    trouble: Trouble,
    now: Timestamp,
) -> Result<()> {
    let tries = one.attempts + 1;
    if tries >= TRIES {
        let reason = format!("{reason}, {tries} times");
        return Ok(deliveries::give_up(conn, one.id, &reason, now).await?);
    }
    let pause = match trouble {
        Trouble::Asks(pause) => jittered(app, pause),
        Trouble::None | Trouble::Ill | Trouble::Down => backoff(app, tries),
    };
    Ok(deliveries::retry(conn, one.id, now.plus(pause), reason).await?)
}

fn weight(trouble: Trouble) -> i64 {
    match trouble {
        Trouble::None => 0,
        Trouble::Ill => 1,
        Trouble::Asks(pause) => 2 + pause,
        Trouble::Down => 2,
    }
}

/// The pause after so many failures: 16 s, 31 s, 96 s, … 14 h, at most a day, and up to a quarter
/// more.
fn backoff(app: &App, failures: i64) -> i64 {
    let failures = failures.clamp(1, TRIES);
    jittered(app, ((failures.pow(4) + 15) * SECOND).min(DAY))
}

/// Up to a quarter longer, so that what failed together does not come back together.
fn jittered(app: &App, pause: i64) -> i64 {
    let mut noise = [0_u8; 2];
    app.random.fill(&mut noise);
    pause + pause / 4 * i64::from(u16::from_le_bytes(noise)) / i64::from(u16::MAX)
}

/// A host that fails is left alone for a while, with everything that waits for it.
async fn note_troubles(
    app: &App,
    conn: &mut Conn,
    troubled: BTreeMap<&str, (Trouble, &str)>,
    now: Timestamp,
) -> Result<()> {
    let names: Vec<String> = troubled
        .iter()
        .filter(|(_, (trouble, _))| *trouble != Trouble::None)
        .map(|(name, _)| (*name).to_owned())
        .collect();
    let known = hosts::of(conn, names.clone()).await?;
    for name in names {
        let Some((trouble, reason)) = troubled.get(name.as_str()) else { continue };
        let before = known.iter().find(|host| host.name == name).cloned();
        let before = before.unwrap_or_else(|| Host { name: name.clone(), ..Host::default() });
        let host = after_failure(before, now);
        let pause = match trouble {
            _ if host.unreachable_since.is_some() => jittered(app, DAY),
            Trouble::Asks(pause) => *pause,
            Trouble::None | Trouble::Ill | Trouble::Down => backoff(app, host.failures),
        };
        let next = now.plus(pause);
        if host.unreachable_since == Some(now) {
            tracing::info!(host = %name, "this server has failed for a week and is tried once a day");
        }
        hosts::failed(conn, &host, next, now).await?;
        if host.unreachable_since.is_none() {
            deliveries::expire(conn, &name, now.plus(-PATIENCE), now).await?;
        }
        if *trouble != Trouble::Ill || host.unreachable_since.is_some() {
            deliveries::postpone(conn, &name, next, reason).await?;
        }
    }
    Ok(())
}

/// A host that has failed once more.
fn after_failure(mut host: Host, now: Timestamp) -> Host {
    let is_another_day = host.last_failed_at.is_none_or(|last| last.midnight() != now.midnight());
    if is_another_day || host.failed_days == 0 {
        host.failed_days += 1;
    }
    host.failures += 1;
    if host.failed_days >= FAILED_DAYS && host.unreachable_since.is_none() {
        host.unreachable_since = Some(now);
    }
    host.last_failed_at = Some(now);
    host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r08_a_host_is_unreachable_after_seven_days_with_failures() {
        let mut host = Host { name: "dead.test".into(), ..Host::default() };
        let mut now = Timestamp(1_750_000_000_000);
        for day in 1..=7 {
            assert_eq!(host.unreachable_since, None, "before day {day}");
            // Many failures on one day are one day.
            for _ in 0..5 {
                host = after_failure(host, now);
            }
            assert_eq!(host.failed_days, day);
            now = now.plus(DAY);
        }
        assert!(host.unreachable_since.is_some());
    }
}
