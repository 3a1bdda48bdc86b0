//! Posting: everything is checked, then one transaction writes the status, what hangs on it, and
//! the jobs it causes.

use domain::media::{Media, MediaKind, MediaState};
use domain::status::{Format, Parts, Poll, PollOption, Status, Tag, Visibility};
use domain::time::{DAY, HOUR, MINUTE, SECOND};
use domain::{AccountId, AppId, ConversationId, MediaId, StatusId, TagId, Timestamp};
use store::statuses::{self, StatusView};
use store::{Conn, accounts, home_feed, media, polls, relations};

use super::compose::{Composed, compose, find_strangers, guess_language};
use crate::access::Me;
use crate::jobs::{self, Job};
use crate::{App, AppError, Result, delivery};

/// A status as a client sends it. What is `None` follows the author's settings.
#[derive(Clone, Debug, Default)]
pub struct NewStatus {
    /// Plain text.
    pub text: String,
    /// Content warning.
    pub spoiler_text: String,
    /// Who it is for.
    pub visibility: Option<Visibility>,
    /// Media hidden.
    pub sensitive: Option<bool>,
    /// ISO 639 code.
    pub language: Option<String>,
    /// The status it answers.
    pub in_reply_to: Option<StatusId>,
    /// Seconds after which it is deleted.
    pub expires_in: Option<i64>,
    /// It stays on this server. What answers or quotes something that does stays too.
    pub local_only: bool,
    /// How the text is read.
    pub format: Option<Format>,
    /// The status it quotes.
    pub quote_of: Option<StatusId>,
    /// Who may quote it.
    pub quote_policy: Option<String>,
    /// Uploads to hang on it, in order.
    pub media: Vec<MediaId>,
    /// A poll to hang on it.
    pub poll: Option<NewPoll>,
    /// Only these may be mentioned.
    pub allowed_mentions: Option<Vec<AccountId>>,
    /// The app it is posted with.
    pub app: Option<AppId>,
    /// The same key again within an hour gives the same status.
    pub idempotency_key: Option<String>,
}

/// A poll as a client sends it.
#[derive(Clone, Debug, Default)]
pub struct NewPoll {
    /// The answers.
    pub options: Vec<String>,
    /// Seconds until it closes.
    pub expires_in: i64,
    /// Several answers allowed.
    pub multiple: bool,
    /// Counts hidden until it closes.
    pub hide_totals: bool,
}

/// How long a status may live that goes by itself, in seconds.
const LIFE: std::ops::RangeInclusive<i64> = 3_600..=3_650 * 86_400;
/// Most characters of an answer.
const OPTION_CHARACTERS: usize = 50;

/// Posts a status.
///
/// # Errors
/// [`AppError::Invalid`] for what breaks a rule, [`AppError::NotFound`] for a reply to something
/// hidden or absent.
pub async fn post(app: &std::sync::Arc<App>, me: &Me, new: NewStatus) -> Result<StatusView> {
    let new = settle(app, me, new)?;
    find_strangers(app, &new.text).await;
    let (context, me) = (app.clone(), me.clone());
    app.write(move |conn| {
        Box::pin(async move {
            let (app, author) = (context.as_ref(), me.id());
            let mut id: StatusId = app.ids.next();
            let earlier = match &new.idempotency_key {
                Some(key) => {
                    let since = app.now().plus(-HOUR);
                    store::idempotency::claim(conn, (author, key), id, since, app.now()).await?
                }
                None => None,
            };
            match earlier {
                Some(earlier) => id = earlier,
                None => write(app, conn, &me, &new, id).await?,
            }
            statuses::hydrate_one(conn, id, Some(author)).await?.ok_or(AppError::NotFound)
        })
    })
    .await
}

/// What somebody posted under an idempotency key, if they did: for callers that do something with
/// uploads before they post, which can be done only once.
///
/// # Errors
/// [`AppError::Store`].
pub async fn posted_before(
    app: &App,
    author: AccountId,
    key: String,
) -> Result<Option<StatusView>> {
    app.read(move |conn| {
        Box::pin(async move {
            match store::idempotency::find(conn, author, &key).await? {
                Some(id) => Ok(statuses::hydrate_one(conn, id, Some(author)).await?),
                None => Ok(None),
            }
        })
    })
    .await
}

/// Applies the author's settings and checks what can be checked without the database.
pub(crate) fn settle(app: &App, me: &Me, mut new: NewStatus) -> Result<NewStatus> {
    new.text = new.text.replace("\r\n", "\n").trim_end().to_owned();
    if new.text.trim().is_empty() && !new.spoiler_text.trim().is_empty() && new.poll.is_none() {
        // A warning without a text is the text.
        new.text = std::mem::take(&mut new.spoiler_text);
    }
    if new.text.trim().is_empty() && new.media.is_empty() && new.quote_of.is_none() {
        return Err(AppError::invalid("Text can't be blank"));
    }
    check_length(app, &new.text, &new.spoiler_text)?;
    let visibility = new.visibility.unwrap_or(me.user.default_visibility);
    new.visibility = Some(visibility);
    new.format = Some(new.format.unwrap_or(me.user.default_format));
    new.sensitive =
        Some(!new.spoiler_text.is_empty() || new.sensitive.unwrap_or(me.user.default_sensitive));
    new.language = new
        .language
        .filter(|code| is_language(code))
        .or_else(|| me.user.default_language.clone())
        .or_else(|| guess_language(&new.text))
        .or_else(|| Some(me.user.locale.chars().take_while(char::is_ascii_alphabetic).collect()));
    if new.media.len() > app.config.limits.status_media {
        return Err(AppError::invalid(format!(
            "Cannot attach more than {} files",
            app.config.limits.status_media
        )));
    }
    if let Some(policy) = &new.quote_policy {
        check_quote_policy(policy)?;
    }
    if new.expires_in.is_some_and(|seconds| !LIFE.contains(&seconds)) {
        return Err(AppError::invalid("Expires in is less than an hour or more than ten years"));
    }
    if let Some(poll) = &mut new.poll {
        if !new.media.is_empty() {
            return Err(AppError::invalid("Cannot attach a poll to a status with media"));
        }
        check_poll(poll)?;
    }
    Ok(new)
}

/// Checks the name of a quote policy.
pub(super) fn check_quote_policy(policy: &str) -> Result<()> {
    if matches!(policy, "public" | "followers" | "nobody") {
        return Ok(());
    }
    Err(AppError::invalid("Quote approval policy is not included in the list"))
}

/// Checks the length of a text with its warning.
pub(super) fn check_length(app: &App, text: &str, spoiler: &str) -> Result<()> {
    let most = app.config.limits.status_characters;
    if domain::text::length(text, spoiler) > most {
        return Err(AppError::invalid(format!("Text character limit of {most} exceeded")));
    }
    Ok(())
}

/// Whether this looks like a code of a language.
pub(crate) fn is_language(code: &str) -> bool {
    (2..=20).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
}

/// Checks a poll and drops empty answers.
pub(super) fn check_poll(poll: &mut NewPoll) -> Result<()> {
    poll.options.retain(|option| !option.trim().is_empty());
    let most = 4;
    if poll.options.len() < 2 {
        return Err(AppError::invalid("Poll must have more than one item"));
    }
    if poll.options.len() > most {
        return Err(AppError::invalid(format!("Poll can't contain more than {most} items")));
    }
    if poll.options.iter().any(|option| option.chars().count() > OPTION_CHARACTERS) {
        return Err(AppError::invalid(format!(
            "Poll cannot be longer than {OPTION_CHARACTERS} characters each"
        )));
    }
    let mut distinct = poll.options.clone();
    distinct.sort();
    distinct.dedup();
    if distinct.len() < poll.options.len() {
        return Err(AppError::invalid("Poll must have distinct items"));
    }
    if poll.expires_in < 5 * MINUTE / 1000 {
        return Err(AppError::invalid("Poll duration is too short"));
    }
    if poll.expires_in > 31 * DAY / 1000 {
        return Err(AppError::invalid("Poll duration is too long"));
    }
    Ok(())
}

/// What a status answers.
struct Answered {
    status: Option<StatusId>,
    account: Option<AccountId>,
    conversation: ConversationId,
    local_only: bool,
}

/// Writes a settled status with all that hangs on it, and queues its jobs.
pub(crate) async fn write(
    app: &App,
    conn: &mut Conn,
    me: &Me,
    new: &NewStatus,
    id: StatusId,
) -> Result<()> {
    let (author, now) = (me.id(), app.now());
    let answered = find_answered(app, conn, author, new.in_reply_to).await?;
    let quoted = find_quoted(conn, author, new.quote_of).await?;
    let format = new.format.unwrap_or_default();
    let composed = compose(app, conn, (&new.text, format), author).await?;
    check_allowed_mentions(new, &composed)?;
    let attachments = own_media(conn, author, &new.media).await?;
    let mut status = row(app, me, new, &composed, &answered, now);
    status.id = id;
    if let Some(quoted) = &quoted {
        // What quotes a private status stays among the same people.
        status.visibility = status.visibility.max(quoted.visibility);
        status.local_only |= quoted.local_only;
        if quoted.uri.is_some() && status.local_only {
            return Err(AppError::invalid(
                "A post that stays on this server can't quote one of another server, whose author would have to be asked",
            ));
        }
        // A remote author is asked first (F15).
        if quoted.uri.is_none() {
            status.quote_of = Some(quoted.id);
            statuses::count(conn, quoted.id, [0, 0, 0, 1]).await?;
        }
    }
    statuses::insert(conn, &status, true).await?;
    hang_on(app, conn, &status, new, &composed, &attachments).await?;
    if let Some(parent) = answered.status {
        statuses::count(conn, parent, [1, 0, 0, 0]).await?;
    }
    if home_feed::is_built(conn, author).await? {
        home_feed::put(conn, author, status.id).await?;
    }
    if let Some(quoted) = &quoted {
        delivery::quote_requested(app, conn, &me.account, status.id, quoted).await?;
    }
    delivery::posted(app, conn, status.id).await?;
    jobs::enqueue(app, conn, &Job::FanOut { status: status.id, edited: false }, now).await?;
    if let Some(seconds) = new.expires_in {
        let end = now.plus(seconds.saturating_mul(SECOND));
        jobs::enqueue(app, conn, &Job::Expire { status: status.id }, end).await?;
    }
    // Last: whoever posts as the same account at the same moment waits for this row.
    accounts::count_status(conn, author, 1, Some(now)).await?;
    Ok(())
}

fn row(
    app: &App,
    me: &Me,
    new: &NewStatus,
    composed: &Composed,
    answered: &Answered,
    now: Timestamp,
) -> Status {
    let mut parts = 0;
    for (has, bit) in [
        (!new.media.is_empty(), Parts::MEDIA),
        (!composed.mentioned.is_empty(), Parts::MENTIONS),
        (!composed.tags.is_empty(), Parts::TAGS),
        (new.poll.is_some(), Parts::POLL),
    ] {
        parts |= if has { bit } else { 0 };
    }
    Status {
        id: app.ids.next(),
        uri: None,
        url: None,
        account_id: me.id(),
        text: new.text.clone(),
        content: composed.content.clone(),
        spoiler_text: new.spoiler_text.clone(),
        visibility: new.visibility.unwrap_or(me.user.default_visibility),
        sensitive: new.sensitive.unwrap_or(false),
        language: new.language.clone(),
        in_reply_to: answered.status,
        in_reply_to_account: answered.account,
        boost_of: None,
        quote_of: None,
        quote_policy: new
            .quote_policy
            .clone()
            .unwrap_or_else(|| me.user.default_quote_policy.clone()),
        conversation_id: answered.conversation,
        app_id: new.app,
        parts: Parts(parts),
        replies_count: 0,
        boosts_count: 0,
        favourites_count: 0,
        quotes_count: 0,
        created_at: now,
        edited_at: None,
        emojis: Vec::new(),
        card_hash: None,
        local_only: new.local_only || answered.local_only,
        format: new.format.unwrap_or_default(),
    }
}

async fn find_answered(
    app: &App,
    conn: &mut Conn,
    author: AccountId,
    target: Option<StatusId>,
) -> Result<Answered> {
    let Some(target) = target else {
        return Ok(Answered {
            status: None,
            account: None,
            conversation: app.ids.next(),
            local_only: false,
        });
    };
    let parent =
        statuses::visible_by_id(conn, target, Some(author)).await?.ok_or(AppError::NotFound)?;
    // An answer to a boost is an answer to what was boosted.
    let parent = match parent.boost_of {
        Some(original) => statuses::by_id(conn, original).await?.ok_or(AppError::NotFound)?,
        None => parent,
    };
    Ok(Answered {
        status: Some(parent.id),
        account: Some(parent.account_id),
        conversation: parent.conversation_id,
        local_only: parent.local_only,
    })
}

/// The status to be quoted, if its author's policy lets this author quote it.
async fn find_quoted(
    conn: &mut Conn,
    author: AccountId,
    target: Option<StatusId>,
) -> Result<Option<Status>> {
    let Some(target) = target else { return Ok(None) };
    let status =
        statuses::visible_by_id(conn, target, Some(author)).await?.ok_or(AppError::NotFound)?;
    if status.boost_of.is_some() {
        return Err(AppError::invalid("Quoted status can't be a boost"));
    }
    if status.account_id == author {
        return Ok(Some(status));
    }
    let allowed = status.visibility.is_open()
        && match status.quote_policy.as_str() {
            "public" => true,
            "followers" => relations::is_following(conn, author, status.account_id).await?,
            _ => false,
        };
    if !allowed {
        return Err(AppError::invalid("Quoted status can't be quoted by you"));
    }
    Ok(Some(status))
}

fn check_allowed_mentions(new: &NewStatus, composed: &Composed) -> Result<()> {
    let Some(allowed) = &new.allowed_mentions else { return Ok(()) };
    if composed.mentioned.iter().any(|account| !allowed.contains(&account.id)) {
        return Err(AppError::Unprocessable("Post would be sent to unexpected accounts".into()));
    }
    Ok(())
}

/// The author's own uploads, ready, unattached, and of kinds that go together.
pub(crate) async fn own_media(
    conn: &mut Conn,
    author: AccountId,
    ids: &[MediaId],
) -> Result<Vec<Media>> {
    let found = media::own(conn, author, ids).await?;
    check_media(&found, ids.len())?;
    if found.iter().any(|media| media.status_id.is_some()) {
        return Err(AppError::invalid("Media not found or already attached"));
    }
    Ok(found)
}

/// Checks that all attachments were found, are ready and go together.
pub(super) fn check_media(found: &[Media], wanted: usize) -> Result<()> {
    if found.len() < wanted {
        return Err(AppError::invalid("Media not found or already attached"));
    }
    if found.iter().any(|media| media.state != MediaState::Ready) {
        return Err(AppError::invalid(
            "Cannot attach files that have not finished processing. Try again in a moment!",
        ));
    }
    let moving = found
        .iter()
        .filter(|media| matches!(media.kind, MediaKind::Video | MediaKind::Audio))
        .count();
    if moving > 0 && found.len() > 1 {
        return Err(AppError::invalid(
            "Cannot attach a video to a post that already contains images",
        ));
    }
    Ok(())
}

async fn hang_on(
    app: &App,
    conn: &mut Conn,
    status: &Status,
    new: &NewStatus,
    composed: &Composed,
    attachments: &[Media],
) -> Result<()> {
    for account in &composed.mentioned {
        statuses::add_mention(conn, status.id, account.id).await?;
    }
    let tags = statuses::tag_ids(conn, &composed.tags, status.created_at).await?;
    check_tags(conn, &tags).await?;
    statuses::add_tags(conn, status.id, &tags).await?;
    for (position, attachment) in (0_i64..).zip(attachments) {
        if !media::attach(conn, attachment.id, status.id, position).await? {
            return Err(AppError::invalid("Media not found or already attached"));
        }
    }
    if let Some(poll) = &new.poll {
        insert_poll(app, conn, status, poll).await?;
    }
    Ok(())
}

/// Refuses hashtags that staff does not want here.
pub(super) async fn check_tags(conn: &mut Conn, tags: &[Tag]) -> Result<()> {
    let ids: Vec<TagId> = tags.iter().map(|tag| tag.id).collect();
    let unwanted = store::staff_tags::unusable(conn, &ids).await?;
    if unwanted.is_empty() {
        return Ok(());
    }
    let names = unwanted.join(", ");
    Err(AppError::invalid(format!("Text contained a disallowed hashtag: {names}")))
}

/// Adds a poll and the job that ends it.
pub(super) async fn insert_poll(
    app: &App,
    conn: &mut Conn,
    status: &Status,
    new: &NewPoll,
) -> Result<()> {
    let now = app.now();
    let ends = now.plus(new.expires_in.saturating_mul(1000));
    let poll = Poll {
        id: app.ids.next(),
        status_id: status.id,
        account_id: status.account_id,
        expires_at: Some(ends),
        multiple: new.multiple,
        hide_totals: new.hide_totals,
        options: new
            .options
            .iter()
            .map(|title| PollOption { title: title.clone(), votes: 0 })
            .collect(),
        voters_count: 0,
    };
    polls::insert(conn, &poll, now).await?;
    jobs::enqueue(app, conn, &Job::EndPoll { poll: poll.id }, ends).await
}
