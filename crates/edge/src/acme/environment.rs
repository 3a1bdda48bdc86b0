//! Time and chance for `acme`, passed in so that tests can move them.

use std::pin::Pin;
use std::time::{Duration, SystemTime};

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
