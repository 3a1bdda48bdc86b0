//! Tables as Mastodon exports them.

use domain::AccountId;
use store::portability;

use super::Kind;
use crate::csv::cell;
use crate::{App, Result};

/// A table of what somebody has.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn export(app: &App, who: AccountId, kind: Kind) -> Result<String> {
    let urls = app.urls.clone();
    let handle = move |name: &str, home: Option<&str>| {
        cell(&format!("{name}@{}", home.unwrap_or(&urls.domain)))
    };
    let urls = app.urls.clone();
    app.read(move |conn| {
        Box::pin(async move {
            let mut lines = Vec::new();
            match kind {
                Kind::Following => {
                    lines.push("Account address,Show boosts,Notify on new posts,Languages".into());
                    for one in portability::following(conn, who).await? {
                        let languages = one.languages.split(' ').collect::<Vec<_>>().join(", ");
                        let whom = handle(&one.username, one.domain.as_deref());
                        let (boosts, notify) = (one.show_boosts, one.notify);
                        lines.push(format!("{whom},{boosts},{notify},{}", cell(&languages)));
                    }
                }
                Kind::Blocking => {
                    for (name, home) in portability::blocked(conn, who).await? {
                        lines.push(handle(&name, home.as_deref()));
                    }
                }
                Kind::Muting => {
                    lines.push("Account address,Hide notifications".to_owned());
                    for (name, home, notifications) in portability::muted(conn, who).await? {
                        lines.push(format!("{},{notifications}", handle(&name, home.as_deref())));
                    }
                }
                Kind::DomainBlocking => {
                    let domains = portability::domains(conn, who).await?;
                    lines.extend(domains.iter().map(|domain| cell(domain)));
                }
                Kind::Lists => {
                    for (title, name, home) in portability::listed(conn, who).await? {
                        lines.push(format!("{},{}", cell(&title), handle(&name, home.as_deref())));
                    }
                }
                Kind::Bookmarks => {
                    for (uri, name, id) in portability::bookmarked(conn, who).await? {
                        lines.push(cell(&uri.unwrap_or_else(|| urls.local_status(&name, id))));
                    }
                }
            }
            let mut text = lines.join("\n");
            if !text.is_empty() {
                text.push('\n');
            }
            Ok(text)
        })
    })
    .await
}
