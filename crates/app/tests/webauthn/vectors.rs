//! The ceremonies of W3C Web Authentication, Level 3, §16 (see `testkit/recorded/README.md`).

use app::access::webauthn::{Assertion, Credential, Refused, Registration, assert, register};
use serde::Deserialize;
use testkit::authenticator::hex;

use super::party;

/// A ceremony pair of the specification, in hexadecimal.
#[derive(Deserialize)]
pub struct Vector {
    pub name: String,
    pub registration: Registered,
    pub authentication: Authenticated,
}

#[derive(Deserialize)]
pub struct Registered {
    pub challenge: String,
    pub credential_id: String,
    #[serde(rename = "clientDataJSON")]
    pub client_data: String,
    #[serde(rename = "attestationObject")]
    pub attestation: String,
}

#[derive(Deserialize)]
pub struct Authenticated {
    pub challenge: String,
    #[serde(rename = "authenticatorData")]
    pub authenticator_data: String,
    #[serde(rename = "clientDataJSON")]
    pub client_data: String,
    pub signature: String,
}

pub fn vectors() -> Vec<Vector> {
    let text = include_str!("../../../testkit/recorded/webauthn/w3c-level-3.json");
    serde_json::from_str(text).unwrap()
}

impl Vector {
    pub fn register(&self) -> Result<Credential, Refused> {
        let Registered { challenge, client_data, attestation, .. } = &self.registration;
        let response =
            Registration { client_data: &hex(client_data), attestation: &hex(attestation) };
        register(&party(), &hex(challenge), response)
    }

    pub fn assert(&self, public_key: &[u8]) -> Result<u32, Refused> {
        let answer = &self.authentication;
        let response = Assertion {
            client_data: &hex(&answer.client_data),
            authenticator_data: &hex(&answer.authenticator_data),
            signature: &hex(&answer.signature),
        };
        assert(&party(), &hex(&answer.challenge), public_key, response)
    }
}

#[test]
fn the_ceremonies_of_the_specification_are_judged_rightly() {
    let mut accepted = 0;
    for vector in vectors() {
        let name = vector.name.as_str();
        let refused = match name {
            "none-es256-crossOrigin" | "none-es256-topOrigin" => Some(Refused::Framed),
            "packed-es384" | "packed-es512" | "packed-ed448" => Some(Refused::Algorithm),
            _ => None,
        };
        match (vector.register(), refused) {
            (Err(found), Some(wanted)) => assert_eq!(found, wanted, "{name}"),
            (Ok(made), None) => {
                assert_eq!(made.id, hex(&vector.registration.credential_id), "{name}");
                assert_eq!(made.sign_count, 0, "{name}");
                assert_eq!(vector.assert(&made.public_key), Ok(0), "{name}");
                accepted += 1;
            }
            (found, _) => panic!("{name}: {found:?}"),
        }
    }
    assert_eq!(accepted, 10);
}

#[test]
fn a05_no_answer_is_accepted_with_another_key() {
    let vectors = vectors();
    let keys: Vec<Credential> = vectors.iter().filter_map(|one| one.register().ok()).collect();
    let mut fitting = 0;
    for vector in &vectors {
        fitting += keys.iter().filter(|key| vector.assert(&key.public_key).is_ok()).count();
    }
    assert_eq!(fitting, keys.len(), "each fits its own alone");
}

#[test]
fn a05_no_answer_is_accepted_with_one_bit_changed() {
    for vector in vectors() {
        let Ok(made) = vector.register() else { continue };
        let answer = &vector.authentication;
        let parts = [&answer.client_data, &answer.authenticator_data, &answer.signature];
        let parts = parts.map(|part| hex(part));
        let challenge = hex(&answer.challenge);
        for (which, part) in parts.iter().enumerate() {
            for at in 0..part.len() {
                let mut changed = parts.clone();
                changed[which][at] ^= 1 << (at % 8);
                let [client_data, authenticator_data, signature] = &changed;
                let response = Assertion { client_data, authenticator_data, signature };
                let judged = assert(&party(), &challenge, &made.public_key, response);
                assert!(judged.is_err(), "{}: byte {at} of part {which}", vector.name);
            }
        }
    }
}
