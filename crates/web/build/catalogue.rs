//! Reads the catalogue of a language: what of Fluent (projectfluent.org) we use is texts, arguments, and one choice by a number.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use fluent_syntax::ast::{
    Entry, Expression, InlineExpression, Message as Read, Pattern, PatternElement, VariantKey,
};

use crate::plural::{Plural, Rule};

/// A line of `languages.txt`.
pub(crate) struct Language {
    pub code: String,
    pub direction: String,
    pub rule: Rule,
    pub name: String,
}

/// The texts of a language, in three drawers.
#[derive(Default)]
pub(crate) struct Catalogue {
    /// Texts of pages.
    pub pages: BTreeMap<String, Message>,
    /// Texts of scripts: `script.ftl`.
    pub script: BTreeMap<String, Message>,
    /// What the rooms below say in English, by their own words: `reasons.ftl`.
    pub reasons: BTreeMap<String, Message>,
}

/// A text: one form, or several of which a number chooses.
pub(crate) struct Message {
    pub chosen_by: Option<String>,
    pub forms: Vec<Form>,
}

/// A form of a text.
pub(crate) struct Form {
    pub of: Which,
    pub pieces: Vec<Piece>,
}

/// When a form is said.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// For this very number.
    Number(u64),
    /// For numbers of this kind.
    Plural(Plural),
    /// Otherwise.
    Else,
}

/// A part of a form.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    Argument(String),
}

impl Language {
    pub(crate) fn list(text: &str) -> Result<Vec<Self>, String> {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.map(Self::read).collect()
    }

    fn read(line: &str) -> Result<Self, String> {
        let mut words = line.splitn(4, ' ');
        let (Some(code), Some(direction), Some(rule_name), Some(name)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(format!("languages.txt: a line has four columns, not {line:?}"));
        };
        let rule = Rule::parse(rule_name)
            .ok_or_else(|| format!("languages.txt: nothing counts like {rule_name:?}"))?;
        if !["ltr", "rtl"].contains(&direction) {
            return Err(format!("languages.txt: {direction:?} is neither ltr nor rtl"));
        }
        let [code, direction, name] = [code, direction, name].map(str::to_owned);
        Ok(Self { code, direction, rule, name })
    }
}

impl Catalogue {
    /// Reads the `.ftl` files of a folder.
    pub(crate) fn read(folder: &Path, rule: Rule) -> Result<Self, String> {
        let mut all = Self::default();
        let listed = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()));
        let mut paths = Vec::new();
        for entry in listed? {
            paths.push(entry.map_err(|error| error.to_string())?.path());
        }
        paths.sort();
        for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "ftl")) {
            let at = |what: String| format!("{}: {what}", path.display());
            let text = fs::read_to_string(path).map_err(|error| at(error.to_string()))?;
            let drawer = match path.file_stem().and_then(|name| name.to_str()) {
                Some("script") => &mut all.script,
                Some("reasons") => &mut all.reasons,
                _ => &mut all.pages,
            };
            fill(drawer, &text, rule).map_err(at)?;
        }
        Ok(all)
    }
}

fn fill(drawer: &mut BTreeMap<String, Message>, text: &str, rule: Rule) -> Result<(), String> {
    let resource = fluent_syntax::parser::parse(text)
        .map_err(|(_, errors)| format!("{:?}", errors.first()))?;
    for entry in &resource.body {
        match entry {
            Entry::Message(read) => {
                let name = read.id.name;
                let message = Message::of(read, rule).map_err(|why| format!("{name}: {why}"))?;
                if drawer.insert(name.to_owned(), message).is_some() {
                    return Err(format!("{name} is there twice"));
                }
            }
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
            Entry::Term(term) => return Err(format!("terms are not used here: {}", term.id.name)),
            Entry::Junk { content } => return Err(format!("cannot be read: {content}")),
        }
    }
    Ok(())
}

impl Message {
    fn of(read: &Read<&str>, rule: Rule) -> Result<Self, String> {
        let pattern = read.value.as_ref().ok_or("there is no text")?;
        if !read.attributes.is_empty() {
            return Err("attributes are not used here".to_owned());
        }
        let mut message =
            Self { chosen_by: None, forms: vec![Form { of: Which::Else, pieces: Vec::new() }] };
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => {
                    message.append(&Piece::Text((*value).to_owned()))
                }
                PatternElement::Placeable { expression: Expression::Inline(inline) } => {
                    message.append(&inline_piece(inline)?);
                }
                PatternElement::Placeable {
                    expression: Expression::Select { selector, variants },
                } => {
                    if message.chosen_by.is_some() {
                        return Err("a text can choose only once".to_owned());
                    }
                    let Piece::Argument(by) = inline_piece(selector)? else {
                        return Err("only a number can choose".to_owned());
                    };
                    let before = std::mem::take(&mut message.forms).remove(0).pieces;
                    message.chosen_by = Some(by);
                    for variant in variants {
                        message.forms.extend(form(variant, &before)?);
                    }
                }
            }
        }
        message.covers(rule)?;
        Ok(message)
    }

    fn append(&mut self, piece: &Piece) {
        for form in &mut self.forms {
            match (form.pieces.last_mut(), piece) {
                (Some(Piece::Text(text)), Piece::Text(more)) => text.push_str(more),
                _ => form.pieces.push(piece.clone()),
            }
        }
    }

    /// Every number has a form of its own.
    fn covers(&self, rule: Rule) -> Result<(), String> {
        let said = |form: &Plural| self.forms.iter().any(|one| one.of == Which::Plural(*form));
        match rule.forms().iter().find(|form| self.chosen_by.is_some() && !said(form)) {
            Some(form) => Err(format!("the form [{}] is missing", form.name())),
            None => Ok(()),
        }
    }

    /// The arguments that it shows, in order.
    pub(crate) fn shown(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for piece in self.forms.iter().flat_map(|form| &form.pieces) {
            match piece {
                Piece::Argument(name) if !names.contains(&name.as_str()) => names.push(name),
                Piece::Argument(_) | Piece::Text(_) => {}
            }
        }
        names
    }

    /// Its text, if it has but one.
    pub(crate) fn plain(&self) -> Option<String> {
        match self.forms.as_slice() {
            [Form { pieces, .. }] => match pieces.as_slice() {
                [] => Some(String::new()),
                [Piece::Text(text)] => Some(text.clone()),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A form with what stands before the choice; the one that is said otherwise is said twice: under its own name, and last.
fn form(
    variant: &fluent_syntax::ast::Variant<&str>,
    before: &[Piece],
) -> Result<Vec<Form>, String> {
    let of = match variant.key {
        VariantKey::NumberLiteral { value } => {
            Which::Number(value.parse().map_err(|_| format!("[{value}] is no whole number"))?)
        }
        VariantKey::Identifier { name } => {
            use Plural::{Few, Many, One, Other, Two, Zero};
            let known = [Zero, One, Two, Few, Many, Other];
            let form = known.into_iter().find(|form| form.name() == name);
            Which::Plural(form.ok_or_else(|| format!("[{name}] is no form of a number"))?)
        }
    };
    let mut pieces = before.to_vec();
    pieces.extend(plain_pieces(&variant.value)?);
    let own = Form { of, pieces: pieces.clone() };
    let last = variant.default.then_some(Form { of: Which::Else, pieces });
    Ok(std::iter::once(own).chain(last).collect())
}

fn plain_pieces(pattern: &Pattern<&str>) -> Result<Vec<Piece>, String> {
    let piece = |element: &PatternElement<&str>| match element {
        PatternElement::TextElement { value } => Ok(Piece::Text((*value).to_owned())),
        PatternElement::Placeable { expression: Expression::Inline(inline) } => {
            inline_piece(inline)
        }
        PatternElement::Placeable { .. } => Err("a choice stands inside another".to_owned()),
    };
    pattern.elements.iter().map(piece).collect()
}

fn inline_piece(inline: &InlineExpression<&str>) -> Result<Piece, String> {
    match inline {
        InlineExpression::StringLiteral { value } => Ok(Piece::Text((*value).to_owned())),
        InlineExpression::VariableReference { id } => Ok(Piece::Argument(id.name.to_owned())),
        _ => Err("only texts and arguments are used here".to_owned()),
    }
}
