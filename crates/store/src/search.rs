//! Full-text search over statuses, and search for accounts and tags.

use crate::statements;

statements! {}
