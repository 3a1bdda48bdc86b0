//! A security key in software, with the browser before it: makes what `navigator.credentials` gives to a
//! page. What it says of itself and of the page can be changed, so that tests see each lie refused.
#![expect(clippy::unwrap_used, reason = "a test fixture fails by panicking")]

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// Somebody touched the key.
pub const PRESENT: u8 = 1 << 0;
/// The key knows who.
pub const VERIFIED: u8 = 1 << 2;
/// The key may be copied to other devices.
pub const BACKUP_ELIGIBLE: u8 = 1 << 3;
/// It was.
pub const BACKED_UP: u8 = 1 << 4;
/// A new key follows.
pub const WITH_CREDENTIAL: u8 = 1 << 6;
/// Extensions follow.
pub const WITH_EXTENSIONS: u8 = 1 << 7;

/// A key and a browser.
pub struct Authenticator {
    /// The host that it answers for.
    pub party: String,
    /// Where the page stands that asks, in the browser's words.
    pub origin: String,
    /// What the browser adds to its client data, as `,"name":value`.
    pub more: String,
    /// Its id of the credential.
    pub credential: Vec<u8>,
    /// What it says of itself.
    pub flags: u8,
    /// How often it has signed; `None` for a key that does not count.
    pub sign_count: Option<u32>,
    pair: Pair,
}

enum Pair {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

/// A new key as the browser hands it to the page.
#[derive(Clone)]
pub struct Made {
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `attestationObject`.
    pub attestation: Vec<u8>,
}

/// An answer as the browser hands it to the page.
#[derive(Clone)]
pub struct Signed {
    /// `rawId`.
    pub credential: Vec<u8>,
    /// `clientDataJSON`.
    pub client_data: Vec<u8>,
    /// `authenticatorData`.
    pub authenticator_data: Vec<u8>,
    /// `signature`.
    pub signature: Vec<u8>,
}

impl Authenticator {
    /// One that signs with ECDSA on P-256, for the page at `origin`, and counts.
    #[must_use]
    pub fn es256(party: &str, origin: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        Self::with(Pair::Es256(pair), party, origin)
    }

    /// One that signs with Ed25519.
    #[must_use]
    pub fn ed_dsa(party: &str, origin: &str) -> Self {
        Self::with(Pair::EdDsa(Ed25519KeyPair::generate().unwrap()), party, origin)
    }

    fn with(pair: Pair, party: &str, origin: &str) -> Self {
        let mut this = Self {
            party: party.to_owned(),
            origin: origin.to_owned(),
            more: ",\"crossOrigin\":false".to_owned(),
            credential: Vec::new(),
            flags: PRESENT,
            sign_count: Some(0),
            pair,
        };
        this.credential = Sha256::digest(this.public_key()).to_vec();
        this
    }

    /// Its public half, in COSE form.
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Es256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                [&hex("a5010203262001")[..], &hex("215820"), x, &hex("225820"), y].concat()
            }
            Pair::EdDsa(pair) => {
                [&hex("a4010103272006")[..], &hex("215820"), pair.public_key().as_ref()].concat()
            }
        }
    }

    /// Makes a key for this challenge.
    #[must_use]
    pub fn register(&self, challenge: &[u8]) -> Made {
        let length = u16::try_from(self.credential.len()).unwrap();
        let made = [&[0; 16][..], &length.to_be_bytes(), &self.credential, &self.public_key()];
        let data = self.authenticator_data(self.flags | WITH_CREDENTIAL, &made.concat());
        Made {
            client_data: self.client_data("webauthn.create", challenge),
            attestation: attestation_object(&data),
        }
    }

    /// Signs this challenge, and counts.
    pub fn assert(&mut self, challenge: &[u8]) -> Signed {
        self.sign_count = self.sign_count.map(|count| count + 1);
        let client_data = self.client_data("webauthn.get", challenge);
        let authenticator_data = self.authenticator_data(self.flags, &[]);
        let signature = self.sign(&authenticator_data, &client_data);
        let credential = self.credential.clone();
        Signed { credential, client_data, authenticator_data, signature }
    }

    /// The signature over an answer that says this.
    #[must_use]
    pub fn sign(&self, authenticator_data: &[u8], client_data: &[u8]) -> Vec<u8> {
        let message = [authenticator_data, &Sha256::digest(client_data)].concat();
        match &self.pair {
            Pair::Es256(pair) => {
                pair.sign(&SystemRandom::new(), &message).unwrap().as_ref().to_vec()
            }
            Pair::EdDsa(pair) => pair.sign(&message).as_ref().to_vec(),
        }
    }

    /// Client data of this kind.
    #[must_use]
    pub fn client_data(&self, kind: &str, challenge: &[u8]) -> Vec<u8> {
        let (challenge, origin, more) = (base64url(challenge), &self.origin, &self.more);
        let text =
            format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}"{more}}}"#);
        text.into_bytes()
    }

    /// Authenticator data with these flags, and what follows them.
    #[must_use]
    pub fn authenticator_data(&self, flags: u8, after: &[u8]) -> Vec<u8> {
        let count = self.sign_count.unwrap_or_default().to_be_bytes();
        [&Sha256::digest(self.party.as_bytes())[..], &[flags], &count, after].concat()
    }
}

/// An attestation object of the format "none" around authenticator data.
#[must_use]
pub fn attestation_object(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap().to_be_bytes();
    let head = match length {
        [0, short] if short >= 24 => vec![0x58, short],
        [0, short] => vec![0x40 | short],
        long => vec![0x59, long[0], long[1]],
    };
    let before = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData";
    [&before[..], &head, data].concat()
}

/// Bytes as scripts send them.
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Bytes as a page carries them.
#[must_use]
pub fn from_base64url(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// Bytes as specifications write them.
#[must_use]
pub fn hex(text: &str) -> Vec<u8> {
    let digit = |letter: u8| u8::try_from(char::from(letter).to_digit(16).unwrap()).unwrap();
    text.as_bytes().chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}
