//! Statuses.

use app::StatusView;
use domain::AccountId;
use serde::Serialize;

use super::{Account, CustomEmoji, FilterResult, MediaAttachment, Poll, PreviewCard, Render};

/// <https://docs.joinmastodon.org/entities/Status/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Status {
    id: String,
    created_at: String,
    edited_at: Option<String>,
    in_reply_to_id: Option<String>,
    in_reply_to_account_id: Option<String>,
    sensitive: bool,
    spoiler_text: String,
    visibility: &'static str,
    language: Option<String>,
    uri: String,
    url: Option<String>,
    replies_count: i64,
    reblogs_count: i64,
    favourites_count: i64,
    quotes_count: i64,
    /// Left out of a deleted status, which shows its source instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Not Mastodon's: it stays on this server.
    local_only: bool,
    /// Not Mastodon's: how the text is read, where that is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<&'static str>,
    reblog: Option<Box<Status>>,
    application: Option<Application>,
    account: Account,
    media_attachments: Vec<MediaAttachment>,
    mentions: Vec<Mention>,
    tags: Vec<Tag>,
    emojis: Vec<CustomEmoji>,
    card: Option<PreviewCard>,
    poll: Option<Poll>,
    quote: Option<Quote>,
    quote_approval: QuoteApproval,
    #[serde(skip_serializing_if = "Option::is_none")]
    favourited: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reblogged: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    muted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bookmarked: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filtered: Option<Vec<FilterResult>>,
}

/// The app a status was posted with.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "StatusApplication"))]
struct Application {
    name: String,
    website: Option<String>,
}

/// A mention in a status.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "StatusMention"))]
struct Mention {
    id: String,
    username: String,
    url: String,
    acct: String,
}

/// A hashtag in a status.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "StatusTag"))]
struct Tag {
    name: String,
    url: String,
}

/// <https://docs.joinmastodon.org/entities/Quote/>, or the shallow one inside a quoted status.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
enum Quote {
    Full { state: &'static str, quoted_status: Option<Box<Status>> },
    Shallow { state: &'static str, quoted_status_id: Option<String> },
}

impl Quote {
    fn render(quote: &app::Quote, viewer: Option<AccountId>, render: &Render<'_>) -> Self {
        match quote {
            app::Quote::Accepted(view) => Self::Full {
                state: "accepted",
                quoted_status: Some(Box::new(Status::render(view, viewer, render))),
            },
            app::Quote::Nested(id) => {
                Self::Shallow { state: "accepted", quoted_status_id: Some(id.to_string()) }
            }
            app::Quote::Withheld(state) => Self::Full { state: state.name(), quoted_status: None },
            app::Quote::NestedWithheld(state) => {
                Self::Shallow { state: state.name(), quoted_status_id: None }
            }
            app::Quote::Deleted => Self::Full { state: "deleted", quoted_status: None },
            app::Quote::Unauthorized => Self::Full { state: "unauthorized", quoted_status: None },
        }
    }
}

/// Who may quote a status.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct QuoteApproval {
    automatic: Vec<&'static str>,
    manual: Vec<&'static str>,
    current_user: &'static str,
}

impl Status {
    pub fn render(view: &StatusView, viewer: Option<AccountId>, render: &Render<'_>) -> Self {
        let status = &view.status;
        let flags = view.flags;
        Self {
            id: status.id.to_string(),
            created_at: status.created_at.rfc3339(),
            edited_at: status.edited_at.map(domain::Timestamp::rfc3339),
            in_reply_to_id: status.in_reply_to.map(|id| id.to_string()),
            in_reply_to_account_id: status.in_reply_to_account.map(|id| id.to_string()),
            sensitive: status.sensitive || view.author.sensitized_at.is_some(),
            spoiler_text: status.spoiler_text.clone(),
            visibility: status.visibility.name(),
            language: status.language.clone(),
            uri: render.urls.status_uri(status, &view.author),
            url: Some(render.urls.status_page(status, &view.author)),
            replies_count: status.replies_count,
            reblogs_count: status.boosts_count,
            favourites_count: status.favourites_count,
            quotes_count: status.quotes_count,
            content: Some(super::html(&status.content, &view.author)),
            text: None,
            local_only: status.local_only,
            content_type: None,
            reblog: view
                .boost_of
                .as_ref()
                .map(|original| Box::new(Self::render(original, viewer, render))),
            application: view
                .app
                .as_ref()
                .map(|app| Application { name: app.name.clone(), website: app.website.clone() }),
            account: Account::render(&view.author, render),
            media_attachments: view
                .media
                .iter()
                .map(|media| MediaAttachment::render(media, render))
                .collect(),
            mentions: mentions(view, render),
            tags: view
                .tags
                .iter()
                .map(|tag| Tag { name: tag.name.clone(), url: render.urls.tag(&tag.name) })
                .collect(),
            emojis: emojis(view, render),
            card: view.card.as_ref().map(|card| PreviewCard::render(card, render)),
            poll: view.poll.as_ref().map(|poll| Poll::render(poll, viewer, render)),
            quote: view.quote.as_ref().map(|quote| Quote::render(quote, viewer, render)),
            quote_approval: quote_approval(view, viewer),
            favourited: flags.map(|flags| flags.favourited),
            reblogged: flags.map(|flags| flags.boosted),
            muted: flags.map(|flags| flags.muted),
            bookmarked: flags.map(|flags| flags.bookmarked),
            pinned: flags
                .filter(|_| viewer == Some(status.account_id) && status.boost_of.is_none())
                .map(|flags| flags.pinned),
            filtered: flags.map(|_| FilterResult::render(&view.filtered, render.now)),
        }
    }

    /// A deleted status: its source instead of its content, so that a client can write it anew.
    pub fn into_deleted(mut self, status: &domain::status::Status) -> Self {
        self.content = None;
        self.text = Some(status.text.clone());
        self.content_type = Some(status.format.mime());
        self
    }
}

fn emojis(view: &StatusView, render: &Render<'_>) -> Vec<CustomEmoji> {
    let status = &view.status;
    if !view.author.is_local() {
        return CustomEmoji::foreign(&status.emojis, render);
    }
    CustomEmoji::used_in([status.content.as_str(), status.spoiler_text.as_str()], render)
}

fn mentions(view: &StatusView, render: &Render<'_>) -> Vec<Mention> {
    view.mentions
        .iter()
        .map(|mention| Mention {
            id: mention.account_id.to_string(),
            username: mention.username.clone(),
            url: mention
                .url
                .clone()
                .unwrap_or_else(|| render.urls.local_profile(&mention.username)),
            acct: match &mention.domain {
                Some(domain) => format!("{}@{domain}", mention.username),
                None => mention.username.clone(),
            },
        })
        .collect()
}

fn quote_approval(view: &StatusView, viewer: Option<AccountId>) -> QuoteApproval {
    let policy = view.status.quote_policy.as_str();
    let automatic = match policy {
        "public" if view.status.visibility.is_open() => vec!["public"],
        "followers" if view.status.visibility.is_open() => vec!["followers"],
        _ => Vec::new(),
    };
    let current_user = match viewer {
        Some(viewer) if viewer == view.status.account_id => "automatic",
        Some(_) if automatic.contains(&"public") => "automatic",
        Some(_) if automatic.contains(&"followers") => match view.flags {
            Some(flags) if flags.may_quote_as_follower => "automatic",
            _ => "denied",
        },
        _ => "denied",
    };
    QuoteApproval { automatic, manual: Vec::new(), current_user }
}
