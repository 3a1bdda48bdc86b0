//! What was deleted here lately, for edges that keep copies of what everybody may see: they ask for it
//! again and again (`docs/decisions/0010-…`). Held in memory and bounded: who has missed something is
//! told so, and asks about everything that it has.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use domain::Random;

/// Paths that are remembered.
const MOST: usize = 1024;

/// The paths that lead nowhere any more, the latest last.
pub struct Gone {
    /// Another for each process: whoever asked its predecessor has missed something perhaps.
    epoch: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    paths: VecDeque<String>,
    /// Those that were noted since the start.
    count: u64,
}

/// What has gone since somebody asked last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// What to ask with next time.
    pub until: String,
    /// The paths; nothing when it is not known which.
    pub paths: Option<Vec<String>>,
}

impl Gone {
    pub(crate) fn new(random: &dyn Random) -> Self {
        let mut epoch = [0; 8];
        random.fill(&mut epoch);
        Self { epoch: hex::encode(epoch), state: Mutex::default() }
    }

    /// Notes a path that leads nowhere any more. To be called when it does not.
    pub(crate) fn note(&self, path: String) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.paths.len() >= MOST {
            state.paths.pop_front();
        }
        state.paths.push_back(path);
        state.count += 1;
    }

    /// What has gone since a former answer's `until`.
    #[must_use]
    pub fn since(&self, until: &str) -> Since {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let known = until.split_once('.').filter(|(epoch, _)| *epoch == self.epoch);
        let known = known.and_then(|(_, count)| count.parse::<u64>().ok());
        let new = known.and_then(|known| usize::try_from(state.count.checked_sub(known)?).ok());
        let skipped = new.and_then(|new| state.paths.len().checked_sub(new));
        let paths = skipped.map(|skipped| state.paths.iter().skip(skipped).cloned().collect());
        Since { until: format!("{}.{}", self.epoch, state.count), paths }
    }
}

#[cfg(test)]
mod tests {
    use domain::random::testing::Seeded;

    use super::*;

    #[test]
    fn who_asks_hears_what_is_new_or_that_too_much_is() {
        let gone = Gone::new(&Seeded::new(1));
        let first = gone.since("");
        assert_eq!(first.paths, None, "nobody knows what a stranger has");
        assert_eq!(gone.since(&first.until).paths, Some(vec![]));
        gone.note("/media/a".into());
        gone.note("/media/b".into());
        let second = gone.since(&first.until);
        assert_eq!(second.paths.unwrap(), ["/media/a", "/media/b"]);
        gone.note("/media/c".into());
        assert_eq!(gone.since(&second.until).paths.unwrap(), ["/media/c"]);
        assert_eq!(Gone::new(&Seeded::new(2)).since(&second.until).paths, None, "a restart");
        for _ in 0..MOST {
            gone.note("/media/d".into());
        }
        assert_eq!(gone.since(&second.until).paths, None, "too much");
        let (epoch, _) = second.until.split_once('.').unwrap();
        for odd in ["", ".", "x.1", &format!("{epoch}.9999"), &format!("{epoch}.-1")] {
            assert_eq!(gone.since(odd).paths, None, "{odd:?}");
        }
    }
}
