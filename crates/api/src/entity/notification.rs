//! Notifications, alone and in groups, requests and policy.

use app::notifications::{About, Groups, NotificationView, Policy, RequestView};
use domain::AccountId;
use serde::Serialize;

use super::{Account, Render, Report, Status};

/// <https://docs.joinmastodon.org/entities/Notification/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Notification {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    created_at: String,
    group_key: String,
    account: Account,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(flatten)]
    about: AboutStaff,
}

/// What a notification of or to staff is about.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct AboutStaff {
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<Report>,
    #[serde(skip_serializing_if = "Option::is_none")]
    moderation_warning: Option<AccountWarning>,
}

/// <https://docs.joinmastodon.org/entities/AccountWarning/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct AccountWarning {
    id: String,
    action: String,
    text: String,
    status_ids: Option<Vec<String>>,
    target_account: Account,
    appeal: Option<()>,
    created_at: String,
}

impl AboutStaff {
    fn render(about: Option<&About>, render: &Render<'_>) -> Self {
        match about {
            None => Self::default(),
            Some(About::Report(view)) => {
                Self { report: Some(Report::render(view, render)), ..Self::default() }
            }
            Some(About::Warning(pair)) => {
                let (warning, target) = pair.as_ref();
                let ids: Vec<String> =
                    serde_json::from_str(&warning.status_ids).unwrap_or_default();
                let shown = AccountWarning {
                    id: warning.id.to_string(),
                    action: warning.action.clone(),
                    text: warning.text.clone(),
                    status_ids: (!ids.is_empty()).then_some(ids),
                    target_account: Account::render(target, render),
                    appeal: None,
                    created_at: warning.created_at.rfc3339(),
                };
                Self { moderation_warning: Some(shown), ..Self::default() }
            }
        }
    }
}

impl Notification {
    pub fn render(view: &NotificationView, me: AccountId, render: &Render<'_>) -> Self {
        let row = &view.notification;
        Self {
            id: row.id.to_string(),
            kind: row.kind.name(),
            created_at: row.created_at.rfc3339(),
            group_key: row.group_key.clone(),
            account: Account::render(&view.from, render),
            status: view.status.as_ref().map(|status| Status::render(status, Some(me), render)),
            about: AboutStaff::render(view.about.as_ref(), render),
        }
    }
}

/// <https://docs.joinmastodon.org/entities/GroupedNotificationsResults/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct GroupedNotifications {
    accounts: Vec<Account>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partial_accounts: Option<Vec<PartialAccount>>,
    statuses: Vec<Status>,
    notification_groups: Vec<NotificationGroup>,
}

/// What stands for an account where only its picture is shown.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PartialAccount {
    id: String,
    acct: String,
    url: String,
    avatar: String,
    avatar_static: String,
    avatar_description: String,
    locked: bool,
    bot: bool,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct NotificationGroup {
    group_key: String,
    notifications_count: i64,
    #[serde(rename = "type")]
    kind: &'static str,
    /// A number, unlike every other id.
    most_recent_notification_id: i64,
    page_min_id: String,
    page_max_id: String,
    latest_page_notification_at: String,
    sample_account_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_id: Option<String>,
    #[serde(flatten)]
    about: AboutStaff,
}

impl GroupedNotifications {
    /// With `partial`, accounts that are not the first of their group come as their pictures only.
    pub fn render(page: &Groups, partial: bool, me: AccountId, render: &Render<'_>) -> Self {
        let first =
            |id: AccountId| page.groups.iter().any(|group| group.senders.first() == Some(&id));
        let is_full = |account: &&domain::account::Account| !partial || first(account.id);
        Self {
            accounts: page
                .accounts
                .iter()
                .filter(is_full)
                .map(|account| Account::render(account, render))
                .collect(),
            partial_accounts: partial.then(|| {
                let rest = page.accounts.iter().filter(|account| !is_full(account));
                rest.map(|account| Account::render(account, render).into()).collect()
            }),
            statuses: page
                .statuses
                .iter()
                .map(|status| Status::render(status, Some(me), render))
                .collect(),
            notification_groups: page.groups.iter().map(|view| group(view, render)).collect(),
        }
    }
}

fn group(view: &app::notifications::GroupView, render: &Render<'_>) -> NotificationGroup {
    NotificationGroup {
        group_key: view.group.key.clone(),
        notifications_count: view.count,
        kind: view.newest.kind.name(),
        most_recent_notification_id: view.newest.id.0,
        page_min_id: view.group.oldest.to_string(),
        page_max_id: view.group.newest.to_string(),
        latest_page_notification_at: view.newest.created_at.rfc3339(),
        sample_account_ids: view.senders.iter().take(8).map(AccountId::to_string).collect(),
        status_id: view.newest.status_id.map(|id| id.to_string()),
        about: AboutStaff::render(view.about.as_ref(), render),
    }
}

impl From<Account> for PartialAccount {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            acct: account.acct,
            url: account.url,
            avatar: account.avatar,
            avatar_static: account.avatar_static,
            avatar_description: account.avatar_description,
            locked: account.locked,
            bot: account.bot,
        }
    }
}

/// <https://docs.joinmastodon.org/entities/NotificationRequest/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct NotificationRequest {
    id: String,
    created_at: String,
    updated_at: String,
    notifications_count: String,
    account: Account,
    last_status: Option<Status>,
}

impl NotificationRequest {
    pub fn render(view: &RequestView, me: AccountId, render: &Render<'_>) -> Self {
        Self {
            id: view.request.id.to_string(),
            created_at: view.request.created_at.rfc3339(),
            updated_at: view.request.updated_at.rfc3339(),
            notifications_count: view.request.count.to_string(),
            account: Account::render(&view.from, render),
            last_status: view
                .last_status
                .as_ref()
                .map(|status| Status::render(status, Some(me), render)),
        }
    }
}

/// How much waits.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Summary {
    pending_requests_count: i64,
    pending_notifications_count: i64,
}

impl From<(i64, i64)> for Summary {
    fn from((requests, notifications): (i64, i64)) -> Self {
        Self {
            pending_requests_count: requests.min(100),
            pending_notifications_count: notifications,
        }
    }
}

/// <https://docs.joinmastodon.org/entities/NotificationPolicy/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct NotificationPolicy {
    for_not_following: &'static str,
    for_not_followers: &'static str,
    for_new_accounts: &'static str,
    for_private_mentions: &'static str,
    for_limited_accounts: &'static str,
    summary: Summary,
}

impl NotificationPolicy {
    pub fn render(policy: Policy, summary: (i64, i64)) -> Self {
        Self {
            for_not_following: policy.not_following.name(),
            for_not_followers: policy.not_followers.name(),
            for_new_accounts: policy.new_accounts.name(),
            for_private_mentions: policy.private_mentions.name(),
            for_limited_accounts: policy.limited_accounts.name(),
            summary: summary.into(),
        }
    }
}

/// The policy as Mastodon 4.3 betas had it: <https://docs.joinmastodon.org/entities/V1_NotificationPolicy/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct V1NotificationPolicy {
    filter_not_following: bool,
    filter_not_followers: bool,
    filter_new_accounts: bool,
    filter_private_mentions: bool,
    summary: Summary,
}

impl V1NotificationPolicy {
    pub fn render(policy: Policy, summary: (i64, i64)) -> Self {
        let kept = |verdict| verdict != app::notifications::Verdict::Accept;
        Self {
            filter_not_following: kept(policy.not_following),
            filter_not_followers: kept(policy.not_followers),
            filter_new_accounts: kept(policy.new_accounts),
            filter_private_mentions: kept(policy.private_mentions),
            summary: summary.into(),
        }
    }
}
