//! Keys of local actors: kept in the database, parsed once a process. Rotating one replaces it under
//! the same id; what tells others of it is signed by the old one, which is needed for nothing else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use activitypub::sign::{NewKey, SigningKey, new_key};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::account::Account;
use domain::time::SECOND;
use domain::{AccountId, Timestamp};
use store::actor_keys::{self, LocalKey};
use store::{accounts, settings};

use crate::{App, AppError, Result, delivery, represent};

/// Parsed keys kept in memory. Beyond that all are forgotten: they are parsed again when needed.
const KEPT: usize = 256;
/// How long a parsed key is used without looking whether another process has rotated it.
const TRUSTED: i64 = 2 * SECOND;
/// A key pair, ready to sign.
pub struct Key {
    /// The private half.
    pub signing: SigningKey,
    /// The public half, SPKI in PEM.
    pub public_pem: String,
}

/// Parsed keys by account; the server's own actor is 0.
#[derive(Default)]
pub struct Keys(Mutex<HashMap<i64, Kept>>);

struct Kept {
    key: Arc<Key>,
    checked_at: Timestamp,
}

impl Keys {
    fn with<T>(&self, work: impl FnOnce(&mut HashMap<i64, Kept>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// One that was looked up lately.
    fn trusted(&self, id: i64, now: Timestamp) -> Option<Arc<Key>> {
        self.with(|kept| {
            let kept = kept.get(&id)?;
            (now.since(kept.checked_at).abs() <= TRUSTED).then(|| kept.key.clone())
        })
    }

    /// The one that still is what the database has.
    fn confirmed(&self, id: i64, public_pem: &str, now: Timestamp) -> Option<Arc<Key>> {
        self.with(|kept| {
            let kept = kept.get_mut(&id).filter(|kept| kept.key.public_pem == public_pem)?;
            kept.checked_at = now;
            Some(kept.key.clone())
        })
    }

    fn keep(&self, id: i64, key: &Arc<Key>, now: Timestamp) {
        self.with(|kept| {
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(id, Kept { key: key.clone(), checked_at: now });
        });
    }

    fn forget(&self, id: i64) {
        self.with(|kept| kept.remove(&id));
    }
}

/// The key of a local account, made now if it has none.
///
/// # Errors
/// [`AppError::Internal`] when the library fails, [`AppError::Store`].
pub async fn of_account(app: &App, account: &Account) -> Result<Arc<Key>> {
    if let Some(key) = app.keys.trusted(account.id.0, app.now()) {
        return Ok(key);
    }
    let stored = match stored(app, account.id).await? {
        Some(stored) => stored,
        None => make(app, account).await?,
    };
    remember(app, account.id.0, stored.key_id, &stored.private, stored.public_pem)
}

async fn stored(app: &App, id: AccountId) -> Result<Option<LocalKey>> {
    app.read(move |conn| Box::pin(async move { Ok(actor_keys::local(conn, id).await?) })).await
}

/// Gives a local account a new key. Its followers' servers are told by an Update that the old key
/// signs, so that they know the new one before anything comes with it.
///
/// # Errors
/// [`AppError::Conflict`] when somebody else rotates it at the same moment, else as [`of_account`].
pub async fn rotate(app: &Arc<App>, account: &Account) -> Result<()> {
    of_account(app, account).await?;
    let old = stored(app, account.id).await?.ok_or(AppError::NotFound)?;
    let made = generate().await?;
    let mut described = represent::actor(app, account).await?;
    for key in &mut described.public_keys {
        key.pem.clone_from(&made.public_pem);
    }
    let new =
        LocalKey { key_id: old.key_id.clone(), public_pem: made.public_pem, private: made.private };
    let (context, account) = (app.clone(), account.clone());
    let id = account.id;
    app.write(move |conn| {
        Box::pin(async move {
            let app = context.as_ref();
            if !actor_keys::replace_local(conn, id, &old, &new, app.now()).await? {
                let reason = format!("the key of @{} was just rotated", account.username);
                return Err(AppError::Conflict(reason));
            }
            delivery::key_changed(app, conn, &account, described, old).await
        })
    })
    .await?;
    app.keys.forget(id.0);
    Ok(())
}

/// Gives the server's own actor a new key. Nobody follows it: others ask for the new key when the one
/// they know does not fit.
///
/// # Errors
/// As [`of_account`].
pub async fn rotate_instance(app: &Arc<App>) -> Result<()> {
    let new = generate().await?;
    let private = STANDARD.encode(&new.private);
    app.write(move |conn| {
        Box::pin(async move {
            settings::set(conn, settings::INSTANCE_PRIVATE, &private).await?;
            Ok::<_, AppError>(
                settings::set(conn, settings::INSTANCE_PUBLIC, &new.public_pem).await?,
            )
        })
    })
    .await?;
    app.keys.forget(0);
    Ok(())
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
    if let Some(key) = app.keys.trusted(0, app.now()) {
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
                    if settings::get(conn, settings::INSTANCE_PUBLIC).await?.is_none() {
                        settings::set(conn, settings::INSTANCE_PRIVATE, &private).await?;
                        settings::set(conn, settings::INSTANCE_PUBLIC, &new.public_pem).await?;
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
                let private = settings::get(conn, settings::INSTANCE_PRIVATE).await?;
                Ok::<_, AppError>(
                    private.zip(settings::get(conn, settings::INSTANCE_PUBLIC).await?),
                )
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
    let now = app.now();
    if let Some(key) = app.keys.confirmed(id, &public_pem, now) {
        return Ok(key);
    }
    let signing = SigningKey::from_pkcs8(key_id, private).map_err(|_| broken())?;
    let key = Arc::new(Key { signing, public_pem });
    app.keys.keep(id, &key, now);
    Ok(key)
}

fn broken() -> AppError {
    AppError::Internal(
        "a signing key in the database cannot be read; restore it from a backup".into(),
    )
}
