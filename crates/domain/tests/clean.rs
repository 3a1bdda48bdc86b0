//! M01: HTML of other servers through one allow-list, when stored and again when shown.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::borrow::Cow;
use std::time::{Duration, Instant};

use domain::text::{clean, is_clean, shown, strip};
use proptest::prelude::*;

const PAYLOADS: &str = include_str!("data/m01_payloads.txt");

/// A name, and attributes with their values.
type Tag = (String, Vec<(String, String)>);

/// Tags of some HTML. Written apart from the code that it judges, and as suspicious as can be:
/// whatever follows a `<` is a tag.
fn tags(html: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    for piece in html.split('<').skip(1) {
        let tag = piece.split('>').next().unwrap().to_ascii_lowercase();
        let name = tag.split(' ').next().unwrap().to_owned();
        let mut attributes = Vec::new();
        let mut rest = &tag[name.len()..];
        while let Some((attribute, after)) = rest.split_once('=') {
            let value = after.strip_prefix('"').unwrap().split('"').next().unwrap();
            attributes.push((attribute.trim().to_owned(), value.to_owned()));
            rest = &after[value.len() + 2..];
        }
        assert_eq!(rest.trim(), "", "{html}");
        found.push((name, attributes));
    }
    found
}

/// Panics if a browser could run anything in it.
fn assert_inert(html: &str, source: &str) {
    let elements = [
        "p",
        "br",
        "span",
        "a",
        "del",
        "s",
        "pre",
        "blockquote",
        "code",
        "b",
        "strong",
        "u",
        "sub",
        "sup",
        "i",
        "em",
        "ul",
        "ol",
        "li",
        "ruby",
        "rt",
        "rp",
    ];
    for (name, attributes) in tags(html) {
        let name = name.trim_start_matches('/');
        assert!(elements.contains(&name), "{name} in {html:?} from {source:?}");
        for (attribute, value) in attributes {
            let good = match attribute.as_str() {
                "href" => ["http://", "https://", "xmpp:", "magnet:", "gemini:"]
                    .iter()
                    .any(|scheme| value.starts_with(scheme)),
                "class" | "translate" | "start" | "value" | "reversed" => true,
                "rel" => value == "nofollow noopener",
                "target" => value == "_blank",
                _ => false,
            };
            assert!(good, "{attribute}={value} in {html:?} from {source:?}");
        }
    }
}

#[test]
fn m01_no_payload_survives() {
    let payloads: Vec<&str> = PAYLOADS.lines().chain([PAYLOADS]).collect();
    assert!(payloads.len() > 100);
    for payload in payloads {
        let wrapped = [
            payload.to_owned(),
            format!("<p>{payload}</p>"),
            format!("<a href=\"https://a.test/{payload}\">x</a>"),
            format!("<p title=\"{payload}"),
            format!("<h1 title='{payload}'>{payload}"),
            payload.to_ascii_uppercase(),
            payload.replace(' ', "\u{c}"),
            payload.replace('<', "<\0"),
        ];
        for html in wrapped {
            let cleaned = clean(&html);
            assert_inert(&cleaned, &html);
            assert!(is_clean(&cleaned), "{cleaned:?} from {html:?}");
            assert_inert(&shown(&html), &html);
        }
    }
}

#[test]
fn m01_no_payload_passes_the_second_look() {
    for payload in PAYLOADS.lines().filter(|line| line.contains('<')) {
        assert!(!is_clean(payload), "{payload}");
        let stored = format!("<p>{payload}</p>");
        assert!(matches!(shown(&stored), Cow::Owned(_)), "{payload}");
    }
}

#[test]
fn posts_of_other_servers_stay_as_they_are() {
    for (html, expected) in [
        // Mastodon: a mention, a hashtag, a shortened link, a quote for servers without quotes.
        (
            "<p><span class=\"h-card\" translate=\"no\"><a href=\"https://b.test/@bob\" class=\"u-url mention\">@<span>bob</span></a></span> \
             <a href=\"https://a.test/tags/Rust\" class=\"mention hashtag\" rel=\"tag\">#<span>Rust</span></a></p>",
            "<p><span class=\"h-card\" translate=\"no\"><a href=\"https://b.test/@bob\" class=\"u-url mention\" target=\"_blank\" rel=\"nofollow noopener\">@<span>bob</span></a></span> \
             <a href=\"https://a.test/tags/Rust\" class=\"mention hashtag\" target=\"_blank\" rel=\"nofollow noopener\">#<span>Rust</span></a></p>",
        ),
        (
            "<p class=\"quote-inline\">RE: <a href=\"https://a.test/1\" target=\"_blank\" rel=\"nofollow noopener\" translate=\"no\"><span class=\"invisible\">https://</span><span class=\"ellipsis\">a.test</span></a></p>",
            "<p class=\"quote-inline\">RE: <a href=\"https://a.test/1\" target=\"_blank\" translate=\"no\" rel=\"nofollow noopener\"><span class=\"invisible\">https://</span><span class=\"ellipsis\">a.test</span></a></p>",
        ),
        // Misskey and Pleroma: line breaks, formatting, unknown classes and data.
        ("<p><span>a<br>b</span></p>", "<p><span>a<br>b</span></p>"),
        ("<p>a<br/>b</p>", "<p>a<br>b</p>"),
        ("<i class=x>a</i> <del>b</del>", "<i>a</i> <del>b</del>"),
        (
            "<a class=\"hashtag x\" data-tag=\"a\" href=\"https://a.test/tag/a\">#a</a>",
            "<a class=\"hashtag\" href=\"https://a.test/tag/a\" target=\"_blank\" rel=\"nofollow noopener\">#a</a>",
        ),
        // WordPress and Lemmy: headings, lists, what has no place here.
        (
            "<h2 class=\"wp\">T</h2><ol start=3 reversed><li value=\"7\">x</ol>",
            "<p><strong>T</strong></p><ol start=\"3\" reversed=\"\"><li value=\"7\">x</li></ol>",
        ),
        (
            "<figure><img src=\"https://a.test/i.png\" alt=\"i\"><figcaption>c</figcaption></figure>",
            "c",
        ),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "ab"),
        (
            "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>",
            "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>",
        ),
        (
            "1 &lt; 2 &amp;&amp; \"x\" &gt; 'y'&nbsp;é &copy;",
            "1 &lt; 2 &amp;&amp; \"x\" &gt; 'y'&nbsp;é ©",
        ),
        (
            "<a href=\"https://a.test/?a=1&amp;b=2\">x</a>",
            "<a href=\"https://a.test/?a=1&amp;b=2\" target=\"_blank\" rel=\"nofollow noopener\">x</a>",
        ),
        (
            "<a href=\"mailto:a@b.test\">x</a>",
            "<a target=\"_blank\" rel=\"nofollow noopener\">x</a>",
        ),
        ("plain", "plain"),
        ("", ""),
    ] {
        let cleaned = clean(html);
        assert_eq!(sorted(&cleaned), sorted(expected), "{html}");
        assert_eq!(clean(&cleaned), cleaned, "cleaned twice");
        assert!(matches!(shown(&cleaned), Cow::Borrowed(_)), "{cleaned}");
    }
}

/// The same HTML with the attributes of each tag in order: theirs is of no interest.
fn sorted(html: &str) -> Vec<(Tag, String)> {
    html.split('<')
        .map(|piece| {
            let (tag, text) = piece.split_once('>').unwrap_or(("", piece));
            let mut attributes = tags(&format!("<{tag}>"));
            let (name, mut list) = attributes.pop().unwrap();
            list.sort();
            ((name, list), text.to_owned())
        })
        .collect()
}

#[test]
fn the_words_are_left_of_anything() {
    assert_eq!(strip("<p>a &amp; b</p><p>c<br>d&nbsp;e</p>"), "a & b\nc\nd\u{a0}e");
    assert_eq!(strip("<h1>T</h1><script>x</script><style>y</style>z"), "T\nz");
    assert_eq!(strip("<img src=x onerror=alert(1)>"), "");
    assert_eq!(strip("1 < 2"), "1 < 2");
}

#[test]
fn only_what_the_cleaner_writes_is_clean() {
    for good in [
        "",
        "a &amp; b&#39;s",
        "<p>a</p>",
        "<br>",
        "<ol start=\"-3\" reversed=\"\"><li value=\"1\">x</li></ol>",
    ] {
        assert!(is_clean(good), "{good}");
    }
    for bad in [
        "<p>",
        "</p>",
        "<p></b>",
        "<b><i></b></i>",
        "<P></P>",
        "<br/>",
        "<br></br>",
        "<p ></p>",
        "<p class=x></p>",
        "<p class=\"\"></p>",
        "<p class=\"u-x\" class=\"u-y\"></p>",
        "<p\nclass=\"u-x\"></p>",
        "<p id=\"x\"></p>",
        "<a href=\"https://a.test\">x</a>",
        "<a href=\"https://a.test\" target=\"_blank\" rel=\"nofollow\">x</a>",
        "<a href=\"javascript:x\" target=\"_blank\" rel=\"nofollow noopener\">x</a>",
        "<a href=\"java&#115;cript:x\" target=\"_blank\" rel=\"nofollow noopener\">x</a>",
        "<a href=\"http:x\" target=\"_blank\" rel=\"nofollow noopener\">x</a>",
        "a & b",
        "a &bogus; b",
        "a > b",
        "a < b",
        "<",
        "<!-- x -->",
        "<script></script>",
        "\0",
    ] {
        assert!(!is_clean(bad), "{bad}");
    }
}

#[test]
fn p05_hostile_html_is_read_in_time() {
    let many = |count: usize, piece: &dyn Fn(usize) -> String| -> String {
        (0..count).map(piece).collect()
    };
    let hostile = [
        many(60_000, &|_| "<p>".into()),
        many(60_000, &|_| "<div>".into()),
        many(3_900, &|_| "<span>".into()) + &many(3_900, &|_| "<p>".into()),
        many(3_900, &|_| "<div>".into()) + &many(3_900, &|_| "<p>".into()),
        many(3_900, &|at| format!("<b x={at}>")) + &many(3_900, &|_| "<p>".into()),
        many(3_900, &|at| format!("<font x={at}>")) + &many(3_900, &|_| "<li>".into()),
        many(3_900, &|at| format!("<a href={at}>")) + &many(3_900, &|_| "<p>".into()),
        many(2_600, &|at| format!("<a x={at}><table><td>")),
        many(3_900, &|_| "<b><p>".into()),
        many(2_600, &|_| "</b><b><p>".into()),
        many(200_000, &|_| "<".into()),
        many(4_000, &|_| "&".into()),
        many(4_000, &|_| "&notit;".into()),
        many(100_000, &|_| "&".into()),
        many(60_000, &|_| "&#1;".into()),
        format!("<p {}>", many(30_000, &|at| format!("a{at}=1 "))),
        many(40, &|_| format!("<p {}>", many(900, &|at| format!("a{at} ")))),
        "<p x='".repeat(7_900),
        "<p x=\"".repeat(3_000) + &" ".repeat(200_000),
        format!("{}{}", "<p =\"".repeat(2), many(3_000, &|at| format!("<b x={at}><p>"))),
        format!("<span class=\"{}\">", "u-x ".repeat(60_000)),
        format!("<a href=\"https://a.test/{}\">x</a>", "x".repeat(250_000)),
        "<!--".repeat(60_000),
        "<svg>".repeat(3_900) + &"<p>".repeat(3_900),
        "\0".repeat(250_000),
    ];
    for html in hostile {
        let start = Instant::now();
        let cleaned = clean(&html);
        let took = start.elapsed();
        // Unoptimised code on a busy machine.
        assert!(took < Duration::from_secs(5), "{took:?} for {:?}", &html[..40]);
        assert!(is_clean(&cleaned));
        assert!(cleaned.len() < 2 * 1_024 * 1_024, "{} for {:?}", cleaned.len(), &html[..40]);
    }
}

/// Pieces of markup in any order: far more often nearly right than random letters are.
fn soup() -> impl Strategy<Value = String> {
    let lines: Vec<String> = PAYLOADS.lines().map(str::to_owned).collect();
    let piece = prop_oneof![
        prop::sample::select(lines),
        prop::sample::select(vec![
            "<p>",
            "</p>",
            "<a href=\"https://a.test/\">",
            "</a>",
            "<b>",
            "</b>",
            "<table>",
            "<td>",
            "<h1>",
            "</h1>",
            "<ul><li>",
            "</ul>",
            "<pre>\n",
            "<object>",
            "</object>",
            "<select>",
            "<math>",
            "<svg>",
            "</svg>",
            "<!--",
            "-->",
            "&lt;",
            "&",
            "\"",
            "'",
            ">",
            "<",
            "=",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,12}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn m01_whatever_comes_is_clean_afterwards(html in soup()) {
        let cleaned = clean(&html);
        prop_assert!(is_clean(&cleaned), "{cleaned:?}");
        assert_inert(&cleaned, &html);
        prop_assert!(matches!(shown(&cleaned), Cow::Borrowed(_)));
        let _ = strip(&html);
    }

    #[test]
    fn p05_looking_again_never_panics(html in "[<>a-z=\"' &;/:]{0,60}|\\PC{0,60}") {
        if is_clean(&html) {
            assert_inert(&html, &html);
        }
    }
}
