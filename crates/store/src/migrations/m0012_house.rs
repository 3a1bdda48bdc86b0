//! House rules that are written on the pages of the server; a rule that was removed stays for the
//! reports that name it. Push subscriptions of browsers, which belong to a session instead of a token.

use super::Migration;

pub(super) const MIGRATION: Migration =
    Migration { number: 12, common: COMMON, sqlite: SQLITE, postgres: POSTGRES };

const COMMON: &str = "
CREATE TABLE house_rules (
  id ID_KEY,
  place BIGINT NOT NULL,
  text TEXT NOT NULL,
  hint TEXT NOT NULL,
  removed_at BIGINT
);
";

/// SQLite takes NOT NULL from no column; the table is made anew.
const SQLITE: &str = "
CREATE TABLE push_subscriptions_new (
  id INTEGER PRIMARY KEY,
  token_id BIGINT REFERENCES tokens (id) ON DELETE CASCADE,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  endpoint TEXT NOT NULL,
  p256dh TEXT NOT NULL,
  auth TEXT NOT NULL,
  standard BOOLEAN NOT NULL,
  alerts TEXT NOT NULL,
  policy TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  sealed_token BLOB,
  session_hash TEXT REFERENCES sessions (hash) ON DELETE CASCADE
);
INSERT INTO push_subscriptions_new (id, token_id, account_id, endpoint, p256dh, auth, standard, alerts, policy, created_at, sealed_token)
  SELECT id, token_id, account_id, endpoint, p256dh, auth, standard, alerts, policy, created_at, sealed_token FROM push_subscriptions;
DROP TABLE push_subscriptions;
ALTER TABLE push_subscriptions_new RENAME TO push_subscriptions;
CREATE UNIQUE INDEX push_subscriptions_token ON push_subscriptions (token_id);
CREATE INDEX push_subscriptions_account ON push_subscriptions (account_id, id);
CREATE UNIQUE INDEX push_subscriptions_session ON push_subscriptions (session_hash);
";

const POSTGRES: &str = "
ALTER TABLE push_subscriptions ALTER COLUMN token_id DROP NOT NULL;
ALTER TABLE push_subscriptions ADD COLUMN session_hash TEXT REFERENCES sessions (hash) ON DELETE CASCADE;
CREATE UNIQUE INDEX push_subscriptions_session ON push_subscriptions (session_hash);
";
