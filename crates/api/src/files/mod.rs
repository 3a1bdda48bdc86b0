//! Stored media files, with the headers that keep them harmless (M07).

use crate::routes::Route;

pub(crate) fn routes() -> Vec<Route> {
    Vec::new()
}
