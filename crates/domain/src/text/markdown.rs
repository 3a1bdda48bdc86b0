//! Markdown, for those who want it: headings become bold lines, pictures become links, HTML shows as
//! it was typed. Mentions, hashtags and addresses are found in the text as in any other, never in
//! code or in the words of a link. Whatever comes out goes through the cleaner of foreign HTML.

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream};

use super::html::{names_used_twice, push_pieces};
use super::{Piece, Render, clean, escape, parse};

/// Lists and quotations inside of each other, at most; what is deeper stands flat.
const DEEPEST: usize = 12;

/// The stretches of text in which mentions and hashtags are looked for.
#[must_use]
pub fn markdown_runs(text: &str) -> Vec<String> {
    let mut reader = Reader::default();
    let mut runs = Vec::new();
    for event in events(text) {
        if let Event::Text(run) = &event
            && reader.is_prose()
        {
            runs.push(run.to_string());
        }
        reader.follow(&event);
    }
    runs
}

/// The HTML of a text in Markdown, safe to show.
#[must_use]
pub fn render_markdown(text: &str, context: &Render<'_>) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let runs = markdown_runs(&text);
    let pieces: Vec<Piece<'_>> = runs.iter().flat_map(|run| parse(run)).collect();
    let mut writer = Writer {
        html: String::with_capacity(text.len() * 2),
        reader: Reader::default(),
        same_name: names_used_twice(&pieces, context),
        closers: Vec::new(),
        depth: 0,
        context,
    };
    for event in events(&text) {
        writer.write(&event);
        writer.reader.follow(&event);
    }
    clean(&writer.html)
}

fn events(text: &str) -> impl Iterator<Item = Event<'_>> {
    TextMergeStream::new(Parser::new_ext(text, Options::ENABLE_STRIKETHROUGH))
}

/// Where in the text the reader is.
#[derive(Default)]
struct Reader {
    /// The links and pictures that are open, and whether their words belong to them alone: those of
    /// an address in angle brackets are the address.
    links: Vec<bool>,
    in_code: bool,
}

impl Reader {
    /// Neither in code nor in the words of a link or picture.
    fn is_prose(&self) -> bool {
        !self.in_code && !self.links.contains(&true)
    }

    fn follow(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(Tag::Link { link_type, .. }) => {
                self.links.push(*link_type != LinkType::Autolink);
            }
            Event::Start(Tag::Image { .. }) => self.links.push(true),
            Event::End(TagEnd::Link | TagEnd::Image) => {
                self.links.pop();
            }
            Event::Start(Tag::CodeBlock(_)) => self.in_code = true,
            Event::End(TagEnd::CodeBlock) => self.in_code = false,
            _ => {}
        }
    }
}

struct Writer<'w> {
    html: String,
    reader: Reader,
    same_name: Vec<String>,
    /// What ends each element that is open; nothing for one that is not shown as such.
    closers: Vec<Closer>,
    depth: usize,
    context: &'w Render<'w>,
}

#[derive(Clone, Copy)]
struct Closer {
    html: &'static str,
    nests: bool,
}

impl Writer<'_> {
    fn write(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(tag) => {
                let closer = self.open(tag);
                self.depth += usize::from(closer.nests);
                self.closers.push(closer);
            }
            Event::End(_) => {
                if let Some(closer) = self.closers.pop() {
                    self.depth -= usize::from(closer.nests);
                    self.html.push_str(closer.html);
                }
            }
            Event::Text(run) if self.reader.is_prose() => {
                push_pieces(&mut self.html, parse(run), self.context, &self.same_name);
            }
            Event::Text(run) => self.html.push_str(&escape(run)),
            Event::Code(code) => {
                self.html.push_str(&format!("<code>{}</code>", escape(code)));
            }
            Event::Html(typed) | Event::InlineHtml(typed) => {
                self.html.push_str(&escape(typed.trim_end_matches('\n')).replace('\n', "<br />"));
            }
            Event::SoftBreak | Event::HardBreak => self.html.push_str("<br />"),
            Event::Rule => self.html.push_str("<p>* * *</p>"),
            // Extensions that are not switched on.
            _ => {}
        }
    }

    fn open(&mut self, tag: &Tag<'_>) -> Closer {
        let flat = Closer { html: "", nests: false };
        let plain = |html| Closer { html, nests: false };
        let nests = |html| Closer { html, nests: true };
        let is_deep = self.depth >= DEEPEST;
        let (opening, closer) = match tag {
            Tag::Paragraph | Tag::HtmlBlock => ("<p>", plain("</p>")),
            Tag::Heading { .. } => ("<p><strong>", plain("</strong></p>")),
            Tag::BlockQuote(_) if !is_deep => ("<blockquote>", nests("</blockquote>")),
            Tag::CodeBlock(_) => ("<pre><code>", plain("</code></pre>")),
            Tag::List(None) if !is_deep => ("<ul>", nests("</ul>")),
            Tag::List(Some(first)) if !is_deep => {
                self.html.push_str(&match first {
                    1 => "<ol>".to_owned(),
                    other => format!("<ol start=\"{other}\">"),
                });
                ("", nests("</ol>"))
            }
            Tag::Item if !is_deep => ("<li>", plain("</li>")),
            Tag::Emphasis => ("<em>", plain("</em>")),
            Tag::Strong => ("<strong>", plain("</strong>")),
            Tag::Strikethrough => ("<del>", plain("</del>")),
            // Its words are the address, and become a link as any other address does.
            Tag::Link { link_type: LinkType::Autolink, .. } => ("", flat),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }
                if is_web(dest_url) && self.reader.links.is_empty() =>
            {
                let target = escape(dest_url);
                self.html.push_str(&format!("<a href=\"{target}\">"));
                ("", plain("</a>"))
            }
            _ => ("", flat),
        };
        self.html.push_str(opening);
        closer
    }
}

fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{LinkStyle, Mentioned, is_clean};
    use super::*;

    fn html(text: &str) -> String {
        let resolve = |name: &str, _: Option<&str>| {
            (name == "bob" || name == "a_b_c").then(|| Mentioned {
                username: name.into(),
                domain: None,
                url: format!("https://here.test/@{name}"),
            })
        };
        let links = LinkStyle::Status;
        render_markdown(text, &Render { base: "https://here.test", resolve: &resolve, links })
    }

    #[test]
    fn the_usual_marks_become_their_elements() {
        for (typed, shown) in [
            (
                "**bold** *soft* ~~gone~~ `a<b`",
                "<p><strong>bold</strong> <em>soft</em> <del>gone</del> <code>a&lt;b</code></p>",
            ),
            ("# Title\ntext", "<p><strong>Title</strong></p><p>text</p>"),
            ("- one\n- two", "<ul><li>one</li><li>two</li></ul>"),
            ("3. x\n4. y", "<ol start=\"3\"><li>x</li><li>y</li></ol>"),
            ("> said\n> more", "<blockquote><p>said<br>more</p></blockquote>"),
            ("```\n*x*\n y\n```", "<pre><code>*x*\n y\n</code></pre>"),
            ("a\n\n---\n\nb", "<p>a</p><p>* * *</p><p>b</p>"),
            (
                "[words](https://a.test/x)",
                "<p><a href=\"https://a.test/x\" target=\"_blank\" rel=\"nofollow noopener\">words</a></p>",
            ),
        ] {
            assert_eq!(html(typed), shown, "{typed}");
        }
    }

    #[test]
    fn mentions_tags_and_addresses_are_found_outside_of_code_and_links() {
        let shown = html("*hi @a_b_c* and **#Rust** https://a.test/a_b_c <https://b.test/>");
        assert!(shown.contains("@<span>a_b_c</span>"), "{shown}");
        assert!(shown.contains("href=\"https://here.test/tags/rust\""), "{shown}");
        assert!(shown.contains("href=\"https://a.test/a_b_c\""), "{shown}");
        assert!(shown.contains("href=\"https://b.test/\""), "{shown}");
        let typed = "`@bob #no` [@bob #no](https://a.test)\n\n    @bob #no\n\n#yes";
        assert_eq!(shown_links(&html(typed)), ["https://a.test", "https://here.test/tags/yes"]);
        assert_eq!(markdown_runs(typed), [" ", "#yes"]);
    }

    fn shown_links(html: &str) -> Vec<&str> {
        html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
    }

    #[test]
    fn m01_typed_html_shows_as_typed_and_links_lead_to_pages_only() {
        let shown = html(
            "<script>alert(1)</script>\n\n<b onclick=x>a</b> [x](javascript:alert(1)) ![p](data:x)",
        );
        assert!(shown.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{shown}");
        assert!(!shown.contains("<b") && !shown.contains("href"), "{shown}");
        assert_eq!(shown_links(&html("![a cat](https://a.test/c.png)")), ["https://a.test/c.png"]);
        assert!(!html("[x](https://a.test/\"onmouseover=x)").contains("\"onmouseover"));
    }

    #[test]
    fn m01_nothing_nests_without_end() {
        let deep = html(&format!("{}x", "> ".repeat(3_000)));
        assert_eq!(deep.matches("<blockquote>").count(), DEEPEST);
        assert!(html(&"- ".repeat(2_000)).matches("<ul>").count() <= DEEPEST);
        assert!(is_clean(&html(&"*_**`[![".repeat(2_000))));
    }

    proptest! {
        #[test]
        fn m01_whatever_is_typed_comes_out_clean(text in "[-*_#>`~\\[\\]()!<>&\"@a:/. 1\\n]{0,60}|\\PC{0,60}") {
            prop_assert!(is_clean(&html(&text)));
        }
    }
}
