//! The key of a repository, locked by the password in restic's key file.
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

/// A key file for `master` that `password` opens.
pub(super) fn lock(master: &MasterKey, password: &str, random: &dyn Random) -> Result<Vec<u8>> {
    let library = |what: &str| BackupError::Library(format!("the key cannot be locked: {what}"));
    let mut salt = [0_u8; 64];
    random.fill(&mut salt);
    let mut nonce = Nonce::default();
    random.fill(&mut nonce);
    let params = Params::new(LOG_N, R, P).map_err(|error| library(&error.to_string()))?;
    let mut key = Key::default();
    scrypt::scrypt(password.as_bytes(), &salt, &params, &mut key)
        .map_err(|error| library(&error.to_string()))?;
    let mut sealed = serde_json::to_vec(master).map_err(|error| library(&error.to_string()))?;
    let tag = Aes256CtrPoly1305Aes::new(&key)
        .encrypt_in_place_detached(&nonce, &[], &mut sealed)
        .map_err(|error| library(&error.to_string()))?;
    let data = [nonce.as_slice(), &sealed, tag.as_slice()].concat();
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
