//! Two-factor sign-in: a code beside the password. Switched on by its owner with an app that makes codes,
//! used once each (A05), with recovery codes for the day the app is lost. `security_keys` has what may be used
//! instead of a code.

use std::sync::Arc;

use domain::account::Account;
use domain::event::Event;
use domain::secret::{Secret, SecretHash};
use domain::time::MINUTE;
use domain::{AccountId, Timestamp};
use store::second_factors::{self, HalfSignIn, SecondFactor};
use store::{Conn, accounts, users};

use super::authenticate::{Me, may_act};
use super::limits;
use super::security_keys;
use super::session::{self, Shown, SignInError, SignedIn, Whence};
use super::totp;
use crate::mail::{self, Notice};
use crate::{App, AppError, Result};

/// How long a sign-in waits for its code.
const WAIT: i64 = 10 * MINUTE;
/// Codes and keys that one sign-in may try.
const TRIES: i64 = 5;
/// Recovery codes that an account gets.
const CODES: usize = 10;

/// How an account's second factor stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Codes are asked for.
    pub is_on: bool,
    /// Recovery codes that were not used yet.
    pub codes_left: i64,
}

/// What an app that makes codes has to know: shown once, while it is being set up.
pub struct Enrolment {
    /// The secret, to be typed.
    pub key: String,
    /// The same as an address that apps open or read from a picture.
    pub address: String,
}

/// How this account's second factor stands.
///
/// # Errors
/// [`AppError::Store`].
pub async fn standing(app: &App, me: AccountId) -> Result<Standing> {
    app.read(move |conn| {
        Box::pin(async move {
            let is_on = confirmed(conn, me).await?.is_some();
            Ok(Standing { is_on, codes_left: second_factors::codes_left(conn, me).await? })
        })
    })
    .await
}

pub(super) async fn confirmed(conn: &mut Conn, id: AccountId) -> Result<Option<SecondFactor>> {
    let found = second_factors::get(conn, id).await?;
    Ok(found.filter(|factor| factor.confirmed_at.is_some()))
}

/// A new secret for an account without a second factor. It changes nothing until [`enable`].
///
/// # Errors
/// [`AppError::Conflict`] when codes are asked for already.
pub async fn enrol(app: &App, me: &Account) -> Result<Enrolment> {
    let mut secret = [0_u8; totp::SECRET];
    app.random.fill(&mut secret);
    let (id, now) = (me.id, app.now());
    let begun = app
        .write(move |conn| {
            Box::pin(async move {
                Ok::<_, AppError>(second_factors::begin(conn, id, &secret, now).await?)
            })
        })
        .await?;
    if !begun {
        return Err(already());
    }
    Ok(enrolment(app, me, &secret))
}

/// The secret that is being set up, to be shown again after a mistyped code.
///
/// # Errors
/// [`AppError::NotFound`] when none is.
pub async fn pending(app: &App, me: &Account) -> Result<Enrolment> {
    let id = me.id;
    let found = app
        .read(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(second_factors::get(conn, id).await?) })
        })
        .await?;
    let found = found.filter(|factor| is_pending(factor, app.now())).ok_or(AppError::NotFound)?;
    Ok(enrolment(app, me, &found.secret))
}

/// For some minutes only, like a key that is added: whoever sits at the browser later may not be who knew the password.
fn is_pending(factor: &SecondFactor, now: Timestamp) -> bool {
    factor.confirmed_at.is_none() && is_open(now, factor.created_at)
}

fn enrolment(app: &App, me: &Account, secret: &[u8]) -> Enrolment {
    let key = totp::base32(secret);
    let label = format!("{}@{}", me.username, app.urls.domain);
    let encode = |text: &str| -> String {
        url::form_urlencoded::byte_serialize(text.as_bytes())
            .collect::<String>()
            .replace('+', "%20")
    };
    let (issuer, label) = (encode(&app.urls.domain), encode(&label));
    let address = format!("otpauth://totp/{issuer}:{label}?secret={key}&issuer={issuer}");
    Enrolment { key, address }
}

fn already() -> AppError {
    AppError::Conflict("Two-factor sign-in is on already".into())
}

/// Switches codes on, by a first code that shows that the app makes the right ones. The recovery codes
/// that come back are shown once. Other browsers are signed out.
///
/// # Errors
/// [`AppError::Invalid`] for a wrong code, [`AppError::NotFound`] when nothing is being set up (any more),
/// [`AppError::Conflict`] when codes are asked for already, [`AppError::Busy`] after too many tries.
pub async fn enable(
    app: &Arc<App>,
    me: AccountId,
    code: &str,
    this: &Secret,
) -> Result<Vec<String>> {
    limit(app, me)?;
    let codes: Vec<String> = (0..CODES).map(|_| totp::recovery_code(app.random.as_ref())).collect();
    let hashes: Vec<SecretHash> = codes.iter().map(|code| hash_of(code)).collect();
    let (context, now, code, this) = (app.clone(), app.now(), digits(code), this.hash());
    app.write(move |conn| {
        Box::pin(async move {
            // Nobody comes in by the password alone meanwhile.
            users::hold(conn, me).await?;
            session::must_be_open(conn, &this).await?;
            let factor = second_factors::get(conn, me).await?.ok_or(AppError::NotFound)?;
            if factor.confirmed_at.is_some() {
                return Err(already());
            }
            if !is_pending(&factor, now) {
                return Err(AppError::NotFound);
            }
            let step = totp::step_of(&factor.secret, &code, now, factor.last_step);
            let step = step.ok_or_else(|| AppError::invalid("Code is wrong"))?;
            second_factors::use_step(conn, me, step).await?;
            if !second_factors::confirm(conn, me, now).await? {
                return Err(already());
            }
            second_factors::set_codes(conn, me, &hashes).await?;
            store::sessions::remove_others(conn, me, &this).await?;
            mail::tell(&context, conn, me, Notice::SecondFactorOn).await
        })
    })
    .await?;
    Ok(codes)
}

/// Switches codes off, and security keys with them; the caller has checked the password. Other browsers are
/// signed out.
///
/// # Errors
/// [`AppError::Unauthorized`] when this browser was signed out meanwhile.
pub async fn disable(app: &Arc<App>, me: AccountId, this: &Secret) -> Result<()> {
    let (context, this) = (app.clone(), this.hash());
    app.write(move |conn| {
        Box::pin(async move {
            // No key is added meanwhile.
            users::hold(conn, me).await?;
            session::must_be_open(conn, &this).await?;
            if second_factors::remove(conn, me).await? {
                store::sessions::remove_others(conn, me, &this).await?;
                mail::tell(&context, conn, me, Notice::SecondFactorOff).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Switches codes and security keys off for somebody who lost them: everything that was open ends (A03).
/// False when they were off.
///
/// # Errors
/// [`AppError::Store`].
pub async fn reset(app: &Arc<App>, id: AccountId) -> Result<bool> {
    let context = app.clone();
    let was_on = app
        .write(move |conn| {
            Box::pin(async move {
                users::hold(conn, id).await?;
                if !second_factors::remove(conn, id).await? {
                    return Ok::<_, AppError>(false);
                }
                session::end_all(conn, id, context.now()).await?;
                mail::tell(&context, conn, id, Notice::SecondFactorOff).await?;
                Ok(true)
            })
        })
        .await?;
    app.publish(vec![Event::AccessChanged { account: id }]).await;
    Ok(was_on)
}

/// The password was right; what follows is a code or a key. The secret is for the browser alone. `None` when the password
/// is another one by now.
pub(super) async fn begin_half(app: &App, me: &Me) -> Result<Option<Secret>> {
    let secret = Secret::generate(app.random.as_ref());
    let (hash, now, challenge) = (secret.hash(), app.now(), security_keys::new_challenge(app));
    let me = me.clone();
    let begun = app
        .write(move |conn| {
            Box::pin(async move {
                if !session::still_counts(conn, &me).await? {
                    return Ok::<_, AppError>(false);
                }
                second_factors::add_half(conn, &hash, me.id(), &challenge, now).await?;
                Ok(true)
            })
        })
        .await?;
    Ok(begun.then_some(secret))
}

/// Whether a sign-in still waits for its code.
///
/// # Errors
/// [`AppError::Store`].
pub async fn awaits_code(app: &App, half: &Secret) -> Result<bool> {
    let (hash, now) = (half.hash(), app.now());
    app.read(move |conn| {
        Box::pin(async move {
            let half = second_factors::half(conn, &hash).await?;
            Ok(half.is_some_and(|half| is_open(now, half.created_at) && half.tries < TRIES))
        })
    })
    .await
}

fn is_open(now: Timestamp, since: Timestamp) -> bool {
    now.since(since) <= WAIT
}

/// Ends a sign-in whose password was right, by a code of the app or a recovery code. Only then is looked
/// at whether the person may act (A05).
///
/// # Errors
/// [`SignInError`].
pub async fn sign_in_by_code(
    app: &Arc<App>,
    half: &Secret,
    code: &str,
    from: Whence,
) -> Result<SignedIn, SignInError> {
    limits::sign_in_from(app, from.address).map_err(SignInError::Limited)?;
    let (hash, now) = (half.hash(), app.now());
    let account = waiting(app, half).await?.account_id;
    limits::codes_of(app, account).map_err(SignInError::Limited)?;
    let code = code.trim().to_owned();
    let outcome = app
        .write(move |conn| {
            Box::pin(async move { try_code(conn, &hash, account, &code, now).await })
        })
        .await?;
    let me = match outcome {
        Outcome::Right(me) => me,
        Outcome::Wrong => return Err(SignInError::WrongCode),
        Outcome::Over => return Err(SignInError::Expired),
    };
    may_act(&me, false).map_err(SignInError::Access)?;
    session::complete(app, &me, Shown::Both, from).await?.ok_or(SignInError::Expired)
}

/// The sign-in that waits.
///
/// # Errors
/// [`SignInError::Expired`] when there is none, or not any more.
pub(super) async fn waiting(app: &App, half: &Secret) -> Result<HalfSignIn, SignInError> {
    let (hash, now) = (half.hash(), app.now());
    let found = app
        .read(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(second_factors::half(conn, &hash).await?) })
        })
        .await?;
    found.filter(|half| is_open(now, half.created_at)).ok_or(SignInError::Expired)
}

/// Counts a try; after the last one the sign-in is over, and the answer false.
pub(super) async fn count_try(conn: &mut Conn, half: &SecretHash) -> Result<bool> {
    if second_factors::try_half(conn, half, TRIES).await? {
        return Ok(true);
    }
    second_factors::remove_half(conn, half).await?;
    Ok(false)
}

/// Ends a sign-in that waited, once: who may come in now.
pub(super) async fn end_half(
    conn: &mut Conn,
    half: &SecretHash,
    account: AccountId,
) -> Result<Option<Box<Me>>> {
    if !second_factors::remove_half(conn, half).await? {
        return Ok(None);
    }
    let found = accounts::by_id(conn, account).await?;
    let user = users::by_account(conn, account).await?;
    Ok(found.zip(user).map(|(account, user)| Box::new(Me { account, user })))
}

enum Outcome {
    Right(Box<Me>),
    Wrong,
    Over,
}

/// A wrong code is an outcome and no error, so that the try stays counted.
async fn try_code(
    conn: &mut Conn,
    half: &SecretHash,
    account: AccountId,
    code: &str,
    now: Timestamp,
) -> Result<Outcome> {
    if !count_try(conn, half).await? {
        return Ok(Outcome::Over);
    }
    if !is_right(conn, account, code, now).await? {
        return Ok(Outcome::Wrong);
    }
    let me = end_half(conn, half, account).await?;
    Ok(me.map_or(Outcome::Over, Outcome::Right))
}

async fn is_right(conn: &mut Conn, account: AccountId, code: &str, now: Timestamp) -> Result<bool> {
    let Some(factor) = confirmed(conn, account).await? else { return Ok(false) };
    let plain = digits(code);
    if plain.len() == 6 && plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return match totp::step_of(&factor.secret, &plain, now, factor.last_step) {
            Some(step) => Ok(second_factors::use_step(conn, account, step).await?),
            None => Ok(false),
        };
    }
    Ok(second_factors::use_code(conn, account, &hash_of(code)).await?)
}

/// Apps show the six digits in two groups.
fn digits(code: &str) -> String {
    code.chars().filter(|letter| !letter.is_whitespace()).take(64).collect()
}

fn hash_of(code: &str) -> SecretHash {
    Secret::from_outside(totp::plain_code(code)).hash()
}

pub(super) fn limit(app: &App, me: AccountId) -> Result<()> {
    limits::codes_of(app, me)
        .map_err(|_| AppError::Busy("There were too many tries; wait ten minutes".into()))
}
