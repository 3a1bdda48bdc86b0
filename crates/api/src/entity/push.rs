//! Web push subscriptions.

use std::collections::BTreeMap;

use app::push::Subscription;
use serde::Serialize;

/// <https://docs.joinmastodon.org/entities/WebPushSubscription/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct WebPushSubscription {
    id: String,
    endpoint: String,
    standard: bool,
    /// Only the kinds that the client named.
    alerts: BTreeMap<String, bool>,
    policy: String,
    server_key: String,
}

impl WebPushSubscription {
    pub fn render(subscription: &Subscription) -> Self {
        Self {
            id: subscription.id.to_string(),
            endpoint: subscription.endpoint.clone(),
            standard: subscription.standard,
            alerts: subscription.wanted.alerts.clone(),
            policy: subscription.wanted.policy.clone(),
            server_key: subscription.server_key.clone(),
        }
    }
}
