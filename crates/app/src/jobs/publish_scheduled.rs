//! The time of a scheduled status has come.

use std::sync::Arc;

use domain::RowId;

use crate::{App, Result};

pub(super) async fn run(app: &Arc<App>, scheduled: RowId) -> Result<()> {
    crate::scheduled::publish(app, scheduled).await
}
