//! Statuses of this server, and the activities they began with.

use activitypub::{
    Activity, Attachment, HashtagTag, MentionTag, Note, NoteKind, Object, PUBLIC, Question,
    QuotePolicy, Replies, Uri, Verb,
};
use domain::account::Account;
use domain::media::Media;
use domain::status::{Poll, Status, Visibility};
use domain::{AccountId, StatusId, Timestamp};
use store::statuses::{self, StatusView};
use store::{Conn, accounts, conversation_uris};

use super::{actor, audience, uri};
use crate::{App, AppError, Result};

/// A local status that is no boost.
///
/// # Errors
/// [`AppError::NotFound`] when it is absent, remote or a boost; [`AppError::Store`].
pub async fn note(app: &App, conn: &mut Conn, id: StatusId) -> Result<Note> {
    let view = local(conn, id).await?;
    if view.status.boost_of.is_some() {
        return Err(AppError::NotFound);
    }
    let people = People::load(conn, &view).await?;
    let context = Context::load(app, conn, &view.status).await?;
    write(app, &view, &people, context)
}

/// What a local status began with: Create of a note, or Announce of what a boost boosts.
///
/// # Errors
/// As [`note`].
pub async fn origin(app: &App, conn: &mut Conn, id: StatusId) -> Result<Activity> {
    let view = local(conn, id).await?;
    if view.status.boost_of.is_some() {
        return announce(app, &view);
    }
    let note = note(app, conn, id).await?;
    Ok(Activity {
        id: Some(uri(&format!("{}/activity", note.id))?),
        audience: note.audience.clone(),
        published: note.published,
        actor: note.attributed_to.clone(),
        ..Activity::new(Verb::Create, note.attributed_to.clone(), Object::Note(Box::new(note)))
    })
}

async fn local(conn: &mut Conn, id: StatusId) -> Result<StatusView> {
    let status = statuses::by_id(conn, id).await?.ok_or(AppError::NotFound)?;
    // Its author sees all of it: boosts of private statuses of one's own among it.
    let view = statuses::hydrate_one(conn, id, Some(status.account_id)).await?;
    view.filter(|view| view.author.is_local()).ok_or(AppError::NotFound)
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

/// Accounts that a note names.
struct People {
    mentioned: Vec<Account>,
    /// Whose status it answers, for the id of that status.
    answered: Option<(Status, Account)>,
}

impl People {
    async fn load(conn: &mut Conn, view: &StatusView) -> Result<Self> {
        let ids: Vec<AccountId> = view.mentions.iter().map(|mention| mention.account_id).collect();
        let mut answered = None;
        if let Some(parent) = view.status.in_reply_to
            && let Some(parent) = statuses::by_id(conn, parent).await?
            && let Some(author) = accounts::by_id(conn, parent.account_id).await?
        {
            answered = Some((parent, author));
        }
        Ok(Self { mentioned: accounts::in_order(conn, &ids).await?, answered })
    }
}

/// The thread that a note belongs to.
struct Context {
    conversation: String,
    collection: Option<Uri>,
}

impl Context {
    async fn load(app: &App, conn: &mut Conn, status: &Status) -> Result<Self> {
        let id = status.conversation_id;
        if let Some(foreign) = conversation_uris::of(conn, id).await? {
            return Ok(Self { conversation: foreign, collection: None });
        }
        let collection = status
            .visibility
            .is_open()
            .then(|| Uri::parse(&format!("{}/contexts/{id}", app.urls.base)));
        let conversation = format!(
            "tag:{},{}:objectId={id}:objectType=Conversation",
            app.urls.domain,
            status.created_at.date()
        );
        Ok(Self { conversation, collection: collection.flatten() })
    }
}

fn write(app: &App, view: &StatusView, people: &People, context: Context) -> Result<Note> {
    let (urls, status) = (&app.urls, &view.status);
    let id = uri(&urls.status_uri(status, &view.author))?;
    let below = |tail: &str| uri(&format!("{id}/{tail}"));
    let named = people.mentioned.iter().map(|account| urls.actor(account)).collect();
    let (likes, shares) = (below("likes")?, below("shares")?);
    let quoted = quoted(app, view);
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
        in_reply_to: people
            .answered
            .as_ref()
            .and_then(|(parent, author)| Uri::parse(&urls.status_uri(parent, author))),
        conversation: Some(context.conversation),
        context: context.collection,
        url: Some(uri(&urls.status_page(status, &view.author))?),
        attachments: view.media.iter().filter_map(|media| attachment(app, media)).collect(),
        mentions: mentions(app, people),
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
        quote_authorization: None,
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

fn quoted(app: &App, view: &StatusView) -> Option<Uri> {
    match &view.quote {
        Some(statuses::Quote::Accepted(quoted)) => {
            Uri::parse(&app.urls.status_uri(&quoted.status, &quoted.author))
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

fn mentions(app: &App, people: &People) -> Vec<MentionTag> {
    let tag = |account: &Account| {
        let domain = account.domain.as_deref().unwrap_or(&app.urls.domain);
        Some(MentionTag {
            href: Uri::parse(&app.urls.actor(account))?,
            name: Some(format!("@{}@{domain}", account.username)),
        })
    };
    people.mentioned.iter().filter_map(tag).collect()
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
