//! Flag: a report by another server about somebody here, for the staff.

use std::sync::Arc;

use activitypub::Activity;
use domain::StatusId;
use domain::account::Account;
use domain::event::Event;
use domain::notification::NotificationKind;
use store::reports::{self, Report};
use store::{Conn, activity_ids, domain_rules};

use crate::notifications::{Cause, notify};
use crate::remote::local;
use crate::{App, AppError, Result};

/// Longest comment, in characters.
const COMMENT: usize = 1_000;
/// Most objects that are looked at.
const OBJECTS: usize = 100;

pub(super) async fn run(app: &Arc<App>, activity: Activity, actor: &Account) -> Result<()> {
    let (context, actor) = (app.clone(), actor.clone());
    let events = app
        .write(move |conn| Box::pin(async move { write(&context, conn, &activity, &actor).await }))
        .await?;
    app.publish(events).await;
    Ok(())
}

async fn write(
    app: &App,
    conn: &mut Conn,
    activity: &Activity,
    actor: &Account,
) -> Result<Vec<Event>> {
    if domain_rules::rejects_reports(conn, &activity.actor.host()).await? {
        return Ok(Vec::new());
    }
    let (target, statuses) = objects(app, conn, activity).await?;
    let Some(target) = target else { return Ok(Vec::new()) };
    let uri = activity.id.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default();
    if activity_ids::is_reported(conn, actor.id, target.id, &uri).await? {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = statuses.iter().map(ToString::to_string).collect();
    let comment = activity.content.as_deref().unwrap_or_default();
    let report = Report {
        id: app.ids.next(),
        account_id: actor.id,
        target_id: target.id,
        status_ids: serde_json::to_string(&ids)
            .map_err(|error| AppError::Internal(error.to_string()))?,
        rule_ids: "[]".into(),
        category: "other".into(),
        comment: domain::text::plain(comment).chars().take(COMMENT).collect(),
        forwarded: false,
        action_taken_at: None,
        created_at: app.now(),
        assigned_to: None,
        closed_by: None,
        updated_at: None,
    };
    reports::insert(conn, &report).await?;
    activity_ids::set_report(conn, report.id, &uri).await?;
    let mut events = Vec::new();
    for staff in reports::staff(conn).await? {
        let cause = Cause {
            to: staff,
            from: actor.id,
            kind: NotificationKind::Report,
            status: None,
            report: Some(report.id),
        };
        events.extend(notify(app, conn, cause).await?);
    }
    Ok(events)
}

/// The first local account that is named, and those statuses that are its.
async fn objects(
    app: &App,
    conn: &mut Conn,
    activity: &Activity,
) -> Result<(Option<Account>, Vec<StatusId>)> {
    let (mut target, mut found) = (None, Vec::new());
    let own = activity.object.id().into_iter();
    for id in own.chain(&activity.objects).take(OBJECTS) {
        if target.is_none() {
            target = local::local_account(app, conn, id.as_str()).await?;
        }
        found.extend(local::status_at(app, conn, id.as_str()).await?);
    }
    if target.is_none()
        && let Some(first) = found.first()
    {
        target = store::accounts::by_id(conn, first.account_id).await?.filter(Account::is_local);
    }
    let mut ids: Vec<StatusId> = found
        .iter()
        .filter(|status| target.as_ref().is_some_and(|target| target.id == status.account_id))
        .map(|status| status.id)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    Ok((target, ids))
}
