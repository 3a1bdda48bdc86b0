//! Accounts as staff sees them.

use app::moderation::StaffView;
use serde::Serialize;

use crate::entity::role::Role;
use crate::entity::{Account, Render};

/// <https://docs.joinmastodon.org/entities/Admin_Account/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AdminAccount {
    id: String,
    username: String,
    domain: Option<String>,
    created_at: String,
    email: Option<String>,
    ip: Option<String>,
    ips: Vec<Address>,
    locale: Option<String>,
    invite_request: Option<String>,
    role: Option<Role>,
    confirmed: bool,
    approved: bool,
    disabled: bool,
    silenced: bool,
    suspended: bool,
    sensitized: bool,
    account: Account,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_by_application_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invited_by_account_id: Option<String>,
}

/// <https://docs.joinmastodon.org/entities/Admin_Ip/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Address {
    ip: String,
    used_at: String,
}

impl AdminAccount {
    pub fn render(view: &StaffView, render: &Render<'_>) -> Self {
        let (account, user) = (&view.account, view.user.as_ref());
        Self {
            id: account.id.to_string(),
            username: account.username.clone(),
            domain: account.domain.clone(),
            created_at: account.created_at.rfc3339(),
            email: user.map(|user| user.email.clone()),
            ip: view.addresses.first().map(|(address, _)| address.clone()),
            ips: view
                .addresses
                .iter()
                .map(|(ip, at)| Address { ip: ip.clone(), used_at: at.rfc3339() })
                .collect(),
            locale: user.map(|user| user.locale.clone()),
            invite_request: view.reason.clone(),
            role: user.map(|user| Role::render(user.role)),
            confirmed: user.is_some_and(|user| user.confirmed_at.is_some()),
            approved: user.is_some_and(|user| user.approved),
            disabled: user.is_some_and(|user| user.disabled),
            silenced: account.silenced_at.is_some(),
            suspended: account.suspended_at.is_some(),
            sensitized: account.sensitized_at.is_some(),
            account: Account::render(account, render),
            created_by_application_id: None,
            invited_by_account_id: None,
        }
    }
}
