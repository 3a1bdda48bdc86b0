//! What the words of our own documents mean: those of ActivityStreams and of `security/v1`, and those that a
//! document defines itself.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::LinkedError;

const ACTIVITY_STREAMS: &str = "https://www.w3.org/ns/activitystreams";
const SECURITY: &str = "https://w3id.org/security/v1";
const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

/// Types of ActivityStreams that we use.
const TYPES: &[&str] = &[
    "Accept",
    "Add",
    "Announce",
    "Application",
    "Article",
    "Audio",
    "Block",
    "Collection",
    "CollectionPage",
    "Create",
    "Delete",
    "Document",
    "Event",
    "Flag",
    "Follow",
    "Group",
    "Image",
    "Like",
    "Mention",
    "Move",
    "Note",
    "OrderedCollection",
    "OrderedCollectionPage",
    "Organization",
    "Page",
    "Person",
    "Question",
    "Reject",
    "Remove",
    "Service",
    "Tombstone",
    "Undo",
    "Update",
    "Video",
];
/// Words of ActivityStreams whose value is an id.
const IDS: &[&str] = &[
    "actor",
    "anyOf",
    "attachment",
    "attributedTo",
    "cc",
    "context",
    "endpoints",
    "first",
    "followers",
    "following",
    "href",
    "icon",
    "image",
    "inReplyTo",
    "instrument",
    "items",
    "last",
    "next",
    "object",
    "oneOf",
    "origin",
    "outbox",
    "partOf",
    "prev",
    "replies",
    "result",
    "sharedInbox",
    "tag",
    "target",
    "to",
    "url",
];
/// Those whose value is a text, or an object without an id.
const TEXTS: &[&str] = &["content", "mediaType", "name", "preferredUsername", "source", "summary"];
/// Those whose value has a type of XML Schema.
const TYPED: &[(&str, &str)] = &[
    ("closed", "dateTime"),
    ("endTime", "dateTime"),
    ("height", "nonNegativeInteger"),
    ("published", "dateTime"),
    ("totalItems", "nonNegativeInteger"),
    ("updated", "dateTime"),
    ("width", "nonNegativeInteger"),
];

/// How the value of a word is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// As it is.
    Plain,
    /// An id.
    Id,
    /// A value of this type.
    Typed(String),
    /// Texts by their language.
    Languages,
    /// A list whose order counts.
    List,
}

/// What a word means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    /// The IRI that it stands for.
    pub(super) iri: String,
    /// How its value is written.
    pub(super) shape: Shape,
}

/// The words of one document.
pub(super) struct Terms(HashMap<String, Term>);

impl Terms {
    /// Those that a `@context` names and defines.
    pub(super) fn of(context: &Value) -> Result<Self, LinkedError> {
        let mut terms = Self(HashMap::new());
        match context {
            Value::Array(parts) => parts.iter().try_for_each(|part| terms.add(part))?,
            part => terms.add(part)?,
        }
        Ok(terms)
    }

    /// What a field or a type means.
    pub(super) fn get(&self, name: &str) -> Result<&Term, LinkedError> {
        self.0.get(name).ok_or_else(|| LinkedError::Unknown(format!("“{name}”")))
    }

    fn add(&mut self, part: &Value) -> Result<(), LinkedError> {
        match part {
            Value::String(name) if name == ACTIVITY_STREAMS => self.activity_streams(),
            Value::String(name) if name == SECURITY => self.security(),
            Value::Object(words) => {
                for (name, meaning) in words {
                    let term = self.own(words, meaning)?;
                    self.0.insert(name.clone(), term);
                }
            }
            other => return Err(LinkedError::Unknown(format!("the context {other}"))),
        }
        Ok(())
    }

    fn activity_streams(&mut self) {
        let iri = |name: &str| format!("{ACTIVITY_STREAMS}#{name}");
        let mut put = |name: &str, iri: String, shape| {
            self.0.insert(name.to_owned(), Term { iri, shape });
        };
        for name in TYPES.iter().chain(TEXTS) {
            put(name, iri(name), Shape::Plain);
        }
        for name in IDS {
            put(name, iri(name), Shape::Id);
        }
        for (name, kind) in TYPED {
            put(name, iri(name), Shape::Typed(format!("{XSD}{kind}")));
        }
        put("contentMap", iri("content"), Shape::Languages);
        put("inbox", "http://www.w3.org/ns/ldp#inbox".to_owned(), Shape::Id);
        put("as", iri(""), Shape::Plain);
    }

    fn security(&mut self) {
        for (name, shape) in
            [("owner", Shape::Id), ("publicKey", Shape::Id), ("publicKeyPem", Shape::Plain)]
        {
            let iri = format!("https://w3id.org/security#{name}");
            self.0.insert(name.to_owned(), Term { iri, shape });
        }
    }

    /// A word that the document defines: its IRI, or an object with `@id`, `@type`, `@container`.
    fn own(&self, words: &Map<String, Value>, meaning: &Value) -> Result<Term, LinkedError> {
        let unknown = || LinkedError::Unknown(format!("the definition {meaning}"));
        let id = meaning.as_str().or_else(|| meaning["@id"].as_str()).ok_or_else(unknown)?;
        let shape = match (meaning["@type"].as_str(), meaning["@container"].as_str()) {
            (None, None) => Shape::Plain,
            (Some("@id"), None) => Shape::Id,
            (None, Some("@list")) => Shape::List,
            _ => return Err(unknown()),
        };
        Ok(Term { iri: self.full(words, id).ok_or_else(unknown)?, shape })
    }

    /// An IRI, whole or with a prefix that is defined before or beside it.
    fn full(&self, words: &Map<String, Value>, id: &str) -> Option<String> {
        let (prefix, rest) = id.split_once(':')?;
        if rest.starts_with("//") {
            return Some(id.to_owned());
        }
        let before = self.0.get(prefix).map(|term| term.iri.as_str());
        let start = words.get(prefix).and_then(Value::as_str).or(before)?;
        Some(format!("{start}{rest}"))
    }
}
