//! Each check of §7.1 and §7.2 with an answer that fails it alone.

use app::access::webauthn::{Assertion, Refused, Registration, assert, register};
use testkit::authenticator::{
    Authenticator, BACKED_UP, BACKUP_ELIGIBLE, Made, PRESENT, Signed, VERIFIED, WITH_CREDENTIAL,
    WITH_EXTENSIONS, attestation_object, hex,
};

use super::party;

const CHALLENGE: &[u8] = b"a question that is asked once...";

fn key() -> Authenticator {
    Authenticator::es256("example.org", "https://example.org")
}

fn registered(made: &Made) -> Result<Vec<u8>, Refused> {
    let response = Registration { client_data: &made.client_data, attestation: &made.attestation };
    register(&party(), CHALLENGE, response).map(|made| made.public_key)
}

fn asserted(key: &Authenticator, signed: &Signed) -> Result<u32, Refused> {
    let response = Assertion {
        client_data: &signed.client_data,
        authenticator_data: &signed.authenticator_data,
        signature: &signed.signature,
    };
    assert(&party(), CHALLENGE, &key.public_key(), response)
}

/// What becomes of both ceremonies when the key or the browser is like this.
fn both(change: impl Fn(&mut Authenticator)) -> (Result<(), Refused>, Result<(), Refused>) {
    let mut key = key();
    change(&mut key);
    let made = registered(&key.register(CHALLENGE)).map(drop);
    let signed = key.assert(CHALLENGE);
    (made, asserted(&key, &signed).map(drop))
}

fn refused(reason: Refused) -> (Result<(), Refused>, Result<(), Refused>) {
    (Err(reason), Err(reason))
}

const ACCEPTED: (Result<(), Refused>, Result<(), Refused>) = (Ok(()), Ok(()));

#[test]
fn keys_of_both_kinds_are_added_and_sign() {
    assert_eq!(both(|_| ()), ACCEPTED);
    let mut key = Authenticator::ed_dsa("example.org", "https://example.org");
    assert_eq!(registered(&key.register(CHALLENGE)), Ok(key.public_key()));
    let signed = key.assert(CHALLENGE);
    assert_eq!(asserted(&key, &signed), Ok(1));
    let signed = key.assert(CHALLENGE);
    assert_eq!(asserted(&key, &signed), Ok(2), "it counts");
}

#[test]
fn a05_an_answer_to_another_question_is_refused() {
    let mut key = key();
    let other = b"another question";
    assert_eq!(registered(&key.register(other)), Err(Refused::Challenge));
    let signed = key.assert(other);
    assert_eq!(asserted(&key, &signed), Err(Refused::Challenge));
    for challenge in [&CHALLENGE[..31], b""] {
        let signed = key.assert(challenge);
        assert_eq!(asserted(&key, &signed), Err(Refused::Challenge));
    }
}

#[test]
fn a05_one_ceremony_does_not_pass_for_the_other() {
    let mut key = key();
    let mut made = key.register(CHALLENGE);
    made.client_data = key.client_data("webauthn.get", CHALLENGE);
    assert_eq!(registered(&made), Err(Refused::Ceremony));
    let mut signed = key.assert(CHALLENGE);
    signed.client_data = key.client_data("webauthn.create", CHALLENGE);
    signed.signature = key.sign(&signed.authenticator_data, &signed.client_data);
    assert_eq!(asserted(&key, &signed), Err(Refused::Ceremony));
}

#[test]
fn a05_an_answer_from_another_page_is_refused() {
    for origin in [
        "https://example.org:8443",
        "http://example.org",
        "https://sub.example.org",
        "https://example.org.evil.test",
        "https://EXAMPLE.org",
        "https://example.org/",
        "null",
        "",
    ] {
        let found = both(|key| key.origin = origin.to_owned());
        assert_eq!(found, refused(Refused::Origin), "{origin}");
    }
}

#[test]
fn a05_an_answer_from_a_framed_page_is_refused() {
    for more in [
        ",\"crossOrigin\":true",
        ",\"crossOrigin\":true,\"topOrigin\":\"https://evil.test\"",
        ",\"topOrigin\":\"https://example.org\"",
    ] {
        let found = both(|key| key.more = more.to_owned());
        assert_eq!(found, refused(Refused::Framed), "{more}");
    }
    for more in ["", ",\"crossOrigin\":null", ",\"later\":{\"x\":[1]}"] {
        assert_eq!(both(|key| key.more = more.to_owned()), ACCEPTED, "{more}");
    }
}

#[test]
fn a05_an_answer_for_another_server_is_refused() {
    for other in ["evil.test", "Example.org", "sub.example.org", ""] {
        let found = both(|key| key.party = other.to_owned());
        assert_eq!(found, refused(Refused::Party), "{other}");
    }
}

#[test]
fn a05_somebody_must_be_there() {
    assert_eq!(both(|key| key.flags = 0), refused(Refused::Absent));
    assert_eq!(both(|key| key.flags = VERIFIED), refused(Refused::Absent));
    assert_eq!(both(|key| key.flags = PRESENT | VERIFIED), ACCEPTED, "who may be known or not");
}

#[test]
fn a_key_that_cannot_be_copied_was_not_copied() {
    let copied = PRESENT | BACKED_UP;
    assert_eq!(both(|key| key.flags = copied), refused(Refused::Contradiction));
    assert_eq!(both(|key| key.flags = copied | BACKUP_ELIGIBLE), ACCEPTED);
}

#[test]
fn a05_a_signature_holds_for_what_was_signed_alone() {
    let mut key = key();
    let (signed, later) = (key.assert(CHALLENGE), key.assert(CHALLENGE));
    let mixed = Signed { authenticator_data: later.authenticator_data.clone(), ..signed.clone() };
    assert_eq!(asserted(&key, &mixed), Err(Refused::Signature), "another count");
    let mut other = self::key();
    let theirs = other.assert(CHALLENGE);
    assert_eq!(asserted(&key, &theirs), Err(Refused::Signature), "another key");
    let none = Signed { signature: Vec::new(), ..signed.clone() };
    assert_eq!(asserted(&key, &none), Err(Refused::Signature));
    let long = Signed { signature: vec![0x30; 1025], ..signed.clone() };
    assert_eq!(asserted(&key, &long), Err(Refused::Malformed));
    assert_eq!(asserted(&key, &signed), Ok(1));
}

#[test]
fn p05_client_data_in_another_form_are_refused() {
    let key = key();
    let right = String::from_utf8(key.client_data("webauthn.create", CHALLENGE)).unwrap();
    let sent = |client_data: Vec<u8>| {
        registered(&Made { client_data, ..key.register(CHALLENGE) }).map(drop)
    };
    let twice = right.replace("{\"type\"", "{\"type\":\"webauthn.create\",\"type\"");
    let long = right.replace("}", &format!(",\"x\":\"{}\"}}", "y".repeat(4_096)));
    let number = right.replace(",\"crossOrigin\":false", ",\"crossOrigin\":0");
    let more = format!("{right}{right}");
    for wrong in ["", "{}", "[]", "null", "\"\"", &right[..50], &twice, &long, &number, &more] {
        assert_eq!(sent(wrong.as_bytes().to_vec()), Err(Refused::Malformed), "{wrong}");
    }
    let mut broken = right.as_bytes().to_vec();
    let at = right.find("https").unwrap();
    broken[at] = 0xff;
    assert_eq!(sent(broken), Err(Refused::Malformed), "no text");
    assert_eq!(sent([b"\xef\xbb\xbf", right.as_bytes()].concat()), Ok(()), "a byte order mark");
}

#[test]
fn p05_authenticator_data_in_another_form_are_refused() {
    let key = key();
    let client_data = key.client_data("webauthn.get", CHALLENGE);
    let sent = |data: Vec<u8>| {
        let signature = key.sign(&data, &client_data);
        let signed = Signed {
            credential: Vec::new(),
            client_data: client_data.clone(),
            authenticator_data: data,
            signature,
        };
        asserted(&key, &signed).map(drop)
    };
    let plain = self::key().authenticator_data(PRESENT, &[]);
    assert_eq!(sent(plain.clone()), Ok(()));
    for length in 0..plain.len() {
        assert_eq!(sent(plain[..length].to_vec()), Err(Refused::Malformed), "{length} bytes");
    }
    let with = |flags: u8, after: &[u8]| self::key().authenticator_data(PRESENT | flags, after);
    assert_eq!(sent(with(0, &[0])), Err(Refused::Malformed), "something after it");
    assert_eq!(sent(with(WITH_EXTENSIONS, &[])), Err(Refused::Malformed), "no extensions");
    assert_eq!(sent(with(WITH_EXTENSIONS, &[0x80])), Err(Refused::Malformed), "no map");
    assert_eq!(sent(with(WITH_EXTENSIONS, &hex("a0a0"))), Err(Refused::Malformed), "two maps");
    assert_eq!(sent(with(WITH_EXTENSIONS, &hex("a16161f5"))), Ok(()), "left alone");
    assert_eq!(sent(with(WITH_CREDENTIAL, &[0; 18])), Err(Refused::Malformed), "no id");
    assert_eq!(sent(with(0, &[0; 5_000])), Err(Refused::Malformed), "too long");
}

/// A registration of a key with this id and public key.
fn with_credential(id: &[u8], public_key: &[u8]) -> Result<(), Refused> {
    let key = key();
    let length = u16::try_from(id.len()).unwrap().to_be_bytes();
    let after = [&[0; 16][..], &length, id, public_key].concat();
    let data = key.authenticator_data(PRESENT | WITH_CREDENTIAL, &after);
    let client_data = key.client_data("webauthn.create", CHALLENGE);
    registered(&Made { client_data, attestation: attestation_object(&data) }).map(drop)
}

#[test]
fn p05_an_id_has_up_to_1023_bytes() {
    let public_key = key().public_key();
    assert_eq!(with_credential(&[7; 1_023], &public_key), Ok(()));
    assert_eq!(with_credential(&[7; 1_024], &public_key), Err(Refused::Malformed));
    assert_eq!(with_credential(&[], &public_key), Err(Refused::Malformed));
}

#[test]
fn p05_a_public_key_that_is_none_is_refused() {
    let key = key().public_key();
    let with = |from: &str, to: &str| {
        let text: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(text.contains(from));
        with_credential(&[7; 16], &hex(&text.replacen(from, to, 1)))
    };
    assert_eq!(with("0326", "0326"), Ok(()));
    assert_eq!(with("a501", "a401"), Err(Refused::Malformed), "cut off");
    assert_eq!(with("0102", "0103"), Err(Refused::Malformed), "of a kind that does not sign so");
    assert_eq!(with("2001", "2002"), Err(Refused::Malformed), "on another curve");
    assert_eq!(with("0326", "0338"), Err(Refused::Malformed), "an algorithm that is cut off");
    assert_eq!(with("0326", "0327"), Err(Refused::Malformed), "Ed25519 has no such key");
    assert_eq!(with("0326", "0324"), Err(Refused::Algorithm), "key wrapping");
    assert_eq!(with("0326", "03391023"), Err(Refused::Algorithm), "an unknown algorithm");
    let nowhere = [&hex("a5010203262001215820")[..], &[1; 32], &hex("225820"), &[1; 32]].concat();
    assert_eq!(with_credential(&[7; 16], &nowhere), Err(Refused::Key), "not on the curve");
    let rsa = |bytes: usize| {
        let length = match u16::try_from(bytes).unwrap().to_be_bytes() {
            [0, short] => vec![0x58, short],
            [high, low] => vec![0x59, high, low],
        };
        let (kind, exponent) = (hex("a401030339010020"), hex("2143010001"));
        [kind, length, vec![0xff; bytes], exponent].concat()
    };
    assert_eq!(with_credential(&[7; 16], &rsa(256)), Ok(()));
    for (bytes, why) in [(255, "too weak"), (1_025, "too long")] {
        assert_eq!(with_credential(&[7; 16], &rsa(bytes)), Err(Refused::Key), "{why}");
    }
}

#[test]
fn p05_an_attestation_object_in_another_form_is_refused() {
    let key = key();
    let right = key.register(CHALLENGE);
    let sent = |attestation: Vec<u8>| registered(&Made { attestation, ..right.clone() }).map(drop);
    let replaced = |from: &[u8], to: &[u8]| {
        let at = right.attestation.windows(from.len()).position(|one| one == from).unwrap();
        [&right.attestation[..at], to, &right.attestation[at + from.len()..]].concat()
    };
    assert_eq!(sent(right.attestation.clone()), Ok(()));
    for (attestation, why) in [
        (Vec::new(), "nothing"),
        (hex("a0"), "an empty map"),
        (right.attestation[..80].to_vec(), "cut off"),
        ([&right.attestation[..], &[0]].concat(), "something after it"),
        (replaced(b"\x63fmt", b"\x63fmx"), "no format"),
        (replaced(b"\x67attStmt", b"\x67attStmx"), "no statement"),
        (replaced(b"\x68authData", b"\x68authDatx"), "no data"),
        (replaced(b"attStmt\xa0", b"attStmt\x80"), "a statement that is none"),
        (vec![0x40; 33 * 1_024], "too long"),
        (attestation_object(&key.authenticator_data(PRESENT, &[])), "no key was made"),
    ] {
        assert_eq!(sent(attestation), Err(Refused::Malformed), "{why}");
    }
    let other = replaced(b"\x64none\x67attStmt\xa0", b"\x63odd\x67attStmt\xa1\x61x\x41\x00");
    assert_eq!(sent(other), Ok(()), "what makers say of their keys is left alone");
}

#[test]
fn p05_odd_rsa_keys_are_refused() {
    let rsa = |modulus: &[u8], exponent: &[u8]| {
        let mut key = hex("a401030339010020");
        key.push(0x59);
        key.extend(u16::try_from(modulus.len()).unwrap().to_be_bytes());
        key.extend(modulus);
        key.extend([0x21, 0x40 + u8::try_from(exponent.len()).unwrap()]);
        key.extend(exponent);
        with_credential(&[7; 16], &key)
    };
    let odd = [0xc5; 256];
    assert_eq!(rsa(&odd, &[1, 0, 1]), Ok(()));
    let (mut even, mut short, zero) = (odd, odd, [0; 256]);
    even[255] = 2;
    short[..200].fill(0);
    for (modulus, exponent, why) in [
        (odd.as_slice(), [1].as_slice(), "an exponent of one"),
        (&odd, &[2], "an even exponent"),
        (&odd, &[0], "no exponent"),
        (&odd, &[], "an empty exponent"),
        (&even, &[1, 0, 1], "an even modulus"),
        (&zero, &[1, 0, 1], "no modulus"),
        (&short, &[1, 0, 1], "a short modulus behind zeros"),
    ] {
        assert_eq!(rsa(modulus, exponent), Err(Refused::Key), "{why}");
    }
}
