//! Accounts, access, statuses and everything that hangs on them.
//!
//! Ids and times are BIGINT (milliseconds, UTC); lists that SQL never looks into are JSON text.

use super::Migration;

pub(super) const MIGRATION: Migration =
    Migration { number: 1, common: COMMON, sqlite: SQLITE, postgres: POSTGRES };

const COMMON: &str = "
CREATE TABLE settings (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE accounts (
  id ID_KEY,
  username TEXT NOT NULL,
  username_folded TEXT NOT NULL,
  domain TEXT,
  uri TEXT,
  url TEXT,
  display_name TEXT NOT NULL,
  note TEXT NOT NULL,
  fields TEXT NOT NULL,
  avatar TEXT,
  avatar_description TEXT NOT NULL,
  header TEXT,
  header_description TEXT NOT NULL,
  locked BOOLEAN NOT NULL,
  bot BOOLEAN NOT NULL,
  discoverable BOOLEAN NOT NULL,
  indexable BOOLEAN NOT NULL,
  hide_collections BOOLEAN NOT NULL,
  followers_count BIGINT NOT NULL,
  following_count BIGINT NOT NULL,
  statuses_count BIGINT NOT NULL,
  last_status_at BIGINT,
  created_at BIGINT NOT NULL,
  suspended_at BIGINT,
  silenced_at BIGINT,
  moved_to BIGINT
);
CREATE UNIQUE INDEX accounts_handle ON accounts (username_folded, COALESCE(domain, ''));
CREATE UNIQUE INDEX accounts_uri ON accounts (uri);

CREATE TABLE users (
  account_id BIGINT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  email TEXT NOT NULL,
  email_folded TEXT NOT NULL,
  password_hash TEXT,
  role TEXT NOT NULL,
  confirmed_at BIGINT,
  approved BOOLEAN NOT NULL,
  disabled BOOLEAN NOT NULL,
  locale TEXT NOT NULL,
  default_visibility BIGINT NOT NULL,
  default_sensitive BOOLEAN NOT NULL,
  default_language TEXT,
  default_quote_policy TEXT NOT NULL,
  last_seen_at BIGINT,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX users_email ON users (email_folded);

CREATE TABLE apps (
  id ID_KEY,
  client_id TEXT NOT NULL,
  secret_hash TEXT NOT NULL,
  name TEXT NOT NULL,
  website TEXT,
  redirect_uris TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX apps_client_id ON apps (client_id);

CREATE TABLE tokens (
  id ID_KEY,
  hash TEXT NOT NULL,
  app_id BIGINT REFERENCES apps (id) ON DELETE CASCADE,
  account_id BIGINT REFERENCES accounts (id) ON DELETE CASCADE,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT,
  revoked_at BIGINT
);
CREATE UNIQUE INDEX tokens_hash ON tokens (hash);
CREATE INDEX tokens_account ON tokens (account_id);
CREATE INDEX tokens_revoked ON tokens (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE auth_codes (
  hash TEXT NOT NULL PRIMARY KEY,
  app_id BIGINT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  redirect_uri TEXT NOT NULL,
  scopes TEXT NOT NULL,
  challenge TEXT,
  created_at BIGINT NOT NULL,
  used_at BIGINT,
  token_id BIGINT
);

CREATE TABLE sessions (
  hash TEXT NOT NULL PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  form_key TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id);

CREATE TABLE mail_links (
  hash TEXT NOT NULL PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  purpose TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  used_at BIGINT
);

CREATE TABLE statuses (
  id ID_KEY,
  uri TEXT,
  url TEXT,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  text TEXT NOT NULL,
  content TEXT NOT NULL,
  spoiler_text TEXT NOT NULL,
  visibility BIGINT NOT NULL,
  sensitive BOOLEAN NOT NULL,
  language TEXT,
  in_reply_to_id BIGINT REFERENCES statuses (id) ON DELETE SET NULL,
  in_reply_to_account_id BIGINT,
  boost_of_id BIGINT REFERENCES statuses (id) ON DELETE CASCADE,
  quote_of_id BIGINT,
  quote_policy TEXT NOT NULL,
  conversation_id BIGINT NOT NULL,
  app_id BIGINT,
  local BOOLEAN NOT NULL,
  parts BIGINT NOT NULL,
  replies_count BIGINT NOT NULL,
  boosts_count BIGINT NOT NULL,
  favourites_count BIGINT NOT NULL,
  quotes_count BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  edited_at BIGINT
);
CREATE UNIQUE INDEX statuses_uri ON statuses (uri);
CREATE INDEX statuses_account ON statuses (account_id, id);
CREATE INDEX statuses_reply ON statuses (in_reply_to_id) WHERE in_reply_to_id IS NOT NULL;
CREATE INDEX statuses_boost ON statuses (boost_of_id, account_id) WHERE boost_of_id IS NOT NULL;
CREATE INDEX statuses_quote ON statuses (quote_of_id) WHERE quote_of_id IS NOT NULL;
CREATE INDEX statuses_public ON statuses (id) WHERE visibility = 0 AND boost_of_id IS NULL;
CREATE INDEX statuses_public_local ON statuses (id) WHERE visibility = 0 AND boost_of_id IS NULL AND local = true;
CREATE INDEX statuses_conversation ON statuses (conversation_id, id);

CREATE TABLE status_edits (
  id ID_KEY,
  status_id BIGINT NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
  text TEXT NOT NULL,
  content TEXT NOT NULL,
  spoiler_text TEXT NOT NULL,
  sensitive BOOLEAN NOT NULL,
  media TEXT NOT NULL,
  poll_options TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX status_edits_status ON status_edits (status_id, id);

CREATE TABLE media (
  id ID_KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  status_id BIGINT REFERENCES statuses (id) ON DELETE SET NULL,
  kind TEXT NOT NULL,
  state BIGINT NOT NULL,
  file_key TEXT,
  content_type TEXT NOT NULL,
  preview_key TEXT,
  description TEXT NOT NULL,
  focus_x BIGINT NOT NULL,
  focus_y BIGINT NOT NULL,
  blurhash TEXT,
  meta TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  position BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX media_status ON media (status_id) WHERE status_id IS NOT NULL;
CREATE INDEX media_unattached ON media (created_at) WHERE status_id IS NULL;
CREATE INDEX media_account ON media (account_id, id);

CREATE TABLE mentions (
  status_id BIGINT NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  silent BOOLEAN NOT NULL,
  PRIMARY KEY (status_id, account_id)
) NO_ROWID;
CREATE INDEX mentions_account ON mentions (account_id, status_id);

CREATE TABLE tags (
  id ID_KEY,
  name TEXT NOT NULL,
  display_name TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX tags_name ON tags (name);

CREATE TABLE status_tags (
  tag_id BIGINT NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
  status_id BIGINT NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
  PRIMARY KEY (tag_id, status_id)
) NO_ROWID;
CREATE INDEX status_tags_status ON status_tags (status_id);

CREATE TABLE polls (
  id ID_KEY,
  status_id BIGINT NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
  account_id BIGINT NOT NULL,
  expires_at BIGINT,
  multiple BOOLEAN NOT NULL,
  hide_totals BOOLEAN NOT NULL,
  options TEXT NOT NULL,
  voters_count BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX polls_status ON polls (status_id);

CREATE TABLE poll_votes (
  poll_id BIGINT NOT NULL REFERENCES polls (id) ON DELETE CASCADE,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  choice BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (poll_id, account_id, choice)
) NO_ROWID;

CREATE TABLE favourites (
  id ID_KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  status_id BIGINT NOT NULL REFERENCES statuses (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX favourites_pair ON favourites (status_id, account_id);
CREATE INDEX favourites_account ON favourites (account_id, id);

CREATE TABLE bookmarks (
  id ID_KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  status_id BIGINT NOT NULL REFERENCES statuses (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX bookmarks_pair ON bookmarks (status_id, account_id);
CREATE INDEX bookmarks_account ON bookmarks (account_id, id);

CREATE TABLE pins (
  id ID_KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  status_id BIGINT NOT NULL REFERENCES statuses (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX pins_pair ON pins (status_id, account_id);
CREATE INDEX pins_account ON pins (account_id, id);

CREATE TABLE conversation_mutes (
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  conversation_id BIGINT NOT NULL,
  PRIMARY KEY (account_id, conversation_id)
) NO_ROWID;

CREATE TABLE follows (
  id ID_KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  target_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  show_boosts BOOLEAN NOT NULL,
  notify BOOLEAN NOT NULL,
  languages TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX follows_pair ON follows (account_id, target_id);
CREATE INDEX follows_target ON follows (target_id, id);
CREATE INDEX follows_account ON follows (account_id, id);

CREATE TABLE follow_requests (
  id ID_KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  target_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  show_boosts BOOLEAN NOT NULL,
  notify BOOLEAN NOT NULL,
  languages TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX follow_requests_pair ON follow_requests (account_id, target_id);
CREATE INDEX follow_requests_target ON follow_requests (target_id, id);

CREATE TABLE blocks (
  id ID_KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  target_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX blocks_pair ON blocks (account_id, target_id);
CREATE INDEX blocks_target ON blocks (target_id, account_id);

CREATE TABLE mutes (
  id ID_KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  target_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  notifications BOOLEAN NOT NULL,
  expires_at BIGINT,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX mutes_pair ON mutes (account_id, target_id);

CREATE TABLE user_domain_blocks (
  id ID_KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  domain TEXT NOT NULL
);
CREATE UNIQUE INDEX user_domain_blocks_pair ON user_domain_blocks (account_id, domain);

CREATE TABLE account_notes (
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  target_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  comment TEXT NOT NULL,
  PRIMARY KEY (account_id, target_id)
) NO_ROWID;

CREATE TABLE endorsements (
  id ID_KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  target_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX endorsements_pair ON endorsements (account_id, target_id);

CREATE TABLE lists (
  id ID_KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  title TEXT NOT NULL,
  replies_policy TEXT NOT NULL,
  exclusive BOOLEAN NOT NULL
);
CREATE INDEX lists_account ON lists (account_id, id);

CREATE TABLE list_members (
  id ID_KEY,
  list_id BIGINT NOT NULL REFERENCES lists (id) ON DELETE CASCADE,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX list_members_pair ON list_members (list_id, account_id);
CREATE INDEX list_members_account ON list_members (account_id, list_id);

CREATE TABLE tag_follows (
  id ID_KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  tag_id BIGINT NOT NULL REFERENCES tags (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX tag_follows_pair ON tag_follows (account_id, tag_id);
CREATE INDEX tag_follows_tag ON tag_follows (tag_id, account_id);

CREATE TABLE featured_tags (
  id ID_KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  tag_id BIGINT NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX featured_tags_pair ON featured_tags (account_id, tag_id);

CREATE TABLE filters (
  id ID_KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  title TEXT NOT NULL,
  contexts TEXT NOT NULL,
  action TEXT NOT NULL,
  expires_at BIGINT
);
CREATE INDEX filters_account ON filters (account_id, id);

CREATE TABLE filter_keywords (
  id ID_KEY,
  filter_id BIGINT NOT NULL REFERENCES filters (id) ON DELETE CASCADE,
  keyword TEXT NOT NULL,
  whole_word BOOLEAN NOT NULL
);
CREATE INDEX filter_keywords_filter ON filter_keywords (filter_id, id);

CREATE TABLE filter_statuses (
  id ID_KEY,
  filter_id BIGINT NOT NULL REFERENCES filters (id) ON DELETE CASCADE,
  status_id BIGINT NOT NULL REFERENCES statuses (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX filter_statuses_pair ON filter_statuses (filter_id, status_id);

CREATE TABLE markers (
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  timeline TEXT NOT NULL,
  last_read_id BIGINT NOT NULL,
  version BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, timeline)
) NO_ROWID;

CREATE TABLE account_conversations (
  id ID_KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  conversation_id BIGINT NOT NULL,
  participants TEXT NOT NULL,
  last_status_id BIGINT NOT NULL,
  unread BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX account_conversations_key ON account_conversations (account_id, conversation_id, participants);
CREATE INDEX account_conversations_order ON account_conversations (account_id, last_status_id);

CREATE TABLE notifications (
  id ID_KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  from_account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  status_id BIGINT REFERENCES statuses (id) ON DELETE CASCADE,
  report_id BIGINT,
  group_key TEXT NOT NULL,
  filtered BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX notifications_account ON notifications (account_id, id);
CREATE INDEX notifications_status ON notifications (status_id) WHERE status_id IS NOT NULL;
CREATE INDEX notifications_pair ON notifications (account_id, from_account_id);
CREATE UNIQUE INDEX notifications_once ON notifications (account_id, from_account_id, kind, COALESCE(status_id, 0), COALESCE(report_id, 0));

CREATE TABLE notification_policies (
  account_id BIGINT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  not_following TEXT NOT NULL,
  not_followers TEXT NOT NULL,
  new_accounts TEXT NOT NULL,
  private_mentions TEXT NOT NULL,
  limited_accounts TEXT NOT NULL
);

CREATE TABLE notification_permissions (
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  from_account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  PRIMARY KEY (account_id, from_account_id)
) NO_ROWID;

CREATE TABLE custom_emojis (
  id ID_KEY,
  shortcode TEXT NOT NULL,
  domain TEXT,
  image_key TEXT NOT NULL,
  static_key TEXT NOT NULL,
  content_type TEXT NOT NULL,
  category TEXT,
  visible BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX custom_emojis_code ON custom_emojis (shortcode, COALESCE(domain, ''));

CREATE TABLE announcements (
  id ID_KEY,
  text TEXT NOT NULL,
  starts_at BIGINT,
  ends_at BIGINT,
  all_day BOOLEAN NOT NULL,
  published_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE announcement_reads (
  announcement_id BIGINT NOT NULL REFERENCES announcements (id) ON DELETE CASCADE,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  PRIMARY KEY (announcement_id, account_id)
) NO_ROWID;

CREATE TABLE push_subscriptions (
  id ID_KEY,
  token_id BIGINT NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  endpoint TEXT NOT NULL,
  p256dh TEXT NOT NULL,
  auth TEXT NOT NULL,
  standard BOOLEAN NOT NULL,
  alerts TEXT NOT NULL,
  policy TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX push_subscriptions_token ON push_subscriptions (token_id);

CREATE TABLE reports (
  id ID_KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  target_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  status_ids TEXT NOT NULL,
  rule_ids TEXT NOT NULL,
  category TEXT NOT NULL,
  comment TEXT NOT NULL,
  forwarded BOOLEAN NOT NULL,
  action_taken_at BIGINT,
  created_at BIGINT NOT NULL
);
CREATE INDEX reports_target ON reports (target_id);

CREATE TABLE scheduled_statuses (
  id ID_KEY,
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  scheduled_at BIGINT NOT NULL,
  params TEXT NOT NULL,
  media_ids TEXT NOT NULL
);
CREATE INDEX scheduled_statuses_account ON scheduled_statuses (account_id, id);

CREATE TABLE idempotency_keys (
  account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  status_id BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, key)
) NO_ROWID;
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE home_feed (
  owner_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  status_id BIGINT NOT NULL REFERENCES statuses (id) ON DELETE CASCADE,
  PRIMARY KEY (owner_id, status_id)
) NO_ROWID;
CREATE INDEX home_feed_status ON home_feed (status_id);

CREATE TABLE home_feed_state (
  owner_id BIGINT NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
  built_at BIGINT NOT NULL
);

CREATE TABLE jobs (
  id ID_KEY,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  unique_key TEXT,
  run_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  leased_until BIGINT NOT NULL,
  set_aside BOOLEAN NOT NULL,
  last_error TEXT,
  created_at BIGINT NOT NULL
);
CREATE INDEX jobs_due ON jobs (run_at, id) WHERE set_aside = false;
CREATE UNIQUE INDEX jobs_unique ON jobs (unique_key) WHERE unique_key IS NOT NULL;
";

const SQLITE: &str = "
CREATE VIRTUAL TABLE status_search USING fts5 (tokens, content = '', contentless_delete = 1, tokenize = \"unicode61 remove_diacritics 2\");
";

const POSTGRES: &str = "
CREATE TABLE status_search (rowid BIGINT PRIMARY KEY, tokens TSVECTOR NOT NULL);
CREATE INDEX status_search_tokens ON status_search USING GIN (tokens);
";
