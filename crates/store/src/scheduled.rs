//! Statuses to be posted later.

use crate::statements;

statements! {}
