//! The outbox of an archive that somebody took along: a list that may be larger than memory, read one
//! activity after the other. Its files are named by their places in the archive.

use std::cell::Cell;
use std::fmt;
use std::io::{BufReader, Read};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::limits::VALUES;
use super::view::View;
use super::{ParseError, activity, json};
use crate::{Activity, Uri};

/// Where files of an archive are, as an address that leads nowhere (RFC 6761): what follows it is
/// the place.
const INSIDE: &str = "https://archive.invalid/";
/// Most bytes of one activity.
const ONE: u64 = 4 * 1_024 * 1_024;

/// Reads an outbox and shows each activity, or what is wrong with it, to `each`, until that says no.
///
/// # Errors
/// [`ParseError::Json`] when the list itself cannot be read on.
pub fn outbox(
    input: impl Read,
    each: &mut dyn FnMut(Result<Activity, ParseError>) -> bool,
) -> Result<(), ParseError> {
    let left = Cell::new(ONE);
    let bounded = Bounded { input: BufReader::new(input), left: &left };
    let mut input = serde_json::Deserializer::from_reader(BufReader::with_capacity(512, bounded));
    let list = List { left: &left, each };
    list.deserialize(&mut input).map_err(|error| ParseError::Json(error.to_string()))
}

/// The place in the archive of a file that an activity of it names; `None` for one elsewhere.
#[must_use]
pub fn place(file: &Uri) -> Option<&str> {
    file.as_str().strip_prefix(INSIDE)
}

/// Reads no more than was allowed since it was asked last.
struct Bounded<'c, R> {
    input: R,
    left: &'c Cell<u64>,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left.get() == 0 {
            return Err(std::io::Error::other("one activity is far too long"));
        }
        let read = self.input.read(buffer)?;
        self.left.set(self.left.get().saturating_sub(read as u64));
        Ok(read)
    }
}

/// The collection, and then its list.
struct List<'e> {
    left: &'e Cell<u64>,
    each: &'e mut dyn FnMut(Result<Activity, ParseError>) -> bool,
}

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<(), D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an outbox")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { left, each } = self;
        while let Some(name) = map.next_key::<String>()? {
            left.set(ONE);
            if name == "orderedItems" {
                map.next_value_seed(List { left, each: &mut *each })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        loop {
            self.left.set(ONE);
            let values = Cell::new(VALUES);
            let Some(value) = list.next_element_seed(json::reader(&values))? else { return Ok(()) };
            if !(self.each)(read(value)) {
                // Nobody listens any more: the rest is passed over.
                while list.next_element::<IgnoredAny>()?.is_some() {
                    self.left.set(ONE);
                }
                return Ok(());
            }
        }
    }
}

fn read(value: Value) -> Result<Activity, ParseError> {
    let Value::Object(mut map) = value else {
        return Err(ParseError::Json("not an object".to_owned()));
    };
    if let Some(Value::Object(object)) = map.get_mut("object") {
        point_inside(object);
    }
    activity::activity(View::of(&map, "activity")?, 0)
}

/// Files of an archive have names, not addresses: each gets one that is told apart later.
fn point_inside(object: &mut Map<String, Value>) {
    let files = match object.get_mut("attachment") {
        Some(Value::Array(files)) => files.as_mut_slice(),
        Some(one) => std::slice::from_mut(one),
        None => return,
    };
    for url in files.iter_mut().filter_map(|file| file.get_mut("url")) {
        let Some(text) = url.as_str() else { continue };
        let is_address = text.starts_with("https://") || text.starts_with("http://");
        if !is_address || text.starts_with(INSIDE) {
            let name = text.trim_start_matches(INSIDE).trim_start_matches('/');
            *url = Value::String(format!("{INSIDE}{name}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Object, Verb};

    fn activities(text: &str) -> (Vec<Result<Activity, ParseError>>, Result<(), ParseError>) {
        let mut found = Vec::new();
        let end = outbox(text.as_bytes(), &mut |one| {
            found.push(one);
            true
        });
        (found, end)
    }

    const NOTE: &str = r#"{"id":"https://a.test/1/activity","type":"Create","actor":"https://a.test/me",
        "to":["https://www.w3.org/ns/activitystreams#Public"],"object":{"id":"https://a.test/1","type":"Note",
        "attributedTo":"https://a.test/me","content":"<p>x</p>","attachment":[
        {"type":"Document","url":"/media_attachments/files/1/original/a.png"},
        {"type":"Document","url":"https://b.test/x.png"}]}}"#;

    #[test]
    fn activities_are_read_one_by_one_and_files_told_apart() {
        let (found, end) = activities(&format!(
            "{{\"totalItems\":3,\"orderedItems\":[{NOTE},7,{NOTE}],\"x\":[[1]]}}"
        ));
        assert!(end.is_ok() && found.len() == 3 && found[1].is_err());
        let activity = found[0].as_ref().unwrap();
        let Object::Note(note) = &activity.object else { panic!("{:?}", activity.object) };
        assert_eq!(activity.verb, Verb::Create);
        let places: Vec<_> = note.attachments.iter().map(|file| place(&file.url)).collect();
        assert_eq!(places, [Some("media_attachments/files/1/original/a.png"), None]);
    }

    #[test]
    fn p02_what_is_broken_or_too_long_ends_the_reading() {
        for text in ["", "{", "7", "{\"orderedItems\":[{]}", "{\"orderedItems\":[1,"] {
            assert!(activities(text).1.is_err(), "{text}");
        }
        let long = format!("{{\"orderedItems\":[\"{}\"]}}", "x".repeat(5 * 1_024 * 1_024));
        assert!(activities(&long).1.is_err());
        let deep = format!("{{\"orderedItems\":[{}{}]}}", "[".repeat(500), "]".repeat(500));
        assert!(activities(&deep).1.is_err());
        let mut seen = 0;
        let end = outbox("{\"orderedItems\":[1,2,3]}".as_bytes(), &mut |_| {
            seen += 1;
            false
        });
        assert!(end.is_ok() && seen == 1);
    }
}
