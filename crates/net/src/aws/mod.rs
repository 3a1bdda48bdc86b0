//! What a request to Amazon's services needs: keys, from the settings or from the role of the
//! instance, and the signature made with them.
//!
//! Which service is asked for what is not known here. Called by `edge` for Route 53 and by `app` for
//! mail.

mod instance;
mod signature;

use std::fmt;
use std::pin::Pin;

pub use instance::InstanceRole;
pub use signature::{Scope, headers};

/// What AWS knows a caller by.
#[derive(Clone)]
pub struct Keys {
    /// The id of the access key.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// The token of a role, which changes every few hours.
    pub session_token: Option<String>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Keys").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Keys that are being looked up.
pub type LookingUp<'k> = Pin<Box<dyn Future<Output = Result<Keys, String>> + Send + 'k>>;

/// Where keys come from: the settings, or the role of an instance.
pub trait Credentials: Send + Sync {
    /// Keys that hold for the next minutes.
    fn keys(&self) -> LookingUp<'_>;
}

/// Keys that do not change.
impl Credentials for Keys {
    fn keys(&self) -> LookingUp<'_> {
        Box::pin(async { Ok(self.clone()) })
    }
}
