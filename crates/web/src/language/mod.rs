//! In which language a page speaks, and what it says: the catalogues of `locales`, compiled in by `build.rs`.
//!
//! A text is a field or a method of [`Texts`], so a template that names one that is not there does not compile, and
//! reading one costs a pointer. Which language a request has is decided once, around its handler (`routes/spoken.rs`), and
//! held by its task; what is rendered outside of any request is English (`docs/decisions/0026-…`).

mod catalog;
mod negotiate;
mod plural;

use std::cell::Cell;

pub use catalog::Texts;
use catalog::{LANGUAGES, REASONS, SCRIPTS, TEXTS};
pub(crate) use negotiate::accepted;
pub use plural::{Plural, Rule};

tokio::task_local! {
    /// The language of the request that this task answers.
    static SPOKEN: Cell<Language>;
}

/// A language that there is a catalogue of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Language(usize);

/// What `locales/languages.txt` says of a language.
struct About {
    code: &'static str,
    direction: &'static str,
    rule: Rule,
    name: &'static str,
}

impl Language {
    /// All of them, in the order of the list.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..LANGUAGES.len()).map(Self)
    }

    /// The language of a tag: itself, or the one without a region.
    pub fn of(tag: &str) -> Option<Self> {
        let tag = tag.trim().replace('_', "-");
        let named = |name: &str| {
            Self::all().find(|language| language.about().code.eq_ignore_ascii_case(name))
        };
        named(&tag).or_else(|| named(tag.split('-').next()?))
    }

    fn about(self) -> &'static About {
        LANGUAGES.get(self.0).unwrap_or(&LANGUAGES[0])
    }

    /// Its tag (BCP 47), for `lang`.
    pub fn code(self) -> &'static str {
        self.about().code
    }

    /// `ltr` or `rtl`.
    pub fn direction(self) -> &'static str {
        self.about().direction
    }

    /// Its name in itself.
    pub fn name(self) -> &'static str {
        self.about().name
    }

    /// What it says.
    pub fn texts(self) -> &'static Texts {
        TEXTS.get(self.0).unwrap_or(&TEXTS[0])
    }

    /// The texts of the scripts, as a module for browsers.
    pub fn script(self) -> &'static str {
        SCRIPTS.get(self.0).unwrap_or(&SCRIPTS[0])
    }

    fn plural(self, number: u64) -> Plural {
        self.about().rule.of(number)
    }

    /// A sentence of the rooms below in this language, if the catalogue knows it. Where the catalogue has a place,
    /// any number may stand, and anything in the place of `text`.
    fn reason(self, english: &str) -> Option<String> {
        if let Ok(found) = REASONS.binary_search_by_key(&english, |row| row[0]) {
            return Some((*REASONS.get(found)?.get(self.0)?).to_owned());
        }
        // Several may fit; the one with the most words of its own says it best.
        let open =
            |(_, found): &(_, Places<'_>)| found.iter().map(|(_, what)| what.len()).sum::<usize>();
        let (row, found) = REASONS
            .iter()
            .filter_map(|row| Some((row, filled(row[0], english)?)))
            .min_by_key(open)?;
        let mut said = (*row.get(self.0)?).to_owned();
        for (place, what) in found {
            let known = if place == TEXT { self.reason(what) } else { None };
            said = said.replace(place, known.as_deref().unwrap_or(what));
        }
        Some(said)
    }
}

/// The place of a sentence of `reasons.ftl` where anything may stand; in all others a number stands.
const TEXT: &str = "{text}";

/// Places of a sentence, and what stands there.
type Places<'a> = Vec<(&'a str, &'a str)>;

/// What stands in the places of a sentence, when it is made by this pattern.
fn filled<'a>(pattern: &'a str, sentence: &'a str) -> Option<Places<'a>> {
    let (start, mut pattern) = pattern.split_at_checked(pattern.find('{')?)?;
    let mut rest = sentence.strip_prefix(start)?;
    let mut found = Vec::new();
    while !pattern.is_empty() {
        let (place, after) = pattern.split_at_checked(pattern.find('}')? + 1)?;
        let (between, next) = after.split_at(after.find('{').unwrap_or(after.len()));
        let end = if next.is_empty() {
            rest.strip_suffix(between)?.len()
        } else {
            rest.find(between).filter(|_| !between.is_empty())?
        };
        let (what, others) = rest.split_at_checked(end)?;
        let fits = place == TEXT || what.bytes().all(|letter| letter.is_ascii_digit());
        if what.is_empty() || !fits {
            return None;
        }
        found.push((place, what));
        (rest, pattern) = (others.strip_prefix(between)?, next);
    }
    Some(found)
}

/// The texts of the language that is spoken now.
pub fn t() -> &'static Texts {
    spoken().texts()
}

/// The language that is spoken now.
pub fn spoken() -> Language {
    SPOKEN.try_with(Cell::get).unwrap_or_default()
}

/// Answers a request in a language.
pub async fn speaking<F: Future>(language: Language, answer: F) -> F::Output {
    SPOKEN.scope(Cell::new(language), answer).await
}

/// Says something in a language where no request is answered, as on a stream.
pub fn saying<T>(language: Language, say: impl FnOnce() -> T) -> T {
    SPOKEN.sync_scope(Cell::new(language), say)
}

/// From here on the request's answer speaks this language: it is known now who asks.
pub(crate) fn switch_to(language: Language) {
    // Outside of a request there is nothing to switch.
    let _ = SPOKEN.try_with(|spoken| spoken.set(language));
}

/// What the rooms below say, in the reader's language where the catalogue has it. They speak English,
/// because API clients read the same.
pub(crate) fn reason(english: &str) -> String {
    let language = spoken();
    if language == Language::default() {
        return english.to_owned();
    }
    let words = english.strip_prefix("Validation failed: ").unwrap_or(english);
    if let Some(known) = language.reason(words) {
        return known;
    }
    // Some of them end their sentences, some leave that to us.
    let known = words.strip_suffix('.').and_then(|words| language.reason(words));
    known.map_or_else(|| english.to_owned(), |known| format!("{known}."))
}

/// The same as a whole sentence.
pub(crate) fn sentence(english: &str) -> String {
    let said = reason(english);
    if said.ends_with(['.', '!', '?']) { said } else { format!("{said}.") }
}

/// A text of the catalogue, where it is named before it is known who reads it.
pub(crate) type Words = fn(&Texts) -> &'static str;

/// A number of things, as catalogues take it.
pub trait Count {
    /// The number; never less than nothing.
    fn number(&self) -> u64;
}

macro_rules! counts {
    ($($number:ty)*) => {$(
        impl Count for $number {
            fn number(&self) -> u64 {
                u64::try_from(*self).unwrap_or(0)
            }
        }
    )*};
}

counts!(u8 u16 u32 u64 usize i32 i64);

impl<T: Count> Count for &T {
    fn number(&self) -> u64 {
        (**self).number()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_find_their_language() {
        let code = |tag: &str| Language::of(tag).map(Language::code);
        assert_eq!(code("de"), Some("de"));
        assert_eq!(code("DE-at"), Some("de"));
        assert_eq!(code("fr_CA"), Some("fr"));
        assert_eq!((code("xx"), code(""), code("-")), (None, None, None));
    }

    #[tokio::test]
    async fn a_language_holds_for_its_request_only() {
        let of = |tag: &str| Language::of(tag).unwrap();
        assert_eq!(spoken(), of("en"));
        let inside = speaking(of("de"), async {
            let first = spoken();
            switch_to(of("fr"));
            (first, spoken(), saying(of("en"), spoken), spoken())
        });
        assert_eq!(inside.await, (of("de"), of("fr"), of("en"), of("fr")));
        assert_eq!(spoken(), of("en"));
    }

    #[test]
    fn what_the_rooms_below_say_is_said_in_the_readers_language() {
        let of = |tag: &str, words: &str| saying(Language::of(tag).unwrap(), || reason(words));
        assert_eq!(of("de", "can't be blank"), "darf nicht leer sein");
        assert_eq!(of("de", "Poll duration is too short."), "Die Umfrage ist zu kurz.");
        let long = "Validation failed: Title is too long (maximum is 77 characters)";
        assert_eq!(of("fr", long), "Le nom est trop long (77 caractères au maximum)");
        assert_eq!(of("en", long), long);
        assert_eq!(
            of("de", "Uses must be between 1 and 100"),
            "Eine Einladung gilt für 1 bis 100 Menschen"
        );
        assert_eq!(
            of("de", "The security key was not accepted: nobody touched it"),
            "Der Sicherheitsschlüssel wurde nicht angenommen: niemand hat ihn berührt"
        );
        assert_eq!(
            of("de", "The security key was not accepted: of wood. Try again, or enter a code."),
            "Der Sicherheitsschlüssel wurde nicht angenommen: of wood. Versuche es noch einmal oder gib \
             einen Code ein."
        );
        assert_eq!(
            of("fr", "Domain \"a b\" is not a valid domain name."),
            "\"a b\" n’est pas un nom de serveur."
        );
        for unknown in [
            "",
            ".",
            "9",
            "nobody said this 5 times",
            "ä9ß",
            "Uses must be between  and 5",
            "Uses must be between 1 and five",
            "Domain  is not a valid domain name",
        ] {
            assert_eq!(of("de", unknown), unknown);
        }
        assert_eq!(of("de", "can't be blank 12"), "can't be blank 12");
        assert_eq!(
            saying(Language::of("de").unwrap(), || sentence("Code is wrong")),
            "Der Code ist falsch."
        );
    }

    #[test]
    fn counting_forms_are_chosen_by_language() {
        let say = |tag: &str, number: u64| Language::of(tag).unwrap().texts().posts_noun(number);
        assert_eq!((say("en", 0), say("en", 1)), ("posts", "post"));
        assert_eq!((say("de", 0), say("de", 1)), ("Beiträge", "Beitrag"));
        assert_eq!((say("fr", 0), say("fr", 1), say("fr", 2)), ("message", "message", "messages"));
    }
}
