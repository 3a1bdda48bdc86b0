//! `/api/v1/media`

use crate::routes::Route;

pub(crate) fn routes() -> Vec<Route> {
    Vec::new()
}
