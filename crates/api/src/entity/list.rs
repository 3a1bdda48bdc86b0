//! Lists.

use domain::list;
use serde::Serialize;

/// <https://docs.joinmastodon.org/entities/List/>
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct List {
    id: String,
    title: String,
    replies_policy: &'static str,
    exclusive: bool,
}

impl List {
    pub fn render(list: &list::List) -> Self {
        Self {
            id: list.id.to_string(),
            title: list.title.clone(),
            replies_policy: list.replies_policy.name(),
            exclusive: list.exclusive,
        }
    }
}
