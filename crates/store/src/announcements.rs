//! Announcements and who has read them.

use crate::statements;

statements! {}
