//! Others hear how many voted in a poll of this server.

use std::sync::Arc;

use domain::PollId;
use store::polls;

use super::Job;
use crate::{App, Result, delivery};

pub(super) async fn run(app: &Arc<App>, id: PollId) -> Result<()> {
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            // Whoever votes from here on is told of by another job.
            Job::TellPoll { poll: id }.cancel(conn).await?;
            match polls::by_id(conn, id).await? {
                Some(poll) => delivery::poll_counted(&context, conn, &poll).await,
                None => Ok(()),
            }
        })
    })
    .await
}
