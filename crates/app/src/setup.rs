//! Becoming the owner of a fresh installation, by a link that works once.

use domain::secret::Secret;
use store::{settings, users};

use crate::{App, Result};

/// Where the hash of the set-up secret is kept.
const SETTING: &str = "setup_secret_hash";

/// A new set-up link, while there is no owner. An older link stops working.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn link(app: &App) -> Result<Option<String>> {
    let secret = Secret::generate(app.random.as_ref());
    let hash = secret.hash();
    let made = app
        .write(move |conn| {
            Box::pin(async move {
                if users::owners(conn).await? > 0 {
                    return Ok::<_, crate::AppError>(false);
                }
                settings::set(conn, SETTING, &hash.0).await?;
                Ok(true)
            })
        })
        .await?;
    Ok(made.then(|| format!("{}/setup?token={}", app.urls.base, secret.reveal())))
}
