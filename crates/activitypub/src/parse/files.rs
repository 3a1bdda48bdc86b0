//! Files of posts, pictures of accounts, and pages for people. Servers say where a file is in many
//! ways: a text, a link, a list of links of several types and sizes.

use serde_json::Value;

use super::limits::{ALT_TEXT, ATTACHMENTS, LINKS, TOKEN};
use super::view::{View, uri};
use crate::{Attachment, NoteKind, Uri};

/// The page for people: of a list the one that is HTML (PeerTube, Lemmy), else the first without a
/// type.
pub(super) fn page(object: View<'_>) -> Option<Uri> {
    let links = || object.list("url").iter().take(LINKS);
    let of_type = |wanted: Option<&str>| {
        links().find(|link| link.get("mediaType").and_then(Value::as_str) == wanted).and_then(uri)
    };
    of_type(Some("text/html")).or_else(|| of_type(None))
}

/// Files of a post.
pub(super) fn of_note(note: View<'_>, kind: NoteKind) -> Vec<Attachment> {
    let mut files: Vec<Attachment> = note.objects("attachment").filter_map(typed_file).collect();
    match kind {
        NoteKind::Video => files.extend(stream(note, "video/")),
        NoteKind::Audio => files.extend(stream(note, "audio/")),
        NoteKind::Image => files.extend(typed_file(note)),
        // The featured picture of an article, the preview of a link, the banner of an event.
        NoteKind::Article | NoteKind::Page | NoteKind::Event => {
            let pictures = note.objects("image").filter_map(typed_file);
            let new: Vec<Attachment> =
                pictures.filter(|new| files.iter().all(|old| old.url != new.url)).collect();
            files.extend(new);
        }
        NoteKind::Note | NoteKind::Question => {}
    }
    files.truncate(ATTACHMENTS);
    files
}

/// A picture of an account: an object, a bare address, or a list of them of which the first counts.
pub(super) fn picture(actor: View<'_>, name: &str) -> Option<Attachment> {
    actor.list(name).iter().find_map(|value| match View::inside(value) {
        Some(object) => file(object),
        None => uri(value).map(bare),
    })
}

/// One file, with the type that its name or its object suggests when it does not say: Lemmy names
/// none for its thumbnails.
fn typed_file(object: View<'_>) -> Option<Attachment> {
    let mut file = file(object)?;
    if file.media_type.is_none() {
        let by_object = match object.kind() {
            "Image" => Some("image/jpeg"),
            "Video" => Some("video/mp4"),
            "Audio" => Some("audio/mpeg"),
            _ => None,
        };
        file.media_type = by_name(&file.url).or(by_object).map(str::to_owned);
    }
    Some(file)
}

fn by_name(url: &Uri) -> Option<&'static str> {
    let url = url.url()?;
    let (_, ending) = url.path().rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        _ => return None,
    })
}

/// One file. A Lemmy link that is no file keeps its place with the type of a page.
fn file(object: View<'_>) -> Option<Attachment> {
    let link = object.objects("url").next();
    let url = object.uri("url").or_else(|| object.uri("href"))?;
    let media_type = object.text("mediaType").or_else(|| link?.text("mediaType"));
    let media_type = match media_type {
        None if object.is("Link") => Some("text/html"),
        other => other,
    };
    Some(Attachment {
        url,
        media_type: media_type.filter(|text| text.len() <= 255).map(str::to_owned),
        description: object.short("summary", ALT_TEXT).or_else(|| object.short("name", ALT_TEXT)),
        blurhash: object.text("blurhash").filter(|text| text.len() <= 128).map(str::to_owned),
        width: pixels(object, "width"),
        height: pixels(object, "height"),
        focal_point: focal_point(object),
        preview: picture_url(object),
    })
}

/// The file of a video or a recording among the addresses of its object. PeerTube lists one for each
/// size, and behind a playlist once more: the largest up to 720 lines is taken, else the smallest.
fn stream(note: View<'_>, kind: &str) -> Option<Attachment> {
    const LINES: i64 = 720;
    let direct = note.objects("url").take(LINKS);
    let nested = note.objects("url").take(LINKS).flat_map(|link| link.objects("tag").take(LINKS));
    let playable = direct
        .chain(nested)
        .filter(|link| link.text("mediaType").is_some_and(|text| text.starts_with(kind)))
        .filter(|link| link.uri("href").is_some());
    let lines = |link: &View<'_>| link.count("height").unwrap_or(0);
    let link = playable.min_by_key(|link| match lines(link) {
        small if small <= LINES => LINES - small,
        large => large,
    })?;
    Some(Attachment {
        media_type: link.text("mediaType").filter(|text| text.len() <= TOKEN).map(str::to_owned),
        width: pixels(link, "width"),
        height: pixels(link, "height"),
        preview: picture_url(note),
        ..bare(link.uri("href")?)
    })
}

/// The largest of the small pictures that stand for something.
fn picture_url(object: View<'_>) -> Option<Uri> {
    let largest = object
        .objects("icon")
        .take(LINKS)
        .filter(|icon| icon.uri("url").is_some())
        .max_by_key(|icon| icon.count("width").unwrap_or(0));
    largest.and_then(|icon| icon.uri("url")).or_else(|| object.uri("icon"))
}

fn bare(url: Uri) -> Attachment {
    Attachment {
        url,
        media_type: None,
        description: None,
        blurhash: None,
        width: None,
        height: None,
        focal_point: None,
        preview: None,
    }
}

fn pixels(object: View<'_>, name: &str) -> Option<i64> {
    object.count(name).filter(|pixels| (1..=1_000_000).contains(pixels))
}

fn focal_point(object: View<'_>) -> Option<(f64, f64)> {
    let part = |value: &Value| value.as_f64().map(|part| part.clamp(-1.0, 1.0));
    match object.list("focalPoint") {
        [x, y] => Some((part(x)?, part(y)?)),
        _ => None,
    }
}
