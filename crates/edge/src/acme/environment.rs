//! Time and chance for `acme`, passed in so that tests can move them.

use std::pin::Pin;
use std::time::{Duration, SystemTime};

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};

/// A pause that is under way.
pub type Pause<'p> = Pin<Box<dyn Future<Output = ()> + Send + 'p>>;

/// Where the present moment, pauses and chance come from.
pub trait Environment: Send + Sync {
    /// The present moment.
    fn now(&self) -> SystemTime;

    /// Ends after this long. May end late, when the machine slept.
    fn pause(&self, length: Duration) -> Pause<'_>;

    /// A number that nobody can foresee.
    fn luck(&self) -> u32;
}

/// The machine's own. Made once, by `tuskling`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Machine;

impl Environment for Machine {
    #[expect(clippy::disallowed_methods, reason = "this is what everybody else is passed")]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn pause(&self, length: Duration) -> Pause<'_> {
        Box::pin(tokio::time::sleep(length))
    }

    fn luck(&self) -> u32 {
        let mut bytes = [0; 4];
        // Only spreads requests over time: zeros do no harm.
        let _ = SystemRandom::new().fill(&mut bytes);
        u32::from_ne_bytes(bytes)
    }
}
