//! Lists of followed accounts.

use crate::statements;

statements! {}
