//! Catalogues and what uses them: no text of a page stands outside of them, none in them is unused, and each is translated.
//! That every language has every text, with the same arguments, is what `build.rs` makes sure of.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Words of templates that are no language: names, and what is typed as it stands.
const AS_THEY_ARE: [&str; 5] = ["tuskling", "(", ".csv", "(UTC)", "backup."];
/// Texts that are the same in several languages.
const LONGEST_ALIKE: usize = 14;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder with one of these endings.
fn files(folder: &str, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|end| path.extension().is_some_and(|own| own == *end)) {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

/// The texts of a catalogue: name and what stands behind the equals sign, over all its lines.
fn catalogue(path: &Path) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let mut last = String::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        match line.split_once(" = ") {
            Some((name, text)) if !line.starts_with([' ', '#']) => {
                name.clone_into(&mut last);
                texts.insert(last.clone(), text.to_owned());
            }
            _ if line.starts_with(' ') => texts.get_mut(&last).unwrap().push_str(line),
            _ => {}
        }
    }
    texts
}

fn pages_of(language: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (path, _) in files(&format!("locales/{language}"), &["ftl"]) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        if name != "script" && name != "reasons" {
            all.extend(catalogue(&path));
        }
    }
    all
}

/// Whether `name` stands in `text` as a whole word.
fn names(text: &str, name: &str) -> bool {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_none_or(|letter| !is_word(letter));
        let after = text[at + name.len()..].chars().next().is_none_or(|letter| !is_word(letter));
        before && after
    })
}

#[test]
fn no_text_of_a_catalogue_is_unused() {
    let mut users = files("src", &["rs"]);
    users.extend(files("templates", &["html", "xml"]));
    let used: String = users.into_iter().map(|(_, text)| text).collect();
    let pages = pages_of("en");
    assert!(pages.len() > 500, "there are only {}", pages.len());
    let is_used = |id: &str| names(&used, &id.replace('-', "_"));
    let unused: Vec<_> = pages.keys().filter(|id| !is_used(id)).collect();
    assert!(unused.is_empty(), "nothing says {unused:?}");

    let scripts: String = files("assets", &["js"]).into_iter().map(|(_, text)| text).collect();
    let known = catalogue(&root().join("locales/en/script.ftl"));
    let unused: Vec<_> =
        known.keys().filter(|id| !scripts.contains(&format!("\"{id}\""))).collect();
    assert!(unused.is_empty(), "no script says {unused:?}");
    let asked = scripts.split("speak(\"").skip(1).filter_map(|rest| rest.split('"').next());
    let missing: Vec<_> = asked.filter(|id| !known.contains_key(*id)).collect();
    assert!(missing.is_empty(), "scripts say what is in no catalogue: {missing:?}");
}

/// The rooms below changed their words? Then the reader would see English again.
#[test]
fn what_is_translated_of_the_rooms_below_is_what_they_say() {
    let mut said = String::new();
    for room in ["src", "../app/src", "../domain/src", "../media/src"] {
        said.extend(files(room, &["rs"]).into_iter().map(|(_, text)| text));
    }
    let said = said.split("\\\n").map(str::trim_start).collect::<String>();
    let said: Vec<String> = said.split('"').map(shape).collect();
    // Names of fields stand before what `domain` says of names, and ours replace some of its words.
    let made = ["Username ", "The end is ", "This is "];
    for (id, text) in catalogue(&root().join("locales/en/reasons.ftl")) {
        let is_made = made.iter().any(|start| text.starts_with(start));
        let words = shape(&text);
        let is_said = is_made || said.iter().any(|string| string.ends_with(&words));
        assert!(is_said, "nobody says {id}: {text}");
    }
}

/// A sentence without what may stand in its places: arguments, and numbers that code writes out.
fn shape(text: &str) -> String {
    let mut shape = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '{' => {
                letters.by_ref().find(|letter| *letter == '}');
                shape.push('#');
            }
            '0'..='9' => {
                while letters.next_if(char::is_ascii_digit).is_some() {}
                shape.push('#');
            }
            other => shape.push(other),
        }
    }
    shape.trim_end_matches(['.', '!']).to_owned()
}

#[test]
fn every_language_says_it_in_its_own_words() {
    let english = pages_of("en");
    for language in ["de", "fr"] {
        let own = pages_of(language);
        let same = |id: &&String| {
            let text = &english[id.as_str()];
            text.len() > LONGEST_ALIKE && own.get(*id) == Some(text) && !text.starts_with('{')
        };
        let same: Vec<_> = english.keys().filter(same).collect();
        // Names of apps and places, and words that are the same.
        let known = ["name-server", "date-and-time"];
        let same: Vec<_> = same.into_iter().filter(|id| !known.contains(&id.as_str())).collect();
        assert!(same.is_empty(), "{language} says it in English: {same:?}");
    }
}

#[test]
fn no_template_says_anything_by_itself() {
    let mut found = Vec::new();
    for (path, text) in files("templates", &["html"]) {
        if path.ends_with("client/icons.html") {
            continue;
        }
        for words in spoken(&text) {
            if !AS_THEY_ARE.iter().any(|known| words.starts_with(known)) {
                found.push(format!("{}: {words:?}", path.display()));
            }
        }
    }
    assert!(found.is_empty(), "put these into the catalogue:\n{}", found.join("\n"));
}

/// What people read of a template without its variables: texts, and the attributes that are read out or shown.
fn spoken(template: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut text = String::new();
    let mut rest = template;
    while let Some(letter) = rest.chars().next() {
        let expression = [("{#", "#}"), ("{%", "%}"), ("{{", "}}")]
            .into_iter()
            .find(|(start, _)| rest.starts_with(start));
        if let Some((start, end)) = expression {
            let inside = rest.split(end).next().unwrap_or_default();
            if start == "{%" && inside.contains(" block shape ") {
                // The class of the page stands there, up to the end of the block.
                rest = rest.split_once("{% endblock %}").unwrap().1;
            } else {
                if start == "{%" {
                    found.extend(told(inside));
                }
                rest = &rest[inside.len() + end.len()..];
            }
            found.extend(readable(&std::mem::take(&mut text)));
        } else if letter == '<' {
            found.extend(readable(&std::mem::take(&mut text)));
            let (tag, after) = tag(rest);
            found.extend(attributes(&tag));
            rest = after;
        } else {
            text.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    found.extend(readable(&text));
    found
}

/// A text that has letters.
fn readable(text: &str) -> Option<String> {
    let text = text
        .replace("&amp;", "")
        .trim_matches(|c: char| !c.is_alphanumeric() && c != '(' && c != '.')
        .to_owned();
    text.chars().any(char::is_alphabetic).then_some(text)
}

/// Texts that are given to a part: `{% let label = "…" %}`.
fn told(statement: &str) -> Option<String> {
    let (name, value) = statement.split_once(" = \"")?;
    let name = name.rsplit(' ').next().unwrap_or_default();
    let value = value.split('"').next().unwrap_or_default();
    (["label", "hint", "message", "title"].contains(&name) && !value.is_empty())
        .then(|| value.to_owned())
}

/// A tag without its expressions, and what follows it.
fn tag(text: &str) -> (String, &str) {
    let (mut tag, mut rest) = (String::new(), text);
    while let Some(letter) = rest.chars().next() {
        let ends =
            [("{%", "%}"), ("{{", "}}")].into_iter().find(|(start, _)| rest.starts_with(start));
        if let Some((_, end)) = ends {
            rest = rest.split_once(end).map_or("", |(_, after)| after);
            continue;
        }
        tag.push(letter);
        rest = &rest[letter.len_utf8()..];
        if letter == '>' {
            break;
        }
    }
    (tag, rest)
}

fn attributes(tag: &str) -> Vec<String> {
    let mut found = Vec::new();
    for name in ["aria-label", "title", "placeholder", "alt"] {
        if let Some((_, rest)) = tag.split_once(&format!(" {name}=\"")) {
            found.extend(readable(rest.split('"').next().unwrap_or_default()));
        }
    }
    // What stands on a button.
    if tag.starts_with("<input type=\"submit\"")
        && let Some((_, rest)) = tag.split_once(" value=\"")
    {
        found.extend(readable(rest.split('"').next().unwrap_or_default()));
    }
    found
}

#[test]
fn the_search_for_texts_finds_them() {
    let found = |template: &str| spoken(template);
    assert_eq!(found("<p>{{ x }} said</p>"), ["said"]);
    assert_eq!(found("<a title=\"Open {{ x }}\" class=\"big\">·</a>"), ["Open"]);
    assert_eq!(found("{% let label = \"Name\" %}{% let tab = \"about\" %}"), ["Name"]);
    assert!(
        found("{% block shape %}narrow{% endblock %}<br>{# words #}{{ crate::t().x }}").is_empty()
    );
}

/// Sentences of handlers and pages come from the catalogue as well.
#[test]
fn no_handler_says_anything_by_itself() {
    // For programs, for the log, or compared with what the rooms below say.
    let known = [
        "The resource owner or authorization server denied the request.",
        "The scheduled date must be in the future.",
        "A post takes ",
        "Scheduled at ",
        "Scheduled at Say when it is to be posted",
        "Text can't be blank",
        "Ends at is",
        "The end is",
        "Published at is",
        "This is",
        "Image: choose a file first",
        "Password differs from the one below",
        "A post takes {} files.",
        "Scheduled at {words}",
    ];
    let mut found = Vec::new();
    for folder in ["src/routes", "src/pages", "src/view"] {
        for (path, text) in files(folder, &["rs"]) {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            for line in lines.filter(|line| !line.contains("Internal(")) {
                for words in line.split('"').skip(1).step_by(2) {
                    let starts = words.chars().next().is_some_and(char::is_uppercase);
                    // A header, a picture, the file for robots.
                    let is_for_programs = words.contains("Cookie")
                        || words.contains("h1v1")
                        || words.starts_with("User-agent");
                    if starts && words.contains(' ') && !known.contains(&words) && !is_for_programs
                    {
                        found.push(format!("{}: {words:?}", path.display()));
                    }
                }
            }
        }
    }
    assert!(found.is_empty(), "put these into the catalogue:\n{}", found.join("\n"));
}
