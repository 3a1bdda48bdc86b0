//! RSA keys: made, kept parsed for signing, read from the PEM of other servers for verifying.
//! Everything that touches the cryptographic library is here and in `digest`.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::SignatureError;

/// Longest PEM that is looked at: an RSA key of 8192 bits needs less than 2 KiB.
const LONGEST_PEM: usize = 8 * 1_024;

/// A private key, parsed once: parsing costs more than signing.
pub struct SigningKey {
    /// The id that others find the public half at.
    pub key_id: String,
    pair: RsaKeyPair,
}

/// A new key pair.
pub struct NewKey {
    /// PKCS#8, DER.
    pub private: Vec<u8>,
    /// SPKI, PEM.
    pub public_pem: String,
}

/// Makes an RSA key of 2048 bits. Takes a good part of a second: call it off the runtime.
///
/// # Errors
/// [`SignatureError::Key`] when the library fails.
pub fn new_key() -> Result<NewKey, SignatureError> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| SignatureError::Key)?;
    let private: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| SignatureError::Key)?;
    Ok(NewKey { private: private.as_ref().to_vec(), public_pem: public_pem(&pair)? })
}

impl SigningKey {
    /// A key from its stored form, PKCS#8 in DER.
    ///
    /// # Errors
    /// [`SignatureError::Key`].
    pub fn from_pkcs8(key_id: String, private: &[u8]) -> Result<Self, SignatureError> {
        let pair = RsaKeyPair::from_pkcs8(private).map_err(|_| SignatureError::Key)?;
        Ok(Self { key_id, pair })
    }

    /// The public half, SPKI in PEM.
    ///
    /// # Errors
    /// [`SignatureError::Key`] when the library fails.
    pub fn public_pem(&self) -> Result<String, SignatureError> {
        public_pem(&self.pair)
    }

    /// The signature of `message` (RSASSA-PKCS1-v1_5 with SHA-256), in base64. Empty when the
    /// library fails, which the other side will refuse.
    pub(crate) fn sign(&self, message: &[u8]) -> String {
        let mut bytes = vec![0; self.pair.public_modulus_len()];
        match self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut bytes) {
            Ok(()) => STANDARD.encode(bytes),
            Err(_) => String::new(),
        }
    }
}

/// Whether `signature` was made over one of the messages by the key in `public_pem`.
pub(super) fn verify<'m>(
    public_pem: &str,
    messages: impl Iterator<Item = &'m [u8]>,
    signature: &[u8],
) -> Result<(), SignatureError> {
    let der = der(public_pem).ok_or(SignatureError::Key)?;
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der)
        .parse()
        .map_err(|_| SignatureError::Key)?;
    for message in messages {
        if key.verify_sig(message, signature).is_ok() {
            return Ok(());
        }
    }
    Err(SignatureError::Wrong)
}

fn public_pem(pair: &RsaKeyPair) -> Result<String, SignatureError> {
    let public: PublicKeyX509Der<'_> =
        pair.public_key().as_der().map_err(|_| SignatureError::Key)?;
    let text = STANDARD.encode(public.as_ref());
    let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
    for (at, letter) in text.chars().enumerate() {
        if at > 0 && at % 64 == 0 {
            pem.push('\n');
        }
        pem.push(letter);
    }
    pem.push_str("\n-----END PUBLIC KEY-----\n");
    Ok(pem)
}

/// The bytes between the armour lines. Old servers send PKCS#1 (`BEGIN RSA PUBLIC KEY`); the library
/// reads both.
fn der(pem: &str) -> Option<Vec<u8>> {
    if pem.len() > LONGEST_PEM {
        return None;
    }
    let (label, rest) = pem.split_once("-----BEGIN ")?.1.split_once("-----")?;
    if !matches!(label, "PUBLIC KEY" | "RSA PUBLIC KEY") {
        return None;
    }
    let (body, _) = rest.split_once("-----END ")?;
    let body: String = body.chars().filter(|letter| !letter.is_whitespace()).collect();
    STANDARD.decode(body).ok()
}
