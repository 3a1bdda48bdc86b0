//! Writes the Rust of the catalogues: a field for each text, a method for each text with arguments.

use std::fmt::Write as _;

use crate::catalogue::{Catalogue, Form, Language, Message, Piece, Which};

/// Texts whose arguments are markup: what stands around them, as a tuple.
const AROUND: &str = "-around";

/// The whole file.
pub(crate) fn all(languages: &[Language], catalogues: &[Catalogue]) -> Result<String, String> {
    let (Some(english), Some(first)) = (catalogues.first(), languages.first()) else {
        return Err("there is no language".to_owned());
    };
    for (language, catalogue) in languages.iter().zip(catalogues) {
        compare(english, catalogue).map_err(|why| format!("{}: {why}", language.code))?;
    }
    let count = languages.len();
    let mut out = String::new();
    let of = &first.code;
    let _ = writeln!(
        out,
        "/// What pages say; the comments are what stands in `locales/{of}`.\n#[derive(Debug)]\npub struct Texts {{\n    spoken: Language,"
    );
    let (mut methods, mut tables) = (String::new(), vec![String::new(); count]);
    for (id, message) in &english.pages {
        let in_all: Vec<&Message> =
            catalogues.iter().filter_map(|catalogue| catalogue.pages.get(id)).collect();
        let name = id.replace('-', "_");
        if id.ends_with(AROUND) {
            field(&mut out, &name, message, &tuple_type(message));
            for (table, message) in tables.iter_mut().zip(&in_all) {
                let _ = writeln!(table, "        {name}: {},", tuple(message));
            }
        } else if message.plain().is_some() {
            field(&mut out, &name, message, "&'static str");
            for (table, message) in tables.iter_mut().zip(&in_all) {
                let text = message.plain().unwrap_or_default();
                let _ = writeln!(table, "        {name}: {text:?},");
            }
        } else {
            method(&mut methods, &name, &in_all);
        }
    }
    let _ = writeln!(out, "}}\n\nimpl Texts {{\n{methods}}}\n");
    let _ = writeln!(out, "pub(super) static TEXTS: [Texts; {count}] = [");
    for (index, table) in tables.iter().enumerate() {
        let _ = writeln!(out, "    Texts {{\n        spoken: Language({index}),\n{table}    }},");
    }
    let _ = writeln!(out, "];\n\npub(super) static LANGUAGES: [About; {count}] = [");
    for language in languages {
        let (code, direction, name) = (&language.code, &language.direction, &language.name);
        let rule = format!("{:?}", language.rule);
        let _ = writeln!(
            out,
            "    About {{ code: {code:?}, direction: {direction:?}, rule: Rule::{rule}, name: {name:?} }},"
        );
    }
    let _ = writeln!(out, "];\n\npub(super) static SCRIPTS: [&str; {count}] = [");
    for (language, catalogue) in languages.iter().zip(catalogues) {
        let _ = writeln!(out, "    {:?},", script(&language.code, catalogue));
    }
    let _ = writeln!(out, "];\n\n{}", reasons(catalogues));
    Ok(out)
}

/// Whether a language says all that English says, with the same arguments, and nothing else.
fn compare(english: &Catalogue, other: &Catalogue) -> Result<(), String> {
    for (ours, theirs) in [
        (&english.pages, &other.pages),
        (&english.script, &other.script),
        (&english.reasons, &other.reasons),
    ] {
        let missing: Vec<&str> =
            ours.keys().filter(|id| !theirs.contains_key(*id)).map(String::as_str).collect();
        if !missing.is_empty() {
            return Err(format!("these texts are missing: {}", missing.join(" ")));
        }
        if let Some(id) = theirs.keys().find(|id| !ours.contains_key(*id)) {
            return Err(format!("{id} is no text of English"));
        }
        for (id, message) in ours {
            let Some(translated) = theirs.get(id) else { continue };
            let (mut ours, mut theirs) = (message.shown(), translated.shown());
            if !id.ends_with(AROUND) {
                ours.sort_unstable();
                theirs.sort_unstable();
            }
            if ours != theirs {
                return Err(format!("{id} shows {theirs:?}, not {ours:?}"));
            }
            if translated.chosen_by.is_some() && translated.chosen_by != message.chosen_by {
                return Err(format!("{id} cannot choose by {:?}", translated.chosen_by));
            }
        }
    }
    Ok(())
}

fn field(out: &mut String, name: &str, message: &Message, kind: &str) {
    let _ = writeln!(out, "    /// {}\n    pub {name}: {kind},", comment(message));
}

/// The English text, as a comment.
fn comment(message: &Message) -> String {
    let mut text = String::from("`");
    for piece in message.forms.last().into_iter().flat_map(|form| &form.pieces) {
        match piece {
            Piece::Text(piece) => text.push_str(&piece.replace(['`', '\n'], " ")),
            Piece::Argument(name) => {
                let _ = write!(text, "{{{name}}}");
            }
        }
    }
    text.push('`');
    text
}

fn tuple_type(message: &Message) -> String {
    format!("({})", "&'static str, ".repeat(message.shown().len() + 1))
}

fn tuple(message: &Message) -> String {
    let mut texts = vec![String::new()];
    for piece in message.forms.iter().flat_map(|form| &form.pieces) {
        match (piece, texts.last_mut()) {
            (Piece::Text(text), Some(last)) => last.push_str(text),
            _ => texts.push(String::new()),
        }
    }
    let texts: Vec<String> = texts.iter().map(|text| format!("{text:?}, ")).collect();
    format!("({})", texts.concat())
}

/// `messages` are of all languages, English first.
fn method(out: &mut String, name: &str, messages: &[&Message]) {
    let Some(english) = messages.first() else { return };
    let mut arguments: Vec<&str> = english.chosen_by.as_deref().into_iter().collect();
    arguments
        .extend(english.shown().iter().filter(|name| Some(**name) != english.chosen_by.as_deref()));
    let numbers: Vec<&str> =
        arguments.iter().copied().filter(|name| is_number(name, english)).collect();
    let is_static = messages.iter().all(|message| message.shown().is_empty());
    let parameters: Vec<String> = arguments
        .iter()
        .map(|name| {
            format!("{name}: impl {}", if numbers.contains(name) { "Count" } else { "Display" })
        })
        .collect();
    let result = if is_static { "&'static str" } else { "String" };
    let _ = writeln!(
        out,
        "    /// {}\n    pub fn {name}(&self, {}) -> {result} {{",
        comment(english),
        parameters.join(", ")
    );
    for number in &numbers {
        let _ = writeln!(out, "        let {number} = {number}.number();");
    }
    let _ = writeln!(out, "        match self.spoken.0 {{");
    for (index, message) in messages.iter().enumerate().skip(1).chain([(0, english)]) {
        let which = if index == 0 { "_".to_owned() } else { index.to_string() };
        let _ = writeln!(out, "            {which} => {},", chosen(message, &numbers, is_static));
    }
    let _ = writeln!(out, "        }}\n    }}");
}

/// An argument that counts: what chooses, and what is called so.
fn is_number(name: &str, english: &Message) -> bool {
    english.chosen_by.as_deref() == Some(name) || name == "count"
}

fn chosen(message: &Message, numbers: &[&str], is_static: bool) -> String {
    let Some(by) = &message.chosen_by else {
        return message
            .forms
            .first()
            .map(|form| said(form, numbers, is_static))
            .unwrap_or_default();
    };
    let mut out = format!("match ({by}, self.spoken.plural({by})) {{ ");
    for form in sorted(&message.forms) {
        let which = match form.of {
            Which::Number(number) => format!("({number}, _)"),
            Which::Plural(plural) => format!("(_, Plural::{plural:?})"),
            Which::Else => "_".to_owned(),
        };
        let _ = write!(out, "{which} => {}, ", said(form, numbers, is_static));
    }
    out.push('}');
    out
}

/// Numbers before kinds of numbers before the rest.
fn sorted(forms: &[Form]) -> Vec<&Form> {
    let rank = |form: &&Form| match form.of {
        Which::Number(_) => 0,
        Which::Plural(_) => 1,
        Which::Else => 2,
    };
    let mut forms: Vec<&Form> = forms.iter().collect();
    forms.sort_by_key(rank);
    forms
}

fn said(form: &Form, numbers: &[&str], is_static: bool) -> String {
    let mut text = String::new();
    let mut used = Vec::new();
    for piece in &form.pieces {
        match piece {
            Piece::Text(piece) if is_static => text.push_str(piece),
            Piece::Text(piece) => text.push_str(&piece.replace('{', "{{").replace('}', "}}")),
            Piece::Argument(name) => {
                let _ = write!(text, "{{{name}}}");
                used.push(name.as_str());
            }
        }
    }
    if is_static {
        return format!("{text:?}");
    }
    if used.is_empty() {
        let plain: String = text.replace("{{", "{").replace("}}", "}");
        return format!("{plain:?}.to_owned()");
    }
    let grouped: String = numbers
        .iter()
        .filter(|name| used.contains(name))
        .map(|name| format!(", {name} = grouped(&{name})"))
        .collect();
    format!("format!({text:?}{grouped})")
}

/// The texts of the scripts as a module: a string, or one for each kind of number.
fn script(code: &str, catalogue: &Catalogue) -> String {
    let text = |form: &Form| quoted(&with_places(form));
    let mut out = format!(
        "// Made of locales/{code}/script.ftl.\nexport const locale = \"{code}\";\nexport const texts = {{\n"
    );
    for (id, message) in &catalogue.script {
        let forms: Vec<String> = message
            .forms
            .iter()
            .filter_map(|form| match form.of {
                Which::Plural(plural) => Some(format!("{}: {}", plural.name(), text(form))),
                Which::Number(_) | Which::Else => None,
            })
            .collect();
        let value = match message.forms.first() {
            Some(form) if forms.is_empty() => text(form),
            _ => format!("{{ {} }}", forms.join(", ")),
        };
        let _ = writeln!(out, "  \"{id}\": {value},");
    }
    out.push_str("};\n");
    out
}

/// A form with the names of its arguments in braces.
fn with_places(form: &Form) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Argument(name) => format!("{{{name}}}"),
    };
    form.pieces.iter().map(piece).collect()
}

/// As JavaScript writes a string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// English sentences in order, each with what it is in every language.
fn reasons(catalogues: &[Catalogue]) -> String {
    let count = catalogues.len();
    let mut rows: Vec<Vec<String>> = Vec::new();
    if let Some(english) = catalogues.first() {
        for id in english.reasons.keys() {
            let of = |catalogue: &Catalogue| {
                let form = catalogue.reasons.get(id).and_then(|message| message.forms.first());
                form.map(with_places).unwrap_or_default()
            };
            rows.push(catalogues.iter().map(of).collect());
        }
    }
    rows.sort();
    let mut out = format!("pub(super) static REASONS: [[&str; {count}]; {}] = [\n", rows.len());
    for row in &rows {
        let _ = writeln!(out, "    {row:?},");
    }
    out.push_str("];\n");
    out
}
