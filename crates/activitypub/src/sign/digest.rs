//! Digests of bodies: `Digest` (RFC 3230) as draft-cavage peers send it, `Content-Digest` (RFC 9530)
//! beside RFC 9421.

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::SignatureError;
use super::structured;

/// The value of a `Digest` header.
pub(super) fn digest_header(body: &[u8]) -> String {
    format!("SHA-256={}", STANDARD.encode(digest(&SHA256, body)))
}

/// The value of a `Content-Digest` header.
pub(super) fn content_digest_header(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(digest(&SHA256, body)))
}

/// Whether a `Digest` header is true of the body. Several algorithms may be listed; SHA-256 must be
/// one of them, and every SHA-256 must be right.
pub(super) fn check_digest(header: &str, body: &[u8]) -> Result<(), SignatureError> {
    let right = digest(&SHA256, body);
    let mut found = false;
    for entry in header.split(',') {
        let (name, value) =
            entry.trim().split_once('=').ok_or(SignatureError::Malformed("digest"))?;
        if name.trim().eq_ignore_ascii_case("sha-256") {
            let value =
                STANDARD.decode(value.trim()).map_err(|_| SignatureError::Malformed("digest"))?;
            if value != right.as_ref() {
                return Err(SignatureError::Digest);
            }
            found = true;
        }
    }
    if found { Ok(()) } else { Err(SignatureError::Digest) }
}

/// Whether a `Content-Digest` header is true of the body: at least one of SHA-256 and SHA-512 is
/// there, and what is there is right.
pub(super) fn check_content_digest(header: &str, body: &[u8]) -> Result<(), SignatureError> {
    let entries =
        structured::byte_dictionary(header).ok_or(SignatureError::Malformed("content-digest"))?;
    let mut found = false;
    for (name, value) in entries {
        let right = match name.as_str() {
            "sha-256" => digest(&SHA256, body),
            "sha-512" => digest(&SHA512, body),
            _ => continue,
        };
        if value != right.as_ref() {
            return Err(SignatureError::Digest);
        }
        found = true;
    }
    if found { Ok(()) } else { Err(SignatureError::Digest) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_digests_must_hold_the_right_one() {
        let good = digest_header(b"body");
        assert_eq!(check_digest(&good, b"body"), Ok(()));
        assert_eq!(check_digest(&format!("SHA-512=AAAA, {good}"), b"body"), Ok(()));
        assert_eq!(check_digest(&good.replace("SHA", "sha"), b"body"), Ok(()));
        assert_eq!(check_digest(&good, b"bodY"), Err(SignatureError::Digest));
        assert_eq!(check_digest("SHA-512=AAAA", b"body"), Err(SignatureError::Digest));
        let other = digest_header(b"other");
        assert_eq!(check_digest(&format!("{good},{other}"), b"body"), Err(SignatureError::Digest));
        assert!(check_digest("", b"body").is_err());
    }

    #[test]
    fn content_digests_of_both_lengths_count() {
        let short = content_digest_header(b"body");
        let long = format!("sha-512=:{}:", STANDARD.encode(digest(&SHA512, b"body")));
        assert_eq!(check_content_digest(&short, b"body"), Ok(()));
        assert_eq!(check_content_digest(&long, b"body"), Ok(()));
        assert_eq!(check_content_digest(&format!("{short}, {long}"), b"body"), Ok(()));
        assert_eq!(check_content_digest(&long, b"bodY"), Err(SignatureError::Digest));
        assert_eq!(check_content_digest("md5=:AAAA:", b"body"), Err(SignatureError::Digest));
        assert!(check_content_digest("sha-256=AAAA", b"body").is_err());
    }
}
