//! Bearer secrets: made from 256 random bits, shown once, kept only as a SHA-256 digest (A04).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::Random;

/// A secret in the clear: access token, client secret, code, session, mail link. Printing it by
/// `{:?}` shows nothing, so that it cannot reach a log by accident (V07).
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// What is stored of a secret: enough to recognise it, useless to a thief of the database.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecretHash(pub String);

impl Secret {
    /// A new secret of 256 random bits, 43 URL-safe characters.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        let mut bytes = [0_u8; 32];
        random.fill(&mut bytes);
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// A secret that came from outside.
    #[must_use]
    pub fn from_outside(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text to hand to its owner, once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What to store and look up. Unsalted: the secret itself has 256 bits of entropy.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        SecretHash(sha256_base64url(self.0.as_bytes()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// SHA-256 in unpadded base64url, the form PKCE (RFC 7636, S256) compares.
#[must_use]
pub fn sha256_base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::testing::Seeded;

    #[test]
    fn a04_a_secret_has_256_bits_and_never_prints_itself() {
        let secret = Secret::generate(&Seeded::new(7));
        assert_eq!(secret.reveal().len(), 43);
        assert!(!format!("{secret:?}").contains(secret.reveal()));
        assert_ne!(secret.hash().0, secret.reveal());
    }
}
