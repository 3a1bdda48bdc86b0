//! From what `app` loads to what the client shows to its person: links stay inside, buttons know
//! what was done, filters apply. Pure.

use app::access::Me;
use app::{App, FilterHit, Quote, StatusView as Loaded};
use domain::account::Account;
use domain::filter::{FilterAction, FilterContext};
use domain::status::Visibility as Audience;

use crate::routes::present;
use crate::view::{AccountView, Actions, QuoteView, ReplyTarget, StatusView};

/// Who looks, and at what kind of list.
pub(in crate::routes) struct Eye<'e> {
    pub app: &'e App,
    pub me: &'e Me,
    pub context: FilterContext,
}

/// The page of an account in the client.
pub(super) fn profile_path(account: &Account) -> String {
    format!("/@{}", account.acct())
}

/// The page of a post in the client.
pub(super) fn post_path(view: &Loaded) -> String {
    let shown = view.boost_of.as_deref().unwrap_or(view);
    format!("/@{}/{}", shown.author.acct(), shown.status.id)
}

impl Eye<'_> {
    /// An account; its name leads to its page here.
    pub fn account(&self, account: &Account) -> AccountView {
        AccountView { profile_url: profile_path(account), ..present::account(self.app, account) }
    }

    /// Those posts of a list that its reader's filters let through.
    pub fn statuses(&self, views: &[Loaded]) -> Vec<StatusView> {
        views.iter().filter_map(|view| self.status(view)).collect()
    }

    /// A post of a list; `None` when the reader's filters hide it.
    pub fn status(&self, view: &Loaded) -> Option<StatusView> {
        let mut shown = self.whole(view);
        for hit in hits(view).filter(|hit| self.applies(hit)) {
            match hit.filter.action {
                FilterAction::Hide => return None,
                FilterAction::Warn => shown.filtered_by = Some(hit.filter.title.clone()),
                FilterAction::Blur => shown.sensitive = true,
            }
        }
        Some(shown)
    }

    fn applies(&self, hit: &FilterHit) -> bool {
        hit.filter.contexts.contains(&self.context) && !hit.filter.is_expired(self.app.now())
    }

    /// A post whatever the filters say: it was asked for.
    pub fn whole(&self, view: &Loaded) -> StatusView {
        let inner = view.boost_of.as_deref().unwrap_or(view);
        let mut shown = present::status(self.app, view);
        shown.url = post_path(view);
        shown.author = self.account(&inner.author);
        if view.boost_of.is_some() {
            shown.boosted_by = Some(self.account(&view.author));
        }
        shown.content_html = links_inside(shown.content_html, inner);
        shown.reply_to = self.answered(inner, shown.reply_to.take());
        shown.quote = inner.quote.as_ref().map(|quote| self.quote(quote));
        shown.pinned = false;
        shown.actions = Some(self.actions(inner));
        shown
    }

    fn answered(&self, view: &Loaded, known: Option<ReplyTarget>) -> Option<ReplyTarget> {
        let target = known?;
        let parent = view.status.in_reply_to?;
        let handle = target.handle;
        let acct = handle.trim_start_matches('@').to_owned();
        let own = format!("@{}", self.app.urls.domain);
        let acct = acct.strip_suffix(&own).map_or(acct.clone(), str::to_owned);
        Some(ReplyTarget { url: Some(format!("/@{acct}/{parent}")), handle })
    }

    fn quote(&self, quote: &Quote) -> QuoteView {
        match quote {
            Quote::Accepted(view) => QuoteView::Shown(Box::new(self.whole(view))),
            Quote::Nested(_) => QuoteView::Absent(crate::t().it_quotes_another_post),
            Quote::Withheld(_) | Quote::NestedWithheld(_) => {
                QuoteView::Absent(crate::t().the_quoted_author_has_not_agreed)
            }
            Quote::Deleted => QuoteView::Absent(crate::t().the_quoted_post_was_deleted),
            Quote::Unauthorized => QuoteView::Absent(crate::t().the_quoted_post_is_not_for),
        }
    }

    fn actions(&self, view: &Loaded) -> Actions {
        let (status, flags) = (&view.status, view.flags.unwrap_or_default());
        let own = status.account_id == self.me.id();
        let open = status.visibility.is_open();
        let votes = view.poll.as_ref().filter(|poll| {
            let voted = poll.own_votes.as_ref().is_some_and(|votes| !votes.is_empty());
            !own && !voted && !poll.poll.is_expired(self.app.now())
        });
        Actions {
            post: status.id.to_string(),
            author: view.author.id.to_string(),
            own,
            favourited: flags.favourited,
            boosted: flags.boosted,
            bookmarked: flags.bookmarked,
            pinned: flags.pinned,
            muted: flags.muted,
            boostable: open || (own && status.visibility == Audience::Private),
            quotable: own || (open && status.quote_policy == "public"),
            votes_in: votes.map(|poll| poll.poll.id.to_string()),
            original_url: (!view.author.is_local())
                .then(|| self.app.urls.status_page(status, &view.author)),
        }
    }
}

fn hits(view: &Loaded) -> impl Iterator<Item = &FilterHit> {
    view.filtered.iter().chain(view.boost_of.iter().flat_map(|inner| &inner.filtered))
}

/// People of other servers who are mentioned are shown here, not at their home.
fn links_inside(mut html: String, view: &Loaded) -> String {
    for mention in &view.mentions {
        if let (Some(url), Some(domain)) = (&mention.url, &mention.domain) {
            let attribute = format!("href=\"{}\"", url.replace('&', "&amp;"));
            let inside = format!("href=\"/@{}@{domain}\"", mention.username);
            let is_plain = inside.chars().skip(6).all(|c| c != '<' && c != '>' && c != '&');
            if is_plain {
                html = html.replace(&attribute, &inside);
            }
        }
    }
    html
}
