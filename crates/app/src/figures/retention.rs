//! How many of those who signed up in a period were here in it and in later ones.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::time::DAY;
use store::figures::{self, Stretch};

use crate::{App, AppError, Result};

/// Most periods.
const MOST: usize = 100;

/// Those who signed up in one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cohort {
    /// The first day of the period.
    pub period: Timestamp,
    /// This period and the later ones.
    pub later: Vec<Later>,
}

/// How many of a cohort were here in a period or after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Later {
    /// The first day of the period.
    pub period: Timestamp,
    /// How many.
    pub value: u64,
    /// Of how many: their share is what clients show.
    pub of: u64,
}

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frequency {
    /// A day.
    Day,
    /// A month of the calendar.
    Month,
}

impl Frequency {
    /// The name of the period that a time is in; names sort as times do.
    fn period(self, time: Timestamp) -> String {
        let date = time.date();
        match self {
            Self::Day => date,
            Self::Month => date.chars().take(7).collect(),
        }
    }
}

/// The cohorts of a stretch, the earliest first.
///
/// # Errors
/// [`AppError::BadRequest`] for more than a hundred periods.
pub async fn retention(app: &App, stretch: Stretch, frequency: Frequency) -> Result<Vec<Cohort>> {
    let mut periods: BTreeMap<String, Timestamp> = BTreeMap::new();
    let mut day = stretch.start;
    while day < stretch.end {
        periods.entry(frequency.period(day)).or_insert(day);
        day = day.plus(DAY);
    }
    if periods.len() > MOST {
        return Err(AppError::BadRequest(format!("The period has more than {MOST} parts")));
    }
    let people = app
        .read(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(figures::cohorts(conn, stretch).await?) })
        })
        .await?;
    let people: Vec<(String, String)> = people
        .into_iter()
        .map(|(came, last)| (frequency.period(came), frequency.period(last.max(came))))
        .collect();
    Ok(periods
        .iter()
        .map(|(name, start)| Cohort { period: *start, later: later(name, &periods, &people) })
        .collect())
}

fn later(
    cohort: &str,
    periods: &BTreeMap<String, Timestamp>,
    people: &[(String, String)],
) -> Vec<Later> {
    let members: Vec<&String> =
        people.iter().filter(|(came, _)| came == cohort).map(|(_, last)| last).collect();
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    periods
        .range(cohort.to_owned()..)
        .map(|(name, start)| Later {
            period: *start,
            value: count(members.iter().filter(|last| last.as_str() >= name.as_str()).count()),
            of: count(members.len()),
        })
        .collect()
}
