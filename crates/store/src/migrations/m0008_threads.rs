//! Threads of other servers: when somebody looked for answers, and answers whose parent is missing.

use super::Migration;

pub(super) const MIGRATION: Migration =
    Migration { number: 8, common: COMMON, sqlite: "", postgres: "" };

const COMMON: &str = "
CREATE TABLE thread_looks (
  status_id BIGINT NOT NULL PRIMARY KEY REFERENCES statuses (id) ON DELETE CASCADE,
  looked_at BIGINT NOT NULL
);

CREATE TABLE missing_parents (
  status_id BIGINT NOT NULL PRIMARY KEY REFERENCES statuses (id) ON DELETE CASCADE,
  parent_uri TEXT NOT NULL
);
CREATE INDEX missing_parents_uri ON missing_parents (parent_uri, status_id);
";
