//! Hashtags: finding, following, featuring.

use crate::statements;

statements! {}
