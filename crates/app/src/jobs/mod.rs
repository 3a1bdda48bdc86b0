//! Work that happens after the request: queued in the transaction that causes it, run by
//! [`Worker`], safe to run twice.

mod delete_files;
mod end_poll;
mod fan_out;
mod publish_scheduled;
mod questions;
mod queue;
mod sweep;
mod tell_poll;
mod tend_feeds;
mod worker;

use domain::{AccountId, MediaId, NotificationId, PollId, RowId, StatusId, Timestamp};
use serde::{Deserialize, Serialize};
use store::Conn;

use crate::inbox::Received;
use crate::{App, Result};

pub(crate) use fan_out::{distribute, distribute_known, tell_streams_again};
pub(crate) use queue::{Queued, Ready, enqueue, ready, row};
pub use store::jobs::Lane;
pub use worker::{Worker, run_all};

/// A job, as it is stored: its name is the variant, its arguments are the fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "job")]
pub enum Job {
    /// Brings a new or edited status to home feeds, lists, notifications and streams.
    FanOut {
        /// The status.
        status: StatusId,
        /// It was there before.
        edited: bool,
    },
    /// Tells author and voters that a poll has ended.
    EndPoll {
        /// The poll.
        poll: PollId,
    },
    /// Trims home feeds and gives up those of people who stay away. Queues itself again.
    TendFeeds,
    /// Makes the clean files of an upload.
    ProcessMedia {
        /// The upload.
        media: MediaId,
    },
    /// Removes stored files that nothing refers to any more.
    DeleteFiles {
        /// Their keys.
        keys: Vec<String>,
        /// Set while it is a precaution only: who comes to refer to the files takes it back.
        precaution: Option<String>,
    },
    /// Removes the bytes of other servers' files that left the cache.
    DropUncached {
        /// Their keys.
        keys: Vec<String>,
    },
    /// Fetches the preview of a page.
    FetchCard {
        /// Its address.
        url: String,
        /// How often it was tried in vain.
        tries: u32,
    },
    /// Tells streams of an announcement whose time has come.
    Announce {
        /// Which.
        announcement: RowId,
    },
    /// Posts a scheduled status.
    PublishScheduled {
        /// Which.
        scheduled: RowId,
    },
    /// Mails a link that sets a new password, if somebody has that address.
    MailReset {
        /// As typed.
        email: String,
    },
    /// Mails a link that confirms the address of an account.
    MailConfirmation {
        /// Whose.
        account: AccountId,
    },
    /// Mails a link that confirms another address of an account.
    MailChange {
        /// Whose.
        account: AccountId,
        /// The new address.
        email: String,
    },
    /// Tells somebody by mail what happened to their account.
    MailNotice {
        /// Whom.
        account: AccountId,
        /// What.
        notice: crate::mail::Notice,
    },
    /// Tells somebody by mail what they did not see here.
    MailNotification {
        /// Whom.
        account: AccountId,
        /// What.
        notification: NotificationId,
    },
    /// Tells staff by mail that somebody asks to be let in.
    MailPending {
        /// Who.
        account: AccountId,
    },
    /// Makes the signing key of a new account.
    MakeKey {
        /// Whose.
        account: AccountId,
    },
    /// Does what another server has sent.
    Receive(Received),
    /// Asks for a remote profile, its numbers and its pinned statuses anew.
    RefreshAccount {
        /// Whose.
        account: AccountId,
        /// Its server.
        #[serde(default)]
        host: Option<String>,
    },
    /// Asks for what a newly followed account posted before.
    Backfill {
        /// Whose.
        account: AccountId,
        /// Its server.
        #[serde(default)]
        host: Option<String>,
    },
    /// Asks for statuses of another server by their ids.
    FetchStatuses {
        /// The ids.
        ids: Vec<String>,
    },
    /// Asks for the answers to a status of another server that never came here.
    CrawlThread {
        /// The status.
        status: StatusId,
        /// The server that is asked first.
        #[serde(default)]
        host: Option<String>,
        /// Where the round before ended.
        rest: Vec<crate::remote::Step>,
        /// How many there were.
        round: u32,
    },
    /// Brings the followers here of a remote account in line with what its server says of them.
    SyncFollowers {
        /// Whose.
        account: AccountId,
        /// The digest of who they are, by its server.
        digest: String,
        /// Where the list is.
        url: String,
    },
    /// Lets the followers here of an account that moved follow it where it went.
    MoveFollowers {
        /// The old account.
        from: AccountId,
        /// The new one.
        to: AccountId,
    },
    /// Removes all that is left of a remote account that is gone.
    ForgetAccount {
        /// Which.
        account: AccountId,
    },
    /// Brings the accounts of a domain in line with the rules about it.
    ApplyDomainRule {
        /// Which domain.
        domain: String,
        /// The date of the rule that was changed or removed.
        made_at: Timestamp,
    },
    /// Tells others how many voted in a poll of this server.
    TellPoll {
        /// The poll.
        poll: PollId,
    },
    /// Tells others how an account of this server looks now.
    TellProfile {
        /// Whose.
        account: AccountId,
    },
    /// Looks whether the pages that a profile links to link back.
    VerifyLinks {
        /// Whose.
        account: AccountId,
    },
    /// Deletes a status whose time is over.
    Expire {
        /// Which.
        status: StatusId,
    },
    /// Does what a line of a table says that somebody brought.
    Bring {
        /// Who.
        account: AccountId,
        /// What the table is of.
        kind: crate::portability::Kind,
        /// The line.
        cells: Vec<String>,
    },
    /// Tells a client by its push service what happened.
    Push {
        /// The client's subscription.
        subscription: RowId,
        /// What happened.
        notification: NotificationId,
        /// The push service.
        host: String,
    },
    /// Makes an archive of everything that somebody has here.
    MakeArchive {
        /// Which.
        archive: RowId,
    },
    /// Removes what is too old: codes, keys, unattached uploads. Queues itself again.
    Sweep,
}

impl Job {
    /// Its name in the table, for people who look there.
    fn kind(&self) -> &'static str {
        match self {
            Self::FanOut { .. } => "fan_out",
            Self::EndPoll { .. } => "end_poll",
            Self::TendFeeds => "tend_feeds",
            Self::ProcessMedia { .. } => "process_media",
            Self::DeleteFiles { .. } => "delete_files",
            Self::DropUncached { .. } => "drop_uncached",
            Self::FetchCard { .. } => "fetch_card",
            Self::Announce { .. } => "announce",
            Self::PublishScheduled { .. } => "publish_scheduled",
            Self::MailReset { .. } => "mail_reset",
            Self::MailConfirmation { .. } => "mail_confirmation",
            Self::MailChange { .. } => "mail_change",
            Self::MailNotice { .. } => "mail_notice",
            Self::MailNotification { .. } => "mail_notification",
            Self::MailPending { .. } => "mail_pending",
            Self::MakeKey { .. } => "make_key",
            Self::Receive(_) => "receive",
            Self::RefreshAccount { .. } => "refresh_account",
            Self::Backfill { .. } => "backfill",
            Self::FetchStatuses { .. } => "fetch_statuses",
            Self::CrawlThread { .. } => "crawl_thread",
            Self::SyncFollowers { .. } => "sync_followers",
            Self::MoveFollowers { .. } => "move_followers",
            Self::ForgetAccount { .. } => "forget_account",
            Self::ApplyDomainRule { .. } => "apply_domain_rule",
            Self::TellPoll { .. } => "tell_poll",
            Self::TellProfile { .. } => "tell_profile",
            Self::VerifyLinks { .. } => "verify_links",
            Self::Bring { .. } => "bring",
            Self::Expire { .. } => "expire",
            Self::Push { .. } => "push",
            Self::MakeArchive { .. } => "make_archive",
            Self::Sweep => "sweep",
        }
    }

    /// At most one job with this key waits at a time.
    pub(crate) fn unique_key(&self) -> Option<String> {
        match self {
            Self::FanOut { .. }
            | Self::MailReset { .. }
            | Self::MailConfirmation { .. }
            | Self::MailChange { .. }
            | Self::MailNotice { .. }
            | Self::MakeKey { .. }
            | Self::DropUncached { .. }
            | Self::ApplyDomainRule { .. } => None,
            Self::Bring { account, kind, cells } => {
                Some(crate::portability::key(*account, *kind, cells))
            }
            Self::EndPoll { poll } => Some(format!("end_poll:{poll}")),
            Self::FetchCard { url, .. } => Some(format!("card:{}", crate::cards::hash_of(url))),
            Self::TendFeeds => Some("tend_feeds".into()),
            Self::ProcessMedia { media } => Some(format!("process_media:{media}")),
            Self::DeleteFiles { precaution, .. } => precaution.clone(),
            Self::MakeArchive { archive } => Some(format!("make_archive:{archive}")),
            Self::Announce { announcement } => Some(format!("announce:{announcement}")),
            Self::PublishScheduled { scheduled } => Some(format!("publish_scheduled:{scheduled}")),
            Self::Receive(received) => Some(format!("receive:{}", received.hash)),
            Self::RefreshAccount { account, .. } => Some(format!("refresh_account:{account}")),
            Self::Backfill { account, .. } => Some(format!("backfill:{account}")),
            Self::ForgetAccount { account } => Some(format!("forget_account:{account}")),
            Self::SyncFollowers { account, .. } => Some(format!("sync_followers:{account}")),
            Self::MoveFollowers { from, .. } => Some(format!("move_followers:{from}")),
            Self::FetchStatuses { .. } => None,
            Self::CrawlThread { status, round, .. } => {
                Some(format!("crawl_thread:{status}:{round}"))
            }
            Self::Expire { status } => Some(format!("expire:{status}")),
            Self::TellPoll { poll } => Some(format!("tell_poll:{poll}")),
            Self::TellProfile { account } => Some(format!("tell_profile:{account}")),
            Self::VerifyLinks { account } => Some(format!("verify_links:{account}")),
            Self::MailPending { account } => Some(format!("mail_pending:{account}")),
            Self::MailNotification { notification, .. } => {
                Some(format!("mail_notification:{notification}"))
            }
            Self::Push { subscription, notification, .. } => {
                Some(format!("push:{subscription}:{notification}"))
            }
            Self::Sweep => Some("sweep".into()),
        }
    }

    /// How often it is tried before it is set aside.
    fn attempts(&self) -> i64 {
        match self {
            Self::FanOut { .. }
            | Self::EndPoll { .. }
            | Self::ProcessMedia { .. }
            | Self::Announce { .. }
            | Self::PublishScheduled { .. }
            | Self::TendFeeds
            | Self::MakeKey { .. }
            | Self::ApplyDomainRule { .. }
            | Self::FetchCard { .. }
            | Self::TellPoll { .. }
            | Self::TellProfile { .. }
            | Self::Expire { .. }
            | Self::Push { .. }
            | Self::Sweep => 5,
            Self::Receive(_) => 8,
            Self::RefreshAccount { .. }
            | Self::Backfill { .. }
            | Self::FetchStatuses { .. }
            | Self::VerifyLinks { .. }
            | Self::SyncFollowers { .. }
            | Self::Bring { .. }
            | Self::MakeArchive { .. }
            | Self::CrawlThread { .. } => 3,
            Self::ForgetAccount { .. } | Self::MoveFollowers { .. } => 10,
            // A disk that is away comes back.
            Self::DeleteFiles { .. } | Self::DropUncached { .. } => 20,
            // 10 s times the square of the number: a day and a half (R11).
            Self::MailReset { .. }
            | Self::MailConfirmation { .. }
            | Self::MailChange { .. }
            | Self::MailNotice { .. }
            | Self::MailNotification { .. }
            | Self::MailPending { .. } => 36,
        }
    }

    /// The line it stands in.
    fn lane(&self) -> Lane {
        match self {
            Self::ProcessMedia { .. } | Self::MakeArchive { .. } => Lane::Slow,
            Self::FetchCard { .. } => Lane::Fetch,
            Self::Push { .. } => Lane::Push,
            Self::MailReset { .. }
            | Self::MailConfirmation { .. }
            | Self::MailChange { .. }
            | Self::MailNotice { .. }
            | Self::MailNotification { .. }
            | Self::MailPending { .. } => Lane::Mail,
            Self::Receive(_) => Lane::Inbox,
            Self::RefreshAccount { .. }
            | Self::Backfill { .. }
            | Self::FetchStatuses { .. }
            | Self::VerifyLinks { .. }
            | Self::SyncFollowers { .. }
            | Self::Bring { .. }
            | Self::CrawlThread { .. } => Lane::Fetch,
            Self::FanOut { .. }
            | Self::EndPoll { .. }
            | Self::TendFeeds
            | Self::DeleteFiles { .. }
            | Self::DropUncached { .. }
            | Self::Announce { .. }
            | Self::PublishScheduled { .. }
            | Self::MakeKey { .. }
            | Self::ForgetAccount { .. }
            | Self::MoveFollowers { .. }
            | Self::ApplyDomainRule { .. }
            | Self::TellPoll { .. }
            | Self::TellProfile { .. }
            | Self::Expire { .. }
            | Self::Sweep => Lane::Quick,
        }
    }

    /// The host that caused it or will be asked.
    fn host(&self) -> Option<String> {
        match self {
            Self::Receive(received) => Some(received.host.clone()),
            Self::FetchCard { url, .. } | Self::SyncFollowers { url, .. } => questions::asked(url),
            Self::FetchStatuses { ids } => ids.first().and_then(|id| questions::asked(id)),
            Self::RefreshAccount { host, .. }
            | Self::Backfill { host, .. }
            | Self::CrawlThread { host, .. } => host.as_deref().map(domain::host::registrable),
            Self::Push { host, .. } => Some(host.clone()),
            _ => None,
        }
    }

    /// Takes this job out of the queue, if it has a key and waits there.
    pub(crate) async fn cancel(&self, conn: &mut Conn) -> Result<()> {
        if let Some(key) = self.unique_key() {
            store::jobs::cancel(conn, &key).await?;
        }
        Ok(())
    }

    /// The name of the activity that the job does: noted in the transaction that takes it out of the queue.
    fn activity(&self) -> Option<&str> {
        match self {
            Self::Receive(received) => Some(&received.hash),
            _ => None,
        }
    }

    async fn run(&self, app: &std::sync::Arc<App>) -> Result<()> {
        match self.lane() {
            Lane::Mail => self.run_mail(app).await,
            Lane::Quick | Lane::Slow | Lane::Inbox | Lane::Fetch | Lane::Push => {
                self.run_other(app).await
            }
        }
    }

    /// When too much mail has gone lately, the job waits for its turn.
    async fn run_mail(&self, app: &std::sync::Arc<App>) -> Result<()> {
        if let Some(later) = crate::mail::turn(app) {
            // Its own row still holds the unique key.
            let row = store::jobs::New { unique_key: None, ..row(app, self, later)? };
            let now = app.now();
            return app
                .write(move |conn| {
                    Box::pin(async move { Ok(store::jobs::insert(conn, &row, now).await?) })
                })
                .await;
        }
        self.run_other(app).await
    }

    async fn run_other(&self, app: &std::sync::Arc<App>) -> Result<()> {
        match self {
            Self::FanOut { status, edited } => fan_out::run(app, *status, *edited).await,
            Self::EndPoll { poll } => end_poll::run(app, *poll).await,
            Self::TendFeeds => tend_feeds::run(app).await,
            Self::ProcessMedia { media } => crate::uploads::process(app, *media).await,
            Self::DeleteFiles { keys, .. } => delete_files::run(app, keys).await,
            Self::FetchCard { url, tries } => crate::cards::fetch(app, url, *tries).await,
            Self::DropUncached { keys } => crate::remote_files::drop_uncached(app, keys).await,
            Self::Announce { announcement } => {
                crate::announcements::announce(app, *announcement).await
            }
            Self::PublishScheduled { scheduled } => publish_scheduled::run(app, *scheduled).await,
            Self::MailReset { email } => crate::access::send_reset(app, email).await,
            Self::MailConfirmation { account } => {
                crate::access::send_confirmation(app, *account).await
            }
            Self::MailChange { account, email } => {
                crate::access::send_change(app, *account, email).await
            }
            Self::MailNotice { account, notice } => {
                crate::mail::notify(app, *account, notice).await
            }
            Self::MailNotification { account, notification } => {
                crate::mail::send_notification(app, *account, *notification).await
            }
            Self::MailPending { account } => {
                crate::access::tell_staff_of_pending(app, *account).await
            }
            Self::MakeKey { account } => crate::keys::prepare(app, *account).await,
            Self::Receive(received) => crate::inbox::perform(app, received).await,
            Self::RefreshAccount { account, .. } => crate::remote::run_refresh(app, *account).await,
            Self::Backfill { account, .. } => crate::remote::run_backfill(app, *account).await,
            Self::FetchStatuses { ids } => crate::remote::run_fetch_statuses(app, ids).await,
            Self::CrawlThread { status, rest, round, .. } => {
                crate::remote::run_crawl(app, *status, rest, *round).await
            }
            Self::SyncFollowers { account, digest, url } => {
                crate::inbox::synchronize_followers(app, *account, digest, url).await
            }
            Self::MoveFollowers { from, to } => crate::inbox::follow_again(app, *from, *to).await,
            Self::ForgetAccount { account } => crate::remote::run_forget(app, *account).await,
            Self::ApplyDomainRule { domain, made_at } => {
                crate::domain_rules::apply(app, domain, *made_at).await
            }
            Self::TellPoll { poll } => tell_poll::run(app, *poll).await,
            Self::TellProfile { account } => crate::delivery::profile_changed(app, *account).await,
            Self::VerifyLinks { account } => crate::accounts::links::run(app, *account).await,
            Self::Expire { status } => crate::statuses::expire(app, *status).await,
            Self::Bring { account, kind, cells } => {
                crate::portability::bring(app, *account, *kind, cells).await
            }
            Self::Push { subscription, notification, .. } => {
                crate::push::send(app, *subscription, *notification).await
            }
            Self::MakeArchive { archive } => crate::archive::run(app, *archive).await,
            Self::Sweep => sweep::run(app).await,
        }
    }
}

/// Makes sure that the jobs which queue themselves are there, and that what a killed process was
/// about is taken up at once where no other process can be about it.
///
/// # Errors
/// [`crate::AppError::Store`].
pub async fn ensure_recurring(app: &std::sync::Arc<App>) -> Result<()> {
    let context = app.clone();
    app.write(move |conn| {
        Box::pin(async move {
            if context.store.was_alone() {
                store::jobs::release_all(conn).await?;
            }
            for job in [Job::Sweep, Job::TendFeeds] {
                enqueue(&context, conn, &job, context.now()).await?;
            }
            Ok(())
        })
    })
    .await
}
