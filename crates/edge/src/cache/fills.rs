//! Who is being asked for: one filler for each answer, others wait for it (E09).

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::key::{Form, Place};
use super::object::Object;
use crate::pages::Refusal;

/// Answers that are asked for at once. More go through without being kept.
const MOST: usize = 512;
/// Answers of which is remembered that they are not kept.
const MOST_LONELY: usize = 4096;
/// For how long.
const LONELY: Duration = Duration::from_secs(10);

/// What one asks for.
pub(super) type Wanted = (Place, Form);

/// All that are under way.
#[derive(Default)]
pub(super) struct Fills(Mutex<State>);

#[derive(Default)]
struct State {
    running: HashMap<Wanted, Arc<Fill>>,
    /// Nobody waits for these: what the origin says to one is not for another.
    lonely: HashMap<Wanted, Instant>,
}

/// One that is under way.
struct Fill {
    stage: watch::Sender<Stage>,
    /// It is purged: what comes may be the former.
    is_doomed: AtomicBool,
}

/// How far it has come.
#[derive(Clone)]
pub(super) enum Stage {
    Asking,
    /// It can be sent, while it arrives perhaps.
    Ready(Arc<Object>),
    /// The answer is only for the one that asked.
    Alone,
    /// There is none.
    Failed(Refusal),
    /// Whoever asked went away.
    Left,
}

/// What to do.
pub(super) enum Turn {
    Ask(Lead),
    /// It is there, or on its way.
    Have(Arc<Object>),
    Wait(watch::Receiver<Stage>),
    /// Go through, without keeping anything.
    Pass,
}

/// The right and duty to ask. Dropped, another may.
pub(super) struct Lead {
    fills: Arc<Fills>,
    wanted: Wanted,
    fill: Arc<Fill>,
}

impl Fills {
    pub fn join(self: &Arc<Self>, wanted: Wanted) -> Turn {
        let mut state = self.lock();
        if let Some(fill) = state.running.get(&wanted) {
            return match &*fill.stage.borrow() {
                Stage::Ready(object) => Turn::Have(object.clone()),
                _ => Turn::Wait(fill.stage.subscribe()),
            };
        }
        let now = Instant::now();
        match state.lonely.get(&wanted) {
            Some(until) if now < *until => return Turn::Pass,
            Some(_) => drop(state.lonely.remove(&wanted)),
            None => {}
        }
        if state.running.len() >= MOST {
            return Turn::Pass;
        }
        let stage = watch::Sender::new(Stage::Asking);
        let fill = Arc::new(Fill { stage, is_doomed: AtomicBool::new(false) });
        state.running.insert(wanted, fill.clone());
        Turn::Ask(Lead { fills: self.clone(), wanted, fill })
    }

    /// What is under way to this address is not to be kept.
    pub fn doom(&self, place: Place) {
        let state = self.lock();
        for (_, fill) in state.running.iter().filter(|((of, _), _)| *of == place) {
            fill.is_doomed.store(true, SeqCst);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lead {
    pub fn ready(&self, object: &Arc<Object>) {
        self.fill.stage.send_replace(Stage::Ready(object.clone()));
    }

    pub fn failed(&self, refusal: Refusal) {
        self.fill.stage.send_replace(Stage::Failed(refusal));
    }

    /// Nobody waits for this one for a while.
    pub fn alone(&self) {
        let mut state = self.fills.lock();
        if state.lonely.len() >= MOST_LONELY {
            state.lonely.clear();
        }
        state.lonely.insert(self.wanted, Instant::now() + LONELY);
        drop(state);
        self.fill.stage.send_replace(Stage::Alone);
    }

    pub fn is_doomed(&self) -> bool {
        self.fill.is_doomed.load(SeqCst)
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        self.fills.lock().running.remove(&self.wanted);
        self.fill.stage.send_if_modified(|stage| {
            let is_open = matches!(stage, Stage::Asking);
            if is_open {
                *stage = Stage::Left;
            }
            is_open
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(path: &str) -> Wanted {
        (Place::of("a.test", path), Form::Any)
    }

    #[tokio::test(start_paused = true)]
    async fn e09_one_asks_and_others_wait_until_it_leaves() {
        let fills = Arc::new(Fills::default());
        let Turn::Ask(lead) = fills.join(wanted("/")) else { panic!("the first one asks") };
        let Turn::Wait(mut stage) = fills.join(wanted("/")) else { panic!("the second waits") };
        assert!(matches!(fills.join(wanted("/other")), Turn::Ask(_)));
        fills.doom(Place::of("a.test", "/other"));
        assert!(!lead.is_doomed());
        fills.doom(Place::of("a.test", "/"));
        assert!(lead.is_doomed());
        drop(lead);
        stage.changed().await.unwrap();
        assert!(matches!(*stage.borrow(), Stage::Left));
        let Turn::Ask(lead) = fills.join(wanted("/")) else { panic!("the next one asks") };
        lead.alone();
        drop(lead);
        assert!(matches!(fills.join(wanted("/")), Turn::Pass));
        tokio::time::advance(LONELY).await;
        assert!(matches!(fills.join(wanted("/")), Turn::Ask(_)));
    }

    #[tokio::test]
    async fn those_under_way_are_bounded() {
        let fills = Arc::new(Fills::default());
        let mut leads = Vec::new();
        for number in 0..MOST {
            let Turn::Ask(lead) = fills.join(wanted(&format!("/{number}"))) else {
                panic!("{number}")
            };
            leads.push(lead);
        }
        assert!(matches!(fills.join(wanted("/one-more")), Turn::Pass));
        leads.pop();
        assert!(matches!(fills.join(wanted("/one-more")), Turn::Ask(_)));
    }
}
