//! Client data (§5.8.1): what the browser says of the question, the page and its address.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::Refused;

/// Longest client data; without additions they have some 150 bytes.
const LONGEST: usize = 4 * 1024;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ceremony {
    /// A new key.
    Create,
    /// A signature.
    Get,
}

#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(rename = "crossOrigin")]
    cross_origin: Option<bool>,
    #[serde(rename = "topOrigin")]
    top_origin: Option<IgnoredAny>,
}

/// Checks that the browser asked this question, for a page of ours that stands by itself.
pub(super) fn check(
    bytes: &[u8],
    ceremony: Ceremony,
    challenge: &[u8],
    origin: &str,
) -> Result<(), Refused> {
    if bytes.len() > LONGEST {
        return Err(Refused::Malformed);
    }
    // "UTF-8 decode" takes a byte order mark off.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let data: ClientData = serde_json::from_slice(bytes).map_err(|_| Refused::Malformed)?;
    let kind = match ceremony {
        Ceremony::Create => "webauthn.create",
        Ceremony::Get => "webauthn.get",
    };
    if data.kind != kind {
        return Err(Refused::Ceremony);
    }
    if data.challenge != URL_SAFE_NO_PAD.encode(challenge) {
        return Err(Refused::Challenge);
    }
    if data.origin != origin {
        return Err(Refused::Origin);
    }
    // Our pages may not be framed.
    if data.cross_origin == Some(true) || data.top_origin.is_some() {
        return Err(Refused::Framed);
    }
    Ok(())
}
