//! The versions of a status, and its source.

use domain::account::Account;
use domain::media::Media;
use domain::status::Status;
use domain::{AccountId, StatusId, Timestamp};
use serde::{Deserialize, Serialize};
use store::statuses::{self, EditRow, StatusView};

use crate::{App, AppError, Result};

/// A version of a status.
#[derive(Clone, Debug)]
pub struct Version {
    /// HTML.
    pub content: String,
    /// Content warning.
    pub spoiler_text: String,
    /// Media hidden.
    pub sensitive: bool,
    /// When it was written.
    pub created_at: Timestamp,
    /// Attachments with the descriptions they had.
    pub media: Vec<Media>,
    /// The poll's answers, without counts.
    pub poll_options: Option<Vec<String>>,
    /// Its author.
    pub author: Account,
}

/// An attachment as a version remembers it: the description may change later.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KeptMedia {
    pub id: domain::MediaId,
    pub description: String,
}

/// The versions of a status that the viewer may see, oldest first; one when it was never edited.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn history(app: &App, id: StatusId, viewer: Option<AccountId>) -> Result<Vec<Version>> {
    app.read(move |conn| {
        Box::pin(async move {
            let view = super::view(conn, id, viewer).await?;
            let rows = statuses::edits(conn, id).await?;
            let mut versions = Vec::with_capacity(rows.len() + 1);
            let remembered: Vec<Vec<KeptMedia>> = rows
                .iter()
                .map(|row| serde_json::from_str(&row.media).unwrap_or_default())
                .collect();
            let mut ids: Vec<domain::MediaId> =
                remembered.iter().flatten().map(|media| media.id).collect();
            ids.sort_unstable();
            ids.dedup();
            let media = store::media::own(conn, view.status.account_id, &ids).await?;
            for (row, remembered) in rows.into_iter().zip(remembered) {
                versions.push(kept(&view, row, &remembered, &media));
            }
            if versions.is_empty() {
                versions.push(current(view));
            }
            Ok(versions)
        })
    })
    .await
}

fn current(view: StatusView) -> Version {
    Version {
        content: view.status.content,
        spoiler_text: view.status.spoiler_text,
        sensitive: view.status.sensitive,
        created_at: view.status.created_at,
        media: view.media,
        poll_options: view
            .poll
            .map(|poll| poll.poll.options.into_iter().map(|option| option.title).collect()),
        author: view.author,
    }
}

fn kept(view: &StatusView, row: EditRow, remembered: &[KeptMedia], media: &[Media]) -> Version {
    let media = remembered.iter().filter_map(|then| {
        let now = media.iter().find(|media| media.id == then.id)?;
        Some(Media { description: then.description.clone(), ..now.clone() })
    });
    Version {
        content: row.content,
        spoiler_text: row.spoiler_text,
        sensitive: row.sensitive,
        created_at: row.created_at,
        media: media.collect(),
        poll_options: serde_json::from_str::<Option<Vec<String>>>(&row.poll_options)
            .unwrap_or_default(),
        author: view.author.clone(),
    }
}

/// A status that the viewer may see, for its source text.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn source(app: &App, id: StatusId, viewer: Option<AccountId>) -> Result<Status> {
    app.read(move |conn| {
        Box::pin(async move {
            statuses::visible_by_id(conn, id, viewer).await?.ok_or(AppError::NotFound)
        })
    })
    .await
}
