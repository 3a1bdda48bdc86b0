//! Other servers: their accounts and keys, what came from them and what goes to them.

use super::Migration;

pub(super) const MIGRATION: Migration =
    Migration { number: 7, common: COMMON, sqlite: "", postgres: "" };

const COMMON: &str = "
ALTER TABLE jobs ADD COLUMN lane BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN host TEXT;
UPDATE jobs SET lane = 1 WHERE kind = 'process_media';
DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs (lane, run_at, id) WHERE set_aside = false;
CREATE INDEX jobs_host ON jobs (host) WHERE host IS NOT NULL;
CREATE INDEX jobs_fair ON jobs (lane, host, run_at, id, leased_until) WHERE set_aside = false;

ALTER TABLE accounts ADD COLUMN emojis TEXT NOT NULL DEFAULT '[]';
ALTER TABLE accounts ADD COLUMN is_group BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE accounts ADD COLUMN memorial BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE accounts ADD COLUMN moved_at BIGINT;
CREATE INDEX accounts_domain ON accounts (domain) WHERE domain IS NOT NULL;

CREATE TABLE remote_accounts (
  account_id BIGINT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  host TEXT NOT NULL,
  kind TEXT NOT NULL,
  inbox TEXT NOT NULL,
  shared_inbox TEXT,
  outbox TEXT,
  followers_uri TEXT,
  following_uri TEXT,
  featured_uri TEXT,
  featured_tags_uri TEXT,
  moved_to_uri TEXT,
  also_known_as TEXT NOT NULL,
  attribution_domains TEXT NOT NULL,
  fetched_at BIGINT NOT NULL,
  backfilled_at BIGINT
);
CREATE INDEX remote_accounts_host ON remote_accounts (host);
CREATE INDEX remote_accounts_followers ON remote_accounts (followers_uri) WHERE followers_uri IS NOT NULL;

CREATE TABLE account_aliases (
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  uri TEXT NOT NULL,
  PRIMARY KEY (account_id, uri)
) NO_ROWID;

CREATE TABLE actor_keys (
  key_id TEXT NOT NULL PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  public_key TEXT NOT NULL,
  private_key BYTES,
  created_at BIGINT NOT NULL
);
CREATE INDEX actor_keys_account ON actor_keys (account_id);

CREATE TABLE hosts (
  name TEXT NOT NULL PRIMARY KEY,
  signature_scheme TEXT,
  failures BIGINT NOT NULL,
  failed_days BIGINT NOT NULL,
  last_failed_at BIGINT,
  unreachable_since BIGINT,
  next_try_at BIGINT,
  last_success_at BIGINT,
  seen_at BIGINT NOT NULL
);
CREATE INDEX hosts_seen ON hosts (seen_at);

CREATE TABLE received_activities (
  hash TEXT NOT NULL PRIMARY KEY,
  received_at BIGINT NOT NULL
);
CREATE INDEX received_activities_age ON received_activities (received_at);

CREATE TABLE tombstones (
  uri TEXT NOT NULL PRIMARY KEY,
  deleted_at BIGINT NOT NULL
);
CREATE INDEX tombstones_age ON tombstones (deleted_at);

CREATE TABLE outgoing (
  id ID_KEY,
  account_id BIGINT REFERENCES accounts (id) ON DELETE CASCADE,
  status_id BIGINT,
  key_id TEXT,
  private_key BYTES,
  body TEXT NOT NULL,
  sync_followers BOOLEAN NOT NULL DEFAULT false,
  created_at BIGINT NOT NULL
);
CREATE INDEX outgoing_status ON outgoing (status_id) WHERE status_id IS NOT NULL;
CREATE INDEX outgoing_account ON outgoing (account_id);
CREATE INDEX outgoing_age ON outgoing (created_at);

CREATE TABLE deliveries (
  id ID_KEY,
  outgoing_id BIGINT NOT NULL REFERENCES outgoing (id) ON DELETE CASCADE,
  inbox TEXT NOT NULL,
  host TEXT NOT NULL,
  state BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  run_at BIGINT NOT NULL,
  leased_until BIGINT NOT NULL,
  last_error TEXT,
  finished_at BIGINT
);
CREATE UNIQUE INDEX deliveries_once ON deliveries (outgoing_id, inbox);
CREATE INDEX deliveries_due ON deliveries (run_at, id, host) WHERE state = 0;
CREATE INDEX deliveries_host ON deliveries (host, run_at) WHERE state = 0;

ALTER TABLE statuses ADD COLUMN emojis TEXT NOT NULL DEFAULT '[]';
ALTER TABLE statuses ADD COLUMN card_hash TEXT;
CREATE INDEX statuses_card ON statuses (card_hash, id) WHERE card_hash IS NOT NULL;

CREATE TABLE conversation_uris (
  uri TEXT NOT NULL PRIMARY KEY,
  conversation_id BIGINT NOT NULL
);
CREATE INDEX conversation_uris_conversation ON conversation_uris (conversation_id);

CREATE TABLE quotes (
  status_id BIGINT NOT NULL PRIMARY KEY REFERENCES statuses (id) ON DELETE CASCADE,
  quoted_uri TEXT NOT NULL,
  quoted_id BIGINT,
  state TEXT NOT NULL,
  stamp_uri TEXT,
  request_uri TEXT,
  created_at BIGINT NOT NULL
);
CREATE INDEX quotes_quoted ON quotes (quoted_id) WHERE quoted_id IS NOT NULL;

ALTER TABLE follows ADD COLUMN uri TEXT;
ALTER TABLE follow_requests ADD COLUMN uri TEXT;
ALTER TABLE favourites ADD COLUMN uri TEXT;
ALTER TABLE blocks ADD COLUMN uri TEXT;
ALTER TABLE reports ADD COLUMN uri TEXT;

ALTER TABLE media ADD COLUMN remote_url TEXT;
CREATE INDEX media_remote ON media (file_key) WHERE remote_url IS NOT NULL;

CREATE TABLE remote_files (
  key TEXT NOT NULL PRIMARY KEY,
  url TEXT NOT NULL,
  url_hash TEXT NOT NULL,
  content_type TEXT,
  bytes BIGINT NOT NULL,
  cached_at BIGINT,
  used_at BIGINT NOT NULL,
  failed_at BIGINT,
  failures BIGINT NOT NULL
);
CREATE UNIQUE INDEX remote_files_url ON remote_files (url_hash);
CREATE INDEX remote_files_cached ON remote_files (used_at, key, bytes) WHERE cached_at IS NOT NULL;

CREATE TABLE cards (
  hash TEXT NOT NULL PRIMARY KEY,
  url TEXT NOT NULL,
  state BIGINT NOT NULL,
  body TEXT NOT NULL,
  image_key TEXT,
  fetched_at BIGINT
);

CREATE TABLE domain_rules (
  id ID_KEY,
  domain TEXT NOT NULL,
  severity TEXT NOT NULL,
  reject_media BOOLEAN NOT NULL,
  reject_reports BOOLEAN NOT NULL,
  obfuscate BOOLEAN NOT NULL,
  private_comment TEXT NOT NULL,
  public_comment TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX domain_rules_domain ON domain_rules (domain);

CREATE TABLE domain_allows (
  id ID_KEY,
  domain TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX domain_allows_domain ON domain_allows (domain);
";
