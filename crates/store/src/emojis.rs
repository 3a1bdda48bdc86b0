//! Custom emoji.

use crate::statements;

statements! {}
