//! How much there was on each day.

use domain::Timestamp;
use domain::time::DAY;
use store::figures::{self, Daily, Stretch, Subject};

use super::Wanted;
use crate::{App, AppError, Result};

/// One measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Mastodon's name of it.
    pub key: String,
    /// Over the whole stretch.
    pub total: i64,
    /// Over the stretch of the same length before; `None` for what is about another server.
    pub previous: Option<i64>,
    /// Each day of the stretch, in order.
    pub days: Vec<Day>,
}

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// Its midnight.
    pub start: Timestamp,
    /// How much there was.
    pub value: i64,
}

/// Those of these measures that are known, in order.
///
/// # Errors
/// [`AppError::Store`].
pub async fn measures(app: &App, wanted: Vec<Wanted>, stretch: Stretch) -> Result<Vec<Measure>> {
    app.read(move |conn| {
        Box::pin(async move {
            let before = Stretch {
                start: stretch.start.plus(-stretch.end.since(stretch.start)),
                end: stretch.start,
            };
            let mut found = Vec::new();
            for Wanted { key, subject } in wanted {
                let Some(what) = daily(&key, &subject) else { continue };
                let counted = figures::by_day(conn, what, stretch, &subject).await?;
                let previous = match subject {
                    Subject::Server(_) => None,
                    Subject::All | Subject::Tag(_) => {
                        let earlier = figures::by_day(conn, what, before, &subject).await?;
                        Some(earlier.iter().map(|(_, value)| value).sum())
                    }
                };
                let total = counted.iter().map(|(_, value)| value).sum();
                found.push(Measure { key, total, previous, days: days(stretch, &counted) });
            }
            Ok::<_, AppError>(found)
        })
    })
    .await
}

fn daily(key: &str, subject: &Subject) -> Option<Daily> {
    Some(match (key, subject) {
        ("new_users", Subject::All) => Daily::NewUsers,
        ("active_users", Subject::All) => Daily::ActiveUsers,
        ("interactions", Subject::All) => Daily::Interactions,
        ("opened_reports", Subject::All) => Daily::OpenedReports,
        ("resolved_reports", Subject::All) => Daily::ResolvedReports,
        ("tag_accounts", Subject::Tag(_)) => Daily::TagAccounts,
        ("tag_uses", Subject::Tag(_)) => Daily::TagUses,
        ("tag_servers", Subject::Tag(_)) => Daily::TagServers,
        ("instance_accounts", Subject::Server(_)) => Daily::ServerAccounts,
        ("instance_media_attachments", Subject::Server(_)) => Daily::ServerMedia,
        ("instance_reports", Subject::Server(_)) => Daily::ServerReports,
        ("instance_statuses", Subject::Server(_)) => Daily::ServerStatuses,
        ("instance_follows", Subject::Server(_)) => Daily::ServerFollows,
        ("instance_followers", Subject::Server(_)) => Daily::ServerFollowers,
        _ => return None,
    })
}

/// Every day of a stretch, also those without anything.
fn days(stretch: Stretch, counted: &[(i64, i64)]) -> Vec<Day> {
    let (first, last) = (stretch.start.0 / DAY, stretch.end.0 / DAY);
    let value = |day: i64| counted.iter().find(|(of, _)| *of == day).map_or(0, |(_, n)| *n);
    (first..last).map(|day| Day { start: Timestamp(day * DAY), value: value(day) }).collect()
}
