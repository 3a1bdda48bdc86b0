//! A status as it is kept until its time: the request as given.

use domain::status::{Format, Visibility};
use domain::{AccountId, AppId, MediaId, StatusId};
use serde::{Deserialize, Serialize};

use crate::statuses::{NewPoll, NewStatus};

/// What is to be posted. Fields of the stored form: a new one needs a default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// Plain text.
    pub text: String,
    /// Content warning.
    pub spoiler_text: String,
    /// Who it is for; `None` follows the settings.
    pub visibility: Option<Visibility>,
    /// Media hidden.
    pub sensitive: Option<bool>,
    /// ISO 639 code.
    pub language: Option<String>,
    /// The status it answers.
    pub in_reply_to: Option<StatusId>,
    /// Seconds after which it is deleted, from when it is posted.
    pub expires_in: Option<i64>,
    /// It stays on this server.
    pub local_only: bool,
    /// How the text is read.
    pub format: Option<Format>,
    /// The status it quotes.
    pub quote_of: Option<StatusId>,
    /// Who may quote it.
    pub quote_policy: Option<String>,
    /// Uploads to hang on it.
    pub media_ids: Vec<MediaId>,
    /// A poll to hang on it.
    pub poll: Option<DraftPoll>,
    /// Only these may be mentioned.
    pub allowed_mentions: Option<Vec<AccountId>>,
    /// The app it is posted with.
    pub app: Option<AppId>,
    /// The key of the request that scheduled it.
    pub idempotency_key: Option<String>,
}

/// A poll as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftPoll {
    /// The answers.
    pub options: Vec<String>,
    /// Seconds until it closes, from when it is posted.
    pub expires_in: i64,
    /// Several answers allowed.
    pub multiple: bool,
    /// Counts hidden until it closes.
    pub hide_totals: bool,
}

impl From<NewStatus> for Draft {
    fn from(new: NewStatus) -> Self {
        Self {
            text: new.text,
            spoiler_text: new.spoiler_text,
            visibility: new.visibility,
            sensitive: new.sensitive,
            language: new.language,
            in_reply_to: new.in_reply_to,
            expires_in: new.expires_in,
            local_only: new.local_only,
            format: new.format,
            quote_of: new.quote_of,
            quote_policy: new.quote_policy,
            media_ids: new.media,
            poll: new.poll.map(|poll| DraftPoll {
                options: poll.options,
                expires_in: poll.expires_in,
                multiple: poll.multiple,
                hide_totals: poll.hide_totals,
            }),
            allowed_mentions: new.allowed_mentions,
            app: new.app,
            idempotency_key: new.idempotency_key,
        }
    }
}

impl From<Draft> for NewStatus {
    fn from(draft: Draft) -> Self {
        Self {
            text: draft.text,
            spoiler_text: draft.spoiler_text,
            visibility: draft.visibility,
            sensitive: draft.sensitive,
            language: draft.language,
            in_reply_to: draft.in_reply_to,
            expires_in: draft.expires_in,
            local_only: draft.local_only,
            format: draft.format,
            quote_of: draft.quote_of,
            quote_policy: draft.quote_policy,
            media: draft.media_ids,
            poll: draft.poll.map(|poll| NewPoll {
                options: poll.options,
                expires_in: poll.expires_in,
                multiple: poll.multiple,
                hide_totals: poll.hide_totals,
            }),
            allowed_mentions: draft.allowed_mentions,
            app: draft.app,
            // The key belongs to the request that scheduled it, not to the status.
            idempotency_key: None,
        }
    }
}
