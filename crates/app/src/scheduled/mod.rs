//! Statuses to be posted later.
