//! Web Push subscriptions.

use crate::statements;

statements! {}
