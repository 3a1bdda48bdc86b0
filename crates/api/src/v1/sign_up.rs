//! `/api/v1/sign_up`

use crate::routes::Route;

pub(crate) fn routes() -> Vec<Route> {
    Vec::new()
}
