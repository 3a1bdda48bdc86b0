//! What staff does: marks on accounts, who handles a report, warnings, addresses and networks that are
//! shut out, and what is said of hashtags. Whose own posts go by
//! themselves, and when old statuses of other servers came here, which tells
//! how long they are kept.

use super::Migration;

pub(super) const MIGRATION: Migration =
    Migration { number: 9, common: COMMON, sqlite: "", postgres: "" };

const COMMON: &str = "
ALTER TABLE accounts ADD COLUMN sensitized_at BIGINT;

ALTER TABLE reports ADD COLUMN assigned_to BIGINT;
ALTER TABLE reports ADD COLUMN closed_by BIGINT;
ALTER TABLE reports ADD COLUMN updated_at BIGINT;
CREATE INDEX reports_account ON reports (account_id);

CREATE TABLE account_warnings (
  id ID_KEY,
  account_id BIGINT NOT NULL,
  target_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  action TEXT NOT NULL,
  text TEXT NOT NULL,
  report_id BIGINT,
  status_ids TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX account_warnings_target ON account_warnings (target_id, id);

CREATE TABLE user_addresses (
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  address TEXT NOT NULL,
  used_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, address)
) NO_ROWID;
CREATE INDEX user_addresses_address ON user_addresses (address);
CREATE INDEX user_addresses_age ON user_addresses (used_at);

CREATE TABLE email_domain_blocks (
  id ID_KEY,
  domain TEXT NOT NULL,
  allow_with_approval BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX email_domain_blocks_domain ON email_domain_blocks (domain);

CREATE TABLE canonical_email_blocks (
  id ID_KEY,
  hash TEXT NOT NULL,
  account_id BIGINT,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX canonical_email_blocks_hash ON canonical_email_blocks (hash);

CREATE TABLE ip_blocks (
  id ID_KEY,
  network TEXT NOT NULL,
  severity TEXT NOT NULL,
  comment TEXT NOT NULL,
  expires_at BIGINT,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX ip_blocks_network ON ip_blocks (network);

ALTER TABLE tags ADD COLUMN usable BOOLEAN NOT NULL DEFAULT true;
ALTER TABLE tags ADD COLUMN listable BOOLEAN NOT NULL DEFAULT true;
ALTER TABLE tags ADD COLUMN trendable BOOLEAN NOT NULL DEFAULT true;
ALTER TABLE tags ADD COLUMN reviewed_at BIGINT;

CREATE TABLE post_expiry (
  account_id BIGINT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  days BIGINT NOT NULL,
  keep_pinned BOOLEAN NOT NULL,
  keep_direct BOOLEAN NOT NULL,
  keep_media BOOLEAN NOT NULL,
  keep_polls BOOLEAN NOT NULL,
  keep_marked BOOLEAN NOT NULL
);

CREATE TABLE late_arrivals (
  status_id BIGINT NOT NULL PRIMARY KEY REFERENCES statuses (id) ON DELETE CASCADE,
  arrived_at BIGINT NOT NULL
);
CREATE INDEX statuses_remote ON statuses (id) WHERE local = false AND boost_of_id IS NULL;
";
