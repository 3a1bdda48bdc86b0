//! Posts as pages show them.

use super::{AccountView, Moment};

/// Who may see a post; pages only ever get the ones their viewer may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Everyone, in public lists too.
    Public,
    /// Everyone, but not in public lists.
    Unlisted,
    /// Followers.
    Private,
    /// The people mentioned.
    Direct,
}

impl Visibility {
    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Public => crate::t().public,
            Self::Unlisted => crate::t().quiet_public,
            Self::Private => crate::t().followers,
            Self::Direct => crate::t().private_mention,
        }
    }

    /// The shape that stands for it.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Public => "globe",
            Self::Unlisted => "moon",
            Self::Private => "lock",
            Self::Direct => "mail",
        }
    }

    /// Its name in forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Unlisted => "unlisted",
            Self::Private => "private",
            Self::Direct => "direct",
        }
    }

    /// All of them, from widest to narrowest.
    pub const ALL: [Self; 4] = [Self::Public, Self::Unlisted, Self::Private, Self::Direct];
}

/// A post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusView {
    /// Id of the list entry (the boost's own id for a boost): makes element ids unique.
    pub id: String,
    /// Who wrote it.
    pub author: AccountView,
    /// Permanent address: a path here, the full address elsewhere.
    pub url: String,
    /// When it was written.
    pub created: Moment,
    /// When it was last changed.
    pub edited: Option<Moment>,
    /// Who may see it.
    pub visibility: Visibility,
    /// It stays on this server.
    pub here_only: bool,
    /// Sanitised HTML; may be empty when there are media.
    pub content_html: String,
    /// The same without markup, for link previews and titles.
    pub content_text: String,
    /// Language code of the text.
    pub language: Option<String>,
    /// Plain text; hides the content behind it.
    pub content_warning: Option<String>,
    /// Media are hidden until asked for.
    pub sensitive: bool,
    /// Pictures, video, sound.
    pub media: Vec<MediaView>,
    /// A poll with its results.
    pub poll: Option<PollView>,
    /// Preview of a linked page.
    pub card: Option<CardView>,
    /// Who boosted it into this list.
    pub boosted_by: Option<AccountView>,
    /// What it answers.
    pub reply_to: Option<ReplyTarget>,
    /// Number of replies.
    pub replies: u64,
    /// Number of boosts.
    pub boosts: u64,
    /// Number of favourites.
    pub favourites: u64,
    /// Name of the app it was written with, if shown.
    pub application: Option<String>,
    /// Pinned to the top of the profile.
    pub pinned: bool,
    /// The post it quotes.
    pub quote: Option<QuoteView>,
    /// How long ago, in a word.
    pub ago: String,
    /// Title of the viewer's filter that it stands behind.
    pub filtered_by: Option<String>,
    /// What the viewer did and may do; `None` on public pages.
    pub actions: Option<Actions>,
}

/// What somebody who is signed in did and may do with a post.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a button of its own")]
pub struct Actions {
    /// Id of the post itself, which differs from the entry's for a boost.
    pub post: String,
    /// Id of its author.
    pub author: String,
    /// It is the viewer's.
    pub own: bool,
    /// Favourited by the viewer.
    pub favourited: bool,
    /// Boosted by the viewer.
    pub boosted: bool,
    /// Bookmarked by the viewer.
    pub bookmarked: bool,
    /// Pinned by the viewer.
    pub pinned: bool,
    /// The viewer muted its thread.
    pub muted: bool,
    /// May be boosted.
    pub boostable: bool,
    /// The viewer may quote it.
    pub quotable: bool,
    /// The poll's id, while the viewer may vote in it.
    pub votes_in: Option<String>,
    /// Where it is at home, when that is elsewhere.
    pub original_url: Option<String>,
}

/// A post inside another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuoteView {
    /// To be shown.
    Shown(Box<StatusView>),
    /// Why it is not shown.
    Absent(&'static str),
}

impl StatusView {
    /// Whether media are shown only after a click. A content warning already hides them.
    pub fn hides_media(&self) -> bool {
        self.sensitive && self.content_warning.is_none()
    }

    /// The poll that the viewer may vote in.
    pub fn votes_in(&self) -> Option<&str> {
        self.actions.as_ref().and_then(|actions| actions.votes_in.as_deref())
    }

    /// Id of the post itself; an entry's own for a post without actions.
    pub fn post_id(&self) -> &str {
        self.actions.as_ref().map_or(self.id.as_str(), |actions| actions.post.as_str())
    }

    /// A line or two of it, for where it is only named.
    pub fn glimpse(&self) -> String {
        let text = match &self.content_warning {
            Some(warning) => warning.as_str(),
            None if self.has_only_media() => return self.media_in_words(),
            None => self.content_text.as_str(),
        };
        let mut line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.chars().count() > 200 {
            line = line.chars().take(200).chain(std::iter::once('…')).collect();
        }
        line
    }

    /// The language of its glimpse, unless that is in our own words.
    pub fn glimpse_language(&self) -> Option<&str> {
        let ours = self.content_warning.is_none() && self.has_only_media();
        self.language.as_deref().filter(|_| !ours)
    }

    /// The language of what is said of a medium, unless that is in our own words.
    pub fn language_of(&self, medium: &MediaView) -> Option<&str> {
        self.language.as_deref().filter(|_| medium.description.is_some())
    }

    fn has_only_media(&self) -> bool {
        self.content_text.trim().is_empty() && !self.media.is_empty()
    }

    /// How many media there are, in words.
    pub fn media_in_words(&self) -> String {
        crate::t().attachments_count(self.media.len())
    }

    /// How many media there are, up to four, for the grid.
    pub fn media_grid(&self) -> usize {
        self.media.len().min(4)
    }
}

/// The post a reply answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyTarget {
    /// Handle of its author.
    pub handle: String,
    /// Where it is, if it may be seen.
    pub url: Option<String>,
}

/// A reply below a post with its depth in the thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadedReply {
    /// The reply.
    pub status: StatusView,
    /// 1 for a direct answer.
    pub depth: usize,
}

impl ThreadedReply {
    /// The step of indentation, kept small so that deep threads stay readable on a phone.
    pub fn step(&self) -> usize {
        self.depth.saturating_sub(1).min(4)
    }
}

/// What a medium is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    /// A still picture.
    Image,
    /// A silent looping clip.
    Animation,
    /// A film.
    Video,
    /// Sound.
    Audio,
    /// A file only linked to.
    Other,
}

/// A medium of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaView {
    /// What it is.
    pub kind: MediaKind,
    /// The full file.
    pub url: String,
    /// A small picture; for video the still shown before it plays.
    pub preview_url: Option<String>,
    /// Alternative text as written by the author.
    pub description: Option<String>,
    /// Width and height of the preview, so that nothing moves while it loads.
    pub size: (u32, u32),
    /// What stays in view where it is cut: fifths from the left and from the top, 0 to 4.
    pub focus: (u8, u8),
}

impl MediaView {
    /// The attribute that keeps it in view: a class, because pages carry no styles of their own.
    pub fn framing(&self) -> String {
        match self.focus {
            (2, 2) => String::new(),
            (x, y) => format!(" class=\"fx{x} fy{y}\""),
        }
    }

    /// The picture to show.
    pub fn picture(&self) -> &str {
        self.preview_url.as_deref().unwrap_or(&self.url)
    }

    /// Alternative text; empty when the author gave none.
    pub fn alt(&self) -> &str {
        self.description.as_deref().unwrap_or_default()
    }

    /// What a link to it says when there is no alternative text.
    pub fn label(&self) -> &str {
        let kind = match self.kind {
            MediaKind::Image => crate::t().picture_without_description,
            MediaKind::Animation => crate::t().animation_without_description,
            MediaKind::Video => crate::t().video_without_description,
            MediaKind::Audio => crate::t().sound_without_description,
            MediaKind::Other => crate::t().attached_file,
        };
        self.description.as_deref().unwrap_or(kind)
    }
}

/// A poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollView {
    /// The choices in order.
    pub options: Vec<PollOptionView>,
    /// People who voted; differs from votes when several choices are allowed.
    pub voters: u64,
    /// Several choices allowed.
    pub multiple: bool,
    /// No more votes.
    pub closed: bool,
    /// When it closes or closed.
    pub expires: Option<Moment>,
}

impl PollView {
    /// Share of the voters in whole percent; `None` while totals are hidden.
    pub fn percent(&self, option: &PollOptionView) -> Option<u64> {
        let votes = option.votes?;
        let base = self.voters.max(1);
        Some((votes.saturating_mul(100).saturating_add(base / 2) / base).min(100))
    }

    /// Whether no other choice has more votes.
    pub fn leads(&self, option: &PollOptionView) -> bool {
        let most = self.options.iter().filter_map(|option| option.votes).max().unwrap_or(0);
        most > 0 && option.votes == Some(most)
    }
}

/// A choice of a poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollOptionView {
    /// As written.
    pub title: String,
    /// Votes; `None` while hidden.
    pub votes: Option<u64>,
}

/// Preview of a linked page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardView {
    /// Where it leads.
    pub url: String,
    /// Whole host, shown so that people see where they go.
    pub host: String,
    /// Title of the page.
    pub title: String,
    /// A sentence or two; may be empty.
    pub description: String,
    /// A picture from our own cache with its size.
    pub image: Option<(String, u32, u32)>,
    /// The page's language.
    pub language: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_and_never_beyond_a_hundred() {
        let option = |votes| PollOptionView { title: String::new(), votes };
        let poll = |voters| PollView {
            options: vec![option(Some(2)), option(Some(1))],
            voters,
            multiple: true,
            closed: true,
            expires: None,
        };
        assert_eq!(poll(3).percent(&option(Some(2))), Some(67));
        assert_eq!(poll(0).percent(&option(Some(0))), Some(0));
        assert_eq!(poll(1).percent(&option(Some(u64::MAX))), Some(100));
        assert_eq!(poll(3).percent(&option(None)), None);
        assert!(poll(3).leads(&option(Some(2))));
        assert!(!poll(3).leads(&option(None)));
    }
}
