//! Makes a notification, unless the receiver does not want it. Runs in the transaction that caused
//! it; running twice makes one.

use domain::event::Event;
use domain::notification::{Notification, NotificationKind, Verdict};
use domain::time::HOUR;
use domain::{AccountId, NotificationId, StatusId};
use store::{Conn, notifications, relations, statuses, users};

use super::policy;
use crate::{App, Result};

/// What happened, and whom it concerns.
#[derive(Clone, Copy, Debug)]
pub struct Cause {
    /// Who is to be told.
    pub to: AccountId,
    /// Who did it.
    pub from: AccountId,
    /// What.
    pub kind: NotificationKind,
    /// To which status.
    pub status: Option<StatusId>,
    /// In which report.
    pub report: Option<i64>,
}

/// Tells a local user what happened. Nobody is told of their own doing (except that a poll ended),
/// of what an account does that they block or mute, or of what happens in a muted conversation.
pub(crate) async fn notify(app: &App, conn: &mut Conn, cause: Cause) -> Result<Vec<Event>> {
    let is_own = matches!(cause.kind, NotificationKind::Poll | NotificationKind::Warning);
    if cause.to == cause.from && !is_own {
        return Ok(Vec::new());
    }
    let Some(user) = users::by_account(conn, cause.to).await? else { return Ok(Vec::new()) };
    if !is_wanted(app, conn, cause).await? {
        return Ok(Vec::new());
    }
    let id: NotificationId = app.ids.next();
    let mut new = Notification {
        id,
        account_id: cause.to,
        from_account_id: cause.from,
        kind: cause.kind,
        status_id: cause.status,
        report_id: cause.report,
        group_key: group_key(app, id, cause),
        filtered: false,
        created_at: app.now(),
    };
    let status = match cause.status {
        Some(id) => statuses::by_id(conn, id).await?,
        None => None,
    };
    new.filtered = match policy::judge(app, conn, &new, status.as_ref()).await? {
        Verdict::Accept => false,
        Verdict::Filter => true,
        Verdict::Drop => return Ok(Vec::new()),
    };
    if !notifications::insert(conn, &new).await? || new.filtered {
        return Ok(Vec::new());
    }
    crate::push::queue(app, conn, &new).await?;
    crate::mail::queue_notification(app, conn, &new, &user).await?;
    Ok(vec![Event::Notified { account: cause.to, notification: new.id }])
}

async fn is_wanted(app: &App, conn: &mut Conn, cause: Cause) -> Result<bool> {
    if cause.to == cause.from {
        return Ok(true);
    }
    let relation = relations::relations(conn, cause.to, &[cause.from], app.now()).await?;
    if relation
        .iter()
        .any(|(_, r)| r.blocking || r.blocked_by || r.muting == Some(true) || r.domain_blocking)
    {
        return Ok(false);
    }
    let Some(id) = cause.status else { return Ok(true) };
    let Some(status) = statuses::by_id(conn, id).await? else { return Ok(false) };
    if statuses::visible_of(conn, &[id], Some(cause.to)).await?.is_empty() {
        return Ok(false);
    }
    Ok(!notifications::conversation_is_muted(conn, cause.to, status.conversation_id).await?)
}

/// Favourites and boosts of one status, and follows, are shown together when they happen within
/// twelve hours; everything else alone.
fn group_key(app: &App, id: NotificationId, cause: Cause) -> String {
    let bucket = app.now().0 / (12 * HOUR);
    match (cause.kind, cause.status) {
        (NotificationKind::Favourite | NotificationKind::Boost, Some(status)) => {
            format!("{}-{status}-{bucket}", cause.kind.name())
        }
        (NotificationKind::Follow | NotificationKind::SignUp, _) => {
            format!("{}-{bucket}", cause.kind.name())
        }
        _ => format!("ungrouped-{id}"),
    }
}
