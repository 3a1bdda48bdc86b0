//! Adding a key: the password, a question for the session, the key's answer.

use std::sync::Arc;

use domain::account::Account;
use domain::secret::{Secret, SecretHash};
use domain::time::MINUTE;
use domain::{AccountId, RowId};
use store::security_keys::{self, Enrolment, SecurityKey};
use store::{Conn, second_factors, users};

use super::super::second_factor;
use super::super::webauthn::{self, Credential, Refused, Registration, RelyingParty};
use super::{CHALLENGE, KnownKey, decode, encode, known, new_challenge, party};
use crate::mail::{self, Notice};
use crate::{App, AppError, Result};

/// Keys of an account.
const MOST: usize = 20;
/// Longest name of a key, in characters.
const LONGEST_NAME: usize = 60;
/// How long the right password lets a session add a key.
const WAIT: i64 = 10 * MINUTE;
/// How keys are reached (§5.8.4); other words are not kept.
const TRANSPORTS: [&str; 6] = ["usb", "nfc", "ble", "smart-card", "hybrid", "internal"];

/// What the browser is to have a key made for. Bytes are in base64url.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyOffer {
    /// The host that the key is for.
    pub party: String,
    /// What it is to answer.
    pub challenge: String,
    /// By which keys know the account; says nothing about it.
    pub handle: String,
    /// The account's name, shown by the key.
    pub name: String,
    /// The keys that the account has already.
    pub known: Vec<KnownKey>,
}

/// A new key as the browser sent it. Bytes are in base64url.
#[derive(Clone, Debug, Default)]
pub struct NewKey {
    /// What its owner calls it.
    pub name: String,
    /// `clientDataJSON`.
    pub client_data: String,
    /// `attestationObject`.
    pub attestation: String,
    /// `getTransports()`, separated by commas.
    pub transports: String,
}

/// The session `this` may add a key for some minutes; the caller has checked the password.
///
/// # Errors
/// [`AppError::Invalid`] when the account is not asked for codes, or the server has no name.
pub async fn begin(app: &App, me: &Account, this: &Secret) -> Result<KeyOffer> {
    party(app)?;
    let (challenge, handle) = (new_challenge(app), new_challenge(app));
    let (id, session, now) = (me.id, this.hash(), app.now());
    app.write(move |conn| {
        Box::pin(async move {
            if second_factor::confirmed(conn, id).await?.is_none() {
                return Err(needs_codes());
            }
            second_factors::set_handle(conn, id, &handle).await?;
            Ok(security_keys::begin(conn, &session, id, &challenge, now).await?)
        })
    })
    .await?;
    pending(app, me, this).await
}

fn needs_codes() -> AppError {
    AppError::invalid("Set up codes first: they let you in when a key is lost")
}

/// What the session is adding, to be shown again.
///
/// # Errors
/// [`AppError::NotFound`] when it adds nothing, or not any more.
pub async fn pending(app: &App, me: &Account, this: &Secret) -> Result<KeyOffer> {
    let party = party(app)?;
    let waiting = waiting(app, me.id, &this.hash()).await?;
    let id = me.id;
    let (factor, keys) = app
        .read(move |conn| {
            Box::pin(async move {
                let factor = second_factors::get(conn, id).await?;
                Ok::<_, AppError>((factor, security_keys::of_account(conn, id).await?))
            })
        })
        .await?;
    let handle = factor.and_then(|factor| factor.handle).ok_or(AppError::NotFound)?;
    Ok(KeyOffer {
        party: party.id,
        challenge: encode(&waiting.challenge),
        handle: encode(&handle),
        name: format!("{}@{}", me.username, app.urls.domain),
        known: known(keys),
    })
}

async fn waiting(app: &App, me: AccountId, session: &SecretHash) -> Result<Enrolment> {
    let (session, now) = (session.clone(), app.now());
    let found = app
        .read(move |conn| {
            Box::pin(
                async move { Ok::<_, AppError>(security_keys::enrolment(conn, &session).await?) },
            )
        })
        .await?;
    let is_open = |one: &Enrolment| one.account_id == me && now.since(one.created_at) <= WAIT;
    found.filter(is_open).ok_or(AppError::NotFound)
}

/// Adds a key. Each question is answered once, rightly or not; after a wrong answer [`pending`] has another
/// one. The owner is told by mail.
///
/// # Errors
/// [`AppError::Invalid`] for an answer that is not accepted, a name that cannot be taken, or one key too
/// many; [`AppError::NotFound`] when the session adds nothing; [`AppError::Busy`] after too many tries.
pub async fn add(app: &Arc<App>, me: AccountId, this: &Secret, new: NewKey) -> Result<()> {
    let party = party(app)?;
    let session = this.hash();
    let waiting = waiting(app, me, &session).await?;
    second_factor::limit(app, me)?;
    let made = name(&new.name).and_then(|name| {
        let made = verify(&party, &waiting.challenge, &new).map_err(|refused| {
            AppError::invalid(format!("The security key was not accepted: {refused}"))
        })?;
        Ok((name, made))
    });
    let key = made.map(|(name, made)| SecurityKey {
        id: app.ids.next::<RowId>(),
        credential: made.id,
        public_key: made.public_key,
        sign_count: i64::from(made.sign_count),
        transports: transports(&new.transports),
        name,
        created_at: app.now(),
        last_used_at: None,
    });
    let (context, next) = (app.clone(), new_challenge(app));
    // Why it was not added is an outcome and no error, so that the question stays answered.
    app.write(move |conn| {
        Box::pin(async move {
            let wanted = Wanted { account: me, session, challenge: waiting.challenge, next };
            keep(&context, conn, wanted, key).await
        })
    })
    .await?
}

struct Wanted {
    account: AccountId,
    session: SecretHash,
    challenge: Vec<u8>,
    next: [u8; CHALLENGE],
}

async fn keep(
    app: &App,
    conn: &mut Conn,
    wanted: Wanted,
    key: Result<SecurityKey>,
) -> Result<Result<()>> {
    let Wanted { account, session, challenge, next } = wanted;
    // Codes are not switched off meanwhile: a key would be left that counts as soon as they are on again.
    users::hold(conn, account).await?;
    if !security_keys::spend_challenge(conn, &session, &challenge, &next).await? {
        return Ok(Err(AppError::invalid(format!(
            "The security key was not accepted: {}",
            Refused::Challenge
        ))));
    }
    let key = match key {
        Ok(key) => key,
        Err(error) => return Ok(Err(error)),
    };
    if second_factor::confirmed(conn, account).await?.is_none() {
        return Ok(Err(needs_codes()));
    }
    let there = security_keys::of_account(conn, account).await?;
    if there.len() >= MOST {
        return Ok(Err(AppError::invalid(format!(
            "An account has {MOST} security keys at most; remove one first"
        ))));
    }
    if there.iter().any(|other| other.name == key.name) {
        return Ok(Err(AppError::invalid("You have a security key of that name already")));
    }
    if !security_keys::insert(conn, account, &key).await? {
        return Ok(Err(AppError::invalid("This security key was added already")));
    }
    security_keys::end(conn, &session).await?;
    mail::tell(app, conn, account, Notice::KeyAdded { name: key.name }).await?;
    Ok(Ok(()))
}

fn verify(party: &RelyingParty, challenge: &[u8], new: &NewKey) -> Result<Credential, Refused> {
    let read = |text: &str| decode(text).ok_or(Refused::Malformed);
    let (client_data, attestation) = (read(&new.client_data)?, read(&new.attestation)?);
    let response = Registration { client_data: &client_data, attestation: &attestation };
    webauthn::register(party, challenge, response)
}

fn name(typed: &str) -> Result<String> {
    let name: String = typed.trim().chars().filter(|letter| !letter.is_control()).collect();
    if name.is_empty() {
        return Err(AppError::invalid("Name can't be blank"));
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(AppError::invalid(format!(
            "Name is too long (maximum is {LONGEST_NAME} characters)"
        )));
    }
    Ok(name)
}

fn transports(sent: &str) -> String {
    let sent: Vec<&str> = sent.split(',').take(20).collect();
    let known: Vec<&str> = TRANSPORTS.into_iter().filter(|one| sent.contains(one)).collect();
    known.join(",")
}
