//! `/api/v1/scheduled`

use crate::routes::Route;

pub(crate) fn routes() -> Vec<Route> {
    Vec::new()
}
