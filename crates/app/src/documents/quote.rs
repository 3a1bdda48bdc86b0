//! A local author's permission for a quote, as its server and others check it (FEP-044f).

use std::sync::Arc;

use activitypub::{QuoteStamp, build};
use domain::StatusId;
use domain::account::Account;
use store::quotes::{self, State};
use store::{Conn, accounts, statuses};

use super::{Answer, Asker};
use crate::represent::uri;
use crate::{App, AppError, Result};

/// The permission for this status to quote one of the account's. The asker must be able to see both.
pub(super) async fn stamp(
    app: &Arc<App>,
    account: Account,
    asker: &Asker,
    quoting: StatusId,
) -> Result<Answer> {
    let (context, viewer) = (app.clone(), asker.viewer());
    let stamp = app
        .read(move |conn| {
            Box::pin(async move {
                let urls = &context.urls;
                let id = urls.quote_stamp(&account, quoting);
                let status = statuses::visible_by_id(conn, quoting, viewer).await?;
                let status = status.ok_or(AppError::NotFound)?;
                let author = accounts::by_id(conn, status.account_id).await?;
                let author = author.ok_or(AppError::NotFound)?;
                let quoted = match status.quote_of.filter(|_| author.is_local()) {
                    // Between people here the rule is asked when the quote is written.
                    Some(quoted) => quoted,
                    None => confirmed(conn, quoting, &id).await?.ok_or(AppError::NotFound)?,
                };
                let quoted = statuses::visible_by_id(conn, quoted, viewer).await?;
                let quoted = quoted.filter(|quoted| {
                    quoted.account_id == account.id && status.account_id != account.id
                });
                Ok::<_, AppError>(QuoteStamp {
                    attributed_to: uri(&urls.actor(&account))?,
                    interacting_object: uri(&urls.status_uri(&status, &author))?,
                    interaction_target: uri(
                        &urls.status_uri(&quoted.ok_or(AppError::NotFound)?, &account)
                    )?,
                    id: uri(&id)?,
                })
            })
        })
        .await?;
    Ok(asker.document(build::quote_stamp(&stamp)))
}

/// What this status quotes by this permission, while it holds.
async fn confirmed(conn: &mut Conn, quoting: StatusId, stamp: &str) -> Result<Option<StatusId>> {
    let quote = quotes::of(conn, quoting).await?;
    let quote = quote
        .filter(|quote| quote.state == State::Accepted && quote.stamp.as_deref() == Some(stamp));
    Ok(quote.and_then(|quote| quote.quoted))
}
