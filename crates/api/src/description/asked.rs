//! Which parameters a struct reads, found by letting it read: a deserializer that offers every field and
//! keeps what each asks for.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value, json};

/// What a parameter may be.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Shape {
    /// Whatever it likes.
    #[default]
    Any,
    Text,
    Whole,
    Number,
    Flag,
    Choice(Vec<&'static str>),
    List(Box<Shape>),
    /// Names that are not fixed.
    Named(Box<Shape>),
    Group(Vec<Field>),
}

/// A field of a group.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    pub name: String,
    pub is_needed: bool,
    pub shape: Shape,
}

/// The shape of what this type reads.
pub(crate) fn shape_of<T: DeserializeOwned>() -> Shape {
    let mut known = Known::default();
    let mut shape = loop {
        let (read, found) = read_once::<T>(&known);
        match read {
            Ok(()) => break found,
            // A second name of a field that was read: it is left out from now on.
            Err(Problem::Twice) => assert!(
                known.passed_over.insert(known.last.take()),
                "a field of {} is there twice",
                std::any::type_name::<T>()
            ),
            Err(problem) => panic!("{} cannot be traced: {problem}", std::any::type_name::<T>()),
        }
    };
    mark_needed::<T>(&known, &mut shape, "");
    shape
}

impl Shape {
    /// The fields of a group, or of both groups.
    pub fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Group(mut fields), Self::Group(more)) => {
                for field in more {
                    if !fields.iter().any(|known| known.name == field.name) {
                        fields.push(field);
                    }
                }
                Self::Group(fields)
            }
            // Beside fixed names there may be others; nothing more can be said of them.
            (group @ Self::Group(_), _) => group,
            (_, other) => other,
        }
    }

    /// Whether something is named by its id, which may be that of nothing.
    pub fn names_something(&self) -> bool {
        const CURSORS: &[&str] = &["max_id", "min_id", "since_id", "last_read_id"];
        match self {
            Self::Group(fields) => fields.iter().any(|field| {
                let name = field.name.as_str();
                is_id(name) && !CURSORS.contains(&name) || field.shape.names_something()
            }),
            Self::List(item) | Self::Named(item) => item.names_something(),
            _ => false,
        }
    }

    /// As a JSON schema.
    pub fn schema(&self, name: &str) -> Value {
        match self {
            Self::Any => json!({}),
            // Ids are text in Mastodon's JSON, though numbers are taken as well.
            Self::Text | Self::Whole if is_id(name) => {
                json!({ "type": "string", "pattern": "^[0-9]{1,18}$" })
            }
            Self::Text => json!({ "type": "string" }),
            Self::Whole => json!({ "type": "integer", "format": "int64" }),
            Self::Number => json!({ "type": "number" }),
            Self::Flag => json!({ "type": "boolean" }),
            Self::Choice(names) => json!({ "type": "string", "enum": names }),
            Self::List(item) => json!({ "type": "array", "items": item.schema(name) }),
            Self::Named(item) => {
                json!({ "type": "object", "additionalProperties": item.schema("") })
            }
            Self::Group(fields) => group_schema(fields),
        }
    }
}

/// Whether it is digits; an app's id is not.
fn is_id(name: &str) -> bool {
    let is_named_so = name == "id" || name.ends_with("_id") || name.ends_with("_ids");
    is_named_so && name != "client_id"
}

fn group_schema(fields: &[Field]) -> Value {
    let properties: Map<String, Value> =
        fields.iter().map(|field| (field.name.clone(), field.shape.schema(&field.name))).collect();
    let needed: Vec<&str> =
        fields.iter().filter(|field| field.is_needed).map(|field| field.name.as_str()).collect();
    let mut schema = json!({ "type": "object", "properties": properties });
    if !needed.is_empty() {
        schema["required"] = json!(needed);
    }
    schema
}

/// Leaves out one field at a time and sees whether it is missed.
fn mark_needed<T: DeserializeOwned>(known: &Known, shape: &mut Shape, place: &str) {
    match shape {
        Shape::Group(fields) => {
            for field in fields {
                let place = format!("{place}.{}", field.name);
                let mut without =
                    Known { passed_over: known.passed_over.clone(), ..Known::default() };
                without.passed_over.insert(place.clone());
                field.is_needed = matches!(read_once::<T>(&without).0, Err(Problem::Missing(_)));
                mark_needed::<T>(known, &mut field.shape, &place);
            }
        }
        Shape::List(item) | Shape::Named(item) => {
            mark_needed::<T>(known, item, &format!("{place}[]"));
        }
        _ => {}
    }
}

/// What earlier reads taught.
#[derive(Default)]
struct Known {
    /// Places of fields that are not offered.
    passed_over: BTreeSet<String>,
    /// The place of the field that was offered last.
    last: RefCell<String>,
}

fn read_once<T: DeserializeOwned>(known: &Known) -> (Result<(), Problem>, Shape) {
    let mut shape = Shape::Any;
    let read = T::deserialize(Tracer { known, place: String::new(), shape: &mut shape });
    (read.map(|_| ()), shape)
}

#[derive(Debug)]
enum Problem {
    Twice,
    Missing(&'static str),
    Other(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Twice => f.write_str("a field is there twice"),
            Self::Missing(field) => write!(f, "{field} is missing"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for Problem {}

impl de::Error for Problem {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::Other(text.to_string())
    }
    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }
    fn duplicate_field(_: &'static str) -> Self {
        Self::Twice
    }
}

struct Tracer<'a> {
    known: &'a Known,
    place: String,
    shape: &'a mut Shape,
}

macro_rules! whole_numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
            *self.shape = Shape::Whole;
            visitor.visit_i64(1)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Tracer<'_> {
    type Error = Problem;

    whole_numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_unit()
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        *self.shape = Shape::Flag;
        visitor.visit_bool(true)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        *self.shape = Shape::Number;
        visitor.visit_f64(1.0)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        *self.shape = Shape::Text;
        visitor.visit_str("1")
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let mut item = Shape::Any;
        let place = format!("{}[]", self.place);
        let made = visitor.visit_seq(One { known: self.known, place, item: Some(&mut item) });
        *self.shape = Shape::List(Box::new(item));
        made
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let mut item = Shape::Any;
        let place = format!("{}[]", self.place);
        let made = visitor.visit_map(One { known: self.known, place, item: Some(&mut item) });
        *self.shape = Shape::Named(Box::new(item));
        made
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        let mut found = BTreeMap::new();
        let mut rest = fields.to_vec();
        rest.reverse();
        let made = visitor.visit_map(Fields {
            known: self.known,
            place: self.place,
            rest,
            current: "",
            found: &mut found,
        });
        let field = |name: &&'static str| {
            let shape = found.remove(*name)?;
            Some(Field { name: (*name).to_owned(), is_needed: false, shape })
        };
        *self.shape = Shape::Group(fields.iter().filter_map(field).collect());
        made
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        *self.shape = Shape::Choice(variants.to_vec());
        let first = variants.first().copied().unwrap_or_default();
        let first: StrDeserializer<'_, Problem> = first.into_deserializer();
        visitor.visit_enum(first)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i128 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

/// The fields of a struct, one after the other.
struct Fields<'a> {
    known: &'a Known,
    place: String,
    rest: Vec<&'static str>,
    current: &'static str,
    found: &'a mut BTreeMap<&'static str, Shape>,
}

impl<'de> de::MapAccess<'de> for Fields<'_> {
    type Error = Problem;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Problem> {
        while let Some(name) = self.rest.pop() {
            let place = format!("{}.{name}", self.place);
            if self.known.passed_over.contains(&place) {
                continue;
            }
            self.current = name;
            *self.known.last.borrow_mut() = place;
            let name: StrDeserializer<'_, Problem> = name.into_deserializer();
            return seed.deserialize(name).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Problem> {
        let mut shape = Shape::Any;
        let place = format!("{}.{}", self.place, self.current);
        let made = seed.deserialize(Tracer { known: self.known, place, shape: &mut shape });
        self.found.insert(self.current, shape);
        made
    }
}

/// One entry of a list or of a map.
struct One<'a> {
    known: &'a Known,
    place: String,
    item: Option<&'a mut Shape>,
}

impl<'de> de::SeqAccess<'de> for One<'_> {
    type Error = Problem;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Problem> {
        let Some(shape) = self.item.take() else { return Ok(None) };
        let place = self.place.clone();
        seed.deserialize(Tracer { known: self.known, place, shape }).map(Some)
    }
}

impl<'de> de::MapAccess<'de> for One<'_> {
    type Error = Problem;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Problem> {
        if self.item.is_none() {
            return Ok(None);
        }
        let name: StrDeserializer<'_, Problem> = "name".into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Problem> {
        let shape = self.item.take().ok_or_else(|| Problem::Other("no value".into()))?;
        let place = self.place.clone();
        seed.deserialize(Tracer { known: self.known, place, shape })
    }
}

#[test]
fn a_struct_tells_what_it_reads() {
    #[derive(serde::Deserialize)]
    #[expect(dead_code, reason = "only its shape is looked at")]
    struct Sample {
        needed: String,
        #[serde(default, rename = "type")]
        kind: Option<String>,
        #[serde(default, alias = "ids")]
        id: Vec<domain::StatusId>,
        #[serde(default)]
        inner: Vec<Inner>,
        #[serde(default)]
        flags: BTreeMap<String, bool>,
    }
    #[derive(serde::Deserialize)]
    #[expect(dead_code, reason = "only its shape is looked at")]
    struct Inner {
        count: i64,
        word: Option<String>,
    }
    let schema = shape_of::<Sample>().schema("");
    assert_eq!(schema["required"], json!(["needed"]));
    assert_eq!(schema["properties"]["type"], json!({ "type": "string" }));
    assert_eq!(schema["properties"]["id"]["items"]["type"], "string");
    assert_eq!(schema["properties"].get("ids"), None);
    assert_eq!(schema["properties"]["inner"]["items"]["required"], json!(["count"]));
    let flags = &schema["properties"]["flags"]["additionalProperties"];
    assert_eq!(flags, &json!({ "type": "boolean" }));
}
