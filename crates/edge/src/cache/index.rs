//! What is in the cache: which answers, how large, who was used when, and those that are held open.
//! It knows nothing of the disk; whoever takes an entry out removes its file.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use super::key::{Form, Key, Place, Variant};
use super::object::Object;

/// What all that is held open may weigh: bytes of small answers, and open files.
const MOST_HELD: usize = 8 * 1024 * 1024;

/// The entries, by address and by use.
#[derive(Default)]
pub(super) struct Index {
    places: HashMap<Place, Vec<Entry>>,
    /// The one used longest ago first.
    order: BTreeMap<u64, Key>,
    next: u64,
    pub bytes: u64,
    /// In the order of opening.
    held: VecDeque<(Key, Arc<Object>)>,
    weight: usize,
}

struct Entry {
    variant: Variant,
    bytes: u64,
    tick: u64,
    object: Option<Arc<Object>>,
}

impl Index {
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// The answer for those who ask in this form, and its object if it is held.
    pub fn find(&mut self, place: Place, form: Form) -> Option<(Key, Option<Arc<Object>>)> {
        let count = self.order.len() as u64;
        let entries = self.places.get_mut(&place)?;
        let fits = |entry: &&mut Entry| match entry.variant {
            Variant::Every => true,
            Variant::Of(own) => own == form,
        };
        let entry = entries.iter_mut().find(fits)?;
        let key = Key { place, variant: entry.variant };
        // Not at every use: those in front stay in front.
        if self.next.saturating_sub(entry.tick) > count / 8 {
            self.order.remove(&entry.tick);
            entry.tick = self.next;
            self.order.insert(self.next, key);
            self.next += 1;
        }
        if let Some(object) = &entry.object {
            object.mark_used();
        }
        Some((key, entry.object.clone()))
    }

    /// Adds one whose file is in place. Answers with those that it makes wrong, whose files are to
    /// go: an address either varies or it does not.
    pub fn insert(&mut self, key: Key, bytes: u64, object: Option<Arc<Object>>) -> Vec<Key> {
        self.remove(key);
        let others = self.places.get(&key.place).into_iter().flatten().map(|entry| entry.variant);
        let wrong = others
            .filter(|other| (*other == Variant::Every) != (key.variant == Variant::Every))
            .map(|variant| Key { place: key.place, variant });
        let wrong: Vec<Key> = wrong.collect();
        for other in &wrong {
            self.remove(*other);
        }
        let tick = self.next;
        self.next += 1;
        self.order.insert(tick, key);
        self.bytes = self.bytes.saturating_add(bytes);
        let entry = Entry { variant: key.variant, bytes, tick, object: None };
        self.places.entry(key.place).or_default().push(entry);
        if let Some(object) = object {
            self.hold(key, &object);
        }
        wrong
    }

    /// Keeps an object at hand.
    pub fn hold(&mut self, key: Key, object: &Arc<Object>) {
        let Some(entry) = self.entry(key) else { return };
        entry.object = Some(object.clone());
        self.held.push_back((key, object.clone()));
        self.weight = self.weight.saturating_add(object.weight());
        // Who was used meanwhile gets another round; more than one for all there cannot be.
        let mut rounds = self.held.len().saturating_mul(2);
        while self.weight > MOST_HELD && rounds > 0 {
            let Some((key, object)) = self.held.pop_front() else { return };
            rounds -= 1;
            let current = self.entry(key).and_then(|entry| entry.object.as_ref());
            let is_current = current.is_some_and(|current| Arc::ptr_eq(current, &object));
            if is_current && object.was_used() {
                self.held.push_back((key, object));
                continue;
            }
            self.weight = self.weight.saturating_sub(object.weight());
            if is_current && let Some(entry) = self.entry(key) {
                entry.object = None;
            }
        }
    }

    /// Removes one.
    pub fn remove(&mut self, key: Key) -> bool {
        let Some(entries) = self.places.get_mut(&key.place) else { return false };
        let Some(at) = entries.iter().position(|entry| entry.variant == key.variant) else {
            return false;
        };
        let entry = entries.swap_remove(at);
        if entries.is_empty() {
            self.places.remove(&key.place);
        }
        self.order.remove(&entry.tick);
        self.bytes = self.bytes.saturating_sub(entry.bytes);
        if let Some(object) = entry.object {
            self.held.retain(|(_, held)| !Arc::ptr_eq(held, &object));
            self.weight = self.weight.saturating_sub(object.weight());
        }
        true
    }

    /// Removes all forms of an address.
    pub fn remove_place(&mut self, place: Place) -> Vec<Key> {
        let entries = self.places.get(&place).into_iter().flatten();
        let keys: Vec<Key> = entries.map(|entry| Key { place, variant: entry.variant }).collect();
        keys.into_iter().filter(|key| self.remove(*key)).collect()
    }

    /// Removes the one that was used longest ago: its key and bytes.
    pub fn evict(&mut self) -> Option<(Key, u64)> {
        let (_, key) = self.order.first_key_value()?;
        let key = *key;
        let bytes = self.entry(key).map_or(0, |entry| entry.bytes);
        self.remove(key);
        Some((key, bytes))
    }

    fn entry(&mut self, key: Key) -> Option<&mut Entry> {
        let entries = self.places.get_mut(&key.place)?;
        entries.iter_mut().find(|entry| entry.variant == key.variant)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};

    use super::super::key::Tongue;
    use super::super::object::Stored;
    use super::super::policy::Terms;
    use super::super::record::Head;
    use super::*;

    fn key(path: &str, variant: Variant) -> Key {
        Key { place: Place::of("a.test", path), variant }
    }

    fn object(bytes: usize) -> Arc<Object> {
        let terms = Terms { fresh: 1, revalidating: 0, if_error: 0 };
        let (headers, length) = (HeaderMap::new(), bytes as u64);
        let head = Head { address: String::new(), status: StatusCode::OK, headers, terms, length };
        Arc::new(Object::new(head, Stored::Memory(Bytes::from(vec![0; bytes])), 0))
    }

    #[test]
    fn e10_the_one_used_longest_ago_goes_first() {
        let mut index = Index::default();
        for path in ["/1", "/2", "/3"] {
            assert!(index.insert(key(path, Variant::Every), 10, None).is_empty());
        }
        assert!(index.find(Place::of("a.test", "/1"), Form::Any).is_some());
        let gone: Vec<_> = std::iter::from_fn(|| index.evict()).collect();
        let expected = ["/2", "/3", "/1"].map(|path| (key(path, Variant::Every), 10));
        assert_eq!(gone, expected);
        assert_eq!((index.len(), index.bytes), (0, 0));
    }

    #[test]
    fn e08_forms_lie_side_by_side_and_what_does_not_vary_takes_their_place() {
        let mut index = Index::default();
        let (page, document) =
            (Variant::Of(Form::Page(Tongue::default())), Variant::Of(Form::Document));
        assert!(index.insert(key("/", page), 1, None).is_empty());
        assert!(index.insert(key("/", document), 2, None).is_empty());
        let place = Place::of("a.test", "/");
        assert_eq!(index.find(place, Form::Page(Tongue::default())).unwrap().0.variant, page);
        assert_eq!(index.find(place, Form::Document).unwrap().0.variant, document);
        assert!(index.find(place, Form::Any).is_none());
        assert_eq!(index.insert(key("/", Variant::Every), 4, None).len(), 2);
        assert_eq!(index.bytes, 4);
        assert_eq!(index.insert(key("/", page), 8, None), [key("/", Variant::Every)]);
        assert_eq!(index.insert(key("/", page), 16, None), []);
        assert_eq!((index.len(), index.bytes), (1, 16));
        assert_eq!(index.remove_place(place), [key("/", page)]);
        assert_eq!((index.len(), index.bytes), (0, 0));
    }

    #[test]
    fn what_is_held_is_bounded_and_what_is_used_stays() {
        let mut index = Index::default();
        let size = 64 * 1024;
        for number in 0..200 {
            let path = format!("/{number}");
            index.insert(key(&path, Variant::Every), 1, Some(object(size)));
            assert!(index.find(Place::of("a.test", "/0"), Form::Any).unwrap().1.is_some());
            assert!(index.weight <= MOST_HELD);
        }
        let held = index.held.iter().map(|(_, object)| object.weight()).sum::<usize>();
        assert_eq!(held, index.weight);
        assert!(index.find(Place::of("a.test", "/1"), Form::Any).unwrap().1.is_none());
        while index.evict().is_some() {}
        assert_eq!((index.weight, index.held.len()), (0, 0));
    }
}
