//! A document as a set of statements (JSON-LD 1.1 API, "deserialize to RDF"), for the documents that we build: their
//! context stands on the outside and all ids are whole.

use serde_json::{Map, Number, Value};

use super::LinkedError;
use super::terms::{Shape, Terms};

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const XSD: &str = "http://www.w3.org/2001/XMLSchema#";
/// How deep objects may stand in each other; ours stand five deep at most.
const DEEPEST: usize = 16;

/// Who or what a statement is about, or what it says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    /// It has an id.
    Iri(String),
    /// It has none.
    Blank(usize),
    /// A value, as canonical N-Quads write it.
    Literal(String),
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Quad {
    pub(super) subject: Node,
    pub(super) predicate: String,
    pub(super) object: Node,
}

/// The statements of a document, without its signature, each once.
pub(super) fn of(document: &Map<String, Value>) -> Result<Vec<Quad>, LinkedError> {
    let context = document.get("@context").unwrap_or(&Value::Null);
    let mut graph = Graph { terms: &Terms::of(context)?, quads: Vec::new(), blanks: 0 };
    let fields =
        document.iter().filter(|(name, _)| !matches!(name.as_str(), "@context" | "signature"));
    graph.object(fields, DEEPEST)?;
    let mut quads = graph.quads;
    quads.sort_unstable();
    quads.dedup();
    Ok(quads)
}

struct Graph<'t> {
    terms: &'t Terms,
    quads: Vec<Quad>,
    blanks: usize,
}

impl Graph<'_> {
    fn blank(&mut self) -> Node {
        self.blanks += 1;
        Node::Blank(self.blanks)
    }

    fn say(&mut self, subject: &Node, predicate: &str, object: Node) {
        let (subject, predicate) = (subject.clone(), predicate.to_owned());
        self.quads.push(Quad { subject, predicate, object });
    }

    /// Says what the fields say, and of whom.
    fn object<'v>(
        &mut self,
        fields: impl Iterator<Item = (&'v String, &'v Value)> + Clone,
        depth: usize,
    ) -> Result<Node, LinkedError> {
        let depth =
            depth.checked_sub(1).ok_or_else(|| LinkedError::Unknown("so deep a field".into()))?;
        let subject = match fields.clone().find(|(name, _)| *name == "id") {
            Some((_, id)) => iri(id)?,
            None => self.blank(),
        };
        for (name, value) in fields {
            match name.as_str() {
                "id" => {}
                "type" => {
                    let kind = value
                        .as_str()
                        .ok_or_else(|| LinkedError::Unknown(format!("the type {value}")))?;
                    let kind = Node::Iri(self.terms.get(kind)?.iri.clone());
                    self.say(&subject, &format!("{RDF}type"), kind);
                }
                _ => self.field(&subject, name, value, depth)?,
            }
        }
        Ok(subject)
    }

    fn field(
        &mut self,
        subject: &Node,
        name: &str,
        value: &Value,
        depth: usize,
    ) -> Result<(), LinkedError> {
        let terms = self.terms;
        let term = terms.get(name)?;
        match (&term.shape, value) {
            (_, Value::Null) => {}
            (Shape::Languages, Value::Object(texts)) => {
                for (language, text) in texts {
                    let text = text
                        .as_str()
                        .ok_or_else(|| LinkedError::Unknown(format!("a text of “{name}”")))?;
                    // In small letters, whatever the document writes: so do the processors that check it.
                    let text = format!("{}@{}", quoted(text), language.to_ascii_lowercase());
                    self.say(subject, &term.iri, Node::Literal(text));
                }
            }
            (Shape::List, Value::Array(values)) => {
                let list = self.list(values, depth)?;
                self.say(subject, &term.iri, list);
            }
            (Shape::Languages | Shape::List, other) => {
                return Err(LinkedError::Unknown(format!("“{name}” with {other}")));
            }
            (shape, Value::Array(values)) => {
                // What is no whole id is no statement.
                for value in values.iter().filter(|value| !is_relative(shape, value)) {
                    let object = self.value(shape, value, depth)?;
                    self.say(subject, &term.iri, object);
                }
            }
            (shape, value) if is_relative(shape, value) => {}
            (shape, value) => {
                let object = self.value(shape, value, depth)?;
                self.say(subject, &term.iri, object);
            }
        }
        Ok(())
    }

    fn value(&mut self, shape: &Shape, value: &Value, depth: usize) -> Result<Node, LinkedError> {
        let kind = match shape {
            Shape::Typed(kind) => Some(kind.as_str()),
            _ => None,
        };
        Ok(match value {
            Value::Object(fields) => self.object(fields.iter(), depth)?,
            Value::String(_) if *shape == Shape::Id => iri(value)?,
            Value::String(text) => literal(text, kind),
            Value::Bool(yes) => literal(
                if *yes { "true" } else { "false" },
                Some(kind.unwrap_or(&format!("{XSD}boolean"))),
            ),
            Value::Number(number) => {
                let (text, own) = number_text(number);
                literal(&text, Some(kind.unwrap_or(&format!("{XSD}{own}"))))
            }
            Value::Null | Value::Array(_) => {
                return Err(LinkedError::Unknown(format!("the value {value}")));
            }
        })
    }

    /// The first link of the chain that stands for a list.
    fn list(&mut self, values: &[Value], depth: usize) -> Result<Node, LinkedError> {
        let mut rest = Node::Iri(format!("{RDF}nil"));
        for value in values.iter().rev() {
            let (link, first) = (self.blank(), self.value(&Shape::Plain, value, depth)?);
            self.say(&link, &format!("{RDF}first"), first);
            self.say(&link, &format!("{RDF}rest"), rest);
            rest = link;
        }
        Ok(rest)
    }
}

fn is_relative(shape: &Shape, value: &Value) -> bool {
    *shape == Shape::Id && value.as_str().is_some_and(|text| !text.contains(':'))
}

/// A whole IRI, without anything that N-Quads could not write.
fn iri(value: &Value) -> Result<Node, LinkedError> {
    let odd = |letter: char| letter <= ' ' || "<>\"{}|\\^`".contains(letter);
    match value.as_str() {
        Some(text) if text.contains("://") && !text.contains(odd) => Ok(Node::Iri(text.to_owned())),
        _ => Err(LinkedError::Unknown(format!("the id {value}"))),
    }
}

fn literal(text: &str, kind: Option<&str>) -> Node {
    let text = quoted(text);
    Node::Literal(match kind {
        Some(kind) => format!("{text}^^<{kind}>"),
        None => text,
    })
}

/// A text as canonical N-Quads write it (RDF Canonicalization, §A).
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\0'..='\u{1f}' | '\u{7f}' => quoted.push_str(&format!("\\u{:04X}", u32::from(letter))),
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// A number in its canonical form, and its type (JSON-LD 1.1 API, "data round tripping").
fn number_text(number: &Number) -> (String, &'static str) {
    match number.as_f64() {
        Some(value) if number.is_f64() && (value.fract() != 0.0 || value.abs() >= 1e21) => {
            let text = format!("{value:.15e}");
            let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            let short = digits.trim_end_matches('0');
            let point = if short.ends_with('.') { "0" } else { "" };
            (format!("{short}{point}E{exponent}"), "double")
        }
        // A minus before zero would be the only thing that is left of it.
        Some(value) if number.is_f64() => (format!("{:.0}", value + 0.0), "integer"),
        _ => (number.to_string(), "integer"),
    }
}
