//! What staff sees of accounts and reports, and what it does about them. Whether somebody is staff was
//! checked at the door; here it is checked that they decide over lesser roles only (A02).

mod accounts;
mod act;
mod reports;
mod tags;
mod view;

pub use accounts::{Lift, approve, delete, lift, list, reject, show};
pub use act::{Action, Measure, act};
pub use reports::{Change, ReportCase, change, report, reports};
pub use store::reports::ReportFilter;
pub use store::staff_accounts::StaffFilter;
pub use store::staff_tags::StaffTag;
pub use store::warnings::Warning;
pub use tags::{TagChange, change_tag, tag, tags};
pub use view::StaffView;

use domain::account::{Role, User};

use crate::access::Me;
use crate::{AppError, Result};

/// Refuses to let staff decide over itself, its equals and its betters.
fn check_rank(staff: &Me, target: Option<&User>) -> Result<()> {
    let role = target.map_or(Role::Member, |user| user.role);
    let is_self = target.is_some_and(|user| user.account_id == staff.id());
    if is_self || !staff.user.role.outranks(role) {
        return Err(AppError::not_allowed());
    }
    Ok(())
}
