//! The key pair that push services know this server by (RFC 8292): made here once, kept in the
//! database, never shown but for its public half.

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use store::settings;

use crate::{App, AppError, Result};

/// Where the private half is kept: the bare number, base64url, as Web Push tools write it.
const PRIVATE: &str = "vapid_private_key";
/// Where the public half is kept: the uncompressed point, base64url.
const PUBLIC: &str = "vapid_public_key";
/// How often a number is drawn until it is a key; one of 2^32 is not.
const TRIES: usize = 4;

/// This server's public key for web push. The first who asks makes the pair; of several processes
/// one makes it and the others take it.
///
/// # Errors
/// [`AppError::Store`]; [`AppError::Internal`] for a stored key that is none.
pub async fn server_key(app: &App) -> Result<String> {
    let known = app
        .read(|conn| Box::pin(async move { Ok::<_, AppError>(settings::get(conn, PUBLIC).await?) }))
        .await?;
    match known {
        Some(key) => Ok(key),
        None => make(app).await,
    }
}

/// This server's key pair, ready for use.
pub(super) struct Pair {
    /// The bare number.
    pub private: Vec<u8>,
    /// The uncompressed point.
    pub public: Vec<u8>,
}

/// Both halves, made now if there are none.
///
/// # Errors
/// As [`server_key`].
pub(super) async fn pair(app: &App) -> Result<Pair> {
    let public = server_key(app).await?;
    let private = app
        .read(|conn| {
            Box::pin(async move { Ok::<_, AppError>(settings::get(conn, PRIVATE).await?) })
        })
        .await?;
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
    let both = private.as_deref().and_then(decode).zip(decode(&public));
    both.map(|(private, public)| Pair { private, public })
        .ok_or_else(|| AppError::Internal(format!("the setting {PRIVATE} is no key")))
}

/// A private key that is used once, from the random source that was passed in.
///
/// # Errors
/// [`AppError::Internal`] when the source gives none.
pub(super) fn fresh(app: &App) -> Result<PrivateKey> {
    let number = URL_SAFE_NO_PAD.decode(draw(app)?).unwrap_or_default();
    PrivateKey::from_private_key(&ECDH_P256, &number)
        .map_err(|_| AppError::Internal("no key could be made for a push".into()))
}

async fn make(app: &App) -> Result<String> {
    let fresh = draw(app)?;
    app.write(move |conn| {
        Box::pin(async move {
            let private = settings::get_or_set(conn, PRIVATE, &fresh).await?;
            let public = public_of(&private)
                .ok_or_else(|| AppError::Internal(format!("the setting {PRIVATE} is no key")))?;
            settings::set(conn, PUBLIC, &public).await?;
            Ok(public)
        })
    })
    .await
}

/// A private key from the random source that was passed in.
fn draw(app: &App) -> Result<String> {
    let mut number = [0_u8; 32];
    for _ in 0..TRIES {
        app.random.fill(&mut number);
        let private = URL_SAFE_NO_PAD.encode(number);
        if public_of(&private).is_some() {
            return Ok(private);
        }
    }
    Err(AppError::Internal("the random source gives no key for web push".into()))
}

fn public_of(private: &str) -> Option<String> {
    let number = URL_SAFE_NO_PAD.decode(private).ok()?;
    let key = PrivateKey::from_private_key(&ECDH_P256, &number).ok()?;
    Some(URL_SAFE_NO_PAD.encode(key.compute_public_key().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 8291, appendix A: the server's pair.
    #[test]
    fn the_public_half_follows_from_the_private_one() {
        let public = public_of("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw").unwrap();
        assert_eq!(
            public,
            "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
        );
        assert_eq!(
            public_of("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
            None,
            "zero is no key"
        );
        assert_eq!(public_of("short"), None);
    }
}
