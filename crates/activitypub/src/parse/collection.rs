//! Collections and their pages.

use super::ParseError;
use super::activity::lenient;
use super::limits::ITEMS;
use super::view::View;
use crate::{Collection, Object};

/// A collection or a page of one.
pub(super) fn collection(view: View<'_>) -> Result<Collection, ParseError> {
    let first_page = view.object("first").filter(|page| is_collection(*page));
    let mut read = page(view)?;
    read.first = if first_page.is_some() { None } else { view.uri("first") };
    read.first_page = first_page.and_then(|first| page(first).ok()).map(Box::new);
    Ok(read)
}

/// All but what is inside of `first`, so that pages do not nest.
fn page(view: View<'_>) -> Result<Collection, ParseError> {
    if !is_collection(view) {
        let reason = format!("the type is {:?}", view.kind());
        return Err(ParseError::Shape("collection", reason));
    }
    let kinds = |end: &str| view.kinds().any(|kind| kind.ends_with(end));
    let items = view.list("orderedItems").iter().chain(view.list("items"));
    Ok(Collection {
        id: view.uri("id"),
        is_ordered: view.kinds().any(|kind| kind.starts_with("Ordered")),
        is_page: kinds("Page"),
        total: view.count("totalItems"),
        items: items
            .take(ITEMS)
            .map(|item| lenient(item, 0))
            .filter(|item| *item != Object::None)
            .collect(),
        first: None,
        first_page: None,
        last: view.uri("last"),
        next: view.uri("next"),
        prev: view.uri("prev"),
        part_of: view.uri("partOf"),
        attributed_to: view.uri("attributedTo"),
    })
}

fn is_collection(view: View<'_>) -> bool {
    view.kinds().any(|kind| {
        let kind = kind.strip_prefix("Ordered").unwrap_or(kind);
        matches!(kind, "Collection" | "CollectionPage")
    })
}
