//! Suggestions that somebody does not want, and reactions to announcements.

use super::Migration;

pub(super) const MIGRATION: Migration =
    Migration { number: 4, common: COMMON, sqlite: "", postgres: "" };

const COMMON: &str = "
CREATE TABLE dismissed_suggestions (
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  target_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  PRIMARY KEY (account_id, target_id)
) NO_ROWID;

CREATE TABLE announcement_reactions (
  announcement_id BIGINT NOT NULL REFERENCES announcements (id) ON DELETE CASCADE,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (announcement_id, account_id, name)
) NO_ROWID;
";
