//! Who may quote one's status, and taking back a quote that stands (FEP-044f).

use std::sync::Arc;

use domain::StatusId;
use domain::account::Account;
use domain::event::Event;
use domain::status::Status;
use store::quotes::{self, Quote, State};
use store::statuses::{self, StatusView};
use store::{Conn, accounts};

use super::post::check_quote_policy;
use crate::access::Me;
use crate::jobs::tell_streams_again;
use crate::remote::set_quote_state;
use crate::{App, AppError, Result, delivery};

/// Says who may quote a status of one's own from now on; `None` follows one's settings. Quotes that
/// stand are left alone.
///
/// # Errors
/// [`AppError::NotFound`] when it is absent or somebody else's, [`AppError::Invalid`] for a name that
/// is no policy.
pub async fn set_quote_policy(
    app: &Arc<App>,
    me: &Me,
    id: StatusId,
    policy: Option<String>,
) -> Result<StatusView> {
    let policy = policy.unwrap_or_else(|| me.user.default_quote_policy.clone());
    check_quote_policy(&policy)?;
    let (context, author) = (app.clone(), me.id());
    let (view, events) = app
        .write(move |conn| {
            Box::pin(async move {
                let app = context.as_ref();
                let status = statuses::locked(conn, id).await?.ok_or(AppError::NotFound)?;
                if status.account_id != author || status.boost_of.is_some() {
                    return Err(AppError::NotFound);
                }
                let mut events = Vec::new();
                if status.quote_policy != policy {
                    quotes::set_policy(conn, id, &policy).await?;
                    delivery::edited(app, conn, id).await?;
                    events = tell_streams_again(app, conn, id).await?;
                }
                let view = statuses::hydrate_one(conn, id, Some(author)).await?;
                Ok((view.ok_or(AppError::NotFound)?, events))
            })
        })
        .await?;
    app.publish(events).await;
    Ok(view)
}

/// Takes back that a status may quote one of one's own. The answer is the status that quoted.
///
/// # Errors
/// [`AppError::NotFound`] when there is no such quote or it cannot be seen, [`AppError::Forbidden`] when
/// the quoted status is somebody else's.
pub async fn revoke_quote(
    app: &Arc<App>,
    me: &Me,
    quoted: StatusId,
    quoting: StatusId,
) -> Result<StatusView> {
    let (context, me) = (app.clone(), me.account.clone());
    let (view, events) = app
        .write(move |conn| {
            Box::pin(async move {
                let app = context.as_ref();
                let viewer = Some(me.id);
                let status = statuses::visible_by_id(conn, quoted, viewer).await?;
                let status = status.ok_or(AppError::NotFound)?;
                let quoting = statuses::visible_by_id(conn, quoting, viewer).await?;
                let quoting = quoting.ok_or(AppError::NotFound)?;
                let quote = standing(app, conn, (&status, &me), &quoting).await?;
                let quote = quote.ok_or(AppError::NotFound)?;
                if status.account_id != me.id {
                    return Err(AppError::not_allowed());
                }
                let events = if quote.state == State::Revoked {
                    Vec::new()
                } else {
                    revoke(app, conn, &me, &quoting, quote).await?
                };
                let view = statuses::hydrate_one(conn, quoting.id, viewer).await?;
                Ok((view.ok_or(AppError::NotFound)?, events))
            })
        })
        .await?;
    app.publish(events).await;
    Ok(view)
}

/// The quote by which one status quotes another. Between people of this server it has no row: the rule
/// was asked when it was written.
async fn standing(
    app: &App,
    conn: &mut Conn,
    (quoted, author): (&Status, &Account),
    quoting: &Status,
) -> Result<Option<Quote>> {
    if let Some(quote) = quotes::of(conn, quoting.id).await? {
        return Ok(Some(quote).filter(|quote| quote.quoted == Some(quoted.id)));
    }
    Ok((quoting.quote_of == Some(quoted.id)).then(|| Quote {
        status: quoting.id,
        quoted_uri: app.urls.status_uri(quoted, author),
        quoted: Some(quoted.id),
        state: State::Accepted,
        stamp: Some(app.urls.quote_stamp(author, quoting.id)),
        request: None,
        created_at: quoting.created_at,
    }))
}

async fn revoke(
    app: &App,
    conn: &mut Conn,
    me: &Account,
    quoting: &Status,
    quote: Quote,
) -> Result<Vec<Event>> {
    let stamp = quote.stamp.clone();
    set_quote_state(conn, quote, State::Revoked).await?;
    let author = accounts::by_id(conn, quoting.account_id).await?;
    if let Some(stamp) = stamp {
        delivery::quote_revoked(app, conn, me, quoting.account_id, &stamp).await?;
    }
    if author.is_some_and(|author| author.is_local()) {
        delivery::edited(app, conn, quoting.id).await?;
    }
    tell_streams_again(app, conn, quoting.id).await
}
