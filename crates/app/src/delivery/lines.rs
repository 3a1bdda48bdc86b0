//! Who is next: deliveries that the worker holds stand in one line a host. Hosts take turns, a host
//! gets a few connections at a time, and hosts that have not answered yet share a part of the places,
//! so that however many of them are dead, the living do not wait (R08).

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use activitypub::sign::Scheme;
use bytes::Bytes;
use domain::RowId;
use http::HeaderValue;
use store::deliveries::Leased;

use crate::keys::Key;

/// Deliveries under way at once.
const PLACES: usize = 128;
/// Of these, those to hosts that have not taken anything lately.
const UNPROVEN_PLACES: usize = 96;
/// Of these, to one host.
const PER_HOST: usize = 4;
/// Held for one host.
const LONGEST: usize = 64;
/// Below this many a host gets more.
const SHORT: usize = 16;
/// Held in all.
const MOST: usize = 1_024;

/// Signs a parcel.
pub(super) enum Signer {
    /// By a key that is kept.
    Kept(Arc<Key>),
    /// By the key of an account that is gone.
    Last(activitypub::sign::SigningKey),
}

impl Signer {
    pub(super) fn key(&self) -> &activitypub::sign::SigningKey {
        match self {
            Self::Kept(key) => &key.signing,
            Self::Last(key) => key,
        }
    }
}

/// What many inboxes get.
pub(super) struct Parcel {
    pub(super) body: Bytes,
    pub(super) signer: Signer,
}

/// One delivery.
pub(super) struct Work {
    pub(super) row: Leased,
    pub(super) parcel: Arc<Parcel>,
    pub(super) sync: Option<HeaderValue>,
}

/// How a host is, as far as its line needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// It took something lately and has not failed since.
    pub(super) is_proven: bool,
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
        let most = if self.standing.is_proven { PER_HOST } else { 1 };
        !self.waiting.is_empty() && self.running < most
    }
}

/// All lines.
#[derive(Default)]
pub(super) struct Lines {
    lines: HashMap<String, Line>,
    turn: VecDeque<String>,
    stalled: VecDeque<String>,
    held: HashSet<RowId>,
    waiting: usize,
    running: usize,
    unproven: usize,
}

impl Lines {
    /// Hosts that have enough in line.
    pub(super) fn busy(&self) -> Vec<String> {
        let enough = |line: &Line| {
            line.waiting.len() >= SHORT || (!line.standing.is_proven && line.running > 0)
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
            if *there < LONGEST && !self.held.contains(&id) {
                *there += 1;
                room -= 1;
                chosen.push(id);
            }
        }
        chosen
    }

    /// Puts a delivery into the line of its host.
    pub(super) fn push(&mut self, work: Work, standing: Standing) {
        if !self.held.insert(work.row.id) {
            return;
        }
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
        while self.running < PLACES {
            let host = self.turn.pop_front()?;
            let Some(line) = self.lines.get_mut(&host) else { continue };
            if !line.standing.is_proven && self.unproven >= UNPROVEN_PLACES {
                self.stalled.push_back(host);
                continue;
            }
            line.is_queued = false;
            let Some(work) = line.waiting.pop_front() else { continue };
            line.running += 1;
            let scheme = line.standing.scheme;
            self.unproven += usize::from(!line.standing.is_proven);
            self.waiting -= 1;
            self.running += 1;
            self.queue(&host);
            return Some((work, scheme));
        }
        None
    }

    /// A delivery has ended; `standing` is what that says of its host. The line of a host that is
    /// down is given up.
    pub(super) fn ended(&mut self, id: RowId, host: &str, now: Shown) {
        self.held.remove(&id);
        self.running = self.running.saturating_sub(1);
        let mut dropped: Vec<RowId> = Vec::new();
        if let Some(line) = self.lines.get_mut(host) {
            line.running = line.running.saturating_sub(1);
            if !line.standing.is_proven {
                self.unproven = self.unproven.saturating_sub(1);
            }
            // Those that still run were begun as proven or not; the count follows the line.
            let before = line.standing.is_proven;
            now.apply(&mut line.standing);
            if before != line.standing.is_proven {
                if before {
                    self.unproven += line.running;
                } else {
                    self.unproven = self.unproven.saturating_sub(line.running);
                }
            }
            if now.is_down {
                dropped.extend(line.waiting.drain(..).map(|work| work.row.id));
            }
        }
        self.waiting = self.waiting.saturating_sub(dropped.len());
        for id in &dropped {
            self.held.remove(id);
        }
        if let Some(stalled) = self.stalled.pop_front() {
            self.turn.push_back(stalled);
        }
        self.queue(host);
        self.tidy(host);
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
            standing.is_proven = works;
        }
        if let Some(scheme) = self.scheme {
            standing.scheme = scheme;
        }
    }
}
