//! `/api/v1/admin/…` and `/api/v2/admin/…`: for staff. What a role may do stands in the lines of the
//! routes; that staff decides over lesser roles only is checked by `app::moderation`.

mod accounts;
mod domains;
mod figures;
mod reports;
mod shut_out;
mod tags;
mod trends;

use crate::routes::Route;

pub(crate) fn routes() -> Vec<Route> {
    let parts = [
        accounts::routes(),
        domains::routes(),
        figures::routes(),
        reports::routes(),
        shut_out::routes(),
        tags::routes(),
        trends::routes(),
    ];
    parts.into_iter().flatten().collect()
}
