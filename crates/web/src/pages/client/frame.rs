//! What stands around every page of the client: navigation, the person, what waits for them.

use crate::language::Words;
use crate::pages::Site;
use crate::paths;
use crate::view::AccountView;

/// Which entry of the navigation is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Home timeline.
    Home,
    /// Notifications.
    Notifications,
    /// Private mentions.
    Conversations,
    /// Posts of this server.
    Local,
    /// Posts of all known servers.
    Federated,
    /// Search.
    Search,
    /// Bookmarked posts.
    Bookmarks,
    /// Favourites.
    Favourites,
    /// Lists.
    Lists,
    /// Settings.
    Settings,
    /// The owner's dashboard.
    Dashboard,
    /// Writing.
    Compose,
    /// The list of everything, on a phone.
    Menu,
    /// Anything else.
    Elsewhere,
}

/// Pages of those who look after the server: the tab's name, where it leads, what it is called.
pub const HOUSE: [(&str, &str, Words); 8] = [
    ("overview", paths::DASHBOARD, |t| t.overview),
    ("work", "/dashboard/work", |t| t.jobs_and_deliveries),
    ("reports", "/dashboard/reports", |t| t.reports),
    ("domains", "/dashboard/domains", |t| t.other_servers),
    ("about", paths::DASHBOARD_ABOUT, |t| t.about_the_server),
    ("rules", paths::DASHBOARD_RULES, |t| t.house_rules),
    ("announcements", paths::DASHBOARD_ANNOUNCEMENTS, |t| t.announcements),
    ("emoji", paths::DASHBOARD_EMOJI, |t| t.emoji),
];

/// An entry of the navigation.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Where it leads.
    pub path: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// Its shape.
    pub icon: &'static str,
    /// It is open now.
    pub current: bool,
    /// What waits there.
    pub waiting: u64,
}

/// The frame of a page.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The server.
    pub site: Site,
    /// Who is signed in.
    pub me: AccountView,
    /// Anti-forgery token of the session.
    pub csrf_token: String,
    /// Where forms of this page come back to.
    pub here: String,
    /// Which entry is open.
    pub place: Place,
    /// Notifications that were not seen.
    pub unread: u64,
    /// People who ask to follow.
    pub requests: u64,
    /// Where looking after the server begins, for those who do: moderators see reports only.
    pub staff_path: Option<&'static str>,
    /// Lists: title and path.
    pub lists: Vec<(String, String)>,
}

impl Frame {
    /// Whether more than reports may be seen.
    pub fn is_admin(&self) -> bool {
        self.staff_path == Some(paths::DASHBOARD)
    }

    /// Whether it is this page that is open.
    pub fn is_at(&self, place: Place) -> bool {
        self.place == place
    }

    fn entry(
        &self,
        place: Place,
        path: &'static str,
        (label, icon): (&'static str, &'static str),
        waiting: u64,
    ) -> Entry {
        Entry { path, label, icon, current: self.place == place, waiting }
    }

    /// What is always at hand, on a phone too.
    pub fn first(&self) -> [Entry; 4] {
        [
            self.entry(Place::Home, paths::HOME, (crate::t().home, "home"), 0),
            self.entry(
                Place::Notifications,
                paths::NOTIFICATIONS,
                (crate::t().notifications, "bell"),
                self.unread,
            ),
            self.entry(Place::Search, paths::SEARCH, (crate::t().search, "search"), 0),
            self.entry(
                Place::Conversations,
                paths::CONVERSATIONS,
                (crate::t().private_mentions, "mail"),
                0,
            ),
        ]
    }

    /// The rest.
    pub fn more(&self) -> Vec<Entry> {
        let mut entries = vec![
            self.entry(Place::Local, paths::LOCAL, (crate::t().this_server, "people"), 0),
            self.entry(Place::Federated, paths::FEDERATED, (crate::t().all_servers, "globe"), 0),
            self.entry(Place::Lists, paths::LISTS, (crate::t().lists, "list"), 0),
            self.entry(Place::Bookmarks, paths::BOOKMARKS, (crate::t().bookmarks, "bookmark"), 0),
            self.entry(Place::Favourites, paths::FAVOURITES, (crate::t().favourites, "star"), 0),
        ];
        if self.requests > 0 {
            let words = (crate::t().follow_requests, "people");
            entries.push(self.entry(
                Place::Elsewhere,
                paths::FOLLOW_REQUESTS,
                words,
                self.requests,
            ));
        }
        entries.push(self.entry(
            Place::Settings,
            paths::SETTINGS,
            (crate::t().settings, "gear"),
            0,
        ));
        if let Some(path) = self.staff_path {
            let words = (crate::t().server, "chart");
            entries.push(self.entry(Place::Dashboard, path, words, 0));
        }
        entries
    }
}
