//! Authenticator data (§6.1): what a key says of itself, and the key that it made.

use super::cbor::{self, Value};

/// Flags, by their bits.
const PRESENT: u8 = 1 << 0;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const WITH_CREDENTIAL: u8 = 1 << 6;
const WITH_EXTENSIONS: u8 = 1 << 7;

/// Longest id of a credential (§7.1, step 24).
const LONGEST_ID: usize = 1023;

/// Authenticator data.
pub(super) struct AuthenticatorData<'b> {
    /// SHA-256 of the host that the answer is for.
    pub party: &'b [u8],
    flags: u8,
    /// How often the key has signed; 0 when it does not count.
    pub sign_count: u32,
    /// What was made, when that was asked for.
    pub credential: Option<Made<'b>>,
}

/// A key that was just made (§6.5.1, attested credential data).
pub(super) struct Made<'b> {
    /// Its id.
    pub id: &'b [u8],
    /// Its public half.
    pub key: Value<'b>,
    /// The same as it came.
    pub key_bytes: &'b [u8],
}

impl<'b> AuthenticatorData<'b> {
    /// Reads all of it; `None` when it is not whole or something follows.
    pub fn read(bytes: &'b [u8]) -> Option<Self> {
        let (party, rest) = bytes.split_at_checked(32)?;
        let (flags, rest) = rest.split_first()?;
        let (count, mut rest) = rest.split_first_chunk::<4>()?;
        let mut data =
            Self { party, flags: *flags, sign_count: u32::from_be_bytes(*count), credential: None };
        if data.has(WITH_CREDENTIAL) {
            let (made, after) = Made::read(rest)?;
            data.credential = Some(made);
            rest = after;
        }
        if data.has(WITH_EXTENSIONS) {
            // None was asked for; what comes all the same is left alone (§7.1, step 27).
            let (Value::Map(_), after) = cbor::first(rest)? else { return None };
            rest = after;
        }
        rest.is_empty().then_some(data)
    }

    /// Somebody touched the key.
    pub fn is_present(&self) -> bool {
        self.has(PRESENT)
    }

    /// The key may be copied to other devices of its owner.
    pub fn may_be_backed_up(&self) -> bool {
        self.has(BACKUP_ELIGIBLE)
    }

    /// It was.
    pub fn is_backed_up(&self) -> bool {
        self.has(BACKED_UP)
    }

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

impl<'b> Made<'b> {
    fn read(bytes: &'b [u8]) -> Option<(Self, &'b [u8])> {
        // The kind of authenticator, which nobody here asks for.
        let (_aaguid, rest) = bytes.split_at_checked(16)?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (id, rest) = rest.split_at_checked(length)?;
        if id.is_empty() || id.len() > LONGEST_ID {
            return None;
        }
        let (key, after) = cbor::first(rest)?;
        let (key_bytes, after) = rest.split_at_checked(rest.len().checked_sub(after.len())?)?;
        Some((Self { id, key, key_bytes }, after))
    }
}
