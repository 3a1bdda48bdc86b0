//! Search for accounts, tags and statuses.
