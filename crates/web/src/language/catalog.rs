//! What `build.rs` makes of the catalogues: [`Texts`] with a field for each text and a method for each text with arguments.

use std::fmt::Display;

use super::{About, Count, Language, Plural, Rule};
use crate::view::count as grouped;

include!(concat!(env!("OUT_DIR"), "/texts.rs"));
