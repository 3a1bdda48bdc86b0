//! Custom emoji of this server, kept in memory: every rendered text asks for them.

mod import;
mod refresh;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

pub use import::{change, import, list, remove};
pub use refresh::{keep_fresh, refresh};
pub use store::emojis::Emoji as Stored;

/// A custom emoji.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emoji {
    /// Without colons.
    pub shortcode: String,
    /// The picture, perhaps moving.
    pub url: String,
    /// The picture, still.
    pub static_url: String,
    /// Heading in the picker.
    pub category: Option<String>,
    /// Shown in the picker.
    pub visible: bool,
}

/// All of them, by shortcode.
#[derive(Clone, Debug, Default)]
pub struct Catalog(pub BTreeMap<String, Emoji>);

/// The catalog as it is now; readers keep theirs while it is replaced.
#[derive(Default)]
pub struct Current {
    catalog: RwLock<Arc<Catalog>>,
    edition: std::sync::Mutex<store::emojis::Edition>,
}

impl Current {
    /// The catalog.
    #[must_use]
    pub fn get(&self) -> Arc<Catalog> {
        self.catalog.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces it.
    pub fn set(&self, catalog: Catalog) {
        *self.catalog.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(catalog);
    }
}
