//! What only staff sees.

mod account;
mod domain;
mod figure;
mod report;
mod shut_out;
mod tag;

pub(crate) use account::AdminAccount;
pub(crate) use domain::{AdminDomainAllow, AdminDomainBlock};
pub(crate) use figure::{AdminCohort, AdminDimension, AdminMeasure};
pub(crate) use report::AdminReport;
pub(crate) use shut_out::{AdminEmailDomain, AdminEmailHash, AdminNetwork};
pub(crate) use tag::AdminTag;
