//! Filters with their keywords and statuses.

use crate::statements;

statements! {}
