//! Reads the tree into a struct and converts on the way: text into numbers and booleans, hashes with
//! index keys and single values into lists.

use std::fmt;

use serde::de::value::{MapDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{self, DeserializeOwned, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;

/// Makes a `T` of a tree.
pub(super) fn from_tree<T: DeserializeOwned>(tree: &Value) -> Result<T, Problem> {
    T::deserialize(Lenient(tree))
}

/// What is wrong with a parameter.
#[derive(Debug)]
pub(super) struct Problem(String);

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}

impl de::Error for Problem {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self(text.to_string())
    }

    fn missing_field(field: &'static str) -> Self {
        Self(format!("param is missing or the value is empty: {field}"))
    }
}

#[derive(Clone, Copy)]
struct Lenient<'de>(&'de Value);

impl<'de> IntoDeserializer<'de, Problem> for Lenient<'de> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

impl Lenient<'_> {
    fn whole_number(self) -> Result<i64, Problem> {
        let number = match self.0 {
            Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
            Value::String(text) => text.trim().parse().ok(),
            Value::Bool(flag) => Some(i64::from(*flag)),
            _ => None,
        };
        number.ok_or_else(|| Problem("a number was expected".into()))
    }
}

/// A number like `3600.0`, which some clients send.
fn whole(number: f64) -> Option<i64> {
    const MOST: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and within 2^53")]
    (number.fract() == 0.0 && number.abs() <= MOST).then_some(number as i64)
}

macro_rules! numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
            visitor.visit_i64(self.whole_number()?)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Lenient<'de> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::Number(_) => visitor.visit_i64(self.whole_number()?),
            Value::String(_) => self.deserialize_str(visitor),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        const FALSE: &[&str] = &["", "0", "f", "F", "false", "FALSE", "off", "OFF"];
        match self.0 {
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::Number(number) => visitor.visit_bool(number.as_i64() != Some(0)),
            Value::String(text) => visitor.visit_bool(!FALSE.contains(&text.as_str())),
            _ => Err(Problem("true or false was expected".into())),
        }
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let number = match self.0 {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        visitor.visit_f64(number.ok_or_else(|| Problem("a number was expected".into()))?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            // Nobody types it, databases refuse it, and a post with it would be lost at other servers.
            Value::String(text) if text.contains('\0') => {
                visitor.visit_string(text.replace('\0', ""))
            }
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Number(number) => visitor.visit_string(number.to_string()),
            Value::Bool(flag) => visitor.visit_string(flag.to_string()),
            _ => Err(Problem("text was expected".into())),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let items: Vec<&Value> = match self.0 {
            Value::Array(items) => items.iter().collect(),
            Value::Object(entries) => {
                let mut indexed: Vec<(u64, &Value)> = entries
                    .iter()
                    .filter_map(|(key, value)| Some((key.parse().ok()?, value)))
                    .collect();
                indexed.sort_by_key(|(index, _)| *index);
                indexed.into_iter().map(|(_, value)| value).collect()
            }
            Value::Null => Vec::new(),
            single => vec![single],
        };
        visitor.visit_seq(SeqDeserializer::new(items.into_iter().map(Lenient)))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            Value::Object(entries) => visitor.visit_map(MapDeserializer::new(
                entries.iter().map(|(key, value)| (key.as_str(), Lenient(value))),
            )),
            _ => Err(Problem("a group of values was expected".into())),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self.0 {
            Value::String(text) => {
                let text: StrDeserializer<'_, Problem> = text.as_str().into_deserializer();
                visitor.visit_enum(text)
            }
            _ => Err(Problem("text was expected".into())),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i128 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Sample {
        #[serde(default)]
        flag: Option<bool>,
        #[serde(default)]
        number: Option<i64>,
        #[serde(default)]
        ids: Vec<domain::StatusId>,
        #[serde(default)]
        text: Option<String>,
    }

    #[test]
    fn text_becomes_what_the_handler_wants() {
        let sample: Sample = from_tree(
            &json!({"flag": "false", "number": "12", "ids": ["5", 6], "text": 7, "unknown": {"x": []}}),
        )
        .unwrap();
        assert_eq!(
            sample,
            Sample {
                flag: Some(false),
                number: Some(12),
                ids: vec![domain::StatusId(5), domain::StatusId(6)],
                text: Some("7".into())
            }
        );
        let indexed: Sample =
            from_tree(&json!({"ids": {"1": "8", "0": "9"}, "flag": "1"})).unwrap();
        assert_eq!(indexed.ids, [domain::StatusId(9), domain::StatusId(8)]);
        assert_eq!(indexed.flag, Some(true));
        let single: Sample = from_tree(&json!({"ids": "3"})).unwrap();
        assert_eq!(single.ids, [domain::StatusId(3)]);
    }

    #[test]
    fn wrong_types_are_errors_not_panics() {
        for bad in [
            json!({"number": "x"}),
            json!({"number": []}),
            json!({"text": {}}),
            json!({"flag": []}),
        ] {
            assert!(from_tree::<Sample>(&bad).is_err(), "{bad}");
        }
    }
}
