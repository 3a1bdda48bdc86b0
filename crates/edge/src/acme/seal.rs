//! Sealing: what lies elsewhere can be read, and changed unnoticed, only by who has the secret.
//!
//! From each line of the secret's file a key is derived (RFC 5869); AES-256 in GCM seals. The name of
//! an object is sealed in, so that one cannot be put in the place of another.

use std::fmt;
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::hkdf;

use super::AcmeError;

/// The first bytes of a sealed object.
const MAGIC: &[u8] = b"tuskling-sealed-1\n";
const NONCE: usize = 12;
/// Letters of a secret: fewer could be guessed.
const SHORTEST: usize = 32;
/// Secrets of a file.
const MOST: usize = 8;

/// The secrets of a file. The first one seals, all open.
pub(super) struct Seal {
    keys: Vec<RandomizedNonceKey>,
}

impl Seal {
    /// Reads the secrets, one a line.
    ///
    /// # Errors
    /// [`AcmeError::Settings`] when the file cannot be read or holds no secret.
    pub(super) fn read(file: &Path) -> Result<Self, AcmeError> {
        let wrong = |what: String| AcmeError::Settings(format!("{}: {what}", file.display()));
        let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let mut keys = Vec::new();
        for line in lines.take(MOST) {
            if line.len() < SHORTEST {
                let what = "a secret of the vault has at least 32 letters; `tuskling edge secret` makes one";
                return Err(wrong(what.into()));
            }
            keys.push(derived(line).ok_or_else(|| wrong("no key can be made of it".into()))?);
        }
        if keys.is_empty() {
            return Err(wrong("holds no secret; `tuskling edge secret` makes one".into()));
        }
        Ok(Self { keys })
    }

    /// Seals the bytes of an object; nothing when the library fails.
    pub(super) fn close(&self, name: &str, plain: &[u8]) -> Option<Vec<u8>> {
        let mut body = plain.to_vec();
        let key = self.keys.first()?;
        let nonce = key.seal_in_place_append_tag(Aad::from(bound(name)), &mut body).ok()?;
        Some([MAGIC, nonce.as_ref(), &body].concat())
    }

    /// The bytes that were sealed; nothing when it was not by one of our secrets, or not this object.
    pub(super) fn open(&self, name: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.strip_prefix(MAGIC)?.split_first_chunk::<NONCE>()?;
        self.keys.iter().find_map(|key| {
            let mut body = body.to_vec();
            let nonce = Nonce::from(nonce);
            let opened = key.open_in_place(nonce, Aad::from(bound(name)), &mut body);
            opened.ok().map(|plain| plain.to_vec())
        })
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Seal").field("keys", &self.keys.len()).finish()
    }
}

fn bound(name: &str) -> Vec<u8> {
    [MAGIC, name.as_bytes()].concat()
}

fn derived(secret: &str) -> Option<RandomizedNonceKey> {
    let mut key = [0; 32];
    let extracted =
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"tuskling vault").extract(secret.as_bytes());
    let info: [&[u8]; 1] = [b"certificates, aes-256-gcm"];
    let expanded = extracted.expand(&info, hkdf::HKDF_SHA256).ok()?;
    expanded.fill(&mut key).ok()?;
    RandomizedNonceKey::new(&AES_256_GCM, &key).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(folder: &Path, secrets: &[char]) -> Seal {
        let file = folder.join("secret");
        let line = |letter: &char| letter.to_string().repeat(64) + "\n";
        std::fs::write(&file, secrets.iter().map(line).collect::<String>()).unwrap();
        Seal::read(&file).unwrap()
    }

    #[test]
    fn e11_only_the_secret_opens_and_only_under_its_own_name() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (seal(folder.path(), &['a']), seal(folder.path(), &['b']));
        let sealed = one.close("certificates/a.test", b"key and chain").unwrap();
        assert!(!sealed.windows(3).any(|part| part == b"key"));
        assert_ne!(sealed, one.close("certificates/a.test", b"key and chain").unwrap());
        assert_eq!(one.open("certificates/a.test", &sealed).unwrap(), b"key and chain");
        assert_eq!(one.open("certificates/b.test", &sealed), None);
        assert_eq!(other.open("certificates/a.test", &sealed), None);
        // A secret is replaced by putting the new one first.
        let both = seal(folder.path(), &['b', 'a']);
        assert_eq!(both.open("certificates/a.test", &sealed).unwrap(), b"key and chain");
        let anew = both.close("x", b"y").unwrap();
        assert_eq!((other.open("x", &anew), one.open("x", &anew)), (Some(b"y".to_vec()), None));
    }

    #[test]
    fn what_was_cut_or_changed_does_not_open() {
        let folder = tempfile::tempdir().unwrap();
        let seal = seal(folder.path(), &['a']);
        let sealed = seal.close("x", b"plain").unwrap();
        for length in 0..sealed.len() {
            assert_eq!(seal.open("x", &sealed[..length]), None, "{length}");
        }
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(seal.open("x", &changed), None, "{at}");
        }
    }

    #[test]
    fn a_secret_that_could_be_guessed_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        for text in ["", "\n\n", "short\n"] {
            std::fs::write(&file, text).unwrap();
            assert!(Seal::read(&file).is_err(), "{text:?}");
        }
        assert!(Seal::read(&folder.path().join("missing")).is_err());
    }
}
