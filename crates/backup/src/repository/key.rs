//! The key of a repository, locked by the password in restic's key file, and what is sealed with it.
//!
//! The library locks with scrypt at 128 MiB of memory, which a small machine does not have beside a
//! server. restic's own choice is 32 MiB, and the file says how it was locked, so keys are made here.
//! <https://restic.readthedocs.io/en/stable/100_references.html#keys-encryption-and-mac>

use aes256ctr_poly1305aes::aead::AeadInPlace as _;
use aes256ctr_poly1305aes::{Aes256CtrPoly1305Aes, Key, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Random;
use rustic_core::repofile::MasterKey;
use scrypt::Params;
use serde_json::json;

use crate::{BackupError, Result};

/// N = 2^15, r = 8, p = 1: 32 MiB, what restic takes on most machines.
const LOG_N: u8 = 15;
const R: u32 = 8;
const P: u32 = 1;
/// Bytes of a nonce, and of the code at the end.
const NONCE: usize = 16;

/// A key file for `master` that `password` opens.
pub(super) fn lock(master: &MasterKey, password: &str, random: &dyn Random) -> Result<Vec<u8>> {
    let library = |what: &str| BackupError::Library(format!("the key cannot be locked: {what}"));
    let mut salt = [0_u8; 64];
    random.fill(&mut salt);
    let params = Params::new(LOG_N, R, P).map_err(|error| library(&error.to_string()))?;
    let mut key = Key::default();
    scrypt::scrypt(password.as_bytes(), &salt, &params, &mut key)
        .map_err(|error| library(&error.to_string()))?;
    let text = serde_json::to_vec(master).map_err(|error| library(&error.to_string()))?;
    let data = Seal(key).close(&text, random)?;
    let file = json!({
        "kdf": "scrypt",
        "N": 1_u32 << LOG_N,
        "r": R,
        "p": P,
        "data": STANDARD.encode(data),
        "salt": STANDARD.encode(salt),
    });
    serde_json::to_vec(&file).map_err(|error| library(&error.to_string()))
}

/// Seals and opens as everything in the repository is sealed: AES-256 in counter mode, Poly1305-AES.
pub(super) struct Seal(Key);

impl Seal {
    pub(super) fn of(master: &MasterKey) -> Result<Self> {
        let bytes = [&*master.encrypt, &*master.mac.k, &*master.mac.r].concat();
        let mut key = Key::default();
        if bytes.len() != key.len() {
            return Err(BackupError::Library(
                "the key of the repository has no such length".into(),
            ));
        }
        key.copy_from_slice(&bytes);
        Ok(Self(key))
    }

    pub(super) fn close(&self, text: &[u8], random: &dyn Random) -> Result<Vec<u8>> {
        let mut nonce = Nonce::default();
        random.fill(&mut nonce);
        let mut sealed = text.to_vec();
        let tag = Aes256CtrPoly1305Aes::new(&self.0)
            .encrypt_in_place_detached(&nonce, &[], &mut sealed)
            .map_err(|error| BackupError::Library(format!("cannot be sealed: {error}")))?;
        Ok([nonce.as_slice(), &sealed, tag.as_slice()].concat())
    }

    /// None when it was sealed by another key, or changed.
    pub(super) fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_at_checked(NONCE)?;
        let (text, tag) = rest.split_at_checked(rest.len().checked_sub(NONCE)?)?;
        let mut text = text.to_vec();
        Aes256CtrPoly1305Aes::new(&self.0)
            .decrypt_in_place_detached(Nonce::from_slice(nonce), &[], &mut text, tag.into())
            .ok()?;
        Some(text)
    }
}
