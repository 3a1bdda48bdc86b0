//! Threads of other servers: when somebody looked for answers, and answers whose parent is missing.
//! What tells which files of other servers nothing refers to: an emoji's key stands in the texts of
//! statuses and accounts, where no query looks, and a key from before might be one.

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

ALTER TABLE remote_files ADD COLUMN in_text BOOLEAN NOT NULL DEFAULT true;
CREATE INDEX accounts_avatar ON accounts (avatar) WHERE avatar IS NOT NULL AND domain IS NOT NULL;
CREATE INDEX accounts_header ON accounts (header) WHERE header IS NOT NULL AND domain IS NOT NULL;
CREATE INDEX media_remote_preview ON media (preview_key) WHERE remote_url IS NOT NULL;
CREATE INDEX remote_accounts_inbox ON remote_accounts (inbox);
CREATE INDEX cards_image ON cards (image_key) WHERE image_key IS NOT NULL;
";
