//! Keys of local actors: made once, kept in the database, parsed once a process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use activitypub::sign::{NewKey, SigningKey, new_key};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::AccountId;
use domain::account::Account;
use store::actor_keys::{self, LocalKey};
use store::{accounts, settings};

use crate::{App, AppError, Result};

/// Parsed keys kept in memory. Beyond that all are forgotten: they are parsed again when needed.
const KEPT: usize = 256;
/// Under which the key of the server's own actor is kept in the settings.
const INSTANCE_PRIVATE: &str = "instance_key_private";
/// Its public half.
const INSTANCE_PUBLIC: &str = "instance_key_public";

/// A key pair, ready to sign.
pub struct Key {
    /// The private half.
    pub signing: SigningKey,
    /// The public half, SPKI in PEM.
    pub public_pem: String,
}

/// Parsed keys by account; the server's own actor is 0.
#[derive(Default)]
pub struct Keys(Mutex<HashMap<i64, Arc<Key>>>);

impl Keys {
    fn get(&self, id: i64) -> Option<Arc<Key>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    fn keep(&self, id: i64, key: &Arc<Key>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(id, key.clone());
    }
}

/// The key of a local account, made now if it has none.
///
/// # Errors
/// [`AppError::Internal`] when the library fails, [`AppError::Store`].
pub async fn of_account(app: &App, account: &Account) -> Result<Arc<Key>> {
    if let Some(key) = app.keys.get(account.id.0) {
        return Ok(key);
    }
    let id = account.id;
    let stored = app
        .read(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(actor_keys::local(conn, id).await?) })
        })
        .await?;
    let stored = match stored {
        Some(stored) => stored,
        None => make(app, account).await?,
    };
    remember(app, id.0, stored.key_id, &stored.private, stored.public_pem)
}

/// Makes the key of a new account, so that it is there when the first server asks. Run by a job.
pub(crate) async fn prepare(app: &App, id: AccountId) -> Result<()> {
    let account = app
        .read(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(accounts::by_id(conn, id).await?) })
        })
        .await?;
    match account.filter(Account::is_local) {
        Some(account) => of_account(app, &account).await.map(|_| ()),
        None => Ok(()),
    }
}

async fn make(app: &App, account: &Account) -> Result<LocalKey> {
    let new = generate().await?;
    let key = LocalKey {
        key_id: format!("{}#main-key", app.urls.actor(account)),
        public_pem: new.public_pem,
        private: new.private,
    };
    let (id, now) = (account.id, app.now());
    // Two that make one at the same time use the one that was kept first.
    app.write(move |conn| {
        Box::pin(async move {
            actor_keys::keep_local(conn, id, &key, now).await?.ok_or(AppError::NotFound)
        })
    })
    .await
}

/// The key of the server's own actor, made now if it has none.
///
/// # Errors
/// As [`of_account`].
pub async fn of_instance(app: &App) -> Result<Arc<Key>> {
    if let Some(key) = app.keys.get(0) {
        return Ok(key);
    }
    let stored = match read_instance(app).await? {
        Some(stored) => stored,
        None => {
            let new = generate().await?;
            let private = STANDARD.encode(&new.private);
            app.write(move |conn| {
                Box::pin(async move {
                    // The two belong together: whoever comes second changes neither.
                    if settings::get(conn, INSTANCE_PUBLIC).await?.is_none() {
                        settings::set(conn, INSTANCE_PRIVATE, &private).await?;
                        settings::set(conn, INSTANCE_PUBLIC, &new.public_pem).await?;
                    }
                    Ok::<_, AppError>(())
                })
            })
            .await?;
            read_instance(app).await?.ok_or_else(broken)?
        }
    };
    let (private, public_pem) = stored;
    remember(app, 0, format!("{}#main-key", app.urls.instance_actor()), &private, public_pem)
}

async fn read_instance(app: &App) -> Result<Option<(Vec<u8>, String)>> {
    let found = app
        .read(|conn| {
            Box::pin(async move {
                let private = settings::get(conn, INSTANCE_PRIVATE).await?;
                Ok::<_, AppError>(private.zip(settings::get(conn, INSTANCE_PUBLIC).await?))
            })
        })
        .await?;
    let Some((private, public_pem)) = found else { return Ok(None) };
    Ok(Some((STANDARD.decode(private).map_err(|_| broken())?, public_pem)))
}

async fn generate() -> Result<NewKey> {
    let made = tokio::task::spawn_blocking(new_key).await;
    made.map_err(|error| AppError::Internal(error.to_string()))?
        .map_err(|error| AppError::Internal(format!("no key could be made: {error}")))
}

fn remember(
    app: &App,
    id: i64,
    key_id: String,
    private: &[u8],
    public_pem: String,
) -> Result<Arc<Key>> {
    let signing = SigningKey::from_pkcs8(key_id, private).map_err(|_| broken())?;
    let key = Arc::new(Key { signing, public_pem });
    app.keys.keep(id, &key);
    Ok(key)
}

fn broken() -> AppError {
    AppError::Internal(
        "a signing key in the database cannot be read; restore it from a backup".into(),
    )
}
