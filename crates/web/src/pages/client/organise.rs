//! Search, lists, hashtags, filters.

use askama::Template;

use super::{Frame, PersonRow};
use crate::view::{StatusView, TextField};

/// Search and what it found.
#[derive(Debug, Clone, Template)]
#[template(path = "client/search.html")]
pub struct SearchPage {
    /// The frame.
    pub frame: Frame,
    /// As typed.
    pub query: String,
    /// People.
    pub people: Vec<PersonRow>,
    /// Hashtags: name and path.
    pub tags: Vec<(String, String)>,
    /// Posts.
    pub statuses: Vec<StatusView>,
}

impl SearchPage {
    fn found_nothing(&self) -> bool {
        self.people.is_empty() && self.tags.is_empty() && self.statuses.is_empty()
    }
}

/// All lists.
#[derive(Debug, Clone, Template)]
#[template(path = "client/lists.html")]
pub struct ListsPage {
    /// The frame.
    pub frame: Frame,
    /// Id and title.
    pub lists: Vec<(String, String)>,
    /// Name of a new one.
    pub title: TextField,
}

/// One list, to be changed.
#[derive(Debug, Clone, Template)]
#[template(path = "client/list_edit.html")]
pub struct ListEditPage {
    /// The frame.
    pub frame: Frame,
    /// Its id.
    pub id: String,
    /// Its name.
    pub title: TextField,
    /// Which replies it shows: `followed`, `list` or `none`.
    pub replies: &'static str,
    /// Its members stay out of the home feed.
    pub exclusive: bool,
    /// Who is in it.
    pub members: Vec<PersonRow>,
}

/// In which lists an account is.
#[derive(Debug, Clone, Template)]
#[template(path = "client/list_choice.html")]
pub struct ListChoicePage {
    /// The frame.
    pub frame: Frame,
    /// Whose.
    pub person: PersonRow,
    /// Id, title, whether the account is in it.
    pub lists: Vec<(String, String, bool)>,
}

/// Followed hashtags.
#[derive(Debug, Clone, Template)]
#[template(path = "client/tags.html")]
pub struct TagsPage {
    /// The frame.
    pub frame: Frame,
    /// Name and path.
    pub tags: Vec<(String, String)>,
    /// One to follow.
    pub name: TextField,
    /// Link to the page after.
    pub older_url: Option<String>,
}

/// A filter in a list.
#[derive(Debug, Clone)]
pub struct FilterRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Words it looks for.
    pub words: String,
    /// What it does and where, in words.
    pub summary: String,
}

/// All filters.
#[derive(Debug, Clone, Template)]
#[template(path = "client/filters.html")]
pub struct FiltersPage {
    /// The frame.
    pub frame: Frame,
    /// The filters.
    pub filters: Vec<FilterRow>,
}

/// One filter, new or to be changed.
#[derive(Debug, Clone, Template)]
#[template(path = "client/filter_edit.html")]
pub struct FilterPage {
    /// The frame.
    pub frame: Frame,
    /// Its id; `None` for a new one.
    pub id: Option<String>,
    /// Its name.
    pub title: TextField,
    /// Words, one a line.
    pub words: String,
    /// Only as whole words.
    pub whole: bool,
    /// Places: name, word, whether it applies there.
    pub places: Vec<(&'static str, &'static str, bool)>,
    /// `warn`, `hide` or `blur`.
    pub action: String,
    /// What is wrong.
    pub error: Option<String>,
}

impl FilterPage {
    fn path(&self) -> String {
        match &self.id {
            Some(id) => format!("{}/{id}", crate::paths::FILTERS),
            None => format!("{}/new", crate::paths::FILTERS),
        }
    }
}
