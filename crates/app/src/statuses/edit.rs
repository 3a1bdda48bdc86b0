//! Editing: text, warning, language, media and poll; never the audience or what is answered.

use std::sync::Arc;

use domain::media::Media;
use domain::status::{Format, Parts, Status};
use domain::{MediaId, RowId, StatusId, Timestamp};
use store::statuses::{self, Edit, EditRow, NewEdit, StatusView};
use store::{Conn, media, polls};

use super::NewPoll;
use super::compose::{Composed, compose, find_strangers};
use super::history::KeptMedia;
use super::post::{
    check_length, check_media, check_poll, check_quote_policy, check_tags, insert_poll, is_language,
};
use crate::access::Me;
use crate::jobs::{self, Job};
use crate::{App, AppError, Result, delivery, uploads};

/// What an edit changes. `None` leaves as it is, except that attachments and poll are what is sent.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Plain text.
    pub text: Option<String>,
    /// Content warning.
    pub spoiler_text: Option<String>,
    /// Media hidden.
    pub sensitive: Option<bool>,
    /// ISO 639 code.
    pub language: Option<String>,
    /// Who may quote.
    pub quote_policy: Option<String>,
    /// Attachments, in order.
    pub media: Option<Vec<MediaId>>,
    /// Descriptions and points of interest of attachments.
    pub media_changes: Vec<MediaChange>,
    /// The poll.
    pub poll: Option<NewPoll>,
    /// How the text is read.
    pub format: Option<Format>,
}

/// A new description or point of interest of an attachment.
#[derive(Clone, Debug)]
pub struct MediaChange {
    /// Which.
    pub id: MediaId,
    /// What it shows.
    pub description: Option<String>,
    /// Point of interest, in ten-thousandths.
    pub focus: Option<(i64, i64)>,
}

/// Edits one's own status. An edit that changes nothing makes no version.
///
/// # Errors
/// [`AppError::NotFound`] when it is absent or somebody else's, [`AppError::Invalid`] as for posting.
pub async fn edit(app: &Arc<App>, me: &Me, id: StatusId, changes: Changes) -> Result<StatusView> {
    find_strangers(app, changes.text.as_deref().unwrap_or_default()).await;
    let (context, author) = (app.clone(), me.id());
    app.write(move |conn| {
        Box::pin(async move {
            let app = context.as_ref();
            statuses::locked(conn, id).await?.ok_or(AppError::NotFound)?;
            let before =
                statuses::hydrate_one(conn, id, Some(author)).await?.ok_or(AppError::NotFound)?;
            if before.status.account_id != author || before.status.boost_of.is_some() {
                return Err(AppError::NotFound);
            }
            apply(app, conn, &before, changes).await?;
            statuses::hydrate_one(conn, id, Some(author)).await?.ok_or(AppError::NotFound)
        })
    })
    .await
}

/// The wanted state after the edit.
struct Wanted {
    text: String,
    spoiler_text: String,
    sensitive: bool,
    language: Option<String>,
    quote_policy: String,
    media: Vec<Media>,
    poll: Option<NewPoll>,
    format: Format,
}

async fn apply(app: &App, conn: &mut Conn, before: &StatusView, changes: Changes) -> Result<()> {
    let redescribed = describe(conn, &before.status, &changes.media_changes).await?;
    let wanted = wanted(app, conn, before, changes).await?;
    let composed =
        compose(app, conn, (&wanted.text, wanted.format), before.status.account_id).await?;
    let (old, now) = (&before.status, app.now());
    let poll_changed = poll_differs(before, wanted.poll.as_ref());
    let media_changed =
        redescribed || !wanted.media.iter().map(|m| m.id).eq(before.media.iter().map(|m| m.id));
    let text_changed = wanted.text != old.text
        || wanted.spoiler_text != old.spoiler_text
        || wanted.sensitive != old.sensitive
        || wanted.language != old.language
        || wanted.format != old.format;
    if !(text_changed || poll_changed || media_changed) {
        if wanted.quote_policy != old.quote_policy {
            write_row(conn, old, &wanted, &composed, old.edited_at).await?;
            delivery::edited(app, conn, old.id).await?;
        }
        return Ok(());
    }
    keep_first_version(app, conn, before).await?;
    if media_changed {
        attach(conn, old.id, &wanted.media, now).await?;
    }
    if poll_changed {
        polls::delete(conn, old.id).await?;
        if let Some(poll) = &wanted.poll {
            insert_poll(app, conn, old, poll).await?;
        }
    }
    write_row(conn, old, &wanted, &composed, Some(now)).await?;
    link(app, conn, old.id, &composed).await?;
    keep_version(app.ids.next(), conn, old.id, version(&wanted, &composed, now)?).await?;
    delivery::edited(app, conn, old.id).await?;
    jobs::enqueue(app, conn, &Job::FanOut { status: old.id, edited: true }, now).await
}

async fn wanted(
    app: &App,
    conn: &mut Conn,
    before: &StatusView,
    changes: Changes,
) -> Result<Wanted> {
    let old = &before.status;
    let mut text = changes.text.map_or_else(|| old.text.clone(), |text| text.replace("\r\n", "\n"));
    let mut spoiler_text = changes.spoiler_text.unwrap_or_else(|| old.spoiler_text.clone());
    let media = match changes.media {
        Some(ids) => usable_media(app, conn, old, &ids).await?,
        None => before.media.clone(),
    };
    let mut poll = changes.poll;
    if let Some(poll) = &mut poll {
        if !media.is_empty() {
            return Err(AppError::invalid("Cannot attach a poll to a status with media"));
        }
        check_poll(poll)?;
    }
    if text.trim().is_empty() && !spoiler_text.trim().is_empty() && poll.is_none() {
        text = std::mem::take(&mut spoiler_text);
    }
    if text.trim().is_empty() && media.is_empty() && old.quote_of.is_none() {
        return Err(AppError::invalid("Text can't be blank"));
    }
    check_length(app, &text, &spoiler_text)?;
    if let Some(policy) = &changes.quote_policy {
        check_quote_policy(policy)?;
    }
    Ok(Wanted {
        sensitive: !spoiler_text.is_empty() || changes.sensitive.unwrap_or(old.sensitive),
        text,
        spoiler_text,
        language: changes
            .language
            .filter(|code| is_language(code))
            .or_else(|| old.language.clone()),
        quote_policy: changes.quote_policy.unwrap_or_else(|| old.quote_policy.clone()),
        media,
        poll,
        format: changes.format.unwrap_or(old.format),
    })
}

/// The author's own uploads that hang on this status or on nothing.
async fn usable_media(
    app: &App,
    conn: &mut Conn,
    status: &Status,
    ids: &[MediaId],
) -> Result<Vec<Media>> {
    if ids.len() > app.config.limits.status_media {
        return Err(AppError::invalid(format!(
            "Cannot attach more than {} files",
            app.config.limits.status_media
        )));
    }
    let found = media::own(conn, status.account_id, ids).await?;
    check_media(&found, ids.len())?;
    if found.iter().any(|media| media.status_id.is_some_and(|on| on != status.id)) {
        return Err(AppError::invalid("Media not found or already attached"));
    }
    Ok(found)
}

/// Writes new descriptions; true when one is different.
async fn describe(conn: &mut Conn, status: &Status, changes: &[MediaChange]) -> Result<bool> {
    let ids: Vec<MediaId> = changes.iter().map(|change| change.id).collect();
    let mut changed = false;
    let found = media::own(conn, status.account_id, &ids).await?;
    // Those of other statuses are changed where they hang.
    for attachment in
        found.into_iter().filter(|media| media.status_id.is_none_or(|on| on == status.id))
    {
        let Some(change) = changes.iter().find(|change| change.id == attachment.id) else {
            continue;
        };
        let description =
            change.description.clone().unwrap_or_else(|| attachment.description.clone());
        if description.chars().count() > uploads::DESCRIPTION {
            return Err(AppError::invalid(format!(
                "Description is too long (maximum is {} characters)",
                uploads::DESCRIPTION
            )));
        }
        let focus = change.focus.unwrap_or((attachment.focus_x, attachment.focus_y));
        if description != attachment.description
            || focus != (attachment.focus_x, attachment.focus_y)
        {
            media::describe(conn, attachment.id, &description, focus).await?;
            changed = true;
        }
    }
    Ok(changed)
}

/// Whether the poll that is sent is another one: other answers or another kind reset the votes.
fn poll_differs(before: &StatusView, wanted: Option<&NewPoll>) -> bool {
    match (&before.poll, wanted) {
        (None, None) => false,
        (Some(old), Some(new)) => {
            old.poll.multiple != new.multiple
                || !old.poll.options.iter().map(|option| &option.title).eq(new.options.iter())
        }
        _ => true,
    }
}

async fn attach(conn: &mut Conn, status: StatusId, wanted: &[Media], now: Timestamp) -> Result<()> {
    media::detach(conn, status, now).await?;
    for (position, attachment) in (0_i64..).zip(wanted) {
        if !media::attach(conn, attachment.id, status, position).await? {
            return Err(AppError::invalid("Media not found or already attached"));
        }
    }
    Ok(())
}

async fn write_row(
    conn: &mut Conn,
    old: &Status,
    wanted: &Wanted,
    composed: &Composed,
    edited_at: Option<Timestamp>,
) -> Result<()> {
    let mut parts = 0;
    for (has, bit) in [
        (!wanted.media.is_empty(), Parts::MEDIA),
        // A silent mention stays: it keeps the status readable for whom it once named.
        (!composed.mentioned.is_empty() || old.parts.has(Parts::MENTIONS), Parts::MENTIONS),
        (!composed.tags.is_empty(), Parts::TAGS),
        (wanted.poll.is_some(), Parts::POLL),
    ] {
        parts |= if has { bit } else { 0 };
    }
    let edit = Edit {
        text: wanted.text.clone(),
        content: composed.content.clone(),
        spoiler_text: wanted.spoiler_text.clone(),
        sensitive: wanted.sensitive,
        language: wanted.language.clone(),
        parts: Parts(parts),
        edited_at,
        quote_policy: wanted.quote_policy.clone(),
        format: wanted.format,
    };
    Ok(statuses::update(conn, old.id, &edit).await?)
}

async fn link(app: &App, conn: &mut Conn, status: StatusId, composed: &Composed) -> Result<()> {
    statuses::silence_mentions(conn, status).await?;
    for account in &composed.mentioned {
        statuses::add_mention(conn, status, account.id).await?;
    }
    statuses::clear_tags(conn, status).await?;
    let tags = statuses::tag_ids(conn, &composed.tags, app.now()).await?;
    check_tags(conn, &tags).await?;
    Ok(statuses::add_tags(conn, status, &tags).await?)
}

/// The first edit also keeps what was there before.
pub(crate) async fn keep_first_version(
    app: &App,
    conn: &mut Conn,
    before: &StatusView,
) -> Result<()> {
    if before.status.edited_at.is_some() {
        return Ok(());
    }
    keep_version_of(app, conn, before, before.status.created_at).await
}

/// Keeps what a status says now as the version of this time.
pub(crate) async fn keep_version_of(
    app: &App,
    conn: &mut Conn,
    view: &StatusView,
    at: Timestamp,
) -> Result<()> {
    let row = row_of(view, at)?;
    keep_version(app.ids.next(), conn, view.status.id, row).await
}

fn row_of(view: &StatusView, created_at: Timestamp) -> Result<EditRow> {
    let status = &view.status;
    let options: Option<Vec<&String>> = view
        .poll
        .as_ref()
        .map(|poll| poll.poll.options.iter().map(|option| &option.title).collect());
    Ok(EditRow {
        text: status.text.clone(),
        content: status.content.clone(),
        spoiler_text: status.spoiler_text.clone(),
        sensitive: status.sensitive,
        media: media_json(&view.media)?,
        poll_options: json(&options)?,
        created_at,
    })
}

fn version(wanted: &Wanted, composed: &Composed, now: Timestamp) -> Result<EditRow> {
    Ok(EditRow {
        text: wanted.text.clone(),
        content: composed.content.clone(),
        spoiler_text: wanted.spoiler_text.clone(),
        sensitive: wanted.sensitive,
        media: media_json(&wanted.media)?,
        poll_options: json(&wanted.poll.as_ref().map(|poll| &poll.options))?,
        created_at: now,
    })
}

async fn keep_version(id: RowId, conn: &mut Conn, status_id: StatusId, row: EditRow) -> Result<()> {
    Ok(statuses::insert_edit(conn, &NewEdit { id, status_id, row }).await?)
}

fn media_json(media: &[Media]) -> Result<String> {
    let kept: Vec<KeptMedia> = media
        .iter()
        .map(|media| KeptMedia { id: media.id, description: media.description.clone() })
        .collect();
    json(&kept)
}

fn json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| AppError::Internal(error.to_string()))
}
