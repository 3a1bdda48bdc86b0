//! Passwords: argon2id, 19 MiB and two passes, at most two at once (A04).

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

use domain::AccountId;
use domain::event::Event;
use store::users;

use super::authenticate::Me;
use super::limits::{self, Limited};
use super::session::{SignedIn, Whence, begin, end_all, still_counts};
use crate::jobs::{self, Job};
use crate::mail::Notice;
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
        make(&password, &salt)
            .map(|hash| hash.to_string())
            .ok_or_else(|| AppError::Internal("a password could not be hashed".into()))
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
        known & fits(&password, &text)
    })
    .await
}

/// Gives an account another password: all its tokens, sessions and mail links end (A03, A12). Its owner
/// is told by mail.
///
/// # Errors
/// [`AppError::Invalid`] for a password that cannot be taken.
pub async fn set(app: &App, account: AccountId, password: String) -> Result<()> {
    replace(app, account, None, password).await
}

/// The same, as long as the password is the one that `old` was found to have, if it is given.
async fn replace(app: &App, account: AccountId, old: Option<Me>, password: String) -> Result<()> {
    check(&password)?;
    let hash = hash(app, password).await?;
    let now = app.now();
    let told = jobs::ready(app, &Job::MailNotice { account, notice: Notice::PasswordChanged })?;
    app.write(move |conn| {
        Box::pin(async move {
            if let Some(me) = old
                && !still_counts(conn, &me).await?
            {
                return Err(wrong());
            }
            users::set_password(conn, account, &hash).await?;
            end_all(conn, account, now).await?;
            told.queue(conn, now).await
        })
    })
    .await?;
    app.publish(vec![Event::AccessChanged { account }]).await;
    Ok(())
}

/// Somebody who is signed in chooses another password. Everything ends but this browser, which goes on
/// with a new session.
///
/// # Errors
/// [`AppError::Invalid`] when the old password is wrong or the new one cannot be taken; the inner one
/// after too many tries.
pub async fn change(
    app: &App,
    me: &Me,
    old: String,
    new: String,
    from: Whence,
) -> Result<Result<SignedIn, Limited>> {
    if let Err(limited) = confirm(app, me, old, &from).await? {
        return Ok(Err(limited));
    }
    replace(app, me.id(), Some(me.clone()), new).await?;
    Ok(Ok(begin(app, me.id(), from).await?))
}

/// Makes sure that whoever sits at a signed-in browser knows the password, before something that a
/// thief would do.
///
/// # Errors
/// [`AppError::Invalid`] when it is wrong; the inner one after too many tries.
pub async fn confirm(
    app: &App,
    me: &Me,
    password: String,
    from: &Whence,
) -> Result<Result<(), Limited>> {
    let counted = limits::password_change_from(app, from.address)
        .and_then(|()| limits::password_change_of(app, me.id()));
    if let Err(limited) = counted {
        return Ok(Err(limited));
    }
    if verify(app, password, me.user.password_hash.clone()).await? {
        return Ok(Ok(()));
    }
    Err(wrong())
}

fn wrong() -> AppError {
    AppError::invalid("Current password is wrong")
}

/// Bytes of the allocation that holds the memory of one computation. glibc keeps what it was given
/// back below 32 MiB for later, once for each thread; above, it returns it to the system at once.
/// What is not touched of it costs nothing.
const ALLOCATION: usize = 33 * 1024 * 1024;

/// One computation, in memory that is gone afterwards.
fn compute(password: &str, salt: &[u8], version: Version, params: Params) -> Option<Output> {
    let mut memory: Vec<Block> = Vec::with_capacity(ALLOCATION / size_of::<Block>());
    memory.resize(params.block_count(), Block::default());
    let mut output = [0_u8; Params::DEFAULT_OUTPUT_LEN];
    Argon2::new(Algorithm::Argon2id, version, params)
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut output, &mut memory)
        .ok()?;
    Output::new(&output).ok()
}

fn make(password: &str, salt: &[u8]) -> Option<PasswordHash> {
    let (version, params) = (Version::default(), Params::default());
    Some(PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(version.into()),
        params: ParamsString::try_from(&params).ok()?,
        salt: Some(Salt::new(salt).ok()?),
        hash: Some(compute(password, salt, version, params)?),
    })
}

/// Whether a password gives this hash. Outputs are compared in constant time.
fn fits(password: &str, stored: &str) -> bool {
    let computed = || {
        let hash = PasswordHash::new(stored).ok()?;
        if hash.algorithm != Algorithm::Argon2id.ident() {
            return None;
        }
        let version =
            hash.version.and_then(|version| Version::try_from(version).ok()).unwrap_or_default();
        let params = Params::try_from(&hash).ok()?;
        Some(compute(password, hash.salt?.as_ref(), version, params)? == hash.hash?)
    };
    computed().unwrap_or(false)
}

/// Waits for one of the two places and works in a thread. The place is the thread's: a client that
/// goes away meanwhile does not free it.
async fn in_turn<T: Send + 'static>(
    app: &App,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let lost = |_| AppError::Internal("password work was interrupted".into());
    let place = app.password_slots.clone().acquire_owned().await;
    let place = place.map_err(|_| AppError::Internal("stopping".into()))?;
    tokio::task::spawn_blocking(move || {
        let result = work();
        drop(place);
        result
    })
    .await
    .map_err(lost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a09_the_hash_of_nobody_costs_what_a_real_one_costs() {
        let hash = PasswordHash::new(NOBODY).unwrap();
        let real = make("password1", &[7; 16]).unwrap();
        assert_eq!(hash.algorithm, real.algorithm);
        assert_eq!(hash.version, real.version);
        assert_eq!(hash.params.to_string(), real.params.to_string());
        let length = |hash: &PasswordHash| hash.hash.as_ref().map(|output| output.len());
        assert_eq!(length(&hash), length(&real));
        // Without a salt and an output, verifying would stop before the work.
        assert!(hash.salt.is_some());
        assert!(!fits("password1", NOBODY));
    }

    #[test]
    fn a04_passwords_cost_19_mib_and_two_passes() {
        let hash = make("password1", &[7; 16]).unwrap().to_string();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(fits("password1", &hash));
        assert!(!fits("password2", &hash));
        assert!(!fits("password1", "nonsense"));
    }

    #[test]
    fn hashes_are_those_that_every_argon2_makes() {
        use argon2::PasswordVerifier;
        let hash = make("password1", &[7; 16]).unwrap().to_string();
        Argon2::default().verify_password(b"password1", hash.as_str()).unwrap();
    }
}
