//! Cursors over ascending row ids, as `max_id`, `since_id` and `min_id` mean them.

use crate::engine::{Conn, FromRow, Result, Sql, Value};

/// A stretch of a list. Rows always come newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Only rows below this id.
    pub below: i64,
    /// Only rows above this id.
    pub above: i64,
    /// How many at most.
    pub limit: i64,
    /// Take the rows nearest to `above` instead of the newest (`min_id`).
    pub from_oldest: bool,
}

impl Page {
    /// The newest `limit` rows.
    #[must_use]
    pub fn newest(limit: i64) -> Self {
        Self { below: i64::MAX, above: 0, limit, from_oldest: false }
    }

    /// Runs the fitting one of two statements that differ only in their order. Both take the
    /// subject, below, above and limit as `?1` to `?4`, and then `more`.
    pub(crate) async fn rows<T: FromRow>(
        &self,
        conn: &mut Conn,
        statements: (&'static Sql, &'static Sql),
        subject: impl Into<Value>,
        more: &[Value],
    ) -> Result<Vec<T>> {
        let mut args: Vec<Value> =
            vec![subject.into(), self.below.into(), self.above.into(), self.limit.into()];
        args.extend_from_slice(more);
        let (newest, oldest) = statements;
        let mut rows = conn.query(if self.from_oldest { oldest } else { newest }, &args).await?;
        if self.from_oldest {
            rows.reverse();
        }
        Ok(rows)
    }
}

impl Page {
    /// The same for lists without a subject, whose statements take below, above and limit.
    pub(crate) async fn of_all<T: FromRow>(
        &self,
        conn: &mut Conn,
        (newest, oldest): (&'static Sql, &'static Sql),
    ) -> Result<Vec<T>> {
        let args: [Value; 3] = [self.below.into(), self.above.into(), self.limit.into()];
        let mut rows = conn.query(if self.from_oldest { oldest } else { newest }, &args).await?;
        if self.from_oldest {
            rows.reverse();
        }
        Ok(rows)
    }
}

/// A row of a list whose cursor is not the entity's own id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    /// What the cursor compares: the id of the favourite, follow, block, ….
    pub cursor: i64,
    /// What is listed.
    pub item: T,
}

impl<T: crate::Column> FromRow for Listed<T> {
    fn from_row(row: &mut crate::Row<'_>) -> Result<Self> {
        Ok(Self { cursor: row.get()?, item: row.get()? })
    }
}
