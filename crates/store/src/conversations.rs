//! Direct conversations as each participant sees them.

use crate::statements;

statements! {}
