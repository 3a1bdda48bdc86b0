//! How far somebody has read.

use crate::statements;

statements! {}
