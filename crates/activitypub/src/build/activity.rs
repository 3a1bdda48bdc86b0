//! Activities with what they embed.

use serde_json::Value;

use super::fields::{Fields, emoji, hashtag, ids};
use super::{actor, note};
use crate::{Activity, Audience, Object, Verb};

/// An activity.
pub(super) fn activity(activity: &Activity) -> Fields {
    let mut fields = Fields::of(activity.verb.name());
    fields.id("id", activity.id.as_ref());
    fields.put("actor", activity.actor.as_str());
    if activity.objects.is_empty() {
        fields.maybe("object", object(&activity.object));
    } else {
        fields.put("object", ids(&activity.objects));
    }
    fields.id("target", activity.target.as_ref());
    fields.maybe("instrument", activity.instrument.as_ref().and_then(object));
    fields.id("result", activity.result.as_ref());
    fields.maybe("content", activity.content.as_deref());
    fields.list("tag", activity.emojis.iter().map(|tag| emoji(tag).into()).collect());
    if activity.audience != Audience::default() {
        note::audience(&mut fields, &activity.audience);
    }
    fields.time("published", activity.published);
    fields
}

/// An object, whole or by its id.
pub(super) fn object(object: &Object) -> Option<Value> {
    Some(match object {
        Object::Link(id) => id.as_str().into(),
        Object::Note(note) => note::note(note).into(),
        Object::Actor(actor) => actor::actor(actor).into(),
        Object::Activity(inner) => activity(inner).into(),
        Object::Tombstone(id) => note::tombstone(id).into(),
        Object::QuoteStamp(stamp) => note::quote_stamp(stamp).into(),
        Object::Hashtag(tag) => hashtag(tag).into(),
        Object::Other(id, kind) => {
            let mut fields = Fields::of(kind);
            fields.id("id", id.as_ref());
            fields.into()
        }
        Object::None => return None,
    })
}

impl Verb {
    /// Its name in `type`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Create => "Create",
            Self::Update => "Update",
            Self::Delete => "Delete",
            Self::Announce => "Announce",
            Self::Like => "Like",
            Self::EmojiReact => "EmojiReact",
            Self::Follow => "Follow",
            Self::Accept => "Accept",
            Self::Reject => "Reject",
            Self::Undo => "Undo",
            Self::Add => "Add",
            Self::Remove => "Remove",
            Self::Block => "Block",
            Self::Flag => "Flag",
            Self::Move => "Move",
            Self::QuoteRequest => "QuoteRequest",
            Self::Other(name) => name,
        }
    }
}
