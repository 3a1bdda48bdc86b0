//! Encryption of a push for one client: pure, apart from the key pair that is made for it.
//!
//! `aes128gcm` is RFC 8291; `aesgcm` the draft before it (draft-ietf-webpush-encryption-04), which the
//! relays of older apps still read. Both give one record.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hmac;

/// Bytes of a record, and so the most that a push service takes (RFC 8030 §7.2).
const RECORD: u32 = 4096;
/// The longest text that fits in either encoding: salt, sizes and key before it, tag and padding after.
pub(super) const LONGEST: usize = 3_900;

/// What a client gave to be written to.
pub(super) struct Receiver<'r> {
    /// Its public key: an uncompressed point.
    pub public: &'r [u8],
    /// Its secret.
    pub auth: &'r [u8],
}

/// What has to be new for every message.
pub(super) struct Fresh {
    /// A private key, 32 bytes.
    pub private: PrivateKey,
    /// Random.
    pub salt: [u8; 16],
}

/// A message that only its receiver can read.
pub(super) struct Sealed {
    /// The body to send.
    pub body: Vec<u8>,
    /// Our half of the key: an uncompressed point.
    pub public: Vec<u8>,
}

/// RFC 8291: everything needed to read it stands before the record. `None` when the receiver's keys
/// are none.
pub(super) fn aes128gcm(text: &[u8], to: &Receiver<'_>, fresh: &Fresh) -> Option<Sealed> {
    let public = public_of(fresh)?;
    let info = [b"WebPush: info\0", to.public, &public].concat();
    let secret = derive(to.auth, &shared(to, fresh)?, &info);
    let record = [text, &[2]].concat();
    let parts = Parts {
        key: b"Content-Encoding: aes128gcm\0".to_vec(),
        nonce: b"Content-Encoding: nonce\0".to_vec(),
    };
    let record = seal(record, &secret, &fresh.salt, &parts)?;
    let length = u8::try_from(public.len()).ok()?;
    let body = [&fresh.salt[..], &RECORD.to_be_bytes(), &[length], &public, &record].concat();
    Some(Sealed { body, public })
}

/// The draft: salt and key travel in headers.
pub(super) fn aesgcm(text: &[u8], to: &Receiver<'_>, fresh: &Fresh) -> Option<Sealed> {
    let public = public_of(fresh)?;
    let secret = derive(to.auth, &shared(to, fresh)?, b"Content-Encoding: auth\0");
    let length = |key: &[u8]| u16::try_from(key.len()).ok().map(u16::to_be_bytes);
    let context =
        [b"P-256\0", &length(to.public)?[..], to.public, &length(&public)?[..], &public].concat();
    let record = [&[0, 0], text].concat();
    let parts = Parts {
        key: [b"Content-Encoding: aesgcm\0", &context[..]].concat(),
        nonce: [b"Content-Encoding: nonce\0", &context[..]].concat(),
    };
    Some(Sealed { body: seal(record, &secret, &fresh.salt, &parts)?, public })
}

fn public_of(fresh: &Fresh) -> Option<Vec<u8>> {
    Some(fresh.private.compute_public_key().ok()?.as_ref().to_vec())
}

fn shared(to: &Receiver<'_>, fresh: &Fresh) -> Option<Vec<u8>> {
    let theirs = UnparsedPublicKey::new(&ECDH_P256, to.public);
    agree(&fresh.private, theirs, (), |secret| Ok(secret.to_vec())).ok()
}

/// What key and nonce are derived for.
struct Parts {
    key: Vec<u8>,
    nonce: Vec<u8>,
}

fn seal(mut record: Vec<u8>, secret: &[u8], salt: &[u8], parts: &Parts) -> Option<Vec<u8>> {
    let key = derive(salt, secret, &parts.key);
    let nonce = derive(salt, secret, &parts.nonce);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, key.get(..16)?).ok()?);
    let nonce = Nonce::try_assume_unique_for_key(nonce.get(..12)?).ok()?;
    key.seal_in_place_append_tag(nonce, Aad::empty(), &mut record).ok()?;
    Some(record)
}

/// HKDF (RFC 5869) with SHA-256, of one block: what is wanted is never longer than 32 bytes.
pub(super) fn derive(salt: &[u8], secret: &[u8], info: &[u8]) -> Vec<u8> {
    let hash = |key: &[u8], text: &[u8]| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        hmac::sign(&key, text).as_ref().to_vec()
    };
    hash(&hash(salt, secret), &[info, &[1]].concat())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    /// The example of RFC 8291 §5 and appendix A.
    #[test]
    fn a_message_is_the_one_of_rfc_8291() {
        let public = bytes(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        );
        let auth = bytes("BTBZMqHH6r4Tts7J_aSIgg");
        let private = bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");
        let fresh = Fresh {
            private: PrivateKey::from_private_key(&ECDH_P256, &private).unwrap(),
            salt: bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap(),
        };
        let to = Receiver { public: &public, auth: &auth };
        let text = b"When I grow up, I want to be a watermelon";
        let sealed = aes128gcm(text, &to, &fresh).unwrap();
        assert_eq!(
            URL_SAFE_NO_PAD.encode(&sealed.body),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        let fresh = || Fresh {
            private: PrivateKey::from_private_key(&ECDH_P256, &[7; 32]).unwrap(),
            salt: [1; 16],
        };
        let nowhere = [&[4][..], &[0; 64]].concat();
        let to = Receiver { public: &nowhere, auth: &[0; 16] };
        assert!(aes128gcm(b"x", &to, &fresh()).is_none(), "a point that is not on the curve");
        assert!(aesgcm(b"x", &to, &fresh()).is_none());
    }

    #[test]
    fn the_longest_text_fits_what_push_services_take() {
        let own = PrivateKey::from_private_key(&ECDH_P256, &[9; 32]).unwrap();
        let public = own.compute_public_key().unwrap();
        let to = Receiver { public: public.as_ref(), auth: &[0; 16] };
        let fresh = Fresh {
            private: PrivateKey::from_private_key(&ECDH_P256, &[7; 32]).unwrap(),
            salt: [1; 16],
        };
        let text = [b'x'; LONGEST];
        assert!(aes128gcm(&text, &to, &fresh).unwrap().body.len() <= 4096);
        assert!(aesgcm(&text, &to, &fresh).unwrap().body.len() <= 4096);
    }
}
