//! Adding, listing and removing the emoji of this server.

use std::path::Path;
use std::sync::Arc;

use domain::text::emoji::is_shortcode;
use media::{Focus, Purpose};
use store::emojis::{self, Emoji};

use super::refresh::tell_others;
use crate::{App, AppError, Result, uploads};

/// Adds an emoji from a PNG, GIF or WebP file, which is only read. One with the same shortcode is
/// replaced.
///
/// # Errors
/// [`AppError::Invalid`] and [`AppError::Unprocessable`] for a name or picture that is not taken.
pub async fn import(
    app: &Arc<App>,
    shortcode: &str,
    file: &Path,
    category: Option<String>,
) -> Result<Emoji> {
    if !is_shortcode(shortcode) {
        return Err(AppError::invalid(
            "Shortcode must be 2 to 128 letters, digits and underscores",
        ));
    }
    check_category(category.as_deref())?;
    let processed = app
        .processor
        .process_image(file, Purpose::Emoji, Focus::default())
        .await
        .map_err(|error| uploads::refuse("Image", error))?;
    let content_type = processed.original.media_type.mime();
    let mut files = vec![(processed.original.path.clone(), Some(processed.original.media_type))];
    if let Some(still) = &processed.small {
        files.push((still.path.clone(), Some(still.media_type)));
    }
    let kept = uploads::keep(app, files).await?;
    let mut keys = kept.keys.iter().cloned();
    let image_key = keys.next().unwrap_or_default();
    let emoji = Emoji {
        id: app.ids.next(),
        shortcode: shortcode.to_owned(),
        static_key: keys.next().unwrap_or_else(|| image_key.clone()),
        image_key,
        content_type: content_type.to_owned(),
        category,
        visible: true,
        created_at: app.now(),
    };
    let context = app.clone();
    let added = app
        .write(move |conn| {
            Box::pin(async move {
                if let Some(former) = emojis::local_by_code(conn, &emoji.shortcode).await? {
                    emojis::delete(conn, former.id).await?;
                    uploads::remove_later(&context, conn, files_of(former)).await?;
                }
                kept.settle(conn).await?;
                emojis::insert_local(conn, &emoji).await?;
                Ok::<_, AppError>(emoji)
            })
        })
        .await?;
    tell_others(app).await;
    Ok(added)
}

/// All emoji of this server, by shortcode.
///
/// # Errors
/// [`AppError::Store`].
pub async fn list(app: &App) -> Result<Vec<Emoji>> {
    Ok(app.read(|conn| Box::pin(emojis::local(conn))).await?)
}

/// Longest heading of the picker, in characters.
const LONGEST_CATEGORY: usize = 100;

/// Gives an emoji another heading in the picker, and shows it there or not. Texts that use it look the
/// same. False when there is none.
///
/// # Errors
/// [`AppError::Invalid`] for an overlong heading.
pub async fn change(
    app: &App,
    shortcode: &str,
    category: Option<String>,
    visible: bool,
) -> Result<bool> {
    check_category(category.as_deref())?;
    let (shortcode, id) = (shortcode.to_owned(), app.ids.next());
    let changed = app
        .write(move |conn| {
            Box::pin(async move {
                Ok::<_, AppError>(emojis::change(conn, &shortcode, id, category, visible).await?)
            })
        })
        .await?;
    if changed {
        tell_others(app).await;
    }
    Ok(changed)
}

fn check_category(category: Option<&str>) -> Result<()> {
    if category.is_some_and(|text| text.chars().count() > LONGEST_CATEGORY) {
        return Err(AppError::invalid(format!(
            "Category is longer than {LONGEST_CATEGORY} characters"
        )));
    }
    Ok(())
}

/// Removes an emoji with its files. False when there is none.
///
/// # Errors
/// [`AppError::Store`].
pub async fn remove(app: &Arc<App>, shortcode: &str) -> Result<bool> {
    let (context, shortcode) = (app.clone(), shortcode.to_owned());
    let removed = app
        .write(move |conn| {
            Box::pin(async move {
                let Some(emoji) = emojis::local_by_code(conn, &shortcode).await? else {
                    return Ok(false);
                };
                emojis::delete(conn, emoji.id).await?;
                uploads::remove_later(&context, conn, files_of(emoji)).await?;
                Ok::<_, AppError>(true)
            })
        })
        .await?;
    if removed {
        tell_others(app).await;
    }
    Ok(removed)
}

fn files_of(emoji: Emoji) -> Vec<String> {
    let mut files = vec![emoji.image_key];
    files.push(emoji.static_key);
    files.dedup();
    files
}
