//! Pages of the client, for people who are signed in. Each carries its [`Frame`].

mod backups;
mod compose;
mod dashboard;
mod frame;
mod house;
mod notifications;
mod organise;
mod people;
mod settings;
mod timeline;

use askama::Template;

pub use backups::{BackupCard, WorryRow};
pub use compose::{
    Attachment, AttachmentPart, ComposeForm, ComposePage, ComposePart, KeptPage, PollForm, Purpose,
    ScheduledPage, ScheduledRow, SuggestPart, Suggestion, languages,
};
pub use dashboard::{
    Bar, CertificateRow, DashboardPage, DomainsPage, EdgeCard, HostRow, JobRow, MailCard,
    ReportRow, ReportsPage, RuleRow, StateCards, WorkPage, bars,
};
pub use frame::{Entry, Frame, HOUSE, Place};
pub use house::{
    AboutEditPage, AnnouncementForm, AnnouncementPage, AnnouncementRow, AnnouncementState,
    AnnouncementsPage, EmojiPage, EmojiRow, HouseRuleRow, HouseRulesPage, Notice,
};
pub use notifications::{ConversationsPage, KeptBackPage, NoteView, NotificationsPage, TalkView};
pub use organise::{
    FilterPage, FilterRow, FiltersPage, ListChoicePage, ListEditPage, ListsPage, SearchPage,
    TagsPage,
};
pub use people::{
    HistoryPage, PeoplePage, PersonRow, ProfilePage, ReportPage, Shelf, Ties, VersionView,
};
pub use settings::{
    ArchiveCard, SettingsAccountPage, SettingsDataPage, SettingsPage, SettingsPreferencesPage,
    SettingsProfilePage, SettingsPushPage,
};
pub use timeline::{DeletePage, StatusPart, TagTools, ThreadPage, TimelinePage};

/// Everything there is, for small screens and for people who look for something.
#[derive(Debug, Clone, Template)]
#[template(path = "client/menu.html")]
pub struct MenuPage {
    /// The frame.
    pub frame: Frame,
}
