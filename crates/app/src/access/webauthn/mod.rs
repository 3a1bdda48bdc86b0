//! Verifies what browsers send of security keys: registrations and assertions of W3C Web Authentication,
//! Level 3, §7.1 and §7.2. Pure: no database, no clock, no HTTP. Called by `security_keys`.
//!
//! What a key's maker says of it (the attestation statement) is not looked at: any key is welcome.
//! Everything that comes in is hostile, and bounded before it is read.

mod authenticator_data;
mod cbor;
mod client_data;
mod cose;

use sha2::{Digest, Sha256};
use url::{Host, Url};

use authenticator_data::AuthenticatorData;
use cbor::Value;
use client_data::Ceremony;
use cose::PublicKey;

/// Longest attestation object; those of TPMs, with their certificates, have a few thousand bytes.
const LONGEST_ATTESTATION: usize = 32 * 1024;
/// Longest authenticator data of an assertion; without extensions they have 37 bytes.
const LONGEST_DATA: usize = 4 * 1024;
/// Longest signature: one of an RSA key of 8192 bits.
const LONGEST_SIGNATURE: usize = 1024;

/// Who asks, as keys and browsers know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    /// The host name, which keys are bound to.
    pub id: String,
    /// Scheme, host and port of our pages.
    pub origin: String,
}

impl RelyingParty {
    /// The server with this base address. `None` when it is reached by a number: keys are bound to names
    /// only (§5.1.3).
    #[must_use]
    pub fn of(base: &str) -> Option<Self> {
        let url = Url::parse(base).ok()?;
        match url.host()? {
            Host::Domain(name) => {
                Some(Self { id: name.to_owned(), origin: url.origin().ascii_serialization() })
            }
            Host::Ipv4(_) | Host::Ipv6(_) => None,
        }
    }
}

/// Why an answer was not accepted. Each reads on after "The security key was not accepted: ".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not in the form that the specification gives it.
    #[error("what came from it cannot be read")]
    Malformed,
    /// A registration where an assertion was wanted, or the other way round.
    #[error("it answered another question")]
    Ceremony,
    /// Not the question that was asked, or one that was answered before.
    #[error("its question was answered before or is too old")]
    Challenge,
    /// Asked by a page of another origin.
    #[error("the page was not opened under this server's own address")]
    Origin,
    /// Asked by a page within a page.
    #[error("it was asked by a page within another page")]
    Framed,
    /// Made for another server.
    #[error("it answered for another server")]
    Party,
    /// Nobody touched it.
    #[error("nobody touched it")]
    Absent,
    /// What it says of itself cannot be.
    #[error("it contradicts itself")]
    Contradiction,
    /// A kind of signature that was not offered.
    #[error("it signs in a way that this server does not know")]
    Algorithm,
    /// No public key that signatures can be checked with.
    #[error("its public key is not valid")]
    Key,
    /// No key of this account.
    #[error("it is not one of your account's keys")]
    Unknown,
    /// Signed by something else, or changed on its way.
    #[error("its signature is wrong")]
    Signature,
}

/// What a browser sends when a key was made (`AuthenticatorAttestationResponse`).
#[derive(Clone, Copy, Debug)]
pub struct Registration<'r> {
    /// `clientDataJSON`.
    pub client_data: &'r [u8],
    /// `attestationObject`.
    pub attestation: &'r [u8],
}

/// A key that was made for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// By which the key knows it again; 1023 bytes at most.
    pub id: Vec<u8>,
    /// The public key as a COSE key (RFC 9052), as [`assert`] takes it.
    pub public_key: Vec<u8>,
    /// How often it has signed, if it counts.
    pub sign_count: u32,
}

/// What a browser sends when a key has signed (`AuthenticatorAssertionResponse`).
#[derive(Clone, Copy, Debug)]
pub struct Assertion<'r> {
    /// `clientDataJSON`.
    pub client_data: &'r [u8],
    /// `authenticatorData`.
    pub authenticator_data: &'r [u8],
    /// `signature`.
    pub signature: &'r [u8],
}

/// Verifies a registration (§7.1, steps 5 to 25). Whether the id is known already is the caller's to ask.
///
/// # Errors
/// [`Refused`].
pub fn register(
    party: &RelyingParty,
    challenge: &[u8],
    response: Registration<'_>,
) -> Result<Credential, Refused> {
    client_data::check(response.client_data, Ceremony::Create, challenge, &party.origin)?;
    let data = data_of(response.attestation)?;
    let data = AuthenticatorData::read(data).ok_or(Refused::Malformed)?;
    check(party, &data)?;
    let made = data.credential.ok_or(Refused::Malformed)?;
    PublicKey::of(&made.key)?;
    Ok(Credential {
        id: made.id.to_vec(),
        public_key: made.key_bytes.to_vec(),
        sign_count: data.sign_count,
    })
}

/// Verifies an assertion of a key whose public half is `public_key` (§7.2, steps 8 to 21). The answer is
/// how often the key has signed; what follows from that is the caller's to decide.
///
/// # Errors
/// [`Refused`].
pub fn assert(
    party: &RelyingParty,
    challenge: &[u8],
    public_key: &[u8],
    response: Assertion<'_>,
) -> Result<u32, Refused> {
    client_data::check(response.client_data, Ceremony::Get, challenge, &party.origin)?;
    if response.authenticator_data.len() > LONGEST_DATA
        || response.signature.len() > LONGEST_SIGNATURE
    {
        return Err(Refused::Malformed);
    }
    let data = AuthenticatorData::read(response.authenticator_data).ok_or(Refused::Malformed)?;
    check(party, &data)?;
    let key = cbor::whole(public_key).ok_or(Refused::Key)?;
    let mut signed = response.authenticator_data.to_vec();
    signed.extend_from_slice(&Sha256::digest(response.client_data));
    if PublicKey::of(&key)?.has_signed(&signed, response.signature) {
        Ok(data.sign_count)
    } else {
        Err(Refused::Signature)
    }
}

/// The authenticator data within an attestation object (§6.5.4). The format's name and its statement must
/// be there, whatever they say.
fn data_of(attestation: &[u8]) -> Result<&[u8], Refused> {
    if attestation.len() > LONGEST_ATTESTATION {
        return Err(Refused::Malformed);
    }
    let object = cbor::whole(attestation).ok_or(Refused::Malformed)?;
    let parts = (object.named("fmt"), object.named("attStmt"), object.named("authData"));
    match parts {
        (Some(Value::Text(_)), Some(Value::Map(_)), Some(Value::Bytes(data))) => Ok(data),
        _ => Err(Refused::Malformed),
    }
}

/// What holds for both: made for us, with somebody there. Whether the key asked who that is (a PIN, a
/// finger) does not matter beside a password.
fn check(party: &RelyingParty, data: &AuthenticatorData<'_>) -> Result<(), Refused> {
    if data.party != Sha256::digest(party.id.as_bytes()).as_slice() {
        return Err(Refused::Party);
    }
    if !data.is_present() {
        return Err(Refused::Absent);
    }
    if data.is_backed_up() && !data.may_be_backed_up() {
        return Err(Refused::Contradiction);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_with_a_name_is_known_by_it_and_its_pages_by_their_origin() {
        let party = |base| RelyingParty::of(base).map(|party| (party.id, party.origin));
        let made = |id: &str, origin: &str| Some((id.to_owned(), origin.to_owned()));
        assert_eq!(party("https://a.test"), made("a.test", "https://a.test"));
        assert_eq!(party("https://a.test:8443"), made("a.test", "https://a.test:8443"));
        assert_eq!(party("http://localhost:3000"), made("localhost", "http://localhost:3000"));
        for number in ["http://127.0.0.1:3000", "http://[::1]:3000", "nonsense"] {
            assert_eq!(party(number), None, "{number}");
        }
    }
}
