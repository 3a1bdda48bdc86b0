//! Collections and their pages.

use serde_json::Value;

use super::activity::object;
use super::fields::Fields;
use crate::Collection;

/// A collection or one page of it. Items stand in it even when there are none, unless its pages are
/// elsewhere or its total says that they are hidden.
pub(super) fn collection(collection: &Collection) -> Fields {
    let mut fields = Fields::of(match (collection.is_ordered, collection.is_page) {
        (true, true) => "OrderedCollectionPage",
        (true, false) => "OrderedCollection",
        (false, true) => "CollectionPage",
        (false, false) => "Collection",
    });
    fields.id("id", collection.id.as_ref());
    fields.maybe("totalItems", collection.total);
    for (name, id) in [
        ("first", &collection.first),
        ("last", &collection.last),
        ("next", &collection.next),
        ("prev", &collection.prev),
        ("partOf", &collection.part_of),
        ("attributedTo", &collection.attributed_to),
    ] {
        fields.id(name, id.as_ref());
    }
    fields.maybe("first", collection.first_page.as_ref().map(|page| self::collection(page)));
    let is_elsewhere = collection.first.is_some() || collection.first_page.is_some();
    let is_hidden = !collection.is_page && collection.total.is_some_and(|total| total > 0);
    if !collection.items.is_empty() || !(is_elsewhere || is_hidden) {
        let items: Vec<Value> = collection.items.iter().filter_map(object).collect();
        fields.put(if collection.is_ordered { "orderedItems" } else { "items" }, items);
    }
    fields
}
