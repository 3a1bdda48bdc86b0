//! Whether what came back is what was saved: files by their hashes, the database by its own check and
//! by its rows, keys by whether they sign.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::AccountId;
use store::actor_keys::{self, LocalKey};
use store::{Conn, Store, StoreError, settings};

use crate::manifest::Manifest;
use crate::{BackupError, Result};

/// Says whether a key pair signs, in words when it does not. What keys are for is not known here.
pub type KeyCheck = Arc<dyn Fn(&LocalKey) -> std::result::Result<(), String> + Send + Sync>;

/// Keys that are looked at in one go.
const SLICE: i64 = 100;
/// Complaints that are collected.
const MOST: usize = 50;

/// What is wrong with an SQLite file that came back.
pub(crate) fn sqlite(path: &Path, manifest: &Manifest) -> Result<Vec<String>> {
    let problems = store::snapshot::problems_of_sqlite(path)?;
    if !problems.is_empty() {
        return Ok(problems.into_iter().map(|problem| format!("database: {problem}")).collect());
    }
    Ok(manifest.differences(&store::snapshot::count_sqlite(path)?))
}

/// What is wrong with a PostgreSQL database that came back.
pub(crate) async fn postgres(store: &Store, manifest: &Manifest) -> Result<Vec<String>> {
    Ok(manifest.differences(&store.row_counts().await?))
}

/// How many keys sign, and those that do not, of local accounts and of the server's own actor.
///
/// # Errors
/// [`BackupError::Store`].
pub async fn keys(store: &Store, check: &KeyCheck) -> Result<(u64, Vec<String>)> {
    let (mut after, mut good, mut problems) = (AccountId(0), 0, Vec::new());
    let mut judge = |key: &LocalKey| match check(key) {
        Ok(()) => good += 1,
        Err(why) if problems.len() < MOST => problems.push(format!("{}: {why}", key.key_id)),
        Err(_) => {}
    };
    if let Some(key) = store.read(|conn| Box::pin(instance_key(conn))).await? {
        judge(&key);
    }
    loop {
        let slice = store
            .read(move |conn| {
                Box::pin(async move { actor_keys::all_local(conn, after, SLICE).await })
            })
            .await
            .map_err(|error: StoreError| BackupError::Store(error))?;
        let Some((last, _)) = slice.last() else { return Ok((good, problems)) };
        after = *last;
        slice.iter().for_each(|(_, key)| judge(key));
    }
}

/// The key of the server's own actor. None before anything was signed with it. What cannot be read as a
/// key is one that does not sign, and is called so by whoever tries.
async fn instance_key(conn: &mut Conn) -> Result<Option<LocalKey>> {
    let private = settings::get(conn, settings::INSTANCE_PRIVATE).await?;
    let public = settings::get(conn, settings::INSTANCE_PUBLIC).await?;
    let (private, public_pem) = match (private, public) {
        (None, None) => return Ok(None),
        (private, public) => (private.unwrap_or_default(), public.unwrap_or_default()),
    };
    let private = STANDARD.decode(private).unwrap_or_default();
    Ok(Some(LocalKey { key_id: "the server's own actor".into(), public_pem, private }))
}
