//! The tags of a piece of HTML, in order. Only a tokenizer: it builds no tree, so its memory does
//! not grow with the page, and markup that is broken or nested deep costs nothing more.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, StartTag, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// What a visitor is told of.
#[derive(Debug)]
pub(crate) enum Part<'p> {
    /// A tag begins an element.
    Start(&'p Element),
    /// A tag ends one of this name.
    End(&'p str),
    /// Text between tags, character references resolved.
    Text(&'p str),
}

/// The name and the attributes of a tag.
#[derive(Debug, Default)]
pub(crate) struct Element {
    /// In lower case.
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
}

impl Element {
    /// The value of an attribute, without space around it; `None` also when there is nothing else.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(known, _)| known == name)?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether an attribute that lists words has this one, in any case.
    pub(crate) fn has_word(&self, name: &str, word: &str) -> bool {
        let list = self.get(name).unwrap_or_default();
        list.split_ascii_whitespace().any(|known| known.eq_ignore_ascii_case(word))
    }
}

/// Walks through `html`.
pub(crate) fn walk(html: &str, visit: impl FnMut(Part<'_>)) {
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(html));
    let tokenizer = Tokenizer::new(Sink(RefCell::new(visit)), TokenizerOpts::default());
    // The sink never asks to stop, so one call takes everything.
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
}

struct Sink<V>(RefCell<V>);

impl<V: FnMut(Part<'_>)> TokenSink for Sink<V> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut visit = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == StartTag => {
                let attributes = tag.attrs.iter();
                let element = Element {
                    name: tag.name.to_string(),
                    attributes: attributes
                        .map(|attribute| {
                            (attribute.name.local.to_string(), attribute.value.to_string())
                        })
                        .collect(),
                };
                visit(Part::Start(&element));
                return raw(&element.name);
            }
            Token::TagToken(tag) => visit(Part::End(&tag.name)),
            Token::CharacterTokens(text) => visit(Part::Text(&text)),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// Within these elements `<` begins no tag; a parser would tell the tokenizer so.
fn raw(name: &str) -> TokenSinkResult<()> {
    match name {
        "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" | "noscript" => {
            TokenSinkResult::RawData(RawKind::Rawtext)
        }
        _ => TokenSinkResult::Continue,
    }
}
