//! Security keys beside codes, and the questions that they are to answer.

use super::Migration;

pub(super) const MIGRATION: Migration =
    Migration { number: 15, common: COMMON, sqlite: "", postgres: "" };

const COMMON: &str = "
ALTER TABLE second_factors ADD COLUMN handle BYTES;
ALTER TABLE half_sign_ins ADD COLUMN challenge BYTES;

CREATE TABLE security_keys (
  id ID_KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  credential BYTES NOT NULL,
  public_key BYTES NOT NULL,
  sign_count BIGINT NOT NULL,
  transports TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT
);
CREATE UNIQUE INDEX security_keys_credential ON security_keys (credential);
CREATE UNIQUE INDEX security_keys_name ON security_keys (account_id, name);

CREATE TABLE key_enrolments (
  session TEXT NOT NULL PRIMARY KEY REFERENCES sessions (hash) ON DELETE CASCADE,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  challenge BYTES NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX key_enrolments_account ON key_enrolments (account_id);
";
