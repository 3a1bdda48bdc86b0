//! What staff does about an account: the deed, the warning that tells its owner, and the reports that are
//! settled by it, in one transaction.

use std::sync::Arc;

use domain::AccountId;
use domain::event::Event;
use domain::notification::NotificationKind;
use store::reports::{self, Report};
use store::warnings::{self, Warning};
use store::{Conn, staff_accounts};

use super::check_rank;
use super::view::{StaffView, view};
use crate::access::Me;
use crate::notifications::{Cause, notify};
use crate::{App, AppError, Result};

/// Longest text of a warning, in characters.
const LONGEST: usize = 10_000;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Only a warning.
    Warn,
    /// Sign-in is switched off.
    Disable,
    /// All media are hidden behind a warning.
    Sensitize,
    /// Shown to its followers only.
    Silence,
    /// Shut out, and nothing of it is shown.
    Suspend,
}

impl Measure {
    const ALL: [Self; 5] =
        [Self::Warn, Self::Disable, Self::Sensitize, Self::Silence, Self::Suspend];

    /// Its name, Mastodon's.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Warn => "none",
            Self::Disable => "disable",
            Self::Sensitize => "sensitive",
            Self::Silence => "silence",
            Self::Suspend => "suspend",
        }
    }

    /// The measure of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.name() == text)
    }
}

/// What staff wants done about an account.
#[derive(Clone, Debug)]
pub struct Action {
    /// What.
    pub measure: Measure,
    /// The report that led to it.
    pub report: Option<i64>,
    /// What its owner is told.
    pub text: String,
}

/// Does it.
///
/// # Errors
/// [`AppError::NotFound`] for an unknown account or report, [`AppError::Forbidden`] for an equal or better
/// role, [`AppError::Invalid`] for an overlong text, or sign-in of another server's account.
pub async fn act(app: &Arc<App>, staff: &Me, id: AccountId, action: Action) -> Result<()> {
    if action.text.chars().count() > LONGEST {
        return Err(AppError::invalid(format!("Text is longer than {LONGEST} characters")));
    }
    let (context, staff) = (app.clone(), staff.clone());
    let mut events = app
        .write(move |conn| {
            Box::pin(async move {
                let found = view(conn, id).await?;
                check_rank(&staff, found.user.as_ref())?;
                let report = report_about(conn, id, action.report).await?;
                perform(&context, conn, &found, action.measure).await?;
                settle(&context, conn, &staff, &found, (&action, report.as_ref())).await?;
                warn(&context, conn, &staff, &found, (&action, report.as_ref())).await
            })
        })
        .await?;
    events.push(Event::AccessChanged { account: id });
    app.publish(events).await;
    Ok(())
}

async fn report_about(
    conn: &mut Conn,
    about: AccountId,
    id: Option<i64>,
) -> Result<Option<Report>> {
    let Some(id) = id else { return Ok(None) };
    let found = reports::by_ids(conn, &[id]).await?.into_iter().next();
    found.filter(|report| report.target_id == about).ok_or(AppError::NotFound).map(Some)
}

async fn perform(app: &App, conn: &mut Conn, found: &StaffView, measure: Measure) -> Result<()> {
    let (id, now) = (found.account.id, app.now());
    match measure {
        Measure::Warn => {}
        Measure::Disable if found.user.is_none() => {
            return Err(AppError::invalid("Type only works for accounts of this server"));
        }
        Measure::Disable => staff_accounts::set_disabled(conn, id, true).await?,
        Measure::Sensitize => staff_accounts::set_sensitized(conn, id, Some(now)).await?,
        Measure::Silence => staff_accounts::set_silenced(conn, id, Some(now)).await?,
        Measure::Suspend => crate::accounts::set_suspended(app, conn, &found.account, true).await?,
    }
    Ok(())
}

/// A warning settles its own report; a deed settles all reports about the account.
async fn settle(
    app: &App,
    conn: &mut Conn,
    staff: &Me,
    found: &StaffView,
    (action, report): (&Action, Option<&Report>),
) -> Result<()> {
    let (by, now) = (staff.id(), app.now());
    if action.measure != Measure::Warn {
        return Ok(reports::close_all(conn, found.account.id, by, now).await?);
    }
    let Some(report) = report else { return Ok(()) };
    let closed = Report {
        action_taken_at: report.action_taken_at.or(Some(now)),
        closed_by: report.closed_by.or(Some(by)),
        updated_at: Some(now),
        ..report.clone()
    };
    Ok(reports::update(conn, &closed).await?)
}

/// Keeps what was done, and tells the owner, unless they are shut out and cannot read it.
async fn warn(
    app: &App,
    conn: &mut Conn,
    staff: &Me,
    found: &StaffView,
    (action, report): (&Action, Option<&Report>),
) -> Result<Vec<Event>> {
    let warning = Warning {
        id: app.ids.next(),
        account_id: staff.id(),
        target_id: found.account.id,
        action: action.measure.name().to_owned(),
        text: action.text.clone(),
        report_id: action.report,
        status_ids: report.map_or_else(|| "[]".to_owned(), |report| report.status_ids.clone()),
        created_at: app.now(),
    };
    warnings::insert(conn, &warning).await?;
    let is_told = found.user.is_some()
        && !matches!(action.measure, Measure::Suspend | Measure::Disable)
        && (action.measure != Measure::Warn || !action.text.is_empty());
    if !is_told {
        return Ok(Vec::new());
    }
    let cause = Cause {
        to: found.account.id,
        from: found.account.id,
        kind: NotificationKind::Warning,
        status: None,
        report: Some(warning.id),
    };
    notify(app, conn, cause).await
}
