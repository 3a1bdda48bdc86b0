//! Posts, and what stands around them.

use serde_json::{Map, Value};

use super::fields::{Fields, emoji, hashtag, texts};
use crate::{
    Attachment, Audience, MentionTag, Note, NoteKind, Question, QuotePolicy, QuoteStamp, Replies,
    Uri,
};

/// A post of any kind.
pub(super) fn note(note: &Note) -> Fields {
    let mut fields = Fields::of(kind(note.kind));
    fields.put("id", note.id.as_str());
    fields.put("attributedTo", note.attributed_to.as_str());
    audience(&mut fields, &note.audience);
    text(&mut fields, note);
    fields.put("sensitive", note.sensitive);
    fields.time("published", note.published);
    fields.time("updated", note.updated);
    thread(&mut fields, note);
    fields.id("url", note.url.as_ref());
    let files = |file: &Attachment| attachment("Document", file).into();
    fields.list("attachment", note.attachments.iter().map(files).collect());
    fields.list("tag", tags(note));
    fields.maybe("replies", note.replies.as_ref().map(replies));
    fields.maybe("likes", note.likes.as_ref().map(count));
    fields.maybe("shares", note.shares.as_ref().map(count));
    quote(&mut fields, note);
    if let Some(poll) = &note.poll {
        question(&mut fields, poll);
    }
    fields
}

/// The permission for a quote (FEP-044f).
pub(super) fn quote_stamp(stamp: &QuoteStamp) -> Fields {
    let mut fields = Fields::of("QuoteAuthorization");
    fields.put("id", stamp.id.as_str());
    fields.put("attributedTo", stamp.attributed_to.as_str());
    fields.put("interactingObject", stamp.interacting_object.as_str());
    fields.put("interactionTarget", stamp.interaction_target.as_str());
    fields
}

/// What stands where something was.
pub(super) fn tombstone(id: &Uri) -> Fields {
    let mut fields = Fields::of("Tombstone");
    fields.put("id", id.as_str());
    fields
}

/// `to` and `cc`, always as lists.
pub(super) fn audience(fields: &mut Fields, audience: &Audience) {
    fields.put("to", texts(&audience.to));
    fields.put("cc", texts(&audience.cc));
}

/// A file, as a `Document` of a post or an `Image` of an account.
pub(super) fn attachment(kind: &str, file: &Attachment) -> Fields {
    let mut fields = Fields::of(kind);
    fields.put("url", file.url.as_str());
    fields.maybe("mediaType", file.media_type.as_deref());
    fields.maybe("name", file.description.as_deref());
    fields.maybe("blurhash", file.blurhash.as_deref());
    fields.maybe("width", file.width);
    fields.maybe("height", file.height);
    fields.maybe("focalPoint", file.focal_point.map(|(x, y)| vec![Value::from(x), y.into()]));
    fields.maybe("icon", file.preview.as_ref().map(image));
    fields
}

fn image(url: &Uri) -> Fields {
    let mut fields = Fields::of("Image");
    fields.put("url", url.as_str());
    fields
}

fn kind(kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::Note => "Note",
        NoteKind::Question => "Question",
        NoteKind::Article => "Article",
        NoteKind::Page => "Page",
        NoteKind::Video => "Video",
        NoteKind::Audio => "Audio",
        NoteKind::Image => "Image",
        NoteKind::Event => "Event",
    }
}

/// A vote has a name and no content; everything else has content.
fn text(fields: &mut Fields, note: &Note) {
    fields.maybe("name", note.name.as_deref());
    fields.maybe("summary", note.summary.as_deref());
    fields.maybe("content", note.content.as_deref());
    if let (Some(content), Some(language)) = (&note.content, &note.language) {
        let mut map = Map::new();
        map.insert(language.clone(), content.as_str().into());
        fields.put("contentMap", map);
    }
    if let Some((content, media_type)) = &note.source {
        let mut map = Map::new();
        map.insert("content".to_owned(), content.as_str().into());
        map.insert("mediaType".to_owned(), media_type.as_str().into());
        fields.put("source", map);
    }
}

fn thread(fields: &mut Fields, note: &Note) {
    fields.id("inReplyTo", note.in_reply_to.as_ref());
    fields.maybe("conversation", note.conversation.as_deref());
    fields.id("context", note.context.as_ref());
}

fn tags(note: &Note) -> Vec<Value> {
    let mentions = note.mentions.iter().map(|tag| mention(tag).into());
    let hashtags = note.hashtags.iter().map(|tag| hashtag(tag).into());
    let emojis = note.emojis.iter().map(|tag| emoji(tag).into());
    mentions.chain(hashtags).chain(emojis).collect()
}

fn mention(tag: &MentionTag) -> Fields {
    let mut fields = Fields::of("Mention");
    fields.put("href", tag.href.as_str());
    fields.maybe("name", tag.name.as_deref());
    fields
}

/// Mastodon reads the first page inside of the collection, and goes on at `next`.
fn replies(replies: &Replies) -> Fields {
    let mut fields = Fields::of("Collection");
    fields.id("id", replies.id.as_ref());
    if replies.next.is_some() || !replies.items.is_empty() {
        let mut page = Fields::of("CollectionPage");
        page.id("next", replies.next.as_ref());
        page.id("partOf", replies.id.as_ref());
        page.put("items", super::fields::ids(&replies.items));
        fields.put("first", page);
    }
    fields
}

fn count((id, total): &(Option<Uri>, Option<i64>)) -> Fields {
    let mut fields = Fields::of("Collection");
    fields.id("id", id.as_ref());
    fields.maybe("totalItems", *total);
    fields
}

/// The quoted note under the names that different servers look for.
fn quote(fields: &mut Fields, note: &Note) {
    for name in ["quote", "quoteUri", "_misskey_quote"] {
        fields.id(name, note.quote.as_ref());
    }
    fields.id("quoteAuthorization", note.quote_authorization.as_ref());
    let QuotePolicy { automatic, manual } = &note.quote_policy;
    if automatic.is_empty() && manual.is_empty() {
        return;
    }
    let mut can_quote = Map::new();
    for (name, list) in [("automaticApproval", automatic), ("manualApproval", manual)] {
        if !list.is_empty() {
            can_quote.insert(name.to_owned(), texts(list).into());
        }
    }
    let mut policy = Map::new();
    policy.insert("canQuote".to_owned(), can_quote.into());
    fields.put("interactionPolicy", policy);
}

fn question(fields: &mut Fields, poll: &Question) {
    let options = poll.options.iter().map(|(name, votes)| {
        let mut replies = Fields::of("Collection");
        replies.put("totalItems", *votes);
        let mut option = Fields::of("Note");
        option.put("name", name.as_str());
        option.put("replies", replies);
        option.into()
    });
    let name = if poll.multiple { "anyOf" } else { "oneOf" };
    fields.put(name, options.collect::<Vec<Value>>());
    fields.time("endTime", poll.end_time);
    fields.time("closed", poll.closed);
    fields.maybe("votersCount", poll.voters_count);
}
