//! Posts that stay on this server, and how what somebody typed is read.

use super::Migration;

pub(super) const MIGRATION: Migration =
    Migration { number: 13, common: COMMON, sqlite: "", postgres: "" };

const COMMON: &str = "
ALTER TABLE statuses ADD COLUMN local_only BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE statuses ADD COLUMN format BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN default_format BIGINT NOT NULL DEFAULT 0;

CREATE TABLE archives (
  id ID_KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  file_key TEXT,
  bytes BIGINT NOT NULL,
  problem TEXT,
  created_at BIGINT NOT NULL,
  finished_at BIGINT
);
CREATE INDEX archives_account ON archives (account_id, id);

CREATE TABLE imported_posts (
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  uri TEXT NOT NULL,
  status_id BIGINT NOT NULL,
  PRIMARY KEY (account_id, uri)
) NO_ROWID;
";
