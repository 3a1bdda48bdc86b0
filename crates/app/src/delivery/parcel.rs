//! What many inboxes get: one body, and the key that signs each request that carries it.

use std::sync::{Arc, OnceLock};

use activitypub::linked;
use activitypub::sign::SigningKey;
use bytes::Bytes;
use domain::Timestamp;
use serde_json::Value;

use crate::keys::Key;

/// Signs a parcel.
pub(super) enum Signer {
    /// By a key that is kept.
    Kept(Arc<Key>),
    /// By the key of an account that is gone.
    Last(SigningKey),
}

impl Signer {
    pub(super) fn key(&self) -> &SigningKey {
        match self {
            Self::Kept(key) => &key.signing,
            Self::Last(key) => key,
        }
    }
}

/// An activity and who signs for it.
pub(super) struct Parcel {
    pub(super) signer: Signer,
    stored: String,
    secure_mode: bool,
    sent: OnceLock<Bytes>,
}

impl Parcel {
    /// Of an activity as it is stored.
    pub(super) fn new(stored: String, signer: Signer, secure_mode: bool) -> Self {
        Self { signer, stored, secure_mode, sent: OnceLock::new() }
    }

    /// The body as it is sent: with a signature inside where others may pass it on ([`linked`]), made once for
    /// all inboxes, by the first that asks. Costs a signature then: call it off the runtime.
    pub(super) fn body(&self, now: Timestamp) -> Bytes {
        self.sent.get_or_init(|| Bytes::from(self.signed(now))).clone()
    }

    /// The same when it was made before.
    pub(super) fn ready(&self) -> Option<Bytes> {
        self.sent.get().cloned()
    }

    fn signed(&self, now: Timestamp) -> String {
        let key = self.signer.key();
        let activity: Value = serde_json::from_str(&self.stored).unwrap_or_default();
        // What came from elsewhere is passed on as it came.
        let is_own = activity["actor"].as_str() == key.key_id.split('#').next();
        if !is_own || !linked::is_wanted(&activity, self.secure_mode) {
            return self.stored.clone();
        }
        linked::signed(activity, key, now).unwrap_or_else(|error| {
            tracing::debug!(%error, "sent without a Linked-Data signature");
            self.stored.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

    fn sent(activity: &Value, secure_mode: bool) -> Value {
        let private = activitypub::sign::new_key().unwrap().private;
        let key_id = "https://a.test/users/alice#main-key".to_owned();
        let signer = Signer::Last(SigningKey::from_pkcs8(key_id, &private).unwrap());
        let parcel = Parcel::new(activity.to_string(), signer, secure_mode);
        let first = parcel.body(Timestamp(0));
        assert_eq!(parcel.body(Timestamp(1_000)), first, "signed once");
        serde_json::from_slice(&first).unwrap()
    }

    #[test]
    fn what_may_be_passed_on_is_signed_inside() {
        let by = |actor: &str, to: &str| {
            json!({
                "@context": "https://www.w3.org/ns/activitystreams",
                "type": "Announce",
                "actor": actor,
                "object": "https://b.test/1",
                "to": [to],
            })
        };
        let alice = "https://a.test/users/alice";
        let open = by(alice, PUBLIC);
        assert_eq!(sent(&open, false)["signature"]["type"], "RsaSignature2017");
        assert_eq!(sent(&open, true), open);
        let closed = by(alice, "https://a.test/users/alice/followers");
        assert_eq!(sent(&closed, false), closed);
        let of_another = by("https://b.test/users/bob", PUBLIC);
        assert_eq!(sent(&of_another, false), of_another);
    }

    #[test]
    fn what_has_no_known_meaning_goes_unsigned() {
        let odd = json!({
            "@context": "https://elsewhere.test/words",
            "type": "Announce",
            "actor": "https://a.test/users/alice",
            "to": [PUBLIC],
        });
        assert_eq!(sent(&odd, false), odd);
    }
}
