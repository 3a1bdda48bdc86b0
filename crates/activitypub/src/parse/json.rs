//! JSON as strictly as an attacker deserves (P02): bounded nesting, a bounded number of values, no
//! name twice in one object. How many bytes there may be is the caller's business.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::ParseError;
use super::limits::{DEPTH, VALUES};

/// Reads a document that is one object.
pub(super) fn object(bytes: &[u8]) -> Result<Map<String, Value>, ParseError> {
    let left = Cell::new(VALUES);
    let mut input = serde_json::Deserializer::from_slice(bytes);
    let value = Reader { depth: 0, left: &left }
        .deserialize(&mut input)
        .and_then(|value| input.end().map(|()| value))
        .map_err(|error| ParseError::Json(error.to_string()))?;
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(ParseError::Json("not an object".to_owned())),
    }
}

/// Reads one value of something larger, as strictly: `left` says how many values there may be.
pub(super) fn reader(left: &Cell<usize>) -> Reader<'_> {
    Reader { depth: 0, left }
}

/// Reads one value at some depth.
#[derive(Clone, Copy)]
pub(super) struct Reader<'c> {
    depth: usize,
    left: &'c Cell<usize>,
}

impl Reader<'_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth >= DEPTH {
            return Err(E::custom("nested too deep"));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Value, D::Error> {
        let left =
            self.left.get().checked_sub(1).ok_or_else(|| Error::custom("too many values"))?;
        self.left.set(left);
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(without_nul(value.to_owned()).into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(without_nul(value).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut map = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(inner)?;
            if map.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(map.into())
    }
}

/// No text needs the character NUL, and PostgreSQL stores none.
fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "") } else { text }
}
