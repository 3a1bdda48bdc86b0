//! Typed values of ActivityPub, the same for what comes in and what goes out. What comes in was cut
//! to the limits of `security.md` by [`crate::parse`]; HTML in it is not yet clean.

use domain::Timestamp;
use domain::status::Visibility;

use crate::{PUBLIC, Uri};

/// What an activity does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// A new object.
    Create,
    /// A changed one.
    Update,
    /// One that is gone.
    Delete,
    /// A boost; by a group also the passing on of somebody's activity.
    Announce,
    /// A favourite; with `content` a reaction.
    Like,
    /// A reaction with an emoji (Pleroma, Misskey).
    EmojiReact,
    /// A request to follow.
    Follow,
    /// Yes to a request.
    Accept,
    /// No to it, or no longer.
    Reject,
    /// Takes an earlier activity back.
    Undo,
    /// Into a collection: a pin.
    Add,
    /// Out of it.
    Remove,
    /// A block.
    Block,
    /// A report.
    Flag,
    /// An account goes elsewhere.
    Move,
    /// A request to quote (FEP-044f).
    QuoteRequest,
    /// Something this server does not know.
    Other(String),
}

/// An activity.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// Its id; some servers leave it out of embedded ones.
    pub id: Option<Uri>,
    /// What it does.
    pub verb: Verb,
    /// Who does it.
    pub actor: Uri,
    /// To what. `None` only for verbs without one. A Flag's first object is here as well.
    pub object: Object,
    /// All objects of a Flag.
    pub objects: Vec<Uri>,
    /// Of Add, Remove and Move.
    pub target: Option<Uri>,
    /// Of QuoteRequest: the quoting note.
    pub instrument: Option<Object>,
    /// Of an Accept of a QuoteRequest: the stamp.
    pub result: Option<Uri>,
    /// Text of a Flag, emoji of a reaction.
    pub content: Option<String>,
    /// Emoji that `content` names.
    pub emojis: Vec<Emoji>,
    /// Addressed first.
    pub audience: Audience,
    /// When.
    pub published: Option<Timestamp>,
}

impl Activity {
    /// An activity without an id or audience; fill in the rest by `..`.
    #[must_use]
    pub fn new(verb: Verb, actor: Uri, object: Object) -> Self {
        Self {
            id: None,
            verb,
            actor,
            object,
            objects: Vec::new(),
            target: None,
            instrument: None,
            result: None,
            content: None,
            emojis: Vec::new(),
            audience: Audience::default(),
            published: None,
        }
    }
}

/// Whom something is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// Ids of actors and collections; everybody is [`PUBLIC`] whatever the spelling was.
    pub to: Vec<String>,
    /// The same, less loudly.
    pub cc: Vec<String>,
}

impl Audience {
    /// Who may see it. What is malformed or missing is for the named only, never public (F17).
    #[must_use]
    pub fn visibility(&self, followers: Option<&str>) -> Visibility {
        let has = |list: &[String], id: &str| list.iter().any(|entry| entry == id);
        if has(&self.to, PUBLIC) {
            return Visibility::Public;
        }
        if has(&self.cc, PUBLIC) {
            return Visibility::Unlisted;
        }
        match followers {
            Some(id) if has(&self.to, id) || has(&self.cc, id) => Visibility::Private,
            _ => Visibility::Direct,
        }
    }

    /// Everybody named, in either list.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.to.iter().chain(&self.cc).map(String::as_str)
    }
}

/// The object of an activity, embedded or by reference.
#[derive(Clone, Debug, PartialEq)]
pub enum Object {
    /// Its id alone.
    Link(Uri),
    /// A post of any kind.
    Note(Box<Note>),
    /// An account.
    Actor(Box<Actor>),
    /// Another activity.
    Activity(Box<Activity>),
    /// Where something was.
    Tombstone(Uri),
    /// The permission for a quote (FEP-044f).
    QuoteStamp(Box<QuoteStamp>),
    /// A hashtag: in the collection of featured ones, and what Add and Remove put there.
    Hashtag(HashtagTag),
    /// Something else, with its type.
    Other(Option<Uri>, String),
    /// Nothing.
    None,
}

impl Object {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> Option<&Uri> {
        match self {
            Self::Link(id) | Self::Tombstone(id) => Some(id),
            Self::Note(note) => Some(&note.id),
            Self::Actor(actor) => Some(&actor.id),
            Self::Activity(activity) => activity.id.as_ref(),
            Self::QuoteStamp(stamp) => Some(&stamp.id),
            Self::Hashtag(tag) => tag.href.as_ref(),
            Self::Other(id, _) => id.as_ref(),
            Self::None => None,
        }
    }
}

/// What kind of post an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteKind {
    /// A status.
    Note,
    /// A status with a poll.
    Question,
    /// A long text (WordPress, Ghost, WriteFreely).
    Article,
    /// A link with a text (Lemmy).
    Page,
    /// PeerTube.
    Video,
    /// Funkwhale, Castopod.
    Audio,
    /// Pixelfed of old.
    Image,
    /// Mobilizon, Gancio.
    Event,
}

/// A post.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// Its id.
    pub id: Uri,
    /// What it is.
    pub kind: NoteKind,
    /// Its author.
    pub attributed_to: Uri,
    /// Whom it is for.
    pub audience: Audience,
    /// HTML, not cleaned yet when it comes from outside.
    pub content: Option<String>,
    /// The same as typed, and its media type (`text/markdown`, `text/x.misskeymarkdown`).
    pub source: Option<(String, String)>,
    /// ISO 639 code, from `contentMap` or `@context`.
    pub language: Option<String>,
    /// Title, of all kinds but Note; the choice, of a vote.
    pub name: Option<String>,
    /// Content warning; of articles a summary.
    pub summary: Option<String>,
    /// Media hidden.
    pub sensitive: bool,
    /// When it was made.
    pub published: Option<Timestamp>,
    /// When it was edited.
    pub updated: Option<Timestamp>,
    /// What it answers.
    pub in_reply_to: Option<Uri>,
    /// OStatus thread key, any URI.
    pub conversation: Option<String>,
    /// Collection of its thread (FEP-7888).
    pub context: Option<Uri>,
    /// Page for people, http(s) only.
    pub url: Option<Uri>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Mentioned actors.
    pub mentions: Vec<MentionTag>,
    /// Hashtags, without `#`, as spelled.
    pub hashtags: Vec<HashtagTag>,
    /// Custom emoji.
    pub emojis: Vec<Emoji>,
    /// Where its replies are listed, with the first ones when they were embedded.
    pub replies: Option<Replies>,
    /// Where its likes are, and how many the server says there are.
    pub likes: Option<(Option<Uri>, Option<i64>)>,
    /// The same for boosts.
    pub shares: Option<(Option<Uri>, Option<i64>)>,
    /// What it quotes.
    pub quote: Option<Uri>,
    /// The quoted author's permission.
    pub quote_authorization: Option<Uri>,
    /// Who may quote it.
    pub quote_policy: QuotePolicy,
    /// Its poll.
    pub poll: Option<Question>,
}

impl Note {
    /// A note with nothing in it; fill in the rest by `..`.
    #[must_use]
    pub fn new(id: Uri, attributed_to: Uri) -> Self {
        Self {
            id,
            kind: NoteKind::Note,
            attributed_to,
            audience: Audience::default(),
            content: None,
            source: None,
            language: None,
            name: None,
            summary: None,
            sensitive: false,
            published: None,
            updated: None,
            in_reply_to: None,
            conversation: None,
            context: None,
            url: None,
            attachments: Vec::new(),
            mentions: Vec::new(),
            hashtags: Vec::new(),
            emojis: Vec::new(),
            replies: None,
            likes: None,
            shares: None,
            quote: None,
            quote_authorization: None,
            quote_policy: QuotePolicy::default(),
            poll: None,
        }
    }
}

/// The replies of a note.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replies {
    /// The collection.
    pub id: Option<Uri>,
    /// Ids on its first page, when embedded.
    pub items: Vec<Uri>,
    /// The page after those.
    pub next: Option<Uri>,
}

/// Who may quote a note (FEP-044f `interactionPolicy.canQuote`): ids, collections or [`PUBLIC`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuotePolicy {
    /// Without asking.
    pub automatic: Vec<String>,
    /// After the author says yes.
    pub manual: Vec<String>,
}

/// A poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Choices and their votes.
    pub options: Vec<(String, i64)>,
    /// Several may be chosen.
    pub multiple: bool,
    /// When it ends.
    pub end_time: Option<Timestamp>,
    /// When it was ended.
    pub closed: Option<Timestamp>,
    /// How many people voted.
    pub voters_count: Option<i64>,
}

/// A file of a note, or a picture of an actor.
#[derive(Clone, Debug, PartialEq)]
pub struct Attachment {
    /// Where it is.
    pub url: Uri,
    /// What it says it is; a hint.
    pub media_type: Option<String>,
    /// Alternative text.
    pub description: Option<String>,
    /// <https://blurha.sh>.
    pub blurhash: Option<String>,
    /// Pixels.
    pub width: Option<i64>,
    /// Pixels.
    pub height: Option<i64>,
    /// Point of interest, −1 … 1 each.
    pub focal_point: Option<(f64, f64)>,
    /// A smaller picture of it.
    pub preview: Option<Uri>,
}

/// A mentioned actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MentionTag {
    /// Its id.
    pub href: Uri,
    /// `@name@host`.
    pub name: Option<String>,
}

/// A hashtag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashtagTag {
    /// Without `#`.
    pub name: String,
    /// Its page.
    pub href: Option<Uri>,
}

/// A custom emoji.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emoji {
    /// Its id.
    pub id: Option<Uri>,
    /// Without colons.
    pub shortcode: String,
    /// Its picture.
    pub url: Uri,
    /// When it was last changed.
    pub updated: Option<Timestamp>,
}

/// What kind of account an actor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// Somebody.
    Person,
    /// A bot.
    Service,
    /// A server or a bot.
    Application,
    /// A community.
    Group,
    /// A company.
    Organization,
}

/// An account.
#[derive(Clone, Debug, PartialEq)]
pub struct Actor {
    /// Its id.
    pub id: Uri,
    /// What it is.
    pub kind: ActorKind,
    /// The name before the `@`.
    pub preferred_username: String,
    /// The handle it claims, `name@host` (FEP-2c59).
    pub webfinger: Option<String>,
    /// Name shown.
    pub name: Option<String>,
    /// Biography, HTML, not cleaned yet when it comes from outside.
    pub summary: Option<String>,
    /// Page for people.
    pub url: Option<Uri>,
    /// Where its mail goes.
    pub inbox: Uri,
    /// Where mail for many of its server goes.
    pub shared_inbox: Option<Uri>,
    /// What it has posted.
    pub outbox: Option<Uri>,
    /// Who follows it.
    pub followers: Option<Uri>,
    /// Whom it follows.
    pub following: Option<Uri>,
    /// Pinned posts.
    pub featured: Option<Uri>,
    /// Featured hashtags.
    pub featured_tags: Option<Uri>,
    /// Picture.
    pub icon: Option<Attachment>,
    /// Banner.
    pub image: Option<Attachment>,
    /// Rows of the profile table: name, and HTML that is not cleaned yet.
    pub fields: Vec<(String, String)>,
    /// Custom emoji in names and texts.
    pub emojis: Vec<Emoji>,
    /// Hashtags of the biography.
    pub hashtags: Vec<HashtagTag>,
    /// Follows need approval.
    pub manually_approves_followers: bool,
    /// May be shown in directories; `None` when it does not say.
    pub discoverable: Option<bool>,
    /// Posts may be searched (FEP-5feb).
    pub indexable: bool,
    /// Its owner has died.
    pub memorial: bool,
    /// Its server has suspended it.
    pub suspended: bool,
    /// Where it went.
    pub moved_to: Option<Uri>,
    /// Other ids of the same person.
    pub also_known_as: Vec<Uri>,
    /// Domains that may name it as author.
    pub attribution_domains: Vec<String>,
    /// Its keys.
    pub public_keys: Vec<PublicKey>,
    /// When it was made.
    pub published: Option<Timestamp>,
}

/// A key with its claimed owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Its id.
    pub id: Uri,
    /// Whose it is, says the document it stands in (F04).
    pub owner: Uri,
    /// SPKI in PEM.
    pub pem: String,
}

/// The permission for a quote (FEP-044f `QuoteAuthorization`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteStamp {
    /// Its id.
    pub id: Uri,
    /// The quoted author.
    pub attributed_to: Uri,
    /// The quoting note.
    pub interacting_object: Uri,
    /// The quoted note.
    pub interaction_target: Uri,
}

/// A collection or one page of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Collection {
    /// Its id.
    pub id: Option<Uri>,
    /// `OrderedCollection`/`OrderedCollectionPage` instead of `Collection`/`CollectionPage`.
    pub is_ordered: bool,
    /// It is a page.
    pub is_page: bool,
    /// How many there are in all.
    pub total: Option<i64>,
    /// What is on it: ids or whole objects.
    pub items: Vec<Object>,
    /// The first page, by reference.
    pub first: Option<Uri>,
    /// The first page, embedded.
    pub first_page: Option<Box<Collection>>,
    /// The last page.
    pub last: Option<Uri>,
    /// The page after this.
    pub next: Option<Uri>,
    /// The page before it.
    pub prev: Option<Uri>,
    /// The collection that a page belongs to.
    pub part_of: Option<Uri>,
    /// Whose it is (FEP-7888).
    pub attributed_to: Option<Uri>,
}

/// The answer of WebFinger (RFC 7033), as far as it is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jrd {
    /// `acct:name@host` without the scheme.
    pub subject: String,
    /// The actor.
    pub actor: Option<Uri>,
    /// Template of the page where one follows from elsewhere, with `{uri}`.
    pub subscribe: Option<String>,
}
