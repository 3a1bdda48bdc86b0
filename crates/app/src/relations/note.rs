//! A private note about somebody.

use std::sync::Arc;

use domain::AccountId;
use store::relations::{self, Relation};

use super::{relation, target};
use crate::access::Me;
use crate::{App, AppError, Result};

/// The longest note, in characters.
const LONGEST: usize = 2000;

/// Writes the note; an empty one removes it.
///
/// # Errors
/// [`AppError::Invalid`] when it is too long, [`AppError::NotFound`].
pub async fn note(app: &Arc<App>, me: &Me, id: AccountId, comment: String) -> Result<Relation> {
    if comment.chars().count() > LONGEST {
        return Err(AppError::invalid(format!(
            "Comment is too long (maximum is {LONGEST} characters)"
        )));
    }
    let (context, who) = (app.clone(), me.id());
    app.write(move |conn| {
        Box::pin(async move {
            target(conn, id).await?;
            relations::set_note(conn, who, id, &comment).await?;
            relation(&context, conn, who, id).await
        })
    })
    .await
}
