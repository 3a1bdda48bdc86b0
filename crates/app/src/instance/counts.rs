//! The server's numbers, kept for a while: counting reads whole tables.

use std::sync::{Mutex, PoisonError};

use domain::Timestamp;
use domain::time::{DAY, MINUTE};
use store::{statuses, users};

use crate::{App, Result};

/// How old a count may be.
const KEPT: i64 = 5 * MINUTE;
/// How many weeks the activity covers.
const WEEKS: i64 = 12;
const WEEK: i64 = 7 * DAY;
/// The first Monday of the epoch.
const FIRST_MONDAY: i64 = 4 * DAY;

/// The server's size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Local users.
    pub users: i64,
    /// Seen within 30 days.
    pub active_month: i64,
    /// Seen within 180 days.
    pub active_half_year: i64,
    /// Statuses of local accounts.
    pub statuses: i64,
    /// Other servers known.
    pub domains: i64,
}

/// What happened in a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Week {
    /// Its Monday, midnight UTC.
    pub start: Timestamp,
    /// Local statuses made.
    pub statuses: i64,
    /// Local users last seen in it.
    pub logins: i64,
    /// Sign-ups.
    pub registrations: i64,
}

/// Numbers with the time they were counted.
#[derive(Debug, Default)]
pub struct Cache {
    counts: Mutex<Option<(Timestamp, Counts)>>,
    weeks: Mutex<Option<(Timestamp, Vec<Week>)>>,
}

fn fresh<T: Clone>(kept: &Mutex<Option<(Timestamp, T)>>, now: Timestamp) -> Option<T> {
    let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.as_ref().filter(|(at, _)| (0..KEPT).contains(&now.since(*at))).map(|(_, it)| it.clone())
}

fn keep<T>(place: &Mutex<Option<(Timestamp, T)>>, now: Timestamp, value: T) {
    *place.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, value));
}

/// How big the server is, at most five minutes ago.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn counts(app: &App) -> Result<Counts> {
    let now = app.now();
    if let Some(counts) = fresh(&app.instance.counts, now) {
        return Ok(counts);
    }
    let counts = app
        .read(move |conn| {
            Box::pin(async move {
                let (users, active_month) = users::counts(conn, now.plus(-30 * DAY)).await?;
                let (_, active_half_year) = users::counts(conn, now.plus(-180 * DAY)).await?;
                Ok::<_, crate::AppError>(Counts {
                    users,
                    active_month,
                    active_half_year,
                    statuses: statuses::local_count(conn).await?,
                    domains: store::instance::domain_count(conn).await?,
                })
            })
        })
        .await?;
    keep(&app.instance.counts, now, counts);
    Ok(counts)
}

/// What happened in the last twelve weeks, newest first, at most five minutes ago.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn activity(app: &App) -> Result<Vec<Week>> {
    let now = app.now();
    if let Some(weeks) = fresh(&app.instance.weeks, now) {
        return Ok(weeks);
    }
    let this_week = (now.0 - FIRST_MONDAY).div_euclid(WEEK) * WEEK + FIRST_MONDAY;
    let start = Timestamp((this_week - (WEEKS - 1) * WEEK).max(0));
    let (made, seen, joined) = app
        .read(move |conn| Box::pin(async move { store::instance::weeks(conn, start).await }))
        .await
        .map_err(crate::AppError::Store)?;
    let of = |counted: &store::instance::Weeks, week: i64| {
        counted.iter().find(|(number, _)| *number == week).map_or(0, |(_, count)| *count)
    };
    let weeks: Vec<Week> = (0..WEEKS)
        .rev()
        .map(|week| Week {
            start: start.plus(week * WEEK),
            statuses: of(&made, week),
            logins: of(&seen, week),
            registrations: of(&joined, week),
        })
        .collect();
    keep(&app.instance.weeks, now, weeks.clone());
    Ok(weeks)
}
