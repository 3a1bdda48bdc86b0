//! Activities and what they are about.

use serde_json::Value;

use super::limits::{NAME, NESTED_ACTIVITIES, REPORTED, SUMMARY};
use super::view::{View, cut, uri};
use super::{ParseError, actor, note, tags};
use crate::{Activity, Object, Verb};

/// An activity that stands inside of `depth` others.
pub(super) fn activity(view: View<'_>, depth: usize) -> Result<Activity, ParseError> {
    let kind = view.kind();
    if kind.is_empty() || kind.len() > NAME {
        return Err(ParseError::Shape("activity", "no type".to_owned()));
    }
    let verb = view.kinds().find_map(verb).unwrap_or_else(|| Verb::Other(kind.to_owned()));
    let objects = match verb {
        Verb::Flag => view.uris("object", REPORTED),
        _ => Vec::new(),
    };
    let object = match (&verb, objects.first()) {
        (Verb::Flag, first) => first.cloned().map_or(Object::None, Object::Link),
        _ => subject(view, &verb, depth)?,
    };
    if object == Object::None && !matches!(verb, Verb::Other(_)) {
        return Err(ParseError::Shape("activity", "no object".to_owned()));
    }
    let instrument = view.list("instrument").first().map(|value| lenient(value, depth));
    Ok(Activity {
        id: view.uri("id"),
        actor: view.required("actor", "activity")?,
        object,
        objects,
        target: view.uri("target"),
        instrument: instrument.filter(|object| *object != Object::None),
        result: view.uri("result"),
        content: content(view, &verb),
        emojis: tags::emojis(view),
        audience: view.audience(),
        published: view.time("published"),
        verb,
    })
}

/// An object of any kind that stands inside of `depth` activities.
pub(super) fn object(view: View<'_>, depth: usize) -> Result<Object, ParseError> {
    if let Some(kind) = note::kind(view) {
        return Ok(Object::Note(Box::new(note::note(view, kind)?)));
    }
    if actor::kind(view).is_some() {
        return Ok(Object::Actor(Box::new(actor::actor(view)?)));
    }
    if view.kinds().any(|kind| verb(kind).is_some()) {
        if depth >= NESTED_ACTIVITIES {
            return Err(ParseError::Shape("activity", "nested too deep".to_owned()));
        }
        return Ok(Object::Activity(Box::new(activity(view, depth + 1)?)));
    }
    match view.kind() {
        "" => Err(ParseError::Shape("object", "no type".to_owned())),
        "Tombstone" => Ok(Object::Tombstone(view.id("tombstone")?)),
        "QuoteAuthorization" => Ok(Object::QuoteStamp(Box::new(note::quote_stamp(view)?))),
        "Hashtag" => tags::hashtag(view)
            .map(Object::Hashtag)
            .ok_or_else(|| ParseError::Shape("hashtag", "no name".to_owned())),
        other => Ok(Object::Other(view.uri("id"), cut(other, NAME).to_owned())),
    }
}

/// An object that is of interest for its id even when it is not whole.
pub(super) fn lenient(value: &Value, depth: usize) -> Object {
    let whole = View::inside(value).and_then(|view| object(view, depth).ok());
    whole.or_else(|| uri(value).map(Object::Link)).unwrap_or(Object::None)
}

/// What a Create or an Update brings must be whole; of everything else the id is enough.
fn subject(view: View<'_>, verb: &Verb, depth: usize) -> Result<Object, ParseError> {
    let Some(first) = view.list("object").first() else { return Ok(Object::None) };
    match (verb, View::inside(first)) {
        (Verb::Create | Verb::Update, Some(inner)) => object(inner, depth),
        _ => Ok(lenient(first, depth)),
    }
}

/// Text of a report; emoji of a reaction, which Misskey puts into a field of its own.
fn content(view: View<'_>, verb: &Verb) -> Option<String> {
    match verb {
        Verb::Like | Verb::EmojiReact => {
            view.short("content", NAME).or_else(|| view.short("_misskey_reaction", NAME))
        }
        _ => view.long("content", SUMMARY),
    }
}

fn verb(name: &str) -> Option<Verb> {
    Some(match name {
        "Create" => Verb::Create,
        "Update" => Verb::Update,
        "Delete" => Verb::Delete,
        "Announce" => Verb::Announce,
        "Like" => Verb::Like,
        "EmojiReact" => Verb::EmojiReact,
        "Follow" => Verb::Follow,
        "Accept" => Verb::Accept,
        "Reject" => Verb::Reject,
        "Undo" => Verb::Undo,
        "Add" => Verb::Add,
        "Remove" => Verb::Remove,
        "Block" => Verb::Block,
        "Flag" => Verb::Flag,
        "Move" => Verb::Move,
        "QuoteRequest" => Verb::QuoteRequest,
        _ => return None,
    })
}
