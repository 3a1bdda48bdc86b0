//! Links of a profile that are shown as verified: the page a field links to has to link back to the
//! profile with `rel="me"` (M09). Looked at by a job when a field is new or other than before.

use std::sync::Arc;

use domain::AccountId;
use domain::account::{Account, ProfileField};
use http::header;
use net::Get;
use store::{Conn, accounts};
use url::Url;

use crate::cards::html::{Part, walk};
use crate::cards::{self, Gate};
use crate::jobs::{self, Job};
use crate::{App, AppError, Result};

/// Most fields of one account that are looked at, as many as people here have.
const MOST: usize = 4;
/// Bytes of a page that are looked at.
const MOST_BYTES: usize = 1024 * 1024;
/// Longest address.
const LONGEST: usize = 2_048;

/// Queues a look at the links of an account that nobody has looked at, if it has any.
pub(crate) async fn queue(app: &App, conn: &mut Conn, account: &Account) -> Result<()> {
    if candidates(app, account).next().is_none() {
        return Ok(());
    }
    jobs::enqueue(app, conn, &Job::VerifyLinks { account: account.id }, app.now()).await
}

/// Fields as they are now; a link that was verified stays so while it is the same.
pub(crate) fn keep_verified(fields: &mut [ProfileField], former: &[ProfileField]) {
    for field in fields {
        let same = former.iter().find(|former| former.value == field.value);
        field.verified_at = same.and_then(|former| former.verified_at);
    }
}

/// Runs the job.
pub(crate) async fn run(app: &Arc<App>, id: AccountId) -> Result<()> {
    let found = app
        .read(move |conn| {
            Box::pin(async move { Ok::<_, AppError>(accounts::by_id(conn, id).await?) })
        })
        .await?;
    let Some(account) = found.filter(|account| account.suspended_at.is_none()) else {
        return Ok(());
    };
    let back = app.urls.profile(&account);
    let (mut verified, mut later) = (Vec::new(), None);
    for (value, link) in candidates(app, &account) {
        match links_back(app, &link, &back).await {
            Ok(true) => verified.push(value.to_owned()),
            Ok(false) => {}
            Err(error @ AppError::Busy(_)) => later = Some(error),
            Err(error) => return Err(error),
        }
    }
    if !verified.is_empty() {
        note(app, id, verified).await?;
    }
    later.map_or(Ok(()), Err)
}

async fn note(app: &Arc<App>, id: AccountId, verified: Vec<String>) -> Result<()> {
    let now = app.now();
    app.write(move |conn| {
        Box::pin(async move {
            let Some(mut account) = accounts::locked(conn, id).await? else { return Ok(()) };
            for field in &mut account.fields {
                // It may have been changed while its page was looked at.
                if verified.contains(&field.value) && field.verified_at.is_none() {
                    field.verified_at = Some(now);
                }
            }
            Ok(accounts::set_fields(conn, id, &account.fields).await?)
        })
    })
    .await
}

/// Fields that are not verified and consist of a link that could be.
fn candidates<'a>(app: &App, account: &'a Account) -> impl Iterator<Item = (&'a str, Url)> {
    let (is_here, may_be_plain) = (account.is_local(), app.urls.is_local);
    account.fields.iter().take(MOST).filter(|field| field.verified_at.is_none()).filter_map(
        move |field| {
            let text = if is_here { Some(field.value.clone()) } else { only_link(&field.value) };
            Some((field.value.as_str(), address(&text?, may_be_plain)?))
        },
    )
}

/// An address that says what it is: https, no name or password before the host, no other spelling of
/// the host or the path than the one that people read.
fn address(text: &str, may_be_plain: bool) -> Option<Url> {
    if text.len() > LONGEST {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let has_scheme = url.scheme() == "https" || (may_be_plain && url.scheme() == "http");
    let is_plain = url.username().is_empty() && url.password().is_none();
    let as_read = url.as_str() == text || url.as_str().strip_suffix('/') == Some(text);
    (has_scheme && is_plain && as_read).then_some(url)
}

/// The address of a piece of HTML that is one link and shows all of its address.
fn only_link(html: &str) -> Option<String> {
    let (mut href, mut inside, mut is_only, mut shown) = (None, false, true, String::new());
    walk(html, |part| match part {
        Part::Start(element) if element.name == "a" => {
            is_only &= href.is_none();
            href = element.get("href").map(str::to_owned);
            inside = true;
        }
        Part::Start(element) => is_only &= inside && element.name == "span",
        Part::End("a") => inside = false,
        Part::End(_) => {}
        Part::Text(text) if inside => shown.push_str(text),
        Part::Text(text) => is_only &= text.trim().is_empty(),
    });
    href.filter(|href| is_only && *href == shown)
}

/// Whether the page at an address links to a profile with `rel="me"`. A redirect to another host is
/// no word of the one that is shown.
async fn links_back(app: &App, link: &Url, back: &str) -> Result<bool> {
    let Some(host) = activitypub::Uri::parse(link.as_str()).map(|uri| uri.host()) else {
        return Ok(false);
    };
    if !cards::may_ask(app, &host).await? {
        return Ok(false);
    }
    let gate = Gate(app);
    let get = Get {
        url: link,
        accept: "text/html",
        most_bytes: MOST_BYTES,
        signer: None,
        gate: Some(&gate),
    };
    let answer = match app.net.get_beginning(get).await {
        Ok(answer) => answer,
        Err(error) if error.is_transient() => return Err(AppError::Busy(error.to_string())),
        Err(_) => return Ok(false),
    };
    let kind = answer.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_page = kind.is_some_and(|kind| kind.trim_start().starts_with("text/html"));
    if !answer.status.is_success() || !is_page || bare(&answer.url) != bare(link) {
        return Ok(false);
    }
    let (page, back) = (String::from_utf8_lossy(&answer.body).into_owned(), back.to_owned());
    // A large page takes milliseconds.
    let reading = tokio::task::spawn_blocking(move || names(&page, &back));
    reading.await.map_err(|error| AppError::Internal(error.to_string()))
}

/// The host without the `www.` that many redirect to or from.
fn bare(url: &Url) -> (&str, Option<u16>) {
    let host = url.host_str().unwrap_or_default();
    (host.strip_prefix("www.").unwrap_or(host), url.port())
}

/// Whether a page has a link to `back` that says `rel="me"`.
fn names(page: &str, back: &str) -> bool {
    let mut is_named = false;
    walk(page, |part| {
        if let Part::Start(element) = part
            && matches!(element.name.as_str(), "a" | "link")
            && element.has_word("rel", "me")
            && element.get("href").is_some_and(|href| href.eq_ignore_ascii_case(back))
        {
            is_named = true;
        }
    });
    is_named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m09_only_an_address_that_says_what_it_is_is_asked() {
        for (text, is_fine) in [
            ("https://good.test", true),
            ("https://good.test/me?a=b", true),
            ("http://good.test/", false),
            ("https://good.test@b.test/", false),
            ("https://u:p@b.test/", false),
            ("https://GOOD.test/", false),
            ("https://gööd.test/", false),
            ("https://good.test/a/../b", false),
            ("see https://good.test", false),
            ("javascript:alert(1)", false),
            ("", false),
        ] {
            assert_eq!(address(text, false).is_some(), is_fine, "{text:?}");
        }
        assert!(address("http://good.test/", true).is_some());
    }

    #[test]
    fn m09_a_field_of_another_server_is_one_link_that_shows_its_address() {
        let whole = "<a href=\"https://a.test/x\" rel=\"me\"><span class=\"invisible\">https://</span>\
                     <span>a.test/x</span></a>";
        assert_eq!(only_link(whole).as_deref(), Some("https://a.test/x"));
        for other in [
            "<a href=\"https://a.test/x\">https://good.test/</a>",
            "<a href=\"https://a.test/\">https://a.test/</a> and more",
            "<a href=\"https://a.test/\">https://a.test/</a><a href=\"https://b.test/\">x</a>",
            "<p><a href=\"https://a.test/\">https://a.test/</a></p>",
            "https://a.test/",
        ] {
            assert_eq!(only_link(other), None, "{other}");
        }
    }

    #[test]
    fn m09_the_page_has_to_name_exactly_the_profile() {
        let back = "https://here.test/@alice";
        assert!(names("<a rel='nofollow ME' href='https://here.test/@alice'>x</a>", back));
        assert!(names("<link rel=me href='https://HERE.test/@Alice'>", back));
        for page in [
            "<a href='https://here.test/@alice'>x</a>",
            "<a rel=me href='https://here.test/@alice2'>x</a>",
            "<a rel=me href='https://here.test/@alice/'>x</a>",
            "<a rel=mean href='https://here.test/@alice'>x</a>",
            "<!-- <a rel=me href='https://here.test/@alice'> -->",
            "<script>'<a rel=me href=\"https://here.test/@alice\">'</script>",
            "<div rel=me href='https://here.test/@alice'></div>",
        ] {
            assert!(!names(page, back), "{page}");
        }
    }
}
