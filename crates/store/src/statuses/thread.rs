//! Ancestors and descendants of a status: bounded, and filtered for the viewer.

use std::collections::{HashMap, HashSet};

use domain::{AccountId, StatusId, Timestamp};

use crate::engine::{Conn, Result};
use crate::{args, statements, visible_to, wanted_by};

statements! {
    ANCESTORS = "WITH RECURSIVE up (id, parent, depth) AS ( \
        SELECT s.id, s.in_reply_to_id, 0 FROM statuses s WHERE s.id = ?1 \
        UNION ALL SELECT s.id, s.in_reply_to_id, up.depth + 1 FROM statuses s JOIN up ON s.id = up.parent WHERE up.depth < ?2) \
        SELECT id FROM up WHERE depth > 0 ORDER BY depth DESC";
    DESCENDANTS = "WITH RECURSIVE down (id, parent, account_id, depth) AS ( \
        SELECT s.id, s.in_reply_to_id, s.account_id, 0 FROM statuses s WHERE s.id = ?1 \
        UNION ALL SELECT s.id, s.in_reply_to_id, s.account_id, down.depth + 1 FROM statuses s JOIN down ON s.in_reply_to_id = down.id \
        WHERE down.depth < ?2) \
        SELECT id, parent, account_id FROM down WHERE depth > 0 ORDER BY depth, id LIMIT ?3";
    WANTED = concat!("SELECT s.id FROM statuses s WHERE s.id IN_LIST(?1) AND ", visible_to!("s", "?2"), " AND ",
        wanted_by!("s", "?2", "?3"));
}

/// The statuses above one, from the root down, that the viewer may and wants to see.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn ancestors(
    conn: &mut Conn,
    of: StatusId,
    viewer: Option<AccountId>,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<StatusId>> {
    let ids: Vec<StatusId> = conn.column(&ANCESTORS, args![of, limit]).await?;
    let wanted = wanted(conn, &ids, viewer, now).await?;
    Ok(ids.into_iter().filter(|id| wanted.contains(id)).collect())
}

/// The statuses below one, depth first, the author's own answers before others', that the viewer
/// may and wants to see.
///
/// # Errors
/// [`crate::StoreError`] of the engine.
pub async fn descendants(
    conn: &mut Conn,
    of: (StatusId, AccountId),
    viewer: Option<AccountId>,
    (depth, limit): (i64, i64),
    now: Timestamp,
) -> Result<Vec<StatusId>> {
    let rows: Vec<(StatusId, StatusId, AccountId)> =
        conn.query(&DESCENDANTS, args![of.0, depth, limit]).await?;
    let ids: Vec<StatusId> = rows.iter().map(|(id, _, _)| *id).collect();
    let wanted = wanted(conn, &ids, viewer, now).await?;
    let mut children: HashMap<StatusId, Vec<(StatusId, AccountId)>> = HashMap::new();
    for (id, above, by) in rows {
        children.entry(above).or_default().push((id, by));
    }
    let mut ordered = Vec::with_capacity(ids.len());
    let mut waiting = vec![of];
    while let Some((status, author)) = waiting.pop() {
        if status != of.0 && wanted.contains(&status) {
            ordered.push(status);
        }
        let mut below = children.remove(&status).unwrap_or_default();
        below.sort_by_key(|(id, by)| (*by != author, *id));
        waiting.extend(below.into_iter().rev());
    }
    Ok(ordered)
}

async fn wanted(
    conn: &mut Conn,
    ids: &[StatusId],
    viewer: Option<AccountId>,
    now: Timestamp,
) -> Result<HashSet<StatusId>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    Ok(conn
        .column(&WANTED, args![ids, viewer.map_or(0, |id| id.0), now])
        .await?
        .into_iter()
        .collect())
}
