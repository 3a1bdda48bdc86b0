//! Accounts.

use app::access::Me;
use domain::account;
use domain::text::{LinkStyle, Render as TextRender};
use serde::Serialize;

use super::{CustomEmoji, Render};

/// <https://docs.joinmastodon.org/entities/Account/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Account {
    pub(super) id: String,
    username: String,
    pub(super) acct: String,
    display_name: String,
    pub(super) locked: bool,
    pub(super) bot: bool,
    discoverable: Option<bool>,
    indexable: bool,
    group: bool,
    created_at: String,
    note: String,
    pub(super) url: String,
    uri: String,
    pub(super) avatar: String,
    pub(super) avatar_static: String,
    pub(super) avatar_description: String,
    header: String,
    header_static: String,
    header_description: String,
    followers_count: i64,
    following_count: i64,
    statuses_count: i64,
    last_status_at: Option<String>,
    hide_collections: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    noindex: Option<bool>,
    emojis: Vec<CustomEmoji>,
    roles: Vec<Role>,
    fields: Vec<Field>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suspended: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limited: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    memorial: Option<bool>,
}

/// A row of the profile table.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Field {
    name: String,
    value: String,
    verified_at: Option<String>,
}

/// A role that is shown beside the name.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "AccountRole"))]
struct Role {
    id: String,
    name: String,
    color: String,
}

impl Account {
    /// The account as anybody sees it. A suspended one shows nothing but its name.
    pub fn render(account: &account::Account, render: &Render<'_>) -> Self {
        let gone = account.suspended_at.is_some();
        let picture = |key: &Option<String>, default: &str| match key {
            Some(key) if !gone => render.urls.file(key),
            _ => format!("{}/assets/{default}", render.urls.base),
        };
        let avatar = picture(&account.avatar, "avatar.png");
        let header = picture(&account.header, "header.png");
        let shown = |text: &str| if gone { String::new() } else { text.to_owned() };
        Self {
            id: account.id.to_string(),
            username: account.username.clone(),
            acct: account.acct(),
            display_name: shown(&account.display_name),
            locked: account.locked && !gone,
            bot: account.bot && !gone,
            discoverable: Some(account.discoverable && !gone),
            indexable: account.indexable && !gone,
            group: account.is_group,
            created_at: account.created_at.midnight().rfc3339(),
            note: if gone { String::new() } else { note_html(account, render) },
            url: render.urls.profile(account),
            uri: render.urls.actor(account),
            avatar_static: avatar.clone(),
            avatar,
            avatar_description: shown(&account.avatar_description),
            header_static: header.clone(),
            header,
            header_description: shown(&account.header_description),
            followers_count: account.followers_count,
            following_count: account.following_count,
            statuses_count: account.statuses_count,
            last_status_at: account.last_status_at.map(domain::Timestamp::date),
            hide_collections: account.is_local().then_some(account.hide_collections),
            noindex: account.is_local().then_some(!account.indexable),
            emojis: if gone { Vec::new() } else { emojis(account, render) },
            roles: Vec::new(),
            fields: if gone { Vec::new() } else { fields(account, render) },
            suspended: gone.then_some(true),
            limited: account.silenced_at.map(|_| true),
            memorial: account.memorial.then_some(true),
        }
    }
}

fn emojis(account: &account::Account, render: &Render<'_>) -> Vec<CustomEmoji> {
    if !account.is_local() {
        return CustomEmoji::foreign(&account.emojis, render);
    }
    let fields =
        account.fields.iter().flat_map(|field| [field.name.as_str(), field.value.as_str()]);
    CustomEmoji::used_in(
        [account.display_name.as_str(), account.note.as_str()].into_iter().chain(fields),
        render,
    )
}

/// Local biographies are stored as typed; mentions in them stay plain text.
fn note_html(account: &account::Account, render: &Render<'_>) -> String {
    if !account.is_local() {
        return domain::text::shown(&account.note).into_owned();
    }
    text_html(&account.note, LinkStyle::Status, render)
}

fn text_html(text: &str, links: LinkStyle, render: &Render<'_>) -> String {
    let context = TextRender { base: &render.urls.base, resolve: &|_, _| None, links };
    domain::text::render(text, &context)
}

fn fields(account: &account::Account, render: &Render<'_>) -> Vec<Field> {
    account
        .fields
        .iter()
        .map(|field| {
            let value = if account.is_local() {
                // A cell is no paragraph.
                text_html(&field.value, LinkStyle::ProfileField, render)
                    .replace("<p>", "")
                    .replace("</p>", "")
            } else {
                domain::text::shown(&field.value).into_owned()
            };
            Field {
                name: field.name.clone(),
                value,
                verified_at: field.verified_at.map(domain::Timestamp::rfc3339),
            }
        })
        .collect()
}

/// <https://docs.joinmastodon.org/entities/Account/#CredentialAccount>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CredentialAccount {
    #[serde(flatten)]
    account: Account,
    source: Source,
    role: super::role::Role,
}

/// What the profile form needs.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Source {
    privacy: &'static str,
    sensitive: bool,
    language: Option<String>,
    note: String,
    fields: Vec<Field>,
    follow_requests_count: i64,
    hide_collections: Option<bool>,
    discoverable: Option<bool>,
    indexable: bool,
    attribution_domains: Vec<String>,
    quote_policy: String,
    /// Not Mastodon's: how texts of new statuses are read.
    status_content_type: &'static str,
}

impl CredentialAccount {
    /// The account as its owner sees it.
    pub fn render(me: &Me, pending_requests: i64, render: &Render<'_>) -> Self {
        let (account, user) = (&me.account, &me.user);
        let rendered = Account::render(account, render);
        let raw = account.fields.iter().map(|field| Field {
            name: field.name.clone(),
            value: field.value.clone(),
            verified_at: field.verified_at.map(domain::Timestamp::rfc3339),
        });
        Self {
            source: Source {
                privacy: user.default_visibility.name(),
                sensitive: user.default_sensitive,
                language: user.default_language.clone(),
                note: account.note.clone(),
                fields: raw.collect(),
                follow_requests_count: pending_requests,
                hide_collections: rendered.hide_collections,
                discoverable: rendered.discoverable,
                indexable: account.indexable,
                attribution_domains: Vec::new(),
                quote_policy: user.default_quote_policy.clone(),
                status_content_type: user.default_format.mime(),
            },
            role: super::role::Role::render(user.role),
            account: rendered,
        }
    }
}

/// <https://docs.joinmastodon.org/entities/Account/#MutedAccount>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct MutedAccount {
    #[serde(flatten)]
    account: Account,
    mute_expires_at: Option<String>,
}

impl MutedAccount {
    pub fn render(muted: &app::relations::Muted, render: &Render<'_>) -> Self {
        Self {
            account: Account::render(&muted.account, render),
            mute_expires_at: muted.until.map(domain::Timestamp::rfc3339),
        }
    }
}
