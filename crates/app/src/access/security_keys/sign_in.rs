//! Signing in with a key, after the password and instead of a code.

use std::sync::Arc;

use domain::secret::{Secret, SecretHash};
use domain::{AccountId, RowId, Timestamp};
use store::second_factors::HalfSignIn;
use store::{Conn, second_factors, security_keys};

use super::super::authenticate::{Me, may_act};
use super::super::session::{self, Shown, SignInError, SignedIn, Whence};
use super::super::webauthn::{self, Assertion, Refused, RelyingParty};
use super::super::{limits, second_factor};
use super::{CHALLENGE, KnownKey, decode, encode, known, new_challenge};
use crate::mail::{self, Notice};
use crate::{App, AppError, Result};

/// What the browser is to have a key sign. Bytes are in base64url.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyQuestion {
    /// The host that the keys were made for.
    pub party: String,
    /// What is to be signed.
    pub challenge: String,
    /// The account's keys.
    pub known: Vec<KnownKey>,
}

/// A key's answer as the browser sent it. Bytes are in base64url.
#[derive(Clone, Debug, Default)]
pub struct KeyAnswer {
    /// The id of the key.
    pub credential: String,
    /// `clientDataJSON`.
    pub client_data: String,
    /// `authenticatorData`.
    pub authenticator_data: String,
    /// `signature`.
    pub signature: String,
    /// `userHandle`; empty when the key does not tell.
    pub handle: String,
}

/// The question for the keys of a sign-in that waits; `None` when its account has none.
///
/// # Errors
/// [`AppError::Store`].
pub async fn question(app: &App, half: &Secret) -> Result<Option<KeyQuestion>> {
    let Some(party) = RelyingParty::of(&app.urls.base) else { return Ok(None) };
    let hash = half.hash();
    let found = app
        .read(move |conn| {
            Box::pin(async move {
                let Some(half) = second_factors::half(conn, &hash).await? else {
                    return Ok::<_, AppError>(None);
                };
                let keys = security_keys::of_account(conn, half.account_id).await?;
                Ok(half.challenge.map(|challenge| (challenge, keys)))
            })
        })
        .await?;
    Ok(found.filter(|(_, keys)| !keys.is_empty()).map(|(challenge, keys)| KeyQuestion {
        party: party.id,
        challenge: encode(&challenge),
        known: known(keys),
    }))
}

/// Ends a sign-in whose password was right, by a key of the account. It counts as a code that is tried, each
/// question is answered once, and only then is looked at whether the person may act (A05).
///
/// # Errors
/// [`SignInError`].
pub async fn sign_in_by_key(
    app: &Arc<App>,
    half: &Secret,
    answer: KeyAnswer,
    from: Whence,
) -> Result<SignedIn, SignInError> {
    limits::sign_in_from(app, from.address).map_err(SignInError::Limited)?;
    let waiting = second_factor::waiting(app, half).await?;
    limits::codes_of(app, waiting.account_id).map_err(SignInError::Limited)?;
    let verified = verify(app, &waiting, &answer).await?;
    let trial = Trial { half: half.hash(), waiting, verified, next: new_challenge(app) };
    let (context, now) = (app.clone(), app.now());
    let outcome = app
        .write(move |conn| Box::pin(async move { try_key(&context, conn, trial, now).await }))
        .await?;
    let me = match outcome {
        Outcome::Right(me) => me,
        Outcome::Wrong(refused) => return Err(SignInError::WrongKey(refused)),
        Outcome::Copied => return Err(SignInError::CopiedKey),
        Outcome::Over => return Err(SignInError::Expired),
    };
    may_act(&me, false).map_err(SignInError::Access)?;
    session::complete(app, &me, Shown::Both, from).await?.ok_or(SignInError::Expired)
}

/// Which key has signed, and how often it says it has.
struct Verified {
    id: RowId,
    name: String,
    sign_count: i64,
}

/// Finds the key and verifies its answer, outside of any transaction.
async fn verify(
    app: &App,
    waiting: &HalfSignIn,
    answer: &KeyAnswer,
) -> Result<Result<Verified, Refused>> {
    let account = waiting.account_id;
    let Some(credential) = decode(&answer.credential) else { return Ok(Err(Refused::Malformed)) };
    let (key, factor) = app
        .read(move |conn| {
            Box::pin(async move {
                let key = security_keys::own(conn, account, &credential).await?;
                Ok::<_, AppError>((key, second_factors::get(conn, account).await?))
            })
        })
        .await?;
    let handle = factor.and_then(|factor| factor.handle);
    Ok(judge(app, waiting, answer, key, handle))
}

fn judge(
    app: &App,
    waiting: &HalfSignIn,
    answer: &KeyAnswer,
    key: Option<security_keys::SecurityKey>,
    handle: Option<Vec<u8>>,
) -> Result<Verified, Refused> {
    let party = RelyingParty::of(&app.urls.base).ok_or(Refused::Party)?;
    let challenge = waiting.challenge.as_deref().ok_or(Refused::Challenge)?;
    let key = key.ok_or(Refused::Unknown)?;
    let read = |text: &str| decode(text).ok_or(Refused::Malformed);
    if !answer.handle.is_empty() && Some(read(&answer.handle)?) != handle {
        return Err(Refused::Unknown);
    }
    let (client_data, data) = (read(&answer.client_data)?, read(&answer.authenticator_data)?);
    let response = Assertion {
        client_data: &client_data,
        authenticator_data: &data,
        signature: &read(&answer.signature)?,
    };
    let sign_count = webauthn::assert(&party, challenge, &key.public_key, response)?;
    Ok(Verified { id: key.id, name: key.name, sign_count: i64::from(sign_count) })
}

struct Trial {
    half: SecretHash,
    waiting: HalfSignIn,
    verified: Result<Verified, Refused>,
    next: [u8; CHALLENGE],
}

enum Outcome {
    Right(Box<Me>),
    Wrong(Refused),
    Copied,
    Over,
}

/// What is wrong is an outcome and no error, so that the try stays counted and the question answered.
async fn try_key(app: &App, conn: &mut Conn, trial: Trial, now: Timestamp) -> Result<Outcome> {
    let Trial { half, waiting, verified, next } = trial;
    let account = waiting.account_id;
    if !second_factor::count_try(conn, &half).await? {
        return Ok(Outcome::Over);
    }
    let challenge = waiting.challenge.unwrap_or_default();
    if !second_factors::spend_challenge(conn, &half, &challenge, &next).await? {
        return Ok(Outcome::Wrong(Refused::Challenge));
    }
    let key = match verified {
        Ok(key) => key,
        Err(refused) => return Ok(Outcome::Wrong(refused)),
    };
    if !security_keys::use_key(conn, account, key.id, key.sign_count, now).await? {
        return not_used(app, conn, account, key).await;
    }
    let me = second_factor::end_half(conn, &half, account).await?;
    Ok(me.map_or(Outcome::Over, Outcome::Right))
}

/// A count that did not grow: the key is gone meanwhile, or there are two of it. Which of them is the
/// owner's nobody can tell, so neither gets in, and the owner hears of it.
async fn not_used(
    app: &App,
    conn: &mut Conn,
    account: AccountId,
    key: Verified,
) -> Result<Outcome> {
    let there = security_keys::of_account(conn, account).await?;
    if there.iter().all(|other| other.id != key.id) {
        return Ok(Outcome::Wrong(Refused::Unknown));
    }
    mail::tell(app, conn, account, Notice::KeyCopied { name: key.name }).await?;
    Ok(Outcome::Copied)
}
