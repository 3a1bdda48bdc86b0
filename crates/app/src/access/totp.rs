//! Codes from an app that knows a shared secret (RFC 6238: HMAC-SHA-1, six digits, thirty seconds, which
//! is what every such app speaks), and the letters that secrets and recovery codes are written in. Pure.

use aws_lc_rs::hmac;
use domain::{Random, Timestamp};

/// Seconds that a code is shown.
const STEP: i64 = 30;
/// Steps before and after the present one whose codes are taken: clocks differ.
const DRIFT: i64 = 1;
/// Letters of RFC 4648 base32.
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Bytes of a secret, as RFC 4226 §4 wants.
pub(super) const SECRET: usize = 20;

/// The step whose code this is, near `now` and after `last`, the newest that was used.
pub(super) fn step_of(secret: &[u8], code: &str, now: Timestamp, last: i64) -> Option<i64> {
    if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let code: u32 = code.parse().ok()?;
    let present = now.seconds() / STEP;
    let steps = (present - DRIFT)..=(present + DRIFT);
    // All are computed whichever fits.
    let fitting: Vec<i64> = steps.filter(|step| code_at(secret, *step) == Some(code)).collect();
    fitting.into_iter().find(|step| *step > last)
}

/// The code of a step (RFC 4226 §5.3).
fn code_at(secret: &[u8], step: i64) -> Option<u32> {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let digest = hmac::sign(&key, &step.to_be_bytes());
    let digest = digest.as_ref();
    let offset = usize::from(digest.last()? & 15);
    let word: [u8; 4] = digest.get(offset..offset + 4)?.try_into().ok()?;
    Some((u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000)
}

/// Base32 without padding.
pub(super) fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut held, mut bits) = (0_u32, 0_u32);
    let letter = |value: u32| {
        let at = usize::try_from(value & 31).unwrap_or(0);
        char::from(LETTERS.get(at).copied().unwrap_or(b'A'))
    };
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(held >> bits));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(letter(held << (5 - bits)));
    }
    text
}

/// A recovery code of 80 random bits, in four groups.
pub(super) fn recovery_code(random: &dyn Random) -> String {
    let mut bytes = [0_u8; 10];
    random.fill(&mut bytes);
    let text = base32(&bytes).to_lowercase();
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect()).collect::<Vec<String>>().join("-")
}

/// A recovery code as people type it, in the form that is hashed.
pub(super) fn plain_code(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).take(64).collect::<String>().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1; of eight digits the last six.
    #[test]
    fn codes_are_those_of_rfc_6238() {
        let secret = b"12345678901234567890";
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let now = Timestamp(seconds * 1000);
            assert_eq!(step_of(secret, code, now, 0), Some(seconds / 30), "{seconds}");
        }
    }

    #[test]
    fn a05_a_code_is_good_near_its_time_and_never_after_a_newer_one() {
        let secret = b"12345678901234567890";
        let at = |seconds: i64| Timestamp(seconds * 1000);
        assert_eq!(step_of(secret, "287082", at(59 + 30), 0), Some(1));
        assert_eq!(step_of(secret, "287082", at(59 - 30), 0), Some(1));
        assert_eq!(step_of(secret, "287082", at(59 + 61), 0), None, "too old");
        assert_eq!(step_of(secret, "287082", at(59), 1), None, "used");
        assert_eq!(step_of(secret, "287082", at(59), 2), None, "a newer one was used");
        for bad in ["", "28708", "2870820", "28708a", "+28708", "٢٨٧٠٨٢"] {
            assert_eq!(step_of(secret, bad, at(59), 0), None, "{bad}");
        }
    }

    #[test]
    fn secrets_are_written_in_base32() {
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(base32(b"f"), "MY");
    }
}
