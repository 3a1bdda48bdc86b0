//! Who is next: deliveries that the worker holds stand in one line a host. Hosts take turns, a host
//! gets a few connections at a time, and hosts that failed or are not known yet share a part of the
//! places, so that however many of them are dead, the living do not wait (R08).

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use activitypub::sign::Scheme;
use domain::RowId;
use http::HeaderValue;
use store::deliveries::Leased;

use super::parcel::Parcel;

/// Deliveries under way at once.
const PLACES: usize = 160;
/// Of these, those to hosts that have not taken anything lately.
const UNPROVEN_PLACES: usize = 128;
/// Of these, those to hosts that failed the last time.
const FAILING_PLACES: usize = 64;
/// Of these, to one host; one that is not proven gets one.
const PER_HOST: usize = 4;
/// Held for one host.
const LONGEST: usize = 64;
/// Below this many a host gets more.
const SHORT: usize = 16;
/// Held in all.
const MOST: usize = 1_024;

/// One delivery.
pub(super) struct Work {
    pub(super) row: Leased,
    pub(super) parcel: Arc<Parcel>,
    pub(super) sync: Option<HeaderValue>,
}

/// What is known of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repute {
    /// It took something and has not failed since.
    Proven,
    /// Nothing is.
    Fresh,
    /// It failed the last time.
    Failing,
    /// It has failed for days: one try tells enough.
    Parked,
}

/// How a host is, as far as its line needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// What is known of it.
    pub(super) repute: Repute,
    /// How it wants requests signed.
    pub(super) scheme: Scheme,
}

struct Line {
    waiting: VecDeque<Work>,
    running: usize,
    standing: Standing,
    /// It stands in `turn` or among the `stalled`.
    is_queued: bool,
}

impl Line {
    fn may_run(&self) -> bool {
        let most = if self.standing.repute == Repute::Proven { PER_HOST } else { 1 };
        !self.waiting.is_empty() && self.running < most
    }
}

/// All lines.
#[derive(Default)]
pub(super) struct Lines {
    lines: HashMap<String, Line>,
    turn: VecDeque<String>,
    stalled: VecDeque<String>,
    /// Every row that is held; those that were begun with what their host was then.
    held: HashMap<RowId, Option<Repute>>,
    waiting: usize,
    /// Begun, by what their hosts were then.
    begun: Begun,
}

#[derive(Default)]
struct Begun {
    proven: usize,
    fresh: usize,
    failing: usize,
}

impl Begun {
    fn of(&mut self, repute: Repute) -> &mut usize {
        match repute {
            Repute::Proven => &mut self.proven,
            Repute::Fresh => &mut self.fresh,
            Repute::Failing | Repute::Parked => &mut self.failing,
        }
    }

    /// Whether one more of these may begin.
    fn has_place(&self, repute: Repute) -> bool {
        let unproven = self.fresh + self.failing < UNPROVEN_PLACES;
        match repute {
            Repute::Proven => true,
            Repute::Fresh => unproven,
            Repute::Failing | Repute::Parked => unproven && self.failing < FAILING_PLACES,
        }
    }

    fn all(&self) -> usize {
        self.proven + self.fresh + self.failing
    }
}

impl Lines {
    /// Hosts that have enough in line.
    pub(super) fn busy(&self) -> Vec<String> {
        let enough = |line: &Line| {
            line.waiting.len() >= SHORT
                || (line.standing.repute != Repute::Proven && line.running > 0)
        };
        self.lines.iter().filter(|(_, line)| enough(line)).map(|(name, _)| name.clone()).collect()
    }

    /// Those of these rows that there is room for; the host of each is beside it.
    pub(super) fn choose(&self, candidates: Vec<(RowId, String)>) -> Vec<RowId> {
        let mut taken: HashMap<String, usize> = HashMap::new();
        let mut room = MOST.saturating_sub(self.waiting);
        let mut chosen = Vec::new();
        for (id, host) in candidates {
            if room == 0 {
                break;
            }
            let line = self.lines.get(&host);
            let there =
                taken.entry(host).or_insert_with(|| line.map_or(0, |line| line.waiting.len()));
            if *there < LONGEST && !self.held.contains_key(&id) {
                *there += 1;
                room -= 1;
                chosen.push(id);
            }
        }
        chosen
    }

    /// Puts a delivery into the line of its host.
    pub(super) fn push(&mut self, work: Work, standing: Standing) {
        if self.held.contains_key(&work.row.id) {
            return;
        }
        self.held.insert(work.row.id, None);
        let host = work.row.host.clone();
        let line = self.lines.entry(host.clone()).or_insert_with(|| Line {
            waiting: VecDeque::new(),
            running: 0,
            standing,
            is_queued: false,
        });
        line.waiting.push_back(work);
        self.waiting += 1;
        self.queue(&host);
    }

    fn queue(&mut self, host: &str) {
        if let Some(line) = self.lines.get_mut(host)
            && line.may_run()
            && !line.is_queued
        {
            line.is_queued = true;
            self.turn.push_back(host.to_owned());
        }
    }

    /// The next delivery to begin, if there is a place for it.
    pub(super) fn next(&mut self) -> Option<(Work, Scheme)> {
        while self.begun.all() < PLACES {
            let host = self.turn.pop_front()?;
            let Some(line) = self.lines.get_mut(&host) else { continue };
            let Standing { repute, scheme } = line.standing;
            if !self.begun.has_place(repute) {
                self.stalled.push_back(host);
                continue;
            }
            line.is_queued = false;
            let Some(work) = line.waiting.pop_front() else { continue };
            line.running += 1;
            self.held.insert(work.row.id, Some(repute));
            *self.begun.of(repute) += 1;
            self.waiting -= 1;
            self.queue(&host);
            return Some((work, scheme));
        }
        None
    }

    /// A delivery has ended; `now` is what that says of its host. The line of a host that is down is
    /// given up; true when it is.
    pub(super) fn ended(&mut self, id: RowId, host: &str, now: Shown) -> bool {
        let mut is_down = now.is_down;
        if let Some(Some(repute)) = self.held.remove(&id) {
            let begun = self.begun.of(repute);
            *begun = begun.saturating_sub(1);
        }
        if let Some(line) = self.lines.get_mut(host) {
            line.running = line.running.saturating_sub(1);
            is_down |= line.standing.repute == Repute::Parked && now.works == Some(false);
            now.apply(&mut line.standing);
            if is_down {
                for work in line.waiting.drain(..) {
                    self.held.remove(&work.row.id);
                    self.waiting -= 1;
                }
            }
        }
        // A place is free; who stalled looks again, in turn.
        self.turn.extend(self.stalled.drain(..));
        self.queue(host);
        self.tidy(host);
        is_down
    }

    fn tidy(&mut self, host: &str) {
        let is_over =
            self.lines.get(host).is_some_and(|line| line.waiting.is_empty() && line.running == 0);
        if is_over {
            self.lines.remove(host);
        }
    }

    /// How many of this host wait.
    pub(super) fn is_short(&self, host: &str) -> bool {
        self.lines.get(host).is_none_or(|line| line.waiting.len() < SHORT)
    }

    /// Everything that was not begun.
    pub(super) fn clear(&mut self) -> Vec<RowId> {
        let lines = self.lines.values_mut();
        lines.flat_map(|line| line.waiting.drain(..)).map(|work| work.row.id).collect()
    }
}

/// What the end of a delivery shows of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// It took something; `None` says nothing.
    pub(super) works: Option<bool>,
    /// Nothing else needs to be tried now.
    pub(super) is_down: bool,
    /// It wants requests signed so.
    pub(super) scheme: Option<Scheme>,
}

impl Shown {
    fn apply(self, standing: &mut Standing) {
        if let Some(works) = self.works {
            standing.repute = if works { Repute::Proven } else { Repute::Failing };
        }
        if let Some(scheme) = self.scheme {
            standing.scheme = scheme;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parcel::Signer;
    use super::*;

    fn parcel() -> Arc<Parcel> {
        let new = activitypub::sign::new_key().unwrap();
        let key =
            activitypub::sign::SigningKey::from_pkcs8("https://a.test/#key".into(), &new.private);
        Arc::new(Parcel::new("{}".to_owned(), Signer::Last(key.unwrap()), false))
    }

    fn work(parcel: &Arc<Parcel>, id: i64, host: &str) -> Work {
        let row = Leased {
            id: RowId(id),
            outgoing_id: RowId(1),
            inbox: format!("https://{host}/inbox"),
            host: host.to_owned(),
            attempts: 0,
        };
        Work { row, parcel: parcel.clone(), sync: None }
    }

    fn standing(repute: Repute) -> Standing {
        Standing { repute, scheme: Scheme::Cavage }
    }

    fn shown(works: Option<bool>, is_down: bool) -> Shown {
        Shown { works, is_down, scheme: None }
    }

    #[test]
    fn r08_the_dead_leave_places_for_the_living() {
        let (mut lines, parcel) = (Lines::default(), parcel());
        for id in 0..500 {
            lines.push(work(&parcel, id, &format!("dead{id}.test")), standing(Repute::Failing));
        }
        for id in 500..700 {
            lines.push(work(&parcel, id, &format!("new{id}.test")), standing(Repute::Fresh));
        }
        lines.push(work(&parcel, 1_000, "good.test"), standing(Repute::Proven));
        let mut begun = Vec::new();
        while let Some((work, _)) = lines.next() {
            begun.push(work.row.host);
        }
        let count = |start: &str| begun.iter().filter(|host| host.starts_with(start)).count();
        assert_eq!(count("dead"), FAILING_PLACES);
        assert_eq!(count("new"), UNPROVEN_PLACES - FAILING_PLACES);
        assert_eq!(count("good"), 1);
    }

    #[test]
    fn o08_a_hundred_thousand_failing_hosts_leave_nothing_in_memory() {
        let (mut lines, parcel) = (Lines::default(), parcel());
        let host = |id: i64| format!("dead{id}.test");
        for batch in 0..100 {
            let rows = (batch * 1_000..(batch + 1) * 1_000).map(|id| (RowId(id), host(id)));
            for id in lines.choose(rows.collect()) {
                lines.push(work(&parcel, id.0, &host(id.0)), standing(Repute::Fresh));
            }
            assert!(lines.lines.len() <= MOST && lines.held.len() <= MOST + PLACES);
            while let Some((work, _)) = lines.next() {
                lines.ended(work.row.id, &work.row.host, shown(Some(false), true));
            }
        }
        assert!(lines.lines.is_empty() && lines.held.is_empty() && lines.turn.is_empty());
    }

    #[test]
    fn a_host_that_proves_itself_gets_more_connections_and_a_dead_one_loses_its_line() {
        let (mut lines, parcel) = (Lines::default(), parcel());
        for id in 0..20 {
            lines.push(work(&parcel, id, "a.test"), standing(Repute::Fresh));
        }
        let (first, _) = lines.next().unwrap();
        assert!(lines.next().is_none(), "one knock first");
        lines.ended(first.row.id, "a.test", shown(Some(true), false));
        let mut begun = Vec::new();
        while let Some((work, _)) = lines.next() {
            begun.push(work.row.id);
        }
        assert_eq!(begun.len(), PER_HOST);
        lines.ended(begun[0], "a.test", shown(Some(false), true));
        assert!(lines.next().is_none(), "what waited is given up for now");
        assert_eq!(lines.waiting, 0);
        for id in &begun[1..] {
            lines.ended(*id, "a.test", shown(None, false));
        }
        assert!(lines.lines.is_empty() && lines.held.is_empty());
        assert_eq!(lines.begun.all(), 0);
    }

    #[test]
    fn a_row_is_held_once_and_a_long_line_takes_no_more() {
        let (mut lines, parcel) = (Lines::default(), parcel());
        lines.push(work(&parcel, 1, "a.test"), standing(Repute::Proven));
        lines.push(work(&parcel, 1, "a.test"), standing(Repute::Proven));
        assert_eq!(lines.waiting, 1);
        let many = (0..200).map(|id| (RowId(id), "a.test".to_owned())).collect();
        let chosen = lines.choose(many);
        assert_eq!(chosen.len(), LONGEST - 1);
        assert!(!chosen.contains(&RowId(1)));
    }
}
