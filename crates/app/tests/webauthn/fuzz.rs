//! P05: whatever browsers send, reading it neither panics nor takes long, and nothing but the right answer is
//! accepted.

use app::access::webauthn::{Assertion, Refused, Registration, assert, register};
use testkit::authenticator::hex;
use testkit::fuzz::fuzz;

use super::party;
use super::vectors::{Vector, vectors};

const WORDS: &[&[u8]] = &[
    b"\x00",
    b"\xff",
    b"\x40",
    b"\x58\x20",
    b"\x59\x00\x20",
    b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x80",
    b"\x81",
    b"\x98\xff",
    b"\x9b\x00\x00\x00\x01\x00\x00\x00\x00",
    b"\xa0",
    b"\xa1\x01",
    b"\xa4",
    b"\xa5",
    b"\xbf",
    b"\x9f",
    b"\xc0",
    b"\xf5",
    b"\xf6",
    b"\xfb",
    b"\x18\x17",
    b"\x26",
    b"\x27",
    b"\x38\xff",
    b"\x39\x01\x00",
    b"\x20\x01",
    b"\x20\x06",
    b"\x03\xff",
    b"\x63fmt",
    b"\x67attStmt",
    b"\x68authData",
];

fn all(part: impl Fn(&Vector) -> &String) -> Vec<Vec<u8>> {
    vectors().iter().map(|vector| hex(part(vector))).collect()
}

fn slices(all: &[Vec<u8>]) -> Vec<&[u8]> {
    all.iter().map(Vec::as_slice).collect()
}

#[test]
fn p05_registrations() {
    let vectors = vectors();
    let first = &vectors[0];
    let sent = &first.registration;
    let (challenge, client_data) = (hex(&sent.challenge), hex(&sent.client_data));
    let corpus = all(|vector| &vector.registration.attestation);
    fuzz(&slices(&corpus), WORDS, |attestation| {
        let response = Registration { client_data: &client_data, attestation };
        // What is taken once can be read again later.
        if let Ok(made) = register(&party(), &challenge, response) {
            assert!((1..=1_023).contains(&made.id.len()));
            let judged = first.assert(&made.public_key);
            assert!(!matches!(judged, Err(Refused::Key)), "{judged:?}");
        }
    });
}

#[test]
fn p05_assertions() {
    let vectors = vectors();
    let first = &vectors[0];
    let key = first.register().unwrap().public_key;
    let answer = &first.authentication;
    let (challenge, client_data) = (hex(&answer.challenge), hex(&answer.client_data));
    let (right, signature) = (hex(&answer.authenticator_data), hex(&answer.signature));
    let corpus = all(|vector| &vector.authentication.authenticator_data);
    fuzz(&slices(&corpus), WORDS, |authenticator_data| {
        let response =
            Assertion { client_data: &client_data, authenticator_data, signature: &signature };
        let accepted = assert(&party(), &challenge, &key, response).is_ok();
        assert_eq!(accepted, authenticator_data == right);
        // The same bytes as a stored key, which nothing outside can write.
        let response = Assertion { authenticator_data: &right, ..response };
        assert!(assert(&party(), &challenge, authenticator_data, response).is_err());
    });
}

#[test]
fn p05_client_data() {
    let vectors = vectors();
    let first = &vectors[0];
    let key = first.register().unwrap().public_key;
    let answer = &first.authentication;
    let (challenge, right) = (hex(&answer.challenge), hex(&answer.client_data));
    let (data, signature) = (hex(&answer.authenticator_data), hex(&answer.signature));
    let words: &[&[u8]] = &[
        b"\"",
        b"{",
        b"}",
        b"[[[[",
        b",",
        b":",
        b"null",
        b"true",
        b"\\u0000",
        b"\xef\xbb\xbf",
        b"\xff",
        b"\"type\":\"webauthn.get\"",
        b"\"crossOrigin\":true",
        b"\"topOrigin\":null",
        b"1e999",
    ];
    let corpus = all(|vector| &vector.authentication.client_data);
    fuzz(&slices(&corpus), words, |client_data| {
        let response = Assertion { client_data, authenticator_data: &data, signature: &signature };
        let accepted = assert(&party(), &challenge, &key, response).is_ok();
        assert_eq!(accepted, client_data == right);
    });
}
