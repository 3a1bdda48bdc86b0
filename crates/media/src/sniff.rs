//! What a file is, by its first and last bytes alone. Runs in the server's process, so it only
//! compares bytes: no decoding, no allocation by declared sizes. Names and declared types are never
//! asked.

use crate::error::Refusal;
use crate::types::MediaType;

/// How many first bytes [`identify`] wants to see.
pub(crate) const HEAD: usize = 4096;
/// How many last bytes [`identify`] wants to see: the farthest a ZIP directory can end from the end.
pub(crate) const TAIL: usize = 65_535 + 22;

/// How deep readers of other formats look for their beginning.
const POLYGLOT_DEPTH: usize = 1024;

/// Tells the format, or why there is none for us.
pub(crate) fn identify(head: &[u8], tail: &[u8]) -> Result<MediaType, Refusal> {
    if head.is_empty() {
        return Err(Refusal::Empty);
    }
    let Some(media_type) = known_type(head) else {
        return Err(Refusal::Unsupported(describe(head).to_owned()));
    };
    match second_format(media_type, head, tail) {
        Some(second) => Err(Refusal::Polyglot(second.to_owned())),
        None => Ok(media_type),
    }
}

fn known_type(head: &[u8]) -> Option<MediaType> {
    match head {
        [0xff, 0xd8, 0xff, ..] => Some(MediaType::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(MediaType::Png),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(MediaType::Gif),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(MediaType::WebP),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Some(MediaType::Wav),
        [b'f', b'L', b'a', b'C', ..] => Some(MediaType::Flac),
        [b'O', b'g', b'g', b'S', 0, ..] => ogg_type(head),
        [0x1a, 0x45, 0xdf, 0xa3, rest @ ..] => {
            // The document type is one of the first elements: id 0x4282, length 4, "webm".
            find(rest, b"\x42\x82\x84webm", 64).then_some(MediaType::WebM)
        }
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => iso_type(brand.first_chunk()?),
        [b'I', b'D', b'3', 2..=4, _, _, a, b, c, d, ..] if (a | b | c | d) < 0x80 => {
            Some(MediaType::Mp3)
        }
        [0xff, second, ..] if second & 0xf6 == 0xf0 => Some(MediaType::Aac),
        _ => is_mp3(head).then_some(MediaType::Mp3),
    }
}

fn ogg_type(head: &[u8]) -> Option<MediaType> {
    // The first packet of the first stream stands 28 bytes or a little more into the page.
    let names: [(&[u8], MediaType); 5] = [
        (b"\x80theora", MediaType::OggVideo),
        (b"OpusHead", MediaType::OggAudio),
        (b"\x01vorbis", MediaType::OggAudio),
        (b"\x7fFLAC", MediaType::OggAudio),
        (b"Speex   ", MediaType::OggAudio),
    ];
    names.into_iter().find(|(name, _)| find(head, name, 64)).map(|(_, media_type)| media_type)
}

fn iso_type(brand: &[u8; 4]) -> Option<MediaType> {
    match brand {
        b"qt  " => Some(MediaType::QuickTime),
        b"M4A " | b"M4B " => Some(MediaType::M4a),
        [b'3', b'g', b'p' | b'2', _] => Some(MediaType::ThreeGp),
        b"isom" | b"iso2" | b"iso3" | b"iso4" | b"iso5" | b"iso6" | b"iso7" | b"iso8" | b"iso9"
        | b"mp41" | b"mp42" | b"avc1" | b"M4V " | b"M4VH" | b"M4VP" | b"MSNV" | b"dash"
        | b"f4v " | b"hvc1" => Some(MediaType::Mp4),
        _ => None,
    }
}

/// MPEG audio without a tag: two frame headers in a row, since one is only eleven bits of magic.
fn is_mp3(head: &[u8]) -> bool {
    let Some(length) = mp3_frame_length(head) else { return false };
    head.get(length..).is_some_and(|next| mp3_frame_length(next).is_some())
}

/// Length in bytes of the layer III frame that `bytes` begin with.
fn mp3_frame_length(bytes: &[u8]) -> Option<usize> {
    let [0xff, version_layer, rates, _, ..] = bytes else { return None };
    const FIRST: [usize; 14] = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
    const LATER: [usize; 14] = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
    let (kilobits, hertz, samples) = match version_layer & 0xfe {
        0xfa => (FIRST, [44_100, 48_000, 32_000], 144),
        0xf2 => (LATER, [22_050, 24_000, 16_000], 72),
        0xe2 => (LATER, [11_025, 12_000, 8_000], 72),
        _ => return None,
    };
    let kilobits = kilobits.get(usize::from(rates >> 4).checked_sub(1)?)?;
    let hertz = hertz.get(usize::from(rates >> 2 & 3))?;
    Some(samples * kilobits * 1000 / hertz + usize::from(rates >> 1 & 1))
}

/// A second format that some reader would find in the same bytes.
fn second_format(media_type: MediaType, head: &[u8], tail: &[u8]) -> Option<&'static str> {
    const MARKS: [(&[u8], &str); 7] = [
        (b"%pdf-", "PDF"),
        (b"<!doctype", "HTML"),
        (b"<html", "HTML"),
        (b"<script", "HTML"),
        (b"<svg", "SVG"),
        (b"<?php", "PHP"),
        (b"#!/", "script"),
    ];
    let depth = head.get(..POLYGLOT_DEPTH).unwrap_or(head).to_ascii_lowercase();
    if let Some((_, name)) = MARKS.iter().find(|(mark, _)| find(&depth, mark, depth.len())) {
        return Some(name);
    }
    // "GIF89a/*" and "GIF89a=" begin a script whose rest hides in comments and palettes.
    if media_type == MediaType::Gif && matches!(head.get(6..8), Some(b"/*" | b"//" | [b'=', _])) {
        return Some("script");
    }
    ends_as_zip(tail).then_some("ZIP")
}

/// Archives are read from their end: a directory record whose comment reaches exactly to the end.
fn ends_as_zip(tail: &[u8]) -> bool {
    tail.windows(22).enumerate().any(|(position, record)| {
        let [b'P', b'K', 5, 6, .., low, high] = record else { return false };
        let comment = usize::from(u16::from_le_bytes([*low, *high]));
        position + record.len() + comment == tail.len()
    })
}

/// A word for the log and the client about what was not taken.
fn describe(head: &[u8]) -> &'static str {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let begins = |prefix: &[u8]| text.len() >= prefix.len() && text.starts_with(prefix);
    let lower = text.get(..256).unwrap_or(text).to_ascii_lowercase();
    match text {
        [b'<', ..] if find(&lower, b"<svg", lower.len()) => "SVG",
        [b'<', ..] if find(&lower, b"<!doctype html", 256) || find(&lower, b"<html", 256) => "HTML",
        [b'<', ..] => "markup",
        [b'{' | b'[', ..] => "JSON or text",
        [b'P', b'K', 3 | 5, 4 | 6, ..] => "ZIP archive",
        _ if begins(b"%PDF-") => "PDF",
        _ if begins(b"\x1f\x8b") || begins(b"BZh") || begins(b"\xfd7zXZ") => "archive",
        _ if begins(b"7z\xbc\xaf") || begins(b"Rar!") || begins(b"\x28\xb5\x2f\xfd") => "archive",
        [_, _, _, _, b'f', b't', b'y', b'p', b'h' | b'm' | b'a', ..] => "HEIF or AVIF",
        [0x1a, 0x45, 0xdf, 0xa3, ..] => "Matroska",
        _ => "unknown",
    }
}

/// Whether `needle` begins within the first `depth` bytes.
fn find(bytes: &[u8], needle: &[u8], depth: usize) -> bool {
    bytes.windows(needle.len()).take(depth).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(head: &[u8]) -> Refusal {
        identify(head, head).unwrap_err()
    }

    #[test]
    fn m06_formats_are_told_by_their_bytes() {
        let cases: [(&[u8], MediaType); 14] = [
            (b"\xff\xd8\xff\xe0\0\x10JFIF", MediaType::Jpeg),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", MediaType::Png),
            (b"GIF89a\x01\0\x01\0", MediaType::Gif),
            (b"RIFF\x24\0\0\0WEBPVP8 ", MediaType::WebP),
            (b"RIFF\x24\0\0\0WAVEfmt ", MediaType::Wav),
            (b"\0\0\0\x20ftypisom\0\0\x02\0", MediaType::Mp4),
            (b"\0\0\0\x14ftypqt  \0\0\0\0", MediaType::QuickTime),
            (b"\0\0\0\x14ftypM4A \0\0\0\0", MediaType::M4a),
            (b"\0\0\0\x14ftyp3gp4\0\0\0\0", MediaType::ThreeGp),
            (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", MediaType::WebM),
            (b"fLaC\0\0\0\x22", MediaType::Flac),
            (b"ID3\x04\0\0\0\0\x0f\x76TSSE", MediaType::Mp3),
            (b"\xff\xf1\x50\x80\x02\x1f\xfc", MediaType::Aac),
            (
                b"OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead",
                MediaType::OggAudio,
            ),
        ];
        for (head, expected) in cases {
            assert_eq!(identify(head, head), Ok(expected));
        }
    }

    #[test]
    fn m06_an_untagged_mp3_needs_two_frames() {
        let mut frames = vec![0; 417 * 2 + 4];
        frames[..4].copy_from_slice(b"\xff\xfb\x90\x00");
        assert_eq!(refusal(&frames), Refusal::Unsupported("unknown".into()));
        frames[417..421].copy_from_slice(b"\xff\xfb\x90\x00");
        assert_eq!(identify(&frames, &frames), Ok(MediaType::Mp3));
        assert!(identify(b"\xff\xfe<\0h\0t\0m\0l\0", b"").is_err());
    }

    #[test]
    fn m06_documents_archives_and_text_are_refused() {
        let cases: [(&[u8], &str); 12] = [
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
            (b"\xef\xbb\xbf \n<?xml version='1.0'?><svg/>", "SVG"),
            (b"<!DOCTYPE html><p>", "HTML"),
            (b"<html><script>alert(1)</script>", "HTML"),
            (b"<p>hello", "markup"),
            (b"%PDF-1.7", "PDF"),
            (b"PK\x03\x04\x14\0", "ZIP archive"),
            (b"\x1f\x8b\x08", "archive"),
            (b"Rar!\x1a\x07", "archive"),
            (b"\0\0\0\x1cftypheic\0\0\0\0", "HEIF or AVIF"),
            (b"MZ\x90\0", "unknown"),
            (b"x", "unknown"),
        ];
        for (head, expected) in cases {
            assert_eq!(refusal(head), Refusal::Unsupported(expected.into()), "{head:?}");
        }
        assert_eq!(refusal(b""), Refusal::Empty);
    }

    #[test]
    fn m07_a_json_actor_is_no_media() {
        let actor = br#"{"@context":"https://www.w3.org/ns/activitystreams","type":"Person"}"#;
        assert_eq!(refusal(actor), Refusal::Unsupported("JSON or text".into()));
    }

    #[test]
    fn m06_polyglots_are_refused() {
        let cases: [(&[u8], &str); 5] = [
            (b"GIF89a/*\x10\0\xf7\0\0*/=1;alert(1)", "script"),
            (b"GIF89a=1;alert(1)", "script"),
            (b"\xff\xd8\xff\xfe\0\x20<SCRIPT>alert(1)</SCRIPT>", "HTML"),
            (b"\x89PNG\r\n\x1a\n    %PDF-1.4", "PDF"),
            (b"ID3\x04\0\0\0\0\x0f\x76<html>", "HTML"),
        ];
        for (head, expected) in cases {
            assert_eq!(refusal(head), Refusal::Polyglot(expected.into()), "{head:?}");
        }
        let mut zipped = b"\xff\xd8\xff\xe0 picture ".to_vec();
        zipped.extend(b"PK\x05\x06");
        zipped.extend([0; 16]);
        zipped.extend(3u16.to_le_bytes());
        assert!(identify(&zipped, &zipped).is_ok(), "the comment does not reach the end");
        zipped.extend(b"abc");
        assert_eq!(refusal(&zipped), Refusal::Polyglot("ZIP".into()));
    }

    #[test]
    fn p05_no_prefix_of_anything_panics() {
        let seeds: [&[u8]; 4] =
            [b"\xff\xfb\xff\xff", b"\xff\xff\xff\xff", b"RIFF\0\0\0\0WEBP", b"PK\x05\x06"];
        for seed in seeds {
            for length in 0..=seed.len() {
                let _ = identify(&seed[..length], seed);
            }
        }
    }
}
