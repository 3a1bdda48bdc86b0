//! Answers that are hardly more than a word.

use serde::Serialize;

use super::{Account, Status};

/// It was done, and there is nothing to say of it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Empty {}

/// How many there are.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Count {
    pub count: i64,
}

/// Whether what was accepted is in the list.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Merged {
    pub merged: bool,
}

/// Whom a block of a whole server would part from.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct DomainBlockPreview {
    pub following_count: i64,
    pub followers_count: i64,
}

/// Yearly reports, which this server does not make.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AnnualReports {
    annual_reports: Vec<Empty>,
    accounts: Vec<Account>,
    statuses: Vec<Status>,
}
