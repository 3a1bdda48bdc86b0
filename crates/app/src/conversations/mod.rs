//! Conversations: threads of direct statuses, one for each set of participants.

use domain::account::Account;
use domain::event::Event;
use domain::status::{Status, Visibility};
use domain::{AccountId, ConversationId, RowId, StatusId};
use store::conversations::{self, Conversation};
use store::statuses::{self, StatusView};
use store::{Conn, Page, accounts};

use crate::{App, AppError, Result};

/// A conversation with everything it shows.
#[derive(Clone, Debug)]
pub struct ConversationView {
    /// Its row.
    pub conversation: Conversation,
    /// Everybody in it but the viewer.
    pub accounts: Vec<Account>,
    /// The newest status, while the viewer may see it.
    pub last_status: Option<StatusView>,
}

/// Notes a direct status in the conversations of its local participants. Running twice is harmless.
pub(crate) async fn record(app: &App, conn: &mut Conn, status: &Status) -> Result<Vec<Event>> {
    if status.visibility != Visibility::Direct || status.boost_of.is_some() {
        return Ok(Vec::new());
    }
    let mut everybody = statuses::mentioned(conn, status.id).await?;
    everybody.push(status.account_id);
    everybody.sort_unstable();
    everybody.dedup();
    let mut events = Vec::new();
    for owner in accounts::by_ids(conn, &everybody).await? {
        // Whom the author blocks, or who blocks the author, is not told.
        if !owner.is_local()
            || !store::streams::is_wanted(conn, status.id, owner.id, app.now()).await?
        {
            continue;
        }
        let new = Conversation {
            id: app.ids.next(),
            thread: status.conversation_id,
            participants: everybody.iter().copied().filter(|id| *id != owner.id).collect(),
            last_status: status.id,
            unread: owner.id != status.account_id,
        };
        if conversations::record(conn, owner.id, &new).await? {
            let conversation = status.conversation_id;
            events.push(Event::Conversation { account: owner.id, conversation });
        }
    }
    Ok(events)
}

/// Somebody's conversations, the one that moved last first.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(app: &App, me: AccountId, page: Page) -> Result<Vec<ConversationView>> {
    app.read(move |conn| {
        Box::pin(async move {
            let rows = conversations::list(conn, me, &page).await?;
            hydrate(conn, rows, me).await
        })
    })
    .await
}

/// Somebody's conversation in a thread that moved last.
///
/// # Errors
/// [`AppError::Store`].
pub async fn of_thread(
    app: &App,
    me: AccountId,
    thread: ConversationId,
) -> Result<Option<ConversationView>> {
    app.read(move |conn| {
        Box::pin(async move {
            let row = conversations::of_thread(conn, me, thread).await?;
            Ok(hydrate(conn, row.into_iter().collect(), me).await?.into_iter().next())
        })
    })
    .await
}

/// Marks a conversation as read or unread.
///
/// # Errors
/// [`AppError::NotFound`] when it is absent or somebody else's.
pub async fn mark(app: &App, me: AccountId, id: RowId, unread: bool) -> Result<ConversationView> {
    app.write(move |conn| {
        Box::pin(async move {
            if !conversations::mark(conn, me, id, unread).await? {
                return Err(AppError::NotFound);
            }
            let row = conversations::own(conn, me, id).await?;
            let views = hydrate(conn, row.into_iter().collect(), me).await?;
            views.into_iter().next().ok_or(AppError::NotFound)
        })
    })
    .await
}

/// Takes a conversation off its owner's list; the statuses stay.
///
/// # Errors
/// [`AppError::NotFound`] when it is absent or somebody else's.
pub async fn remove(app: &App, me: AccountId, id: RowId) -> Result<()> {
    app.write(move |conn| {
        Box::pin(async move {
            if conversations::delete(conn, me, id).await? {
                Ok(())
            } else {
                Err(AppError::NotFound)
            }
        })
    })
    .await
}

async fn hydrate(
    conn: &mut Conn,
    rows: Vec<Conversation>,
    me: AccountId,
) -> Result<Vec<ConversationView>> {
    let ids: Vec<StatusId> = rows.iter().map(|row| row.last_status).collect();
    let visible = statuses::visible_of(conn, &ids, Some(me)).await?;
    let mut views = statuses::hydrate(conn, &visible, Some(me)).await?;
    let mut people: Vec<AccountId> =
        rows.iter().flat_map(|row| row.participants.iter().copied()).collect();
    people.push(me);
    people.sort_unstable();
    people.dedup();
    let known = accounts::in_order(conn, &people).await?;
    let account = |id: &AccountId| known.iter().find(|account| account.id == *id).cloned();
    Ok(rows
        .into_iter()
        .map(|conversation| {
            let mut accounts: Vec<Account> =
                conversation.participants.iter().filter_map(account).collect();
            if conversation.participants.is_empty() {
                // A note to oneself: clients show nobody otherwise.
                accounts.extend(account(&me));
            }
            let at = views.iter().position(|view| view.status.id == conversation.last_status);
            ConversationView {
                accounts,
                last_status: at.map(|at| views.swap_remove(at)),
                conversation,
            }
        })
        .collect())
}
