//! Browser sessions and links sent by mail.

use crate::statements;

statements! {}
