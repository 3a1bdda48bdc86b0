//! Mastodon's own table of endpoints (`tests/data/endpoints.csv`) against ours: each route opens to the
//! scopes and the callers that Mastodon names, and each list is cut into pages by Mastodon's rule, both
//! ways, on both engines. Bodies are checked against the schemas by `tests/test_conformance.py`, which sees each
//! endpoint by `tests/test_every_endpoint.py`.
#![expect(clippy::unwrap_used, reason = "a test stops where its tools fail")]

mod paging;
mod scene;
mod scopes;

use std::collections::HashMap;

/// One line of Mastodon's table, by the names of its columns.
pub type Line = HashMap<String, String>;

/// All lines of the first two tiers.
pub fn lines() -> Vec<Line> {
    let text = include_str!("../../../../tests/data/endpoints.csv");
    let mut lines = text.lines().map(cells);
    let names = lines.next().unwrap();
    let all = lines.map(|cells| names.iter().cloned().zip(cells).collect::<Line>());
    all.filter(|line| ["1", "2"].contains(&line["tier"].as_str())).collect()
}

/// A path with every part that varies as `*`.
pub fn shape(path: &str) -> String {
    let part = |part: &str| if part.starts_with([':', '{']) { "*".into() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            letter => cells.last_mut().unwrap().push(letter),
        }
    }
    cells
}
