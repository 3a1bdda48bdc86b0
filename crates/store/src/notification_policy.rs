//! What kinds of notifications somebody wants, and from whom.

use crate::statements;

statements! {}
