//! Telling people by mail what they did not see here: queued in the transaction that makes the
//! notification, looked at again when the time has come.

use domain::account::User;
use domain::notification::{Notification, NotificationKind};
use domain::status::Visibility;
use domain::text::plain;
use domain::time::{HOUR, MINUTE};
use domain::{AccountId, NotificationId, Timestamp};
use store::{Conn, accounts, markers, users};

use super::choices::{self, Choices};
use super::letter::{Letter, Part};
use super::profile_path;
use crate::jobs::{Job, enqueue};
use crate::notifications::NotificationView;
use crate::push::cut;
use crate::rates::{Limit, Subject};
use crate::{App, AppError, Result};

/// How long somebody has to see it here.
const GRACE: i64 = 10 * MINUTE;
/// That somebody was here is noted once in this time: whoever is noted as here lately may still be.
const NOTED_EVERY: i64 = HOUR;
/// Most such mails to one account in an hour; the rest is seen here.
const MOST: u32 = 12;
/// Characters of a post.
const QUOTE: usize = 500;

/// Queues a mail about a notification, if its receiver wants such mails.
pub(crate) async fn queue(app: &App, conn: &mut Conn, new: &Notification, to: &User) -> Result<()> {
    if to.confirmed_at.is_none() || !to.approved || to.disabled {
        return Ok(());
    }
    let wanted = choices::of(conn, new.account_id).await?;
    if !wanted.kinds.contains(&new.kind) {
        return Ok(());
    }
    let now = app.now();
    let here = to.last_seen_at.is_some_and(|seen| now.since(seen) < NOTED_EVERY);
    let wait = match (wanted.even_when_here, here) {
        (true, _) => 0,
        (false, false) => GRACE,
        (false, true) => NOTED_EVERY + GRACE,
    };
    let job = Job::MailNotification { account: new.account_id, notification: new.id };
    enqueue(app, conn, &job, now.plus(wait)).await
}

/// The job: sends it, unless its receiver has seen it, was here since, or does not want it any more.
///
/// # Errors
/// [`AppError::Busy`] when another try may help.
pub(crate) async fn send(
    app: &App,
    account: AccountId,
    notification: NotificationId,
) -> Result<()> {
    let found = app
        .read(move |conn| {
            Box::pin(async move {
                let known = accounts::by_id(conn, account).await?;
                if known.is_none_or(|known| known.suspended_at.is_some()) {
                    return Ok(None);
                }
                let user = users::by_account(conn, account).await?;
                let wanted = choices::of(conn, account).await?;
                let markers = markers::get(conn, account, &["notifications".to_owned()]).await?;
                let read = markers.first().map_or(0, |marker| marker.last_read_id);
                Ok::<_, AppError>(user.map(|user| (user, wanted, read)))
            })
        })
        .await?;
    let Some((user, wanted, read)) = found.filter(|(user, ..)| !user.disabled) else {
        return Ok(());
    };
    let Some(view) = crate::notifications::find(app, account, notification).await? else {
        return Ok(());
    };
    if view.notification.filtered || !is_news(&view.notification, &wanted, read, user.last_seen_at)
    {
        return Ok(());
    }
    let limit = Limit { name: "notification mails", most: MOST, window: HOUR };
    if app.rates.count(limit, Subject::User(account.0), app.now()).exceeded {
        return Ok(());
    }
    let unsubscribe = super::unsubscribe::path(app, account, view.notification.kind).await?;
    super::send(app, letter(app, &user, &view, unsubscribe)).await
}

fn is_news(
    notification: &Notification,
    wanted: &Choices,
    read: i64,
    last_seen: Option<Timestamp>,
) -> bool {
    let here = last_seen.is_some_and(|seen| seen >= notification.created_at);
    wanted.kinds.contains(&notification.kind)
        && (wanted.even_when_here || (read < notification.id.0 && !here))
}

fn letter(app: &App, user: &User, view: &NotificationView, unsubscribe: String) -> Letter {
    let from = match &view.from.domain {
        Some(domain) => format!("@{}@{domain}", view.from.username),
        None => format!("@{}", view.from.username),
    };
    let (subject, line) = words(view.notification.kind, &from);
    let mut parts = vec![Part::Text(line)];
    if let Some(status) = &view.status {
        // Mail lies open at every server that it passes.
        let open = matches!(status.status.visibility, Visibility::Public | Visibility::Unlisted);
        if open && status.status.spoiler_text.is_empty() {
            parts.push(Part::Quote(cut(&plain(&status.status.content), QUOTE)));
        }
        let author = profile_path(&status.author);
        parts.push(Part::Link {
            label: "Open the post",
            path: format!("{author}/{}", status.status.id),
        });
    } else {
        parts.push(Part::Link { label: "Open the profile", path: profile_path(&view.from) });
    }
    parts.push(Part::Link {
        label: "Choose what you are told by mail",
        path: "/settings/mail".into(),
    });
    Letter {
        to: user.email.clone(),
        subject: format!("{subject} on {}", app.urls.domain),
        parts,
        unsubscribe: Some(unsubscribe),
    }
}

/// The subject says what happened and never who: names are other people's words (M11).
fn words(kind: NotificationKind, from: &str) -> (&'static str, String) {
    match kind {
        NotificationKind::Mention => ("A mention", format!("{from} mentioned you.")),
        NotificationKind::Status => ("A new post", format!("{from} just posted.")),
        NotificationKind::Boost => ("A boost", format!("{from} boosted your post.")),
        NotificationKind::Follow => ("A new follower", format!("{from} now follows you.")),
        NotificationKind::FollowRequest => {
            ("A follow request", format!("{from} asks to follow you."))
        }
        NotificationKind::Favourite => ("A favourite", format!("{from} likes your post.")),
        NotificationKind::Poll => ("A poll has ended", format!("A poll of {from} has ended.")),
        NotificationKind::Update => ("An edited post", format!("{from} edited a post.")),
        NotificationKind::Quote => ("A quote", format!("{from} quoted your post.")),
        NotificationKind::QuotedUpdate => {
            ("An edited post", format!("{from} edited a post that you quoted."))
        }
        NotificationKind::SignUp => ("A new account", format!("{from} signed up.")),
        NotificationKind::Report => {
            ("A report", format!("{from} reported an account to the staff of this server."))
        }
        NotificationKind::Warning => {
            ("A word of the staff", "The staff of this server has warned you.".to_owned())
        }
    }
}
