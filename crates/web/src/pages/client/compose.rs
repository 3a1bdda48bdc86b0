//! Writing: the form, as it stands at the top of a timeline, below a thread or on its own page.

use askama::Template;

use super::Frame;
use crate::language::Words;
use crate::pages::Site;
use crate::view::{MediaKind, MediaView, Moment, StatusView, TextField, Visibility};

/// What becomes of the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Purpose {
    /// A new post.
    #[default]
    Post,
    /// An answer to the post with this id.
    Reply(String),
    /// A quote of the post with this id.
    Quote(String),
    /// A new version of the post with this id.
    Edit(String),
    /// A new version of the scheduled post with this id.
    Scheduled(String),
}

/// A form with all that was typed into it.
#[derive(Debug, Clone)]
pub struct ComposeForm {
    /// Whose it is: drafts of others on the same device are not theirs.
    pub writer: String,
    /// What becomes of it.
    pub purpose: Purpose,
    /// The text.
    pub text: String,
    /// Content warning.
    pub warning: String,
    /// Who it is for; an edit leaves that as it is.
    pub visibility: Visibility,
    /// Language code; empty to follow the preferences.
    pub language: String,
    /// Media hidden.
    pub sensitive: bool,
    /// The text is Markdown.
    pub markdown: bool,
    /// It stays on this server; an edit leaves that as it is.
    pub local_only: bool,
    /// Files that were uploaded.
    pub media: Vec<Attachment>,
    /// The poll.
    pub poll: PollForm,
    /// When it is to be posted; empty for now.
    pub at: TextField,
    /// The same key again posts nothing again.
    pub key: String,
    /// Where to go afterwards.
    pub back: String,
    /// What is wrong with the text, or with the whole.
    pub error: Option<String>,
    /// What is wrong with the files.
    pub media_error: Option<String>,
    /// What is wrong with the poll.
    pub poll_error: Option<String>,
    /// Most characters.
    pub longest: usize,
    /// Most files.
    pub most_media: usize,
    /// The cursor stands here when the page opens.
    pub focused: bool,
}

/// A file of a post that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its id.
    pub id: String,
    /// What it is.
    pub medium: Option<MediaView>,
    /// What it shows, as typed.
    pub description: String,
    /// The point that stays in view: `x,y`, each from -1 to 1, y upwards.
    pub focus: String,
}

impl Attachment {
    /// Points to choose from without a script.
    const FOCUSES: [(&'static str, Words); 9] = [
        ("0,0", |t| t.the_middle),
        ("0,0.7", |t| t.the_top),
        ("0,-0.7", |t| t.the_bottom),
        ("-0.7,0", |t| t.the_left),
        ("0.7,0", |t| t.the_right),
        ("-0.7,0.7", |t| t.top_left),
        ("0.7,0.7", |t| t.top_right),
        ("-0.7,-0.7", |t| t.bottom_left),
        ("0.7,-0.7", |t| t.bottom_right),
    ];

    /// Whether there is anything to see of it that could be cut.
    pub fn is_seen(&self) -> bool {
        let kind = self.medium.as_ref().map(|medium| medium.kind);
        !matches!(kind, Some(MediaKind::Audio | MediaKind::Other))
    }

    /// Points to choose from: value and words.
    pub fn focuses(&self) -> Vec<(&str, &'static str)> {
        let is_usual = Self::FOCUSES.iter().any(|(value, _)| *value == self.focus);
        let own = (!is_usual).then_some((self.focus.as_str(), crate::t().the_chosen_point));
        let usual = Self::FOCUSES.into_iter().map(|(value, words)| (value, words(crate::t())));
        usual.chain(own).collect()
    }
}

/// A post that waits for its time.
#[derive(Debug, Clone)]
pub struct ScheduledRow {
    /// Its id.
    pub id: String,
    /// When it is to be posted.
    pub at: Moment,
    /// As typed.
    pub text: String,
    /// Content warning.
    pub warning: String,
    /// Who it is for, in words.
    pub audience: Option<&'static str>,
    /// Its files.
    pub media: Vec<MediaView>,
    /// The answers of its poll.
    pub choices: Vec<String>,
    /// What all this is written in, when it was said.
    pub language: Option<String>,
}

/// Posts that wait for their time.
#[derive(Debug, Clone, Template)]
#[template(path = "client/scheduled.html")]
pub struct ScheduledPage {
    /// The frame.
    pub frame: Frame,
    /// What was done just now.
    pub notice: Option<&'static str>,
    /// The next one first.
    pub posts: Vec<ScheduledRow>,
}

/// A poll as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollForm {
    /// The answers; empty ones are left out.
    pub options: [String; 4],
    /// Seconds until it closes.
    pub seconds: i64,
    /// Several answers allowed.
    pub multiple: bool,
    /// Counts hidden until it closes.
    pub hidden: bool,
}

impl Default for PollForm {
    fn default() -> Self {
        Self { options: Default::default(), seconds: 86_400, multiple: false, hidden: false }
    }
}

impl PollForm {
    /// How long polls may run: seconds and words.
    pub fn terms() -> [(i64, &'static str); 7] {
        let t = crate::t();
        [
            (300, t.poll_5_minutes),
            (1_800, t.poll_30_minutes),
            (3_600, t.poll_1_hour),
            (21_600, t.poll_6_hours),
            (86_400, t.poll_1_day),
            (259_200, t.poll_3_days),
            (604_800, t.poll_7_days),
        ]
    }

    /// Whether anything was typed.
    pub fn is_begun(&self) -> bool {
        self.options.iter().any(|option| !option.trim().is_empty())
    }
}

/// Languages to choose from: code and own name.
const LANGUAGES: [(&str, &str); 28] = [
    ("ar", "العربية"),
    ("bg", "Български"),
    ("ca", "Català"),
    ("cs", "Čeština"),
    ("cy", "Cymraeg"),
    ("da", "Dansk"),
    ("de", "Deutsch"),
    ("el", "Ελληνικά"),
    ("en", "English"),
    ("eo", "Esperanto"),
    ("es", "Español"),
    ("eu", "Euskara"),
    ("fa", "فارسی"),
    ("fi", "Suomi"),
    ("fr", "Français"),
    ("he", "עברית"),
    ("hu", "Magyar"),
    ("it", "Italiano"),
    ("ja", "日本語"),
    ("ko", "한국어"),
    ("nl", "Nederlands"),
    ("no", "Norsk"),
    ("pl", "Polski"),
    ("pt", "Português"),
    ("sv", "Svenska"),
    ("tr", "Türkçe"),
    ("uk", "Українська"),
    ("zh", "中文"),
];

/// Languages to choose from, and the chosen one where it is none of the usual.
pub fn languages(chosen: &str) -> Vec<(&str, &str)> {
    let known = LANGUAGES.iter().any(|(code, _)| *code == chosen) || chosen.is_empty();
    let other = (!known).then_some((chosen, chosen));
    LANGUAGES.iter().copied().chain(other).collect()
}

impl ComposeForm {
    /// Where it is sent.
    pub fn action(&self) -> String {
        match &self.purpose {
            Purpose::Edit(id) => format!("/posts/{id}/edit"),
            Purpose::Scheduled(id) => format!("{}/{id}", crate::paths::SCHEDULED),
            Purpose::Post | Purpose::Reply(_) | Purpose::Quote(_) => {
                crate::paths::COMPOSE.to_owned()
            }
        }
    }

    /// Whether it changes what is there.
    pub fn is_edit(&self) -> bool {
        matches!(self.purpose, Purpose::Edit(_))
    }

    /// What the text field is for.
    pub fn label(&self) -> &'static str {
        match self.purpose {
            Purpose::Post => crate::t().what_would_you_like_to_say,
            Purpose::Reply(_) => crate::t().your_reply,
            Purpose::Quote(_) => crate::t().your_words_on_it,
            Purpose::Edit(_) | Purpose::Scheduled(_) => crate::t().text_of_the_post,
        }
    }

    /// The word on the button.
    pub fn button(&self) -> &'static str {
        match self.purpose {
            Purpose::Post | Purpose::Quote(_) => crate::t().publish,
            Purpose::Reply(_) => crate::t().reply,
            Purpose::Edit(_) | Purpose::Scheduled(_) => crate::t().save,
        }
    }

    /// Names the draft that a browser keeps of it.
    pub fn draft(&self) -> String {
        let writer = &self.writer;
        match &self.purpose {
            Purpose::Post => format!("{writer}-post"),
            Purpose::Reply(id) => format!("{writer}-reply-{id}"),
            Purpose::Quote(id) => format!("{writer}-quote-{id}"),
            Purpose::Edit(id) => format!("{writer}-edit-{id}"),
            Purpose::Scheduled(id) => format!("{writer}-scheduled-{id}"),
        }
    }

    /// Whether more than the text is filled in, so that it must be seen.
    pub fn is_open(&self) -> bool {
        !self.warning.is_empty()
            || self.sensitive
            || !self.media.is_empty()
            || self.poll.is_begun()
            || !self.at.value.is_empty()
            || self.media_error.is_some()
            || self.poll_error.is_some()
    }

    /// Languages to choose from.
    pub fn languages(&self) -> Vec<(&str, &str)> {
        languages(&self.language)
    }

    /// Ids of what explains the text field.
    pub fn described_by(&self) -> String {
        let error = if self.error.is_some() { "text-error " } else { "" };
        format!("{error}text-left")
    }
}

/// A page for writing.
#[derive(Debug, Clone, Template)]
#[template(path = "client/compose.html")]
pub struct ComposePage {
    /// The frame.
    pub frame: Frame,
    /// The heading.
    pub title: &'static str,
    /// The post that is answered or quoted.
    pub about: Option<StatusView>,
    /// The form.
    pub form: ComposeForm,
}

/// The form alone, as scripts put it into a page after a refusal.
#[derive(Debug, Clone, Template)]
#[template(path = "client/compose_part.html")]
pub struct ComposePart {
    /// For its key.
    pub frame: Frame,
    /// The form.
    pub form: ComposeForm,
}

/// One uploaded file, as scripts put it into the form.
#[derive(Debug, Clone, Template)]
#[template(path = "client/attachment_part.html")]
pub struct AttachmentPart {
    /// The file.
    pub attachment: Attachment,
}

/// The session had ended when a text came: the text is shown, so that it is not lost.
#[derive(Debug, Clone, Template)]
#[template(path = "kept.html")]
pub struct KeptPage<'a> {
    /// The server.
    pub site: &'a Site,
    /// What was typed.
    pub text: String,
}

/// What a half-typed word could become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// What is put in.
    pub insert: String,
    /// What is shown.
    pub label: String,
    /// A line below, or nothing.
    pub detail: String,
    /// A picture.
    pub picture: Option<String>,
}

/// Suggestions, as scripts put them below the text.
#[derive(Debug, Clone, Template)]
#[template(path = "client/suggestions.html")]
pub struct SuggestPart {
    /// The best first.
    pub suggestions: Vec<Suggestion>,
}
