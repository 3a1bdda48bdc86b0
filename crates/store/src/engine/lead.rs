//! One of several processes on a database does something for all of them, as long as it lives.

use deadpool_postgres::ClientWrapper;

use super::{Engine, Result, Store};

/// Held by the process that does it. On PostgreSQL it is a lock of a connection of its own, which the
/// server takes back when the process is gone, however it went; it writes nothing.
pub struct Lead {
    client: Option<ClientWrapper>,
}

impl Store {
    /// Takes the lead in what `number` stands for; `None` while another process has it. On SQLite there
    /// is one process, and it always has it.
    ///
    /// # Errors
    /// [`crate::StoreError`] when the database cannot be reached.
    pub async fn lead(&self, number: i64) -> Result<Option<Lead>> {
        match &self.engine {
            Engine::Sqlite(_) => Ok(Some(Lead { client: None })),
            Engine::Postgres(pool) => {
                let client = pool.lock(number).await?;
                Ok(client.map(|client| Lead { client: Some(client) }))
            }
        }
    }
}

impl Lead {
    /// Whether the connection that holds it is still there.
    pub async fn is_held(&self) -> bool {
        match &self.client {
            Some(client) => client.simple_query("").await.is_ok(),
            None => true,
        }
    }
}
