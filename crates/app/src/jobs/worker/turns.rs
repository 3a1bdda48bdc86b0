//! Jobs that concern the same thing run one after the other, in the order in which they came: an edit
//! after the post that it changes, a deletion last.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use store::jobs::Leased;
use tokio_util::sync::{CancellationToken, DropGuard};

/// The last turn of each thing that a job of this worker is about.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<String, CancellationToken>>);

/// A job's turn; it is over when this is dropped.
pub(super) struct Turn {
    before: Option<CancellationToken>,
    _over: DropGuard,
}

/// What is read of a job that waits.
#[derive(Deserialize)]
struct About {
    #[serde(default)]
    subject: Option<String>,
}

impl Turns {
    /// The next turn for what a job is about; nothing when it waits for nobody. Jobs that run are few,
    /// and so are the turns.
    pub(super) fn next(&self, job: &Leased) -> Option<Turn> {
        let subject = serde_json::from_str::<About>(&job.payload).ok()?.subject?;
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.retain(|_, turn| !turn.is_cancelled());
        let turn = CancellationToken::new();
        let before = last.insert(subject, turn.clone());
        Some(Turn { before, _over: turn.drop_guard() })
    }
}

impl Turn {
    /// Ends when the job before is over, however it ended.
    pub(super) async fn comes(&self) {
        if let Some(before) = &self.before {
            before.cancelled().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::JobId;

    use super::*;

    fn job(subject: Option<&str>) -> Leased {
        let payload = serde_json::json!({"job": "receive", "subject": subject}).to_string();
        Leased { id: JobId(1), kind: "receive".into(), payload, attempts: 1, is_suspect: false }
    }

    #[tokio::test]
    async fn who_is_about_the_same_waits_and_others_do_not() {
        let turns = Turns::default();
        assert!(turns.next(&job(None)).is_none());
        let first = turns.next(&job(Some("a"))).unwrap();
        let second = turns.next(&job(Some("a"))).unwrap();
        let other = turns.next(&job(Some("b"))).unwrap();
        first.comes().await;
        other.comes().await;
        let waiting = tokio::spawn(async move { second.comes().await });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        drop(first);
        waiting.await.unwrap();
        drop(other);
        let _again = turns.next(&job(Some("c"))).unwrap();
        assert_eq!(turns.0.lock().unwrap().len(), 1, "what is over is forgotten");
    }
}
