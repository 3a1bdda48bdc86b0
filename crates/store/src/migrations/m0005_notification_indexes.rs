//! Indexes for grouped and filtered notifications.

use super::Migration;

pub(super) const MIGRATION: Migration =
    Migration { number: 5, common: COMMON, sqlite: "", postgres: "" };

const COMMON: &str = "
CREATE INDEX notifications_group ON notifications (account_id, group_key, id);
CREATE INDEX notifications_filtered ON notifications (account_id, from_account_id, id) WHERE filtered = true;
";
