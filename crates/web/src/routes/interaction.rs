//! `/authorize_interaction?uri=…`: where pages of other servers send people of this one. What is
//! here is opened. What is elsewhere is searched for, for those who are signed in; others are told what
//! to search for.

use app::instance::Resolved;
use axum::extract::State;
use http::Uri;

use super::answer::{Answer, Refusal, private, redirect};
use super::posted::Fields;
use super::return_to::local_path;
use super::visitor::Visitor;
use super::{Shared, site};
use crate::pages::{InteractionPage, Problem};
use crate::paths;

/// Longest address shown.
const LONGEST: usize = 2_048;

pub(super) async fn show(State(app): State<Shared>, visitor: Visitor, uri: Uri) -> Answer {
    let fields = Fields::of_query(&uri);
    let wanted = fields.get("uri").or_else(|| fields.get("acct")).unwrap_or_default();
    let wanted = wanted.trim();
    let is_odd =
        wanted.is_empty() || wanted.len() > LONGEST || wanted.chars().any(char::is_control);
    if is_odd {
        return Err(Refusal::new(Problem::BadRequest));
    }
    if let Some(path) = wanted.strip_prefix(app.urls.base.as_str())
        && let Some(path) = local_path(&app, path)
    {
        return redirect(&path);
    }
    if let Ok(Resolved::Account(account)) = app::instance::resolve(&app, wanted).await {
        return redirect(&app.urls.local_profile(&account.username));
    }
    let address = wanted.strip_prefix("acct:").unwrap_or(wanted).to_owned();
    if visitor.browser.is_some() {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("q", &address)
            .finish();
        return redirect(&format!("{}?{query}", paths::SEARCH));
    }
    let site = site(&app).await?;
    private(&InteractionPage { site: &site, address })
}
