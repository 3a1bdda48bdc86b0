//! What reaches people and what lets them in: push that carries its token, mail by choice, browsers
//! seen before, second factors, invites.
//!
//! A sealed token is the access token of a push subscription, readable with the server's push key.

use super::Migration;

pub(super) const MIGRATION: Migration =
    Migration { number: 10, common: COMMON, sqlite: "", postgres: "" };

const COMMON: &str = "
ALTER TABLE push_subscriptions ADD COLUMN sealed_token BYTES;
CREATE INDEX push_subscriptions_account ON push_subscriptions (account_id, id);

CREATE TABLE mail_choices (
  account_id BIGINT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  kinds TEXT NOT NULL,
  even_when_here BOOLEAN NOT NULL
);

CREATE TABLE known_browsers (
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, hash)
) NO_ROWID;
CREATE INDEX known_browsers_seen ON known_browsers (seen_at);

ALTER TABLE mail_links ADD COLUMN email TEXT;
CREATE INDEX mail_links_account ON mail_links (account_id);

CREATE TABLE second_factors (
  account_id BIGINT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  secret BYTES NOT NULL,
  confirmed_at BIGINT,
  last_step BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  hash TEXT NOT NULL,
  PRIMARY KEY (account_id, hash)
) NO_ROWID;

CREATE TABLE half_sign_ins (
  hash TEXT NOT NULL PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  tries BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX half_sign_ins_account ON half_sign_ins (account_id);

CREATE TABLE invites (
  id ID_KEY,
  code TEXT NOT NULL,
  account_id BIGINT REFERENCES accounts (id) ON DELETE CASCADE,
  most_uses BIGINT,
  uses BIGINT NOT NULL,
  expires_at BIGINT,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX invites_code ON invites (code);
CREATE INDEX invites_account ON invites (account_id);

CREATE TABLE sign_up_words (
  account_id BIGINT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  reason TEXT NOT NULL,
  invite_id BIGINT,
  app_id BIGINT
);
";
