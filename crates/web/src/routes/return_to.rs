//! Where to go after signing in: only ever to a page of this server (M10).

use app::App;
use url::Url;

/// The path and query to return to, or nothing when the text leads elsewhere.
pub(super) fn local_path(app: &App, text: &str) -> Option<String> {
    checked(&app.urls.base, text)
}

fn checked(base: &str, text: &str) -> Option<String> {
    let odd = |c: char| c.is_control() || c == '\\' || c.is_whitespace();
    if !text.starts_with('/') || text.starts_with("//") || text.chars().any(odd) {
        return None;
    }
    let base = Url::parse(base).ok()?;
    let url = base.join(text).ok()?;
    // Dots are resolved by now, so the path is what a browser would make of it.
    if url.origin() != base.origin() || url.path().starts_with("//") {
        return None;
    }
    Some(match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::checked;

    #[test]
    fn m10_only_our_own_pages_are_returned_to() {
        let base = "https://a.test";
        for (text, path) in [
            ("/", "/"),
            (
                "/oauth/authorize?client_id=x&state=a%26b",
                "/oauth/authorize?client_id=x&state=a%26b",
            ),
            ("/web//b.test", "/web//b.test"),
            ("/web/%2F%2Fb.test", "/web/%2F%2Fb.test"),
            ("/@b.test", "/@b.test"),
        ] {
            assert_eq!(checked(base, text).as_deref(), Some(path), "{text}");
        }
        for bad in [
            "",
            "//b.test",
            "///b.test",
            "/\\b.test",
            "\\\\b.test",
            "https://b.test/",
            "b.test",
            "/..//b.test",
            "/x/..//b.test",
            "/\t/b.test",
            "/\r\nSet-Cookie: x",
            "javascript:alert(1)",
            " /x",
        ] {
            assert_eq!(checked(base, bad), None, "{bad:?}");
        }
    }
}
