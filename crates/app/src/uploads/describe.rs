//! Looking at, describing and deleting one's own uploads while they hang on no status.

use std::path::PathBuf;
use std::sync::Arc;

use domain::MediaId;
use domain::media::{Media, MediaKind, MediaState};
use store::Conn;

use super::receive::{failed, set_poster, thumbnail};
use super::{DESCRIPTION, keep, keys_of, remove_later};
use crate::access::Me;
use crate::{App, AppError, Result};

/// What a person says about an upload; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Description {
    /// What it shows, for people who do not see it.
    pub text: Option<String>,
    /// Point of interest: `x,y`, each from -1 to 1.
    pub focus: Option<(f64, f64)>,
}

impl Description {
    pub(super) fn check(&self) -> Result<()> {
        let length = self.text.as_ref().map_or(0, |text| text.chars().count());
        if length > DESCRIPTION {
            return Err(AppError::invalid(format!(
                "Description is too long (maximum is {DESCRIPTION} characters)"
            )));
        }
        Ok(())
    }

    pub(super) fn apply(&self, media: &mut Media) {
        if let Some(text) = &self.text {
            text.trim().clone_into(&mut media.description);
        }
        if let Some((x, y)) = self.focus {
            (media.focus_x, media.focus_y) = (ten_thousandths(x), ten_thousandths(y));
        }
    }
}

fn ten_thousandths(value: f64) -> i64 {
    if !value.is_finite() {
        return 0;
    }
    #[expect(clippy::cast_possible_truncation, reason = "within ±10,000")]
    {
        (value.clamp(-1.0, 1.0) * 10_000.0).round() as i64
    }
}

/// An upload as its owner finds it.
pub enum Shown {
    /// Still being processed.
    Processing(Media),
    /// To be used.
    Ready(Media),
}

/// One's own upload that hangs on no status.
///
/// # Errors
/// [`AppError::NotFound`] for those of others and those that were posted,
/// [`AppError::Unprocessable`] when processing failed.
pub async fn show(app: &App, me: &Me, id: MediaId) -> Result<Shown> {
    let owner = me.id();
    let media = app
        .read(move |conn| {
            Box::pin(async move {
                let found = store::media::own(conn, owner, &[id]).await?.pop();
                found.filter(|media| media.status_id.is_none()).ok_or(AppError::NotFound)
            })
        })
        .await?;
    match media.state {
        MediaState::Processing => Ok(Shown::Processing(media)),
        MediaState::Ready => Ok(Shown::Ready(media)),
        MediaState::Failed => Err(failed()),
    }
}

/// Describes an upload, and gives a video or sound another poster.
///
/// # Errors
/// Those of [`show`]; [`AppError::Invalid`] for a text that is too long or a bad poster.
pub async fn update(
    app: &Arc<App>,
    me: &Me,
    id: MediaId,
    description: Description,
    poster: Option<PathBuf>,
) -> Result<Shown> {
    description.check()?;
    let (Shown::Processing(media) | Shown::Ready(media)) = show(app, me, id).await?;
    let poster = match poster.filter(|_| media.kind != MediaKind::Image) {
        Some(path) => {
            let made = thumbnail(app, &path).await?;
            let files = vec![(made.original.path.clone(), Some(made.original.media_type))];
            Some((keep(app, files).await?, made))
        }
        None => None,
    };
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            let mut media = unattached(conn, id).await?;
            description.apply(&mut media);
            let focus = (media.focus_x, media.focus_y);
            store::media::describe(conn, id, &media.description, focus).await?;
            if let Some((kept, made)) = poster {
                let former = media.preview_key.take().into_iter().collect();
                set_poster(&mut media, &made, kept.keys.first().cloned())?;
                kept.settle(conn).await?;
                store::media::set_preview(conn, &media).await?;
                remove_later(&context, conn, former).await?;
            }
            Ok::<_, AppError>(())
        })
    })
    .await?;
    show(app, me, id).await
}

/// Deletes an upload with its files.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Unprocessable`] when it hangs on a status.
pub async fn delete(app: &Arc<App>, me: &Me, id: MediaId) -> Result<()> {
    let (context, owner) = (app.clone(), me.id());
    app.write(move |conn| {
        Box::pin(async move {
            let found = store::media::own(conn, owner, &[id]).await?.pop();
            let media = found.ok_or(AppError::NotFound)?;
            if !store::media::delete_unattached(conn, id).await? {
                return Err(AppError::Unprocessable(
                    "Media attachment is currently used by a status".to_owned(),
                ));
            }
            remove_later(&context, conn, keys_of(&media)).await
        })
    })
    .await
}

async fn unattached(conn: &mut Conn, id: MediaId) -> Result<Media> {
    let found = store::media::locked(conn, id).await?;
    found.filter(|media| media.status_id.is_none()).ok_or(AppError::NotFound)
}
