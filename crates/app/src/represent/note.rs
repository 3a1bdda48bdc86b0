//! Statuses of this server, and the activities they began with.

use activitypub::{
    Activity, Attachment, HashtagTag, MentionTag, Note, NoteKind, Object, PUBLIC, Question,
    QuotePolicy, Replies, Uri, Verb,
};
use domain::account::Account;
use domain::media::Media;
use domain::status::{Poll, Status, Visibility};
use domain::{AccountId, ConversationId, StatusId, Timestamp};
use store::quotes::{self, Quote, State};
use store::statuses::{self, Addressed, StatusView};
use store::{Conn, accounts, conversation_uris};

use super::{actor, audience, uri};
use crate::{App, AppError, Result};

/// A local status that is no boost.
///
/// # Errors
/// [`AppError::NotFound`] when it is absent, remote or a boost; [`AppError::Store`].
pub async fn note(app: &App, conn: &mut Conn, id: StatusId) -> Result<Note> {
    let author = author_of(conn, id).await?;
    notes(app, conn, &[id], author).await?.pop().ok_or(AppError::NotFound)
}

/// What a local status began with: Create of a note, or Announce of what a boost boosts.
///
/// # Errors
/// As [`note`].
pub async fn origin(app: &App, conn: &mut Conn, id: StatusId) -> Result<Activity> {
    let author = author_of(conn, id).await?;
    let found = origins(app, conn, &[id], author).await?.pop();
    found.map(|(_, activity)| activity).ok_or(AppError::NotFound)
}

/// Those of these statuses of one local author that are no boosts, in their order.
///
/// # Errors
/// [`AppError::Store`].
pub(crate) async fn notes(
    app: &App,
    conn: &mut Conn,
    ids: &[StatusId],
    author: AccountId,
) -> Result<Vec<Note>> {
    let views = local(conn, ids, author).await?;
    let around = Around::load(conn, &views).await?;
    let own = views.iter().filter(|view| view.status.boost_of.is_none());
    own.map(|view| write(app, view, &around)).collect()
}

/// What these statuses of one local author began with, in their order.
///
/// # Errors
/// [`AppError::Store`].
pub(crate) async fn origins(
    app: &App,
    conn: &mut Conn,
    ids: &[StatusId],
    author: AccountId,
) -> Result<Vec<(StatusId, Activity)>> {
    let views = local(conn, ids, author).await?;
    let around = Around::load(conn, &views).await?;
    let mut activities = Vec::with_capacity(views.len());
    for view in &views {
        let activity = if view.status.boost_of.is_none() {
            create(write(app, view, &around)?)?
        } else if view.boost_of.is_some() {
            announce(app, view)?
        } else {
            // A boost without its original is not told of.
            continue;
        };
        activities.push((view.status.id, activity));
    }
    Ok(activities)
}

fn create(note: Note) -> Result<Activity> {
    Ok(Activity {
        id: Some(uri(&format!("{}/activity", note.id))?),
        audience: note.audience.clone(),
        published: note.published,
        actor: note.attributed_to.clone(),
        ..Activity::new(Verb::Create, note.attributed_to.clone(), Object::Note(Box::new(note)))
    })
}

async fn author_of(conn: &mut Conn, id: StatusId) -> Result<AccountId> {
    Ok(statuses::by_id(conn, id).await?.ok_or(AppError::NotFound)?.account_id)
}

/// Its author sees all of a status: boosts of private statuses of one's own among it.
async fn local(conn: &mut Conn, ids: &[StatusId], author: AccountId) -> Result<Vec<StatusView>> {
    let mut views = statuses::hydrate(conn, ids, Some(author)).await?;
    views.retain(|view| view.author.id == author && view.author.is_local());
    Ok(views)
}

fn announce(app: &App, view: &StatusView) -> Result<Activity> {
    let author = uri(&app.urls.actor(&view.author))?;
    // A boost without its original is not told of.
    let original = view.boost_of.as_ref().ok_or(AppError::NotFound)?;
    let object = uri(&app.urls.status_uri(&original.status, &original.author))?;
    let named = vec![app.urls.actor(&original.author)];
    Ok(Activity {
        id: Some(uri(&app.urls.status_uri(&view.status, &view.author))?),
        audience: audience(&app.urls, &view.author, view.status.visibility, named),
        published: Some(view.status.created_at),
        ..Activity::new(Verb::Announce, author, Object::Link(object))
    })
}

/// What several notes name beside themselves, loaded together.
struct Around {
    people: Vec<Account>,
    answered: Vec<Addressed>,
    /// Names of threads that began elsewhere.
    threads: Vec<(ConversationId, String)>,
    quotes: Vec<Quote>,
}

impl Around {
    async fn load(conn: &mut Conn, views: &[StatusView]) -> Result<Self> {
        let all = || views.iter().map(|view| &view.status);
        let ids: Vec<StatusId> = all().map(|status| status.id).collect();
        let threads: Vec<ConversationId> = all().map(|status| status.conversation_id).collect();
        let answered: Vec<StatusId> = all().filter_map(|status| status.in_reply_to).collect();
        let mentions = views.iter().flat_map(|view| &view.mentions);
        let people: Vec<AccountId> = mentions.map(|mention| mention.account_id).collect();
        Ok(Self {
            people: accounts::in_order(conn, &people).await?,
            answered: statuses::addressed(conn, &answered).await?,
            threads: conversation_uris::of_each(conn, &threads).await?,
            quotes: quotes::of_each(conn, &ids).await?,
        })
    }

    fn mentioned(&self, view: &StatusView) -> Vec<&Account> {
        let find = |id| self.people.iter().find(|account| account.id == id);
        view.mentions.iter().filter_map(|mention| find(mention.account_id)).collect()
    }

    fn answered(&self, app: &App, status: &Status) -> Option<Uri> {
        let parent = status.in_reply_to?;
        let found = self.answered.iter().find(|row| row.id == parent)?;
        Uri::parse(&app.urls.addressed(found))
    }

    /// The quoted author's permission: this server's own word for one of its people.
    fn stamp(&self, app: &App, view: &StatusView) -> Option<Uri> {
        let Some(statuses::Quote::Accepted(quoted)) = &view.quote else { return None };
        if quoted.author.id == view.author.id {
            return None;
        }
        if quoted.author.is_local() {
            return Uri::parse(&app.urls.quote_stamp(&quoted.author, view.status.id));
        }
        let quote = self.quotes.iter().find(|quote| quote.status == view.status.id)?;
        Uri::parse(quote.stamp.as_deref().filter(|_| quote.state == State::Accepted)?)
    }
}

/// The thread that a note belongs to.
struct Context {
    conversation: String,
    collection: Option<Uri>,
}

impl Context {
    fn of(app: &App, status: &Status, around: &Around) -> Self {
        let id = status.conversation_id;
        if let Some((_, foreign)) = around.threads.iter().find(|(thread, _)| *thread == id) {
            return Self { conversation: foreign.clone(), collection: None };
        }
        let collection = status.visibility.is_open().then(|| Uri::parse(&app.urls.thread(id)));
        let conversation = format!(
            "tag:{},{}:objectId={id}:objectType=Conversation",
            app.urls.domain,
            status.created_at.date()
        );
        Self { conversation, collection: collection.flatten() }
    }
}

fn write(app: &App, view: &StatusView, around: &Around) -> Result<Note> {
    let (urls, status) = (&app.urls, &view.status);
    let id = uri(&urls.status_uri(status, &view.author))?;
    let below = |tail: &str| uri(&format!("{id}/{tail}"));
    let (mentioned, context) = (around.mentioned(view), Context::of(app, status, around));
    let named = mentioned.iter().map(|account| urls.actor(account)).collect();
    let (likes, shares) = (below("likes")?, below("shares")?);
    let quoted = quoted(app, view, around);
    let poll = view.poll.as_ref().map(|poll| question(&poll.poll, app.now()));
    Ok(Note {
        kind: if poll.is_some() { NoteKind::Question } else { NoteKind::Note },
        attributed_to: uri(&urls.actor(&view.author))?,
        audience: audience(urls, &view.author, status.visibility, named),
        content: Some(content(status, quoted.as_ref())),
        source: None,
        language: status.language.clone(),
        name: None,
        summary: (!status.spoiler_text.is_empty()).then(|| status.spoiler_text.clone()),
        sensitive: status.sensitive,
        published: Some(status.created_at),
        updated: status.edited_at,
        in_reply_to: around.answered(app, status),
        conversation: Some(context.conversation),
        context: context.collection,
        url: Some(uri(&urls.status_page(status, &view.author))?),
        attachments: view.media.iter().filter_map(|media| attachment(app, media)).collect(),
        mentions: mentions(app, &mentioned),
        hashtags: hashtags(app, view),
        emojis: actor::emojis(app, [&status.content, &status.spoiler_text].into_iter()),
        replies: Some(Replies {
            id: Some(below("replies")?),
            items: Vec::new(),
            next: Some(below("replies?page=true")?),
        }),
        likes: Some((Some(likes), Some(status.favourites_count))),
        shares: Some((Some(shares), Some(status.boosts_count))),
        quote: quoted,
        quote_authorization: around.stamp(app, view),
        quote_policy: quote_policy(app, view),
        poll,
        id,
    })
}

/// Servers that know no quotes show the link; those that do hide its class.
fn content(status: &Status, quoted: Option<&Uri>) -> String {
    match quoted {
        None => status.content.clone(),
        Some(quoted) => {
            let link = domain::text::escape(quoted.as_str());
            format!(
                "<p class=\"quote-inline\">RE: <a href=\"{link}\">{link}</a></p>{}",
                status.content
            )
        }
    }
}

/// What is shown, and what the quoted author is still asked about: whoever gets the note sees no
/// permission and shows nothing yet.
fn quoted(app: &App, view: &StatusView, around: &Around) -> Option<Uri> {
    match &view.quote {
        Some(statuses::Quote::Accepted(quoted)) => {
            Uri::parse(&app.urls.status_uri(&quoted.status, &quoted.author))
        }
        Some(statuses::Quote::Withheld(State::Pending)) => {
            let quote = around.quotes.iter().find(|quote| quote.status == view.status.id)?;
            Uri::parse(&quote.quoted_uri)
        }
        _ => None,
    }
}

fn question(poll: &Poll, now: Timestamp) -> Question {
    let is_over = poll.is_expired(now);
    let shown = |votes: i64| if poll.hide_totals && !is_over { 0 } else { votes };
    Question {
        options: poll
            .options
            .iter()
            .map(|option| (option.title.clone(), shown(option.votes)))
            .collect(),
        multiple: poll.multiple,
        end_time: poll.expires_at,
        closed: poll.expires_at.filter(|_| is_over),
        voters_count: Some(shown(poll.voters_count)),
    }
}

fn attachment(app: &App, media: &Media) -> Option<Attachment> {
    let url = Uri::parse(&app.urls.file(media.file_key.as_deref()?))?;
    let meta: media::Meta = serde_json::from_str(&media.meta).unwrap_or_default();
    let (width, height) = meta
        .original
        .as_ref()
        .map_or((None, None), |size| (size.width.map(i64::from), size.height.map(i64::from)));
    let part = |value: i64| f64::from(i32::try_from(value).unwrap_or(0)) / 10_000.0;
    Some(Attachment {
        url,
        media_type: Some(media.content_type.clone()),
        description: (!media.description.is_empty()).then(|| media.description.clone()),
        blurhash: media.blurhash.clone(),
        width,
        height,
        focal_point: ((media.focus_x, media.focus_y) != (0, 0))
            .then(|| (part(media.focus_x), part(media.focus_y))),
        preview: None,
    })
}

fn mentions(app: &App, mentioned: &[&Account]) -> Vec<MentionTag> {
    let tag = |account: &&Account| {
        let domain = account.domain.as_deref().unwrap_or(&app.urls.domain);
        Some(MentionTag {
            href: Uri::parse(&app.urls.actor(account))?,
            name: Some(format!("@{}@{domain}", account.username)),
        })
    };
    mentioned.iter().filter_map(tag).collect()
}

fn hashtags(app: &App, view: &StatusView) -> Vec<HashtagTag> {
    view.tags
        .iter()
        .map(|tag| HashtagTag {
            name: tag.display_name.clone(),
            href: Uri::parse(&app.urls.tag(&tag.name)),
        })
        .collect()
}

/// Oneself is always allowed; alone it means nobody else.
fn quote_policy(app: &App, view: &StatusView) -> QuotePolicy {
    let author = app.urls.actor(&view.author);
    let automatic = match view.status.quote_policy.as_str() {
        "public" if view.status.visibility <= Visibility::Unlisted => vec![PUBLIC.to_owned()],
        "followers" if view.status.visibility <= Visibility::Unlisted => {
            vec![format!("{author}/followers")]
        }
        _ => vec![author],
    };
    QuotePolicy { automatic, manual: Vec::new() }
}
