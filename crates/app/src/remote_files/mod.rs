//! Pictures and files of other servers: named here, fetched when somebody looks, kept in a cache
//! with a bound. Nothing is copied in advance.

mod fill;
mod open;
mod trim;

use store::Conn;

use crate::{App, Result};

pub use fill::Fills;
pub use open::{Opened, open};
pub use store::remote_files::Place;
pub(crate) use trim::{drop_uncached, forget, sweep, trim};

/// Keys of other servers' files begin with this; they are served below `/media/` like our own.
pub const PREFIX: &str = "remote/";

/// The key under which the file at `url` is served; the same for the same address. To be called in
/// the transaction that stores the key. Nothing is fetched before somebody looks.
///
/// Keys of attachments go with their last attachment, those that only accounts and previews referred
/// to by the hourly sweep. Keys of emoji stand in texts and are not given back.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn refer(app: &App, conn: &mut Conn, url: &str, place: Place) -> Result<String> {
    let mut bytes = [0_u8; 16];
    app.random.fill(&mut bytes);
    let fresh = format!("{PREFIX}{}", hex::encode(bytes));
    Ok(store::remote_files::key_of(conn, url, &fresh, place, app.now()).await?)
}
