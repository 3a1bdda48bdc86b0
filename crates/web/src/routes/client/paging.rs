//! Older and newer: the pages of a list, by the ids at its ends.

use app::Page;

use crate::routes::posted::Fields;
use crate::routes::present;

/// Entries of a page.
pub(super) const LENGTH: i64 = 20;

/// The page that a query names. Numbers that are none are passed over.
pub(in crate::routes) fn page(query: &Fields) -> Page {
    let number = |name: &str| query.get(name).and_then(|text| text.parse::<i64>().ok());
    let mut page = Page::newest(LENGTH);
    if let Some(below) = number("max_id") {
        page.below = below.max(0);
    } else if let Some(above) = number("min_id") {
        page.above = above.max(0);
        page.from_oldest = true;
    }
    page
}

/// Links to the pages on both sides.
#[derive(Debug, Clone, Default)]
pub(in crate::routes) struct Links {
    pub newer: Option<String>,
    pub older: Option<String>,
}

/// The links of a list at `path`, which may have a query, from the cursors of its entries.
pub(in crate::routes) fn links(path: &str, page: &Page, cursors: &[i64]) -> Links {
    let joint = if path.contains('?') { '&' } else { '?' };
    let is_first = *page == Page::newest(page.limit);
    let full = present::number(page.limit) <= cursors.len() as u64;
    let older = cursors.last().filter(|_| full || page.from_oldest);
    let newer = match cursors.first() {
        Some(first) if !is_first => Some(format!("{path}{joint}min_id={first}")),
        None if !is_first => Some(path.to_owned()),
        _ => None,
    };
    Links { newer, older: older.map(|last| format!("{path}{joint}max_id={last}")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_page_has_an_older_one_and_only_later_pages_have_newer_ones() {
        let cursors: Vec<i64> = (1..=LENGTH).rev().collect();
        let first = links("/home", &Page::newest(LENGTH), &cursors);
        assert_eq!((first.newer, first.older.as_deref()), (None, Some("/home?max_id=1")));
        let second = page(&Fields::parse(b"max_id=20"));
        let second = links("/search?q=a", &second, &[19, 18]);
        assert_eq!(second.newer.as_deref(), Some("/search?q=a&min_id=19"));
        assert_eq!(second.older, None);
        let beyond = links("/home", &page(&Fields::parse(b"max_id=1")), &[]);
        assert_eq!(beyond.newer.as_deref(), Some("/home"));
        assert_eq!(page(&Fields::parse(b"max_id=x")), Page::newest(LENGTH));
        assert_eq!(page(&Fields::parse(b"max_id=-5")).below, 0);
    }
}
