//! Linked-Data signatures (`RsaSignature2017`), which travel inside of an activity: who gets it from somebody else than its
//! actor can tell that it is the actor's. Mastodon passes an answer on to the followers of whom it answers only
//! with such a signature. They are made here, never believed: what others pass on is fetched from its origin.
//!
//! What is signed is not the text but its meaning: the document as RDF ([`graph`], by the words in [`terms`]),
//! in canonical form ([`canonical`]), so that whoever writes the JSON anew does not break it.
//!
//! Source: <https://docs.joinmastodon.org/spec/security/#ld>.

mod canonical;
mod graph;
mod terms;

use aws_lc_rs::digest::{SHA256, digest};
use domain::Timestamp;
use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::PUBLIC;
use crate::sign::SigningKey;

/// Why a document cannot be signed.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum LinkedError {
    /// It is no JSON object.
    #[error("it is no JSON object")]
    NotAnObject,
    /// Its context or a field says something that these words do not cover.
    #[error("the meaning of {0} is not known")]
    Unknown(String),
    /// Too many parts of it look alike to be told apart in bounded time.
    #[error("too many of its parts are alike")]
    TooAlike,
}

/// Whether an activity is to carry a signature, as Mastodon decides: what is open to everybody, what an account says of
/// itself, and deletions. With secure mode only deletions: posts are not to go from hand to hand then.
#[must_use]
pub fn is_wanted(activity: &Value, secure_mode: bool) -> bool {
    if activity["type"] == "Delete" {
        return true;
    }
    let open = ["to", "cc"].iter().any(|field| match &activity[*field] {
        Value::Array(list) => list.iter().any(|uri| uri == PUBLIC),
        uri => uri == PUBLIC,
    });
    let about_itself = activity["type"] == "Update"
        && activity["object"]["id"].is_string()
        && activity["object"]["id"] == activity["actor"];
    !secure_mode && (open || about_itself)
}

/// The text of an activity with its signature, made at `now`.
///
/// How often a post was liked and shared is left out: readers of the words of ActivityStreams do not agree on
/// whether these two are among them, and would see two meanings.
///
/// # Errors
/// [`LinkedError`]; the activity can be sent without a signature then.
pub fn signed(activity: Value, key: &SigningKey, now: Timestamp) -> Result<String, LinkedError> {
    let Value::Object(mut document) = activity else { return Err(LinkedError::NotAnObject) };
    if let Some(Value::Object(object)) = document.get_mut("object") {
        object.remove("likes");
        object.remove("shares");
    }
    let (creator, created) = (key.key_id.as_str(), now.rfc3339());
    let message = format!("{}{}", options_hash(creator, &created), document_hash(&document)?);
    let signature = json!({
        "type": "RsaSignature2017",
        "creator": creator,
        "created": created,
        "signatureValue": key.sign(message.as_bytes()),
    });
    document.insert("signature".to_owned(), signature);
    Ok(Value::Object(document).to_string())
}

/// The hash of what is said of the signature itself, in its canonical form.
fn options_hash(creator: &str, created: &str) -> String {
    hash(&format!(
        "_:c14n0 <http://purl.org/dc/terms/created> \"{created}\"^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n\
         _:c14n0 <http://purl.org/dc/terms/creator> <{creator}> .\n"
    ))
}

fn document_hash(document: &Map<String, Value>) -> Result<String, LinkedError> {
    Ok(hash(&canonical_text(document)?))
}

/// What a document says, as sorted N-Quads with nameless nodes renamed, without its signature: what two writers of the
/// same document agree on.
///
/// # Errors
/// [`LinkedError`].
pub fn canonical_text(document: &Map<String, Value>) -> Result<String, LinkedError> {
    canonical::text(&graph::of(document)?)
}

/// SHA-256 in hexadecimal.
fn hash(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
