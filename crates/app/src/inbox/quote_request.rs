//! QuoteRequest (FEP-044f): somebody elsewhere wants to quote a status of somebody here. The author's
//! policy answers at once; a yes is a stamp, which is the row of the quote itself.

use std::sync::Arc;

use activitypub::{Activity, Object, Uri, Verb};
use domain::StatusId;
use domain::account::Account;
use domain::status::Status;
use store::quotes::{self, Quote, State};
use store::{Conn, relations, statuses};

use super::answer;
use crate::jobs::{self, Job};
use crate::remote::{self, Arrival, Budget, local_quoted};
use crate::{App, AppError, Result};

pub(super) async fn run(
    app: &Arc<App>,
    activity: Activity,
    actor: &Account,
    budget: &mut Budget,
) -> Result<()> {
    let Some(quoted) = activity.object.id().cloned() else { return Ok(()) };
    let (context, who, id) = (app.clone(), actor.id, quoted.as_str().to_owned());
    let found = app
        .read(move |conn| {
            Box::pin(async move {
                let Some((status, author)) = local_quoted(&context, conn, &id).await? else {
                    return Ok(None);
                };
                // Whoever may not see it does not learn that it is there (V02).
                if statuses::visible_by_id(conn, status.id, Some(who)).await?.is_none() {
                    return Ok(None);
                }
                let may = may_quote(&context, conn, &status, &author, who).await?;
                Ok::<_, AppError>(Some((status, author, may)))
            })
        })
        .await?;
    let Some((status, author, may)) = found else { return Ok(()) };
    let quoting = if may { quoting(app, &activity, &quoted, budget).await? } else { None };
    let (context, actor) = (app.clone(), actor.clone());
    app.write(move |conn| {
        Box::pin(async move {
            let app = context.as_ref();
            let asked = answer::named(&activity);
            let Some(quoting) = quoting else {
                return answer::send(app, conn, &author, &actor, Verb::Reject, asked, None).await;
            };
            let stamp = Uri::parse(&app.urls.quote_stamp(&author, quoting))
                .ok_or_else(|| AppError::Internal("this server's own address is none".into()))?;
            allow(app, conn, (quoting, &status), &quoted, &stamp, activity.id.as_ref()).await?;
            answer::send(app, conn, &author, &actor, Verb::Accept, asked, Some(stamp)).await
        })
    })
    .await
}

async fn may_quote(
    app: &App,
    conn: &mut Conn,
    status: &Status,
    author: &Account,
    who: domain::AccountId,
) -> Result<bool> {
    let found = relations::relations(conn, author.id, &[who], app.now()).await?;
    let Some((_, relation)) = found.into_iter().next() else { return Ok(false) };
    let is_unwanted = relation.blocking || relation.blocked_by || relation.domain_blocking;
    Ok(!is_unwanted
        && status.boost_of.is_none()
        && status.visibility.is_open()
        && match status.quote_policy.as_str() {
            "public" => true,
            "followers" => relation.followed_by,
            _ => false,
        })
}

/// The quoting status, kept: it must be the asker's own and quote what it says it quotes.
async fn quoting(
    app: &Arc<App>,
    activity: &Activity,
    quoted: &Uri,
    budget: &mut Budget,
) -> Result<Option<StatusId>> {
    let note = match &activity.instrument {
        Some(Object::Note(note)) => note.clone(),
        Some(Object::Link(id)) if id.same_origin(&activity.actor) => {
            match remote::object(app, id, budget).await? {
                remote::Found::There(Object::Note(note)) => note,
                _ => return Ok(None),
            }
        }
        _ => return Ok(None),
    };
    if note.attributed_to != activity.actor
        || !note.id.same_origin(&activity.actor)
        || note.quote.as_ref() != Some(quoted)
    {
        return Ok(None);
    }
    remote::take(app, note, Arrival::Fetched, budget).await.map(Some)
}

async fn allow(
    app: &App,
    conn: &mut Conn,
    (quoting, status): (StatusId, &Status),
    quoted: &Uri,
    stamp: &Uri,
    request: Option<&Uri>,
) -> Result<()> {
    let before = quotes::of(conn, quoting).await?;
    let was_shown = before.as_ref().is_some_and(|before| before.state == State::Accepted);
    let quote = Quote {
        status: quoting,
        quoted_uri: quoted.as_str().to_owned(),
        quoted: Some(status.id),
        state: State::Accepted,
        stamp: Some(stamp.as_str().to_owned()),
        request: request.map(|id| id.as_str().to_owned()),
        created_at: before.map_or_else(|| app.now(), |before| before.created_at),
    };
    quotes::put(conn, &quote).await?;
    statuses::remote::set_quote(conn, quoting, Some(status.id)).await?;
    if !was_shown {
        statuses::count(conn, status.id, [0, 0, 0, 1]).await?;
        let job = Job::FanOut { status: quoting, edited: false };
        jobs::enqueue(app, conn, &job, app.now()).await?;
    }
    Ok(())
}
