//! Web Push subscriptions.
