//! Reports to staff.

use crate::statements;

statements! {}
