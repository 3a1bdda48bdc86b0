//! Which statuses of other servers nobody here has to do with.

use domain::{StatusId, Timestamp};

use crate::engine::{Conn, Result};
use crate::{args, statements};

statements! {
    OLD = "SELECT id FROM statuses WHERE local = false AND boost_of_id IS NULL AND id > ?1 AND id < ?2 ORDER BY id LIMIT ?3";
    UNTOUCHED = "SELECT s.id FROM statuses s WHERE s.id IN_LIST(?1) AND s.local = false \
        AND NOT EXISTS (SELECT 1 FROM late_arrivals l WHERE l.status_id = s.id AND l.arrived_at > ?2) \
        AND NOT EXISTS (SELECT 1 FROM statuses c WHERE c.conversation_id = s.conversation_id AND (c.local = true \
        OR EXISTS (SELECT 1 FROM follows cf JOIN users cu ON cu.account_id = cf.account_id WHERE cf.target_id = c.account_id))) \
        AND NOT EXISTS (SELECT 1 FROM statuses b WHERE b.boost_of_id = s.id AND (b.local = true \
        OR EXISTS (SELECT 1 FROM follows bf JOIN users bu ON bu.account_id = bf.account_id WHERE bf.target_id = b.account_id))) \
        AND NOT EXISTS (SELECT 1 FROM statuses q WHERE q.quote_of_id = s.id) \
        AND NOT EXISTS (SELECT 1 FROM favourites v JOIN users vu ON vu.account_id = v.account_id WHERE v.status_id = s.id) \
        AND NOT EXISTS (SELECT 1 FROM bookmarks k WHERE k.status_id = s.id) \
        AND NOT EXISTS (SELECT 1 FROM pins p WHERE p.status_id = s.id) \
        AND NOT EXISTS (SELECT 1 FROM mentions m JOIN users mu ON mu.account_id = m.account_id WHERE m.status_id = s.id) \
        AND NOT EXISTS (SELECT 1 FROM notifications n WHERE n.status_id = s.id) \
        AND NOT EXISTS (SELECT 1 FROM home_feed h WHERE h.status_id = s.id) \
        AND NOT EXISTS (SELECT 1 FROM filter_statuses fs WHERE fs.status_id = s.id) \
        AND NOT EXISTS (SELECT 1 FROM polls o JOIN poll_votes w ON w.poll_id = o.id JOIN users wu ON wu.account_id = w.account_id WHERE o.status_id = s.id) \
        AND NOT EXISTS (SELECT 1 FROM reports r WHERE r.target_id = s.account_id AND r.action_taken_at IS NULL) ORDER BY s.id";
    ARRIVED = "INSERT INTO late_arrivals (status_id, arrived_at) VALUES (?1, ?2) ON CONFLICT (status_id) DO UPDATE SET arrived_at = excluded.arrived_at";
}

/// Statuses of other servers above one id and below another, the oldest first.
///
/// # Errors
/// [`crate::StoreError`] of the engine, as for every function here.
pub async fn old(
    conn: &mut Conn,
    above: StatusId,
    below: StatusId,
    limit: i64,
) -> Result<Vec<StatusId>> {
    conn.column(&OLD, args![above, below, limit]).await
}

/// Those of these that nobody here has to do with: no follower of anybody in their thread, no answer,
/// boost, quote, favourite, bookmark, vote, mention or notification, in nobody's feed or filter, not
/// reported, and not come here since `arrived_before`.
///
/// # Errors
/// See [`old`].
pub async fn untouched(
    conn: &mut Conn,
    ids: &[StatusId],
    arrived_before: Timestamp,
) -> Result<Vec<StatusId>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    conn.column(&UNTOUCHED, args![ids, arrived_before]).await
}

/// Notes that a status came here long after it was made.
///
/// # Errors
/// See [`old`].
pub async fn note_arrival(conn: &mut Conn, id: StatusId, now: Timestamp) -> Result<()> {
    conn.execute(&ARRIVED, args![id, now]).await.map(|_| ())
}
