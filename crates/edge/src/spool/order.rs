//! Who is next: the oldest of all, but of each sender only one at a time, so that its deliveries
//! arrive in the order in which they came. Pure; knows places, not bytes.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::SystemTime;

use tokio::time::Instant;

/// Where a delivery lies. Smaller is older.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) segment: u64,
    pub(super) number: u32,
    pub(super) offset: u64,
    pub(super) received: SystemTime,
}

/// All deliveries that wait.
#[derive(Debug, Default)]
pub(super) struct Order {
    senders: HashMap<Arc<str>, Line>,
    /// The first of each sender that none of is under way.
    free: BTreeMap<Place, Arc<str>>,
    /// The first of each sender that is to be tried again only then.
    resting: BTreeMap<(Instant, Place), Arc<str>>,
    entries: usize,
}

/// What waits of one sender.
#[derive(Debug, Default)]
struct Line {
    places: VecDeque<Place>,
    /// How often the first has failed.
    tries: u32,
}

impl Order {
    pub(super) fn entries(&self) -> usize {
        self.entries
    }

    pub(super) fn senders(&self) -> usize {
        self.senders.len()
    }

    pub(super) fn entries_of(&self, sender: &str) -> usize {
        self.senders.get(sender).map_or(0, |line| line.places.len())
    }

    /// When the oldest came, those under way included.
    pub(super) fn oldest(&self) -> Option<SystemTime> {
        let firsts = self.senders.values().filter_map(|line| line.places.front());
        firsts.min().map(|place| place.received)
    }

    /// Places come in rising order.
    pub(super) fn add(&mut self, sender: &str, place: Place) {
        self.entries += 1;
        if let Some(line) = self.senders.get_mut(sender) {
            line.places.push_back(place);
            return;
        }
        let sender: Arc<str> = sender.into();
        self.free.insert(place, sender.clone());
        self.senders.insert(sender, Line { places: VecDeque::from([place]), tries: 0 });
    }

    /// The oldest whose sender has none under way and does not rest; it is under way from now on.
    /// With it comes how often it has failed.
    pub(super) fn take(&mut self, now: Instant) -> Option<(Arc<str>, Place, u32)> {
        while let Some(first) = self.resting.first_entry()
            && first.key().0 <= now
        {
            let ((_, place), sender) = first.remove_entry();
            self.free.insert(place, sender);
        }
        let (place, sender) = self.free.pop_first()?;
        let tries = self.senders.get(&sender).map_or(0, |line| line.tries);
        Some((sender, place, tries))
    }

    /// It is over: the next of its sender may go.
    pub(super) fn done(&mut self, sender: &Arc<str>) {
        let Some(line) = self.senders.get_mut(sender) else { return };
        line.tries = 0;
        if line.places.pop_front().is_some() {
            self.entries -= 1;
        }
        match line.places.front() {
            Some(next) => {
                self.free.insert(*next, sender.clone());
            }
            None => {
                self.senders.remove(sender);
            }
        }
    }

    /// It did not go: it is the first of its sender again.
    pub(super) fn back(&mut self, sender: &Arc<str>) {
        if let Some(first) = self.senders.get(sender).and_then(|line| line.places.front()) {
            self.free.insert(*first, sender.clone());
        }
    }

    /// It did not go: its sender rests until then, and has failed so often.
    pub(super) fn rest(&mut self, sender: &Arc<str>, until: Instant, tries: u32) {
        let Some(line) = self.senders.get_mut(sender) else { return };
        line.tries = tries;
        if let Some(first) = line.places.front() {
            self.resting.insert((until, *first), sender.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn place(number: u32) -> Place {
        let received = UNIX_EPOCH + Duration::from_secs(number.into());
        Place { segment: 1, number, offset: 0, received }
    }

    fn order(senders: &[&str]) -> Order {
        let mut order = Order::default();
        for (number, sender) in (0..).zip(senders) {
            order.add(sender, place(number));
        }
        order
    }

    fn take(order: &mut Order) -> Option<(Arc<str>, u32)> {
        order.take(Instant::now()).map(|(sender, place, _)| (sender, place.number))
    }

    #[test]
    fn who_rests_lets_others_go_first_and_keeps_its_order() {
        let mut order = order(&["a", "a", "b"]);
        let (a, _) = take(&mut order).unwrap();
        let until = Instant::now() + Duration::from_secs(60);
        order.rest(&a, until, 3);
        order.add("a", place(9));
        let (b, number) = take(&mut order).unwrap();
        assert_eq!((&*b, number), ("b", 2));
        assert_eq!(take(&mut order), None);
        let (sender, first, tries) = order.take(until).unwrap();
        assert_eq!((&*sender, first.number, tries), ("a", 0, 3));
        order.done(&a);
        let (_, second, tries) = order.take(until).unwrap();
        assert_eq!((second.number, tries), (1, 0), "another one has not failed yet");
    }

    #[test]
    fn the_oldest_goes_first_and_of_each_sender_one_at_a_time() {
        let mut order = order(&["a", "a", "b", "a", "c"]);
        let (a, first) = take(&mut order).unwrap();
        assert_eq!((&*a, first), ("a", 0));
        assert_eq!(take(&mut order).unwrap().1, 2);
        assert_eq!(take(&mut order).unwrap().1, 4);
        assert_eq!(take(&mut order), None, "the others of a wait for its first");
        order.done(&a);
        assert_eq!(take(&mut order).unwrap().1, 1);
        assert_eq!(order.oldest(), Some(place(1).received));
    }

    #[test]
    fn what_did_not_go_is_the_first_again() {
        let mut order = order(&["a", "a"]);
        let (a, _) = take(&mut order).unwrap();
        order.back(&a);
        assert_eq!(take(&mut order).unwrap().1, 0);
        order.done(&a);
        assert_eq!(take(&mut order).unwrap().1, 1);
        order.done(&a);
        assert_eq!((take(&mut order), order.entries(), order.senders()), (None, 0, 0));
        order.done(&a);
        order.back(&a);
        order.add("a", place(9));
        assert_eq!(take(&mut order).unwrap().1, 9);
    }
}
