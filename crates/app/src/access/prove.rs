//! Somebody who is signed in shows once more that it is they: before what cannot be taken back.

use std::net::IpAddr;

use super::limits::{self, Limited};
use super::{Me, password};
use crate::{App, Result};

/// Whether this is the person's password. Tries are counted like changes of a password.
///
/// # Errors
/// [`crate::AppError`] when the check itself fails; the inner error for too many tries.
pub async fn prove(
    app: &App,
    me: &Me,
    password: String,
    from: IpAddr,
) -> Result<Result<bool, Limited>> {
    let counted = limits::password_change_from(app, from)
        .and_then(|()| limits::password_change_of(app, me.id()));
    if let Err(limited) = counted {
        return Ok(Err(limited));
    }
    let stored = me.user.password_hash.clone();
    Ok(Ok(password::verify(app, password, stored).await?))
}
