//! Passwords: argon2id, 19 MiB and two passes, at most two at once (A04).

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};

use domain::AccountId;
use domain::event::Event;
use store::users;

use super::session::end_all;
use crate::{App, AppError, Result};

/// The shortest password accepted, in characters.
pub const SHORTEST: usize = 8;
/// The longest, in bytes: more than anybody types, less than what costs time to hash.
pub const LONGEST: usize = 1024;

/// A hash in the right form that no password gives: checking against it takes as long as against a
/// real one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$dHVza2xpbmctbm9ib2R5$\
                      2VZkq1nGQ0m1m3l5S5bq0pX2b1u8fM9cQv4hC3o0eXk";

/// Checks the length of a new password.
///
/// # Errors
/// [`AppError::Invalid`].
pub fn check(password: &str) -> Result<()> {
    if password.chars().count() < SHORTEST {
        return Err(AppError::invalid(format!(
            "Password is too short (minimum is {SHORTEST} characters)"
        )));
    }
    if password.len() > LONGEST {
        return Err(AppError::invalid(format!(
            "Password is too long (maximum is {LONGEST} bytes)"
        )));
    }
    Ok(())
}

/// Hashes a password, in a thread of its own and when it is its turn.
///
/// # Errors
/// [`AppError::Internal`] when hashing fails.
pub async fn hash(app: &App, password: String) -> Result<String> {
    let mut salt = [0_u8; 16];
    app.random.fill(&mut salt);
    in_turn(app, move || {
        Argon2::default()
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map(|hash| hash.to_string())
            .map_err(|error| AppError::Internal(format!("a password could not be hashed: {error}")))
    })
    .await?
}

/// Whether a password fits a stored hash. Without a hash it takes as long and is false, so that
/// time does not tell whether an account exists (A09).
///
/// # Errors
/// [`AppError::Internal`] when the thread is lost.
pub async fn verify(app: &App, password: String, stored: Option<String>) -> Result<bool> {
    if password.len() > LONGEST {
        return Ok(false);
    }
    in_turn(app, move || {
        let known = stored.is_some();
        let text = stored.unwrap_or_else(|| NOBODY.to_owned());
        let fits = PasswordHash::new(&text).is_ok_and(|hash| {
            Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
        });
        known && fits
    })
    .await
}

/// Gives an account another password: all its tokens, sessions and mail links end (A03, A12).
///
/// # Errors
/// [`AppError::Invalid`] for a password that cannot be taken.
pub async fn set(app: &App, account: AccountId, password: String) -> Result<()> {
    check(&password)?;
    let hash = hash(app, password).await?;
    let now = app.now();
    app.write(move |conn| {
        Box::pin(async move {
            users::set_password(conn, account, &hash).await?;
            end_all(conn, account, now).await
        })
    })
    .await?;
    app.publish(vec![Event::AccessChanged { account }]).await;
    Ok(())
}

async fn in_turn<T: Send + 'static>(
    app: &App,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let lost = |_| AppError::Internal("password work was interrupted".into());
    let _turn =
        app.password_slots.acquire().await.map_err(|_| AppError::Internal("stopping".into()))?;
    tokio::task::spawn_blocking(work).await.map_err(lost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a09_the_hash_of_nobody_costs_what_a_real_one_costs() {
        let hash = PasswordHash::new(NOBODY).unwrap();
        let real = Argon2::default().hash_password_with_salt(b"password1", &[7; 16]).unwrap();
        let real = PasswordHash::new(&real.to_string()).unwrap();
        assert_eq!(hash.algorithm, real.algorithm);
        assert_eq!(hash.version, real.version);
        assert_eq!(hash.params.to_string(), real.params.to_string());
        assert_eq!(
            hash.hash.as_ref().map(|output| output.len()),
            real.hash.as_ref().map(|output| output.len())
        );
        assert!(hash.salt.is_some());
        // Without a salt and an output, verifying would stop before the work.
        assert!(Argon2::default().verify_password(b"password1", &hash).is_err());
    }

    #[test]
    fn a04_passwords_cost_19_mib_and_two_passes() {
        let hash = Argon2::default().hash_password_with_salt(b"password1", &[7; 16]).unwrap();
        assert!(hash.to_string().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }
}
