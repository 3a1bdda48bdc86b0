//! Who a push comes from (RFC 8292): a short-lived statement that this server signs for one push
//! service.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Timestamp;
use domain::time::HOUR;
use serde_json::json;
use url::Url;

use super::keys::Pair;

/// How long a statement holds; a day is the most.
const LIFE: i64 = 12 * HOUR;

/// The statement for a push service, as a JSON web token with ES256. `contact` is where its people
/// can write to. `None` when the key is none.
pub(super) fn token(pair: &Pair, service: &Url, contact: &str, now: Timestamp) -> Option<String> {
    let head = json!({ "typ": "JWT", "alg": "ES256" }).to_string();
    let claims = json!({
        "aud": service.origin().ascii_serialization(),
        "exp": now.plus(LIFE).seconds(),
        "sub": contact,
    });
    let text =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let key = EcdsaKeyPair::from_private_key_and_public_key(
        &ECDSA_P256_SHA256_FIXED_SIGNING,
        &pair.private,
        &pair.public,
    );
    let signature = key.ok()?.sign(&SystemRandom::new(), text.as_bytes()).ok()?;
    Some(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
}
