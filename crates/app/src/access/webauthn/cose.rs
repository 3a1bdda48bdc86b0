//! Public keys in COSE form (RFC 9052, RFC 9053, RFC 8812), of the kinds that are offered, and their signatures.

use std::ops::RangeInclusive;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents, VerificationAlgorithm,
};

use super::Refused;
use super::cbor::Value;

/// Labels of a key's entries (RFC 9052 §7.1, RFC 9053 §7); what those below zero mean depends on the kind.
const KIND: i64 = 1;
const ALGORITHM: i64 = 3;
const CURVE: i64 = -1;
const X: i64 = -2;
const Y: i64 = -3;
const MODULUS: i64 = -1;
const EXPONENT: i64 = -2;

/// Bytes of a modulus, as the library takes them: 2048 to 8192 bits.
const MODULUS_BYTES: RangeInclusive<usize> = 256..=1024;
/// Longest exponent; it is 65537 nearly always.
const LONGEST_EXPONENT: usize = 4;

/// A public key that signatures can be checked with.
pub(super) struct PublicKey(ParsedPublicKey);

impl PublicKey {
    /// Reads a key: ES256 on P-256, EdDSA on Ed25519, or RS256 (the algorithms -7, -8 and -257).
    pub fn of(key: &Value<'_>) -> Result<Self, Refused> {
        let number = |label| key.numbered(label).and_then(Value::integer);
        let bytes = |label| key.numbered(label).and_then(Value::bytes).ok_or(Refused::Malformed);
        let kind = number(KIND).ok_or(Refused::Malformed)?;
        match number(ALGORITHM).ok_or(Refused::Malformed)? {
            -7 => {
                is(kind == 2 && number(CURVE) == Some(1))?;
                let (x, y) = (bytes(X)?, bytes(Y)?);
                is(x.len() == 32 && y.len() == 32)?;
                // An uncompressed point (SEC 1 §2.3.3).
                Self::parsed(&ECDSA_P256_SHA256_ASN1, &[&[4], x, y].concat())
            }
            -8 => {
                is(kind == 1 && number(CURVE) == Some(6))?;
                let x = bytes(X)?;
                is(x.len() == 32)?;
                Self::parsed(&ED25519, x)
            }
            -257 => {
                is(kind == 3)?;
                let (n, e) = (bytes(MODULUS)?, bytes(EXPONENT)?);
                if !MODULUS_BYTES.contains(&n.len()) || e.len() > LONGEST_EXPONENT {
                    return Err(Refused::Key);
                }
                let whole: PublicKeyX509Der<'_> =
                    RsaPublicKeyComponents { n, e }.as_der().map_err(|_| Refused::Key)?;
                Self::parsed(&RSA_PKCS1_2048_8192_SHA256, whole.as_ref())
            }
            _ => Err(Refused::Algorithm),
        }
    }

    fn parsed(
        algorithm: &'static dyn VerificationAlgorithm,
        bytes: &[u8],
    ) -> Result<Self, Refused> {
        ParsedPublicKey::new(algorithm, bytes).map(Self).map_err(|_| Refused::Key)
    }

    /// Whether this is a signature of the key's other half.
    pub fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify_sig(message, signature).is_ok()
    }
}

fn is(right: bool) -> Result<(), Refused> {
    if right { Ok(()) } else { Err(Refused::Malformed) }
}
