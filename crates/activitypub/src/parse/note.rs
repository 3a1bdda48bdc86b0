//! Posts of every kind.

use domain::text::escape;

use super::limits::{CONTENT, NAME, OPTIONS, POLICY, REPLIES, SUMMARY, TOKEN};
use super::view::{View, cut};
use super::{ParseError, files, language, tags};
use crate::{Note, NoteKind, Question, QuotePolicy, QuoteStamp, Replies, Uri};

/// What kind of post an object is, if it is one.
pub(super) fn kind(object: View<'_>) -> Option<NoteKind> {
    object.kinds().find_map(|kind| {
        Some(match kind {
            "Note" => NoteKind::Note,
            "Question" => NoteKind::Question,
            "Article" => NoteKind::Article,
            "Page" => NoteKind::Page,
            "Video" => NoteKind::Video,
            "Audio" => NoteKind::Audio,
            "Image" => NoteKind::Image,
            "Event" => NoteKind::Event,
            _ => return None,
        })
    })
}

/// A post.
pub(super) fn note(object: View<'_>, kind: NoteKind) -> Result<Note, ParseError> {
    let (content, source) = text(object);
    let (conversation, context) = thread(object);
    Ok(Note {
        id: object.id("post")?,
        kind,
        attributed_to: author(object)
            .ok_or_else(|| ParseError::Shape("post", "no author".to_owned()))?,
        audience: object.audience(),
        language: language::of(object, content.as_deref()),
        content,
        source,
        name: in_map_or(object, "name", "nameMap").map(|text| text.chars().take(NAME).collect()),
        summary: in_map_or(object, "summary", "summaryMap")
            .map(|text| cut(text, SUMMARY).to_owned()),
        sensitive: object.flag("sensitive").unwrap_or(false),
        published: object.time("published"),
        updated: object.time("updated"),
        in_reply_to: object.uri("inReplyTo"),
        conversation,
        context,
        url: files::page(object),
        attachments: files::of_note(object, kind),
        mentions: tags::mentions(object),
        hashtags: tags::hashtags(object),
        emojis: tags::emojis(object),
        replies: replies(object),
        likes: counted(object, "likes"),
        shares: counted(object, "shares"),
        quote: quote(object),
        quote_authorization: object.uri("quoteAuthorization"),
        quote_policy: quote_policy(object),
        poll: poll(object),
    })
}

/// The permission for a quote (FEP-044f).
pub(super) fn quote_stamp(object: View<'_>) -> Result<QuoteStamp, ParseError> {
    const WHAT: &str = "quote stamp";
    Ok(QuoteStamp {
        id: object.id(WHAT)?,
        attributed_to: object.required("attributedTo", WHAT)?,
        interacting_object: object.required("interactingObject", WHAT)?,
        interaction_target: object.required("interactionTarget", WHAT)?,
    })
}

/// PeerTube names the account and its channel, the person first or last; others name one, or leave
/// it to `actor`.
fn author(object: View<'_>) -> Option<Uri> {
    let person = object.objects("attributedTo").find(|author| author.is("Person"));
    person
        .and_then(|person| person.uri("id"))
        .or_else(|| object.uri("attributedTo"))
        .or_else(|| object.uri("actor"))
}

/// A field, or the first entry of its map of languages.
fn in_map_or<'v>(object: View<'v>, name: &str, map: &str) -> Option<&'v str> {
    object.text(name).or_else(|| {
        let map = object.object(map)?;
        map.entries().find_map(|(_, text)| text.as_str()).filter(|text| !text.is_empty())
    })
}

/// Content as HTML, and what was typed. PeerTube sends Markdown as content and says so in
/// `mediaType`: it is shown as text.
fn text(object: View<'_>) -> (Option<String>, Option<(String, String)>) {
    let content = in_map_or(object, "content", "contentMap").map(|text| cut(text, CONTENT));
    if let Some(content) = content
        && let Some(plain @ ("text/markdown" | "text/plain")) = object.text("mediaType")
    {
        let source = Some((content.to_owned(), plain.to_owned()));
        return (Some(paragraphs(content)), source);
    }
    let source = object.object("source").and_then(|source| {
        let media_type = source.text("mediaType").filter(|text| text.len() <= TOKEN)?;
        Some((source.long("content", CONTENT)?, media_type.to_owned()))
    });
    // Misskey of old has no `source`.
    let source = source.or_else(|| {
        let typed = object.long("_misskey_content", CONTENT)?;
        Some((typed, "text/x.misskeymarkdown".to_owned()))
    });
    (content.map(str::to_owned), source)
}

fn paragraphs(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let paragraphs = text.split("\n\n").map(|part| part.trim_matches('\n'));
    paragraphs
        .filter(|part| !part.is_empty())
        .map(|part| format!("<p>{}</p>", escape(part).replace('\n', "<br>")))
        .collect()
}

/// The thread key of OStatus and the collection of FEP-7888. Pleroma puts a key that is no address
/// into `context`.
fn thread(object: View<'_>) -> (Option<String>, Option<Uri>) {
    let key = |name| object.text(name).filter(|text| text.len() <= TOKEN).map(str::to_owned);
    let context = object.uri("context");
    let conversation = key("conversation")
        .or_else(|| object.uri("conversation").map(|uri| uri.as_str().to_owned()))
        .or_else(|| if context.is_none() { key("context") } else { None });
    (conversation, context)
}

fn replies(object: View<'_>) -> Option<Replies> {
    let Some(collection) = object.object("replies") else {
        return object.uri("replies").map(|id| Replies { id: Some(id), ..Replies::default() });
    };
    let page = collection.object("first");
    let holder = page.unwrap_or(collection);
    let mut items = holder.uris("items", REPLIES);
    items.extend(holder.uris("orderedItems", REPLIES));
    items.truncate(REPLIES);
    let next = match page {
        Some(page) => page.uri("next"),
        None => collection.uri("first"),
    };
    let replies = Replies { id: collection.uri("id"), items, next };
    (replies != Replies::default()).then_some(replies)
}

/// A collection of which only the size is of interest.
fn counted(object: View<'_>, name: &str) -> Option<(Option<Uri>, Option<i64>)> {
    let total = object.object(name).and_then(|collection| collection.count("totalItems"));
    let id = object.uri(name);
    (id.is_some() || total.is_some()).then_some((id, total))
}

fn quote(object: View<'_>) -> Option<Uri> {
    ["quote", "_misskey_quote", "quoteUrl", "quoteUri"]
        .iter()
        .find_map(|name| object.uri(name))
        .or_else(|| tags::quote_link(object))
}

/// GoToSocial called the two lists `always` and `approvalRequired` before 0.20.
fn quote_policy(object: View<'_>) -> QuotePolicy {
    let Some(policy) = object.object("interactionPolicy").and_then(|all| all.object("canQuote"))
    else {
        return QuotePolicy::default();
    };
    let list = |name: &str, old: &str| {
        let new = policy.addressed(name, POLICY);
        if new.is_empty() { policy.addressed(old, POLICY) } else { new }
    };
    QuotePolicy {
        automatic: list("automaticApproval", "always"),
        manual: list("manualApproval", "approvalRequired"),
    }
}

fn poll(object: View<'_>) -> Option<Question> {
    let multiple = !object.list("anyOf").is_empty();
    let options = object.objects(if multiple { "anyOf" } else { "oneOf" });
    let options: Vec<(String, i64)> = options
        .take(OPTIONS)
        .filter_map(|option| {
            let replies = option.object("replies");
            let votes = replies.and_then(|replies| replies.count("totalItems")).unwrap_or(0);
            Some((option.short("name", NAME)?, votes))
        })
        .collect();
    if options.is_empty() {
        return None;
    }
    let end_time = object.time("endTime");
    let closed = object.time("closed").or(end_time.filter(|_| object.flag("closed") == Some(true)));
    Some(Question {
        options,
        multiple,
        end_time,
        closed,
        voters_count: object.count("votersCount"),
    })
}
