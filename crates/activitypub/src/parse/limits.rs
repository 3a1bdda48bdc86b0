//! How much of each thing is kept (`security.md`, "Remote fields"; `federation.md` §5).

/// Levels of nesting of a document; more is refused.
pub(super) const DEPTH: usize = 64;
/// Values of all kinds in a document; more is refused. A page of 50,000 ids still fits.
pub(super) const VALUES: usize = 100_000;
/// Activities inside of activities: a group passes on what somebody takes back.
pub(super) const NESTED_ACTIVITIES: usize = 4;

/// Names of accounts, titles, choices: characters.
pub(super) const NAME: usize = 2_048;
/// Names and values of profile fields: characters.
pub(super) const FIELD: usize = 2_047;
/// Biographies, summaries, comments of reports: bytes.
pub(super) const SUMMARY: usize = 20 * 1_024;
/// Content of posts: bytes.
pub(super) const CONTENT: usize = 64 * 1_024;
/// Alternative texts: characters.
pub(super) const ALT_TEXT: usize = 10_000;
/// Shortcodes of emoji: bytes.
pub(super) const SHORTCODE: usize = 2_048;
/// Small texts that are compared, not read: bytes.
pub(super) const TOKEN: usize = 2_048;
/// Keys in PEM: bytes.
pub(super) const PEM: usize = 8 * 1_024;

/// Addressed actors and collections, in each of `to` and `cc`.
pub(super) const ADDRESSED: usize = 1_000;
/// Hashtags, mentions and emoji, each.
pub(super) const TAGS: usize = 128;
/// Entries of `tag` that are looked at.
pub(super) const TAG_ENTRIES: usize = 1_024;
/// Files of a post.
pub(super) const ATTACHMENTS: usize = 16;
/// Choices of a poll.
pub(super) const OPTIONS: usize = 500;
/// Rows of a profile.
pub(super) const FIELDS: usize = 50;
/// Other ids of an account, and domains that may name it.
pub(super) const ALIASES: usize = 256;
/// Keys of an account.
pub(super) const KEYS: usize = 8;
/// Objects of a report.
pub(super) const REPORTED: usize = 500;
/// Embedded replies.
pub(super) const REPLIES: usize = 100;
/// Items of a page: followers of one host come in one (FEP-8fcf).
pub(super) const ITEMS: usize = 50_000;
/// Entries of a quote policy.
pub(super) const POLICY: usize = 256;
/// Links of a WebFinger answer or an address list that are looked at.
pub(super) const LINKS: usize = 128;
