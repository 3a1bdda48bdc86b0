//! As much of structured field values (RFC 9651) as signatures need: dictionaries of byte sequences,
//! and dictionaries of inner lists of strings with parameters. Bounded: eight entries, 32 components.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Longest header value that is read.
const LONGEST: usize = 16 * 1_024;
/// Most entries of a dictionary.
const MOST_ENTRIES: usize = 8;
/// Most items of an inner list, and most parameters.
const MOST_ITEMS: usize = 32;

/// An inner list of strings with its parameters, as `Signature-Input` has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Components {
    /// The strings.
    pub names: Vec<String>,
    /// Name and value as written.
    pub parameters: Vec<(String, Item)>,
    /// All of it in its one written form.
    pub written: String,
}

/// A bare item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// `"text"`.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Anything else, as written.
    Other(String),
}

/// Reads `label=("a" "b");created=1;keyid="x", …`. `None` when it is malformed or a component has
/// parameters: none that this server knows would be needed.
pub(super) fn component_dictionary(text: &str) -> Option<Vec<(String, Components)>> {
    let mut input = Input::new(text)?;
    let mut entries = Vec::new();
    loop {
        let label = input.key()?;
        input.expect('=')?;
        let components = input.components()?;
        if entries.len() >= MOST_ENTRIES || entries.iter().any(|(known, _)| *known == label) {
            return None;
        }
        entries.push((label, components));
        if !input.next_entry()? {
            return Some(entries);
        }
    }
}

/// Reads `label=:base64:, …`; parameters are skipped. `None` when it is malformed.
pub(super) fn byte_dictionary(text: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let mut input = Input::new(text)?;
    let mut entries = Vec::new();
    loop {
        let label = input.key()?;
        input.expect('=')?;
        let bytes = input.bytes()?;
        input.parameters()?;
        if entries.len() >= MOST_ENTRIES || entries.iter().any(|(known, _)| *known == label) {
            return None;
        }
        entries.push((label, bytes));
        if !input.next_entry()? {
            return Some(entries);
        }
    }
}

/// What is left to read.
struct Input<'t>(&'t str);

impl<'t> Input<'t> {
    fn new(text: &'t str) -> Option<Self> {
        (text.len() <= LONGEST && text.is_ascii()).then(|| Self(text.trim_matches(' ')))
    }

    fn take(&mut self, wanted: char) -> bool {
        match self.0.strip_prefix(wanted) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, wanted: char) -> Option<()> {
        self.take(wanted).then_some(())
    }

    fn spaces(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\t']);
    }

    fn leading(&mut self, accept: impl Fn(char) -> bool) -> &'t str {
        let end = self.0.find(|letter| !accept(letter)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken
    }

    fn key(&mut self) -> Option<String> {
        let key = self.leading(|letter| {
            letter.is_ascii_lowercase()
                || letter.is_ascii_digit()
                || matches!(letter, '_' | '-' | '.' | '*')
        });
        let begins = key.starts_with(|letter: char| letter.is_ascii_lowercase() || letter == '*');
        begins.then(|| key.to_owned())
    }

    /// Whether another entry follows; `None` when something else does.
    fn next_entry(&mut self) -> Option<bool> {
        self.spaces();
        if self.0.is_empty() {
            return Some(false);
        }
        self.expect(',')?;
        self.spaces();
        (!self.0.is_empty()).then_some(true)
    }

    fn bytes(&mut self) -> Option<Vec<u8>> {
        self.expect(':')?;
        let text = self.leading(|letter| letter != ':');
        self.expect(':')?;
        STANDARD.decode(text).ok()
    }

    fn text(&mut self) -> Option<String> {
        self.expect('"')?;
        let mut value = String::new();
        let mut letters = self.0.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.0 = self.0.get(at + 1..)?;
                    return Some(value);
                }
                '\\' => match letters.next() {
                    Some((_, escaped @ ('"' | '\\'))) => value.push(escaped),
                    _ => return None,
                },
                ' '..='~' => value.push(letter),
                _ => return None,
            }
        }
        None
    }

    fn item(&mut self) -> Option<Item> {
        if self.0.starts_with('"') {
            return self.text().map(Item::Text);
        }
        if self.0.starts_with(':') {
            return self.bytes().map(|bytes| Item::Other(format!(":{}:", STANDARD.encode(bytes))));
        }
        let word = self.leading(|letter| {
            letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~:/?".contains(letter)
        });
        match word.parse() {
            Ok(number) if word.len() <= 16 && !word.starts_with('+') => Some(Item::Integer(number)),
            _ => (!word.is_empty()).then(|| Item::Other(word.to_owned())),
        }
    }

    fn parameters(&mut self) -> Option<Vec<(String, Item)>> {
        let mut parameters: Vec<(String, Item)> = Vec::new();
        while self.take(';') {
            self.spaces();
            let name = self.key()?;
            let value = if self.take('=') { self.item()? } else { Item::Other("?1".to_owned()) };
            let repeated = parameters.iter().any(|(known, _)| *known == name);
            if repeated || parameters.len() >= MOST_ITEMS {
                return None;
            }
            parameters.push((name, value));
        }
        Some(parameters)
    }

    fn components(&mut self) -> Option<Components> {
        self.expect('(')?;
        let mut names: Vec<String> = Vec::new();
        loop {
            self.spaces();
            if self.take(')') {
                break;
            }
            let name = self.text()?;
            let apart = self.0.starts_with([' ', ')']);
            if !apart || names.len() >= MOST_ITEMS || names.contains(&name) {
                return None;
            }
            names.push(name);
        }
        let parameters = self.parameters()?;
        let written = write(&names, &parameters);
        Some(Components { names, parameters, written })
    }
}

/// The one form in which such a list is signed (RFC 9421 §2.3).
fn write(names: &[String], parameters: &[(String, Item)]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| quote(name)).collect();
    let mut written = format!("({})", quoted.join(" "));
    for (name, value) in parameters {
        written.push(';');
        written.push_str(name);
        match value {
            Item::Text(text) => written.push_str(&format!("={}", quote(text))),
            Item::Integer(number) => written.push_str(&format!("={number}")),
            Item::Other(text) if text == "?1" => {}
            Item::Other(text) => written.push_str(&format!("={text}")),
        }
    }
    written
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn component_lists_are_read_and_written_back() {
        let text = "sig1=(\"@method\"  \"host\" );created=1618884473;keyid=\"a\\\"b\";x, \
                    sig2=();alg=\"none\"";
        let read = component_dictionary(text).unwrap();
        assert_eq!(read[0].0, "sig1");
        assert_eq!(read[0].1.names, ["@method", "host"]);
        assert_eq!(
            read[0].1.written,
            "(\"@method\" \"host\");created=1618884473;keyid=\"a\\\"b\";x"
        );
        assert_eq!(read[1].1.written, "();alg=\"none\"");
    }

    #[test]
    fn what_is_malformed_or_not_known_is_refused() {
        for text in [
            "",
            "sig1",
            "sig1=",
            "sig1=(",
            "sig1=(\"a\"",
            "sig1=(\"a\"\"b\")",
            "sig1=(\"a\";req)",
            "sig1=(\"a\" \"a\")",
            "sig1=(a)",
            "sig1=(\"a\");",
            "Sig1=(\"a\")",
            "sig1=(\"a\"), ",
            "sig1=(\"a\"), sig1=(\"b\")",
            "sig1=(\"é\")",
        ] {
            assert!(component_dictionary(text).is_none(), "{text}");
        }
        assert!(component_dictionary(&"a=(),".repeat(9)).is_none());
        assert!(component_dictionary(&format!("a=({})", "\"x\" ".repeat(40))).is_none());
    }

    #[test]
    fn byte_sequences_are_read() {
        assert_eq!(
            byte_dictionary("a=:aGk=:;p=1,b=:aG8=:").unwrap(),
            [("a".to_owned(), b"hi".to_vec()), ("b".to_owned(), b"ho".to_vec())]
        );
        for text in ["a=aGk=", "a=:aGk", "a=:!:", "=:aGk=:"] {
            assert!(byte_dictionary(text).is_none(), "{text}");
        }
    }
}
