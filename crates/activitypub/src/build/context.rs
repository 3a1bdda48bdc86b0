//! `@context`: what the words of a document mean to those who read it as linked data. Each kind of
//! document carries the words that it uses, as Mastodon 4.5 defines them.

use serde_json::{Value, json};

use crate::{Activity, Collection, Object, Verb};

/// Which words a document uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Words {
    /// Those of ActivityStreams alone.
    Plain,
    /// Emoji in reactions.
    Emoji,
    /// Of requests and permissions to quote (FEP-044f).
    Quote,
    /// Of posts.
    Note,
    /// Of accounts.
    Actor,
}

impl Words {
    /// Those of an activity with what it embeds.
    pub fn of_activity(activity: &Activity) -> Self {
        let emoji = if activity.emojis.is_empty() { Self::Plain } else { Self::Emoji };
        let quote = if activity.verb == Verb::QuoteRequest { Self::Quote } else { Self::Plain };
        let instrument = activity.instrument.as_ref().map_or(Self::Plain, Self::of_object);
        Self::of_object(&activity.object).max(emoji).max(quote).max(instrument)
    }

    /// Those of a collection with what it embeds.
    pub fn of_collection(collection: &Collection) -> Self {
        let page = collection.first_page.as_ref().map_or(Self::Plain, |p| Self::of_collection(p));
        collection.items.iter().map(Self::of_object).fold(page, Self::max)
    }

    fn of_object(object: &Object) -> Self {
        match object {
            Object::Note(_) => Self::Note,
            Object::Actor(_) => Self::Actor,
            Object::Activity(activity) => Self::of_activity(activity),
            Object::QuoteStamp(_) => Self::Quote,
            Object::Hashtag(_) => Self::Emoji,
            Object::Link(_) | Object::Tombstone(_) | Object::Other(..) | Object::None => {
                Self::Plain
            }
        }
    }
}

const ACTIVITY_STREAMS: &str = "https://www.w3.org/ns/activitystreams";
const SECURITY: &str = "https://w3id.org/security/v1";

/// The value of `@context`.
pub(super) fn context(words: Words) -> Value {
    match words {
        Words::Plain => json!(ACTIVITY_STREAMS),
        Words::Emoji => json!([ACTIVITY_STREAMS, {
            "toot": "http://joinmastodon.org/ns#",
            "Emoji": "toot:Emoji",
            "Hashtag": "as:Hashtag",
        }]),
        Words::Quote => json!([ACTIVITY_STREAMS, {
            "gts": "https://gotosocial.org/ns#",
            "QuoteRequest": "https://w3id.org/fep/044f#QuoteRequest",
            "QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization",
            "interactingObject": {"@id": "gts:interactingObject", "@type": "@id"},
            "interactionTarget": {"@id": "gts:interactionTarget", "@type": "@id"},
        }]),
        Words::Note => json!([ACTIVITY_STREAMS, note_words()]),
        Words::Actor => json!([ACTIVITY_STREAMS, SECURITY, actor_words()]),
    }
}

fn note_words() -> Value {
    json!({
        "ostatus": "http://ostatus.org#",
        "atomUri": "ostatus:atomUri",
        "inReplyToAtomUri": "ostatus:inReplyToAtomUri",
        "conversation": "ostatus:conversation",
        "sensitive": "as:sensitive",
        "Hashtag": "as:Hashtag",
        "toot": "http://joinmastodon.org/ns#",
        "Emoji": "toot:Emoji",
        "votersCount": "toot:votersCount",
        "blurhash": "toot:blurhash",
        "focalPoint": {"@container": "@list", "@id": "toot:focalPoint"},
        "quote": {"@id": "https://w3id.org/fep/044f#quote", "@type": "@id"},
        "quoteUri": "http://fedibird.com/ns#quoteUri",
        "_misskey_quote": "https://misskey-hub.net/ns#_misskey_quote",
        "quoteAuthorization": {
            "@id": "https://w3id.org/fep/044f#quoteAuthorization",
            "@type": "@id",
        },
        "QuoteRequest": "https://w3id.org/fep/044f#QuoteRequest",
        "gts": "https://gotosocial.org/ns#",
        "interactionPolicy": {"@id": "gts:interactionPolicy", "@type": "@id"},
        "canQuote": {"@id": "gts:canQuote", "@type": "@id"},
        "automaticApproval": {"@id": "gts:automaticApproval", "@type": "@id"},
        "manualApproval": {"@id": "gts:manualApproval", "@type": "@id"},
    })
}

fn actor_words() -> Value {
    json!({
        "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
        "movedTo": {"@id": "as:movedTo", "@type": "@id"},
        "alsoKnownAs": {"@id": "as:alsoKnownAs", "@type": "@id"},
        "Hashtag": "as:Hashtag",
        "toot": "http://joinmastodon.org/ns#",
        "Emoji": "toot:Emoji",
        "featured": {"@id": "toot:featured", "@type": "@id"},
        "featuredTags": {"@id": "toot:featuredTags", "@type": "@id"},
        "discoverable": "toot:discoverable",
        "indexable": "toot:indexable",
        "memorial": "toot:memorial",
        "suspended": "toot:suspended",
        "attributionDomains": {"@id": "toot:attributionDomains", "@type": "@id"},
        "focalPoint": {"@container": "@list", "@id": "toot:focalPoint"},
        "blurhash": "toot:blurhash",
        "schema": "http://schema.org#",
        "PropertyValue": "schema:PropertyValue",
        "value": "schema:value",
        "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger",
    })
}
