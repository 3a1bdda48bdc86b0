//! `/api/v2/…`

pub(crate) mod filters;
mod instance;
mod media;
mod notifications;
pub(crate) mod search;
mod suggestions;

use crate::routes::Route;

pub(crate) fn routes() -> Vec<Route> {
    let parts = [
        filters::routes(),
        instance::routes(),
        media::routes(),
        notifications::routes(),
        search::routes(),
        suggestions::routes(),
    ];
    parts.into_iter().flatten().collect()
}
