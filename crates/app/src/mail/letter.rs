//! What a message says, and how that looks on the way: text and HTML of the same words (RFC 5322,
//! RFC 2045 to 2047).
//!
//! Nothing that people type reaches a header, except an address that was checked; links lead to this
//! server only (M11).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::account::email_is_acceptable;
use domain::text::escape;

/// A message.
#[derive(Clone, Debug)]
pub struct Letter {
    /// One address.
    pub to: String,
    /// One line in our own words.
    pub subject: String,
    /// What it says, from top to bottom.
    pub parts: Vec<Part>,
    /// The path that ends mails like this one by one press (RFC 8058).
    pub unsubscribe: Option<String>,
}

/// A part of a message.
#[derive(Clone, Debug)]
pub enum Part {
    /// A paragraph.
    Text(String),
    /// Words of somebody else.
    Quote(String),
    /// Something to open: a path on this server.
    Link {
        /// What it does.
        label: &'static str,
        /// The path, with its query.
        path: String,
    },
}

/// What all messages of this server share.
pub(super) struct Frame<'f> {
    /// The address they come from.
    pub from: &'f str,
    /// Who they come from, in the owner's words.
    pub name: &'f str,
    /// Base of links.
    pub base: &'f str,
    /// A part of message ids.
    pub host: &'f str,
    /// Different for every message.
    pub number: i64,
    /// RFC 2822.
    pub date: &'f str,
}

/// The whole message, with CRLF; `None` when its address is none.
pub(super) fn compose(letter: &Letter, frame: &Frame<'_>) -> Option<String> {
    if !email_is_acceptable(&letter.to) || !letter.to.is_ascii() {
        return None;
    }
    let boundary = format!("part-{}", frame.number);
    let mut text = String::new();
    for (name, value) in [
        ("From", format!("{} <{}>", phrase(frame.name), one_line(frame.from))),
        ("To", format!("<{}>", one_line(&letter.to))),
        ("Subject", words(&letter.subject)),
        ("Date", frame.date.to_owned()),
        ("Message-ID", format!("<{}@{}>", frame.number, one_line(frame.host))),
        ("MIME-Version", "1.0".to_owned()),
        ("Content-Type", format!("multipart/alternative; boundary=\"{boundary}\"")),
        ("Auto-Submitted", "auto-generated".to_owned()),
    ] {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(path) = &letter.unsubscribe {
        let address = one_line(&format!("{}{path}", frame.base));
        text.push_str(&format!(
            "List-Unsubscribe: <{address}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        ));
    }
    for (kind, body) in [("plain", plain(letter, frame.base)), ("html", html(letter, frame.base))] {
        let (encoding, body) = encoded(&body);
        text.push_str(&format!(
            "\r\n--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n\
             Content-Transfer-Encoding: {encoding}\r\n\r\n{body}"
        ));
    }
    text.push_str(&format!("\r\n--{boundary}--\r\n"));
    Some(text)
}

fn plain(letter: &Letter, base: &str) -> String {
    let mut text = String::new();
    for part in &letter.parts {
        match part {
            Part::Text(words) => text.push_str(words),
            Part::Quote(words) => {
                let lines: Vec<String> = words.lines().map(|line| format!("> {line}")).collect();
                text.push_str(&lines.join("\n"));
            }
            Part::Link { label, path } => text.push_str(&format!("{label}:\n{base}{path}")),
        }
        text.push_str("\n\n");
    }
    text
}

fn html(letter: &Letter, base: &str) -> String {
    let mut text = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"></head>\n\
         <body style=\"font-family:sans-serif;max-width:36em;margin:2em auto;padding:0 1em\">\n",
    );
    for part in &letter.parts {
        let line = match part {
            Part::Text(words) => format!("<p>{}</p>\n", escape(words).replace('\n', "<br>\n")),
            Part::Quote(words) => {
                let words = escape(words).replace('\n', "<br>\n");
                format!("<blockquote dir=\"auto\">{words}</blockquote>\n")
            }
            Part::Link { label, path } => {
                let (address, label) = (escape(&format!("{base}{path}")), escape(label));
                format!("<p><a href=\"{address}\">{label}</a></p>\n")
            }
        };
        text.push_str(&line);
    }
    text.push_str("</body>\n</html>\n");
    text
}

/// As it is when every mail server passes that on, else base64.
fn encoded(body: &str) -> (&'static str, String) {
    let is_plain = |line: &str| line.len() <= 900 && !line.bytes().any(|byte| byte == 0);
    if body.is_ascii() && body.lines().all(is_plain) {
        return ("7bit", body.replace('\r', "").replace('\n', "\r\n"));
    }
    let text = STANDARD.encode(body);
    let lines = text.as_bytes().chunks(76).map(String::from_utf8_lossy);
    ("base64", lines.map(|line| format!("{line}\r\n")).collect())
}

/// A header's value that is no address: as it is, or as encoded words (RFC 2047) where a letter is not
/// ASCII. It cannot begin another header.
fn words(text: &str) -> String {
    let clean: String = text.chars().filter(|letter| !letter.is_control()).take(200).collect();
    if clean.is_ascii() {
        return clean;
    }
    let letters: Vec<char> = clean.chars().collect();
    // An encoded word has 75 characters at most: 12 letters are 48 bytes, 64 in base64.
    let encode =
        |part: &[char]| format!("=?utf-8?B?{}?=", STANDARD.encode(part.iter().collect::<String>()));
    letters.chunks(12).map(encode).collect::<Vec<_>>().join("\r\n ")
}

/// The name before an address.
fn phrase(text: &str) -> String {
    if !text.is_ascii() {
        return words(text);
    }
    let plain: String = one_line(text).chars().filter(|letter| !"\\\"".contains(*letter)).collect();
    format!("\"{plain}\"")
}

/// A header's value cannot begin another header, and is ASCII.
fn one_line(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii() && !c.is_ascii_control()).take(320).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame<'static> {
        Frame {
            from: "noreply@a.test",
            name: "Ours",
            base: "https://a.test",
            host: "a.test",
            number: 7,
            date: "Thu, 1 Jan 2026 00:00:00 +0000",
        }
    }

    fn letter(to: &str, subject: &str, quote: &str) -> Letter {
        let link = Part::Link { label: "Open it", path: "/x?token=a&b=c".into() };
        let parts = vec![Part::Text("Hello".into()), Part::Quote(quote.into()), link];
        Letter { to: to.into(), subject: subject.into(), parts, unsubscribe: None }
    }

    #[test]
    fn m11_a_header_stays_one_header() {
        let text = compose(&letter("b@b.test", "a\r\nBcc: c@d\n e\0", "x"), &frame()).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap();
        assert!(head.contains("\r\nSubject: aBcc: c@d e\r\n"), "{head}");
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        let named = Frame { name: "A\"\r\nBcc: x", ..frame() };
        let text = compose(&letter("b@b.test", "a", "x"), &named).unwrap();
        assert!(text.starts_with("From: \"ABcc: x\" <noreply@a.test>\r\n"), "{text}");
    }

    #[test]
    fn m11_an_address_that_could_be_two_is_none() {
        for bad in
            ["a,b@c.test", "a%b@c.test", "\"a\"@c.test", "a@b.test\r\nBcc: c@d.test", "ä@b.c"]
        {
            assert!(compose(&letter(bad, "a", "x"), &frame()).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn text_and_html_say_the_same_and_quoted_words_stay_words() {
        let text = compose(&letter("b@b.test", "Hi", "<script>x</script>\n.y"), &frame()).unwrap();
        assert!(text.contains("> <script>x</script>\r\n> .y\r\n"), "{text}");
        assert!(text.contains("&lt;script&gt;"), "{text}");
        assert_eq!(text.matches("<script").count(), 1, "in the plain part only");
        assert!(text.contains("Open it:\r\nhttps://a.test/x?token=a&b=c\r\n"), "{text}");
        assert!(
            text.contains("<a href=\"https://a.test/x?token=a&amp;b=c\">Open it</a>"),
            "{text}"
        );
        assert!(text.ends_with("\r\n--part-7--\r\n"));
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "CRLF only");
    }

    #[test]
    fn other_letters_travel_in_base64_and_encoded_words() {
        let text =
            compose(&letter("b@b.test", "Grüße aus 東京, mit vielen Wörtern", "ü"), &frame());
        let text = text.unwrap();
        assert!(text.is_ascii());
        assert!(text.contains("Content-Transfer-Encoding: base64"));
        assert!(text.lines().all(|line| line.len() <= 78), "{text}");
    }
}
