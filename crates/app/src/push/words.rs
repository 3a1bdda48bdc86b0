//! What a push says: Mastodon's fields, in words for the lock screen.

use domain::account::Account;
use domain::notification::NotificationKind;
use domain::secret::Secret;
use domain::text::plain;
use serde_json::{Value, json};

use super::encrypt::LONGEST;
use crate::App;
use crate::mail::profile_path;
use crate::notifications::NotificationView;

/// Characters of the body, as in Mastodon.
const BODY: usize = 140;
/// Characters of a name in the title.
const NAME: usize = 60;

/// The JSON of a push; the worker of a browser is also told which page to open. What does not fit loses its picture, then its body.
pub(super) fn payload(
    app: &App,
    view: &NotificationView,
    locale: &str,
    token: Option<&Secret>,
    is_browser: bool,
) -> Vec<u8> {
    let mut message = json!({
        "access_token": token.map(Secret::reveal),
        "preferred_locale": locale,
        "notification_id": view.notification.id.0,
        "notification_type": view.notification.kind.name(),
        "icon": icon(app, &view.from),
        "title": title(view),
        "body": cut(&body(view), BODY),
    });
    if is_browser && let Some(fields) = message.as_object_mut() {
        fields.insert("path".to_owned(), Value::from(path(view)));
    }
    for field in ["icon", "body"] {
        if message.to_string().len() > LONGEST
            && let Some(value) = message.get_mut(field)
        {
            *value = Value::from("");
        }
    }
    message.to_string().into_bytes()
}

/// The page of our client that shows what happened: apps find it by themselves.
fn path(view: &NotificationView) -> String {
    match (&view.status, view.notification.kind) {
        (Some(status), _) => format!("{}/{}", profile_path(&status.author), status.status.id),
        (None, NotificationKind::Follow) => profile_path(&view.from),
        (None, NotificationKind::FollowRequest) => "/follow_requests".to_owned(),
        (None, NotificationKind::Report) => "/dashboard/reports".to_owned(),
        (None, _) => "/notifications".to_owned(),
    }
}

fn icon(app: &App, account: &Account) -> String {
    match &account.avatar {
        Some(key) => app.urls.file(key),
        None => format!("{}/assets/avatar.png", app.urls.base),
    }
}

/// One line that says what happened.
fn title(view: &NotificationView) -> String {
    let from = &view.from;
    let name =
        if from.display_name.trim().is_empty() { &from.username } else { &from.display_name };
    let name = cut(name, NAME);
    match view.notification.kind {
        NotificationKind::Mention => format!("You were mentioned by {name}"),
        NotificationKind::Status => format!("{name} just posted"),
        NotificationKind::Boost => format!("{name} boosted your post"),
        NotificationKind::Follow => format!("{name} is now following you"),
        NotificationKind::FollowRequest => format!("Pending follower: {name}"),
        NotificationKind::Favourite => format!("{name} favorited your post"),
        NotificationKind::Poll => format!("A poll by {name} has ended"),
        NotificationKind::Update => format!("{name} edited a post"),
        NotificationKind::Quote => format!("{name} quoted your post"),
        NotificationKind::QuotedUpdate => format!("{name} edited a post you have quoted"),
        NotificationKind::SignUp => format!("{name} signed up"),
        NotificationKind::Report => format!("{name} sent a report"),
        NotificationKind::Warning => "Your account has received a moderation warning".to_owned(),
    }
}

/// The warning or the text of the post; without a post, what the account says of itself.
fn body(view: &NotificationView) -> String {
    match &view.status {
        Some(status) if !status.status.spoiler_text.is_empty() => {
            status.status.spoiler_text.clone()
        }
        Some(status) => plain(&status.status.content),
        None => plain(&view.from.note),
    }
}

/// At most so many characters on one line, with a sign where some are missing.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= most {
        return text;
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}
