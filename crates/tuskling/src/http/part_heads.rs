//! Forms with parts (RFC 7578), made harmless for their parser. It keeps a whole head of a part in memory and looks
//! through it again with each piece that arrives, so one without an end would cost memory and time without bound;
//! and it takes in whatever has arrived before it looks at the size of any of it.

use axum::body::Body;
use axum::extract::Request;
use futures_util::StreamExt as _;
use http::header;
use memchr::memmem::{self, Finder};

/// Longest head; those of browsers and apps have some hundred bytes.
const MOST: usize = 16 * 1024;
const END: &[u8] = b"\r\n\r\n";

/// A form's body comes piece by piece, and breaks off where the head of a part is too long.
pub(super) fn bounded(request: Request) -> Request {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    // Without a boundary nobody can read it, and it is refused.
    let Some(boundary) = kind.and_then(|kind| multer::parse_boundary(kind).ok()) else {
        return request;
    };
    let mut heads = Heads::new(&boundary);
    request.map(|body| {
        let pieces = body.into_data_stream().map(move |piece| {
            let piece = piece?;
            heads.see(&piece).map_err(axum::Error::new)?;
            Ok::<_, axum::Error>(piece)
        });
        // The parser looks at what it has when nothing more is there at the moment. It asks twice before it
        // does, and believes that a form has ended badly when the second answer is its end.
        Body::from_stream(pieces.enumerate().then(|(number, piece)| async move {
            if number > 0 {
                tokio::task::yield_now().await;
                tokio::task::yield_now().await;
            }
            piece
        }))
    })
}

#[derive(Debug, thiserror::Error)]
#[error("the head of a part is longer than {MOST} bytes")]
struct TooLong;

/// Where in a form one is.
enum Place {
    /// In a head, after so many bytes of it. What stands before the first part counts as one.
    Head(usize),
    /// In what a part holds.
    Content,
}

/// Reads along.
struct Heads {
    delimiter: Finder<'static>,
    place: Place,
    /// What may be the beginning of what is looked for.
    seam: Vec<u8>,
}

impl Heads {
    fn new(boundary: &str) -> Self {
        let delimiter = Finder::new(format!("\r\n--{boundary}").as_bytes()).into_owned();
        Self { delimiter, place: Place::Head(0), seam: Vec::new() }
    }

    fn see(&mut self, piece: &[u8]) -> Result<(), TooLong> {
        self.seam.extend_from_slice(piece);
        let mut from = 0;
        loop {
            let rest = self.seam.get(from..).unwrap_or_default();
            let (found, needle) = match self.place {
                Place::Head(_) => (memmem::find(rest, END), END.len()),
                Place::Content => (self.delimiter.find(rest), self.delimiter.needle().len()),
            };
            let passed = found.unwrap_or_else(|| rest.len().saturating_sub(needle - 1));
            let length = match self.place {
                Place::Head(before) => before + passed,
                Place::Content => 0,
            };
            if length > MOST {
                return Err(TooLong);
            }
            from += passed;
            match (&self.place, found) {
                (Place::Head(_), None) => self.place = Place::Head(length),
                (Place::Content, None) => {}
                // The last line end may be the first of a delimiter.
                (Place::Head(_), Some(_)) => (self.place, from) = (Place::Content, from + 2),
                (Place::Content, Some(_)) => (self.place, from) = (Place::Head(0), from + needle),
            }
            if found.is_none() {
                self.seam.drain(..from);
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(head: usize, content: usize) -> Vec<u8> {
        let mut form = Vec::new();
        for name in ["a", "b"] {
            form.extend_from_slice(b"--XX\r\nContent-Disposition: form-data; name=\"");
            form.resize(form.len() + head, b'n');
            form.extend_from_slice(format!("{name}\"\r\n\r\n").as_bytes());
            form.resize(form.len() + content, b'c');
            form.extend_from_slice(b"\r\n");
        }
        form.extend_from_slice(b"--XX--\r\n");
        form
    }

    fn is_fine(form: &[u8], at_once: usize) -> bool {
        let mut heads = Heads::new("XX");
        form.chunks(at_once).all(|piece| heads.see(piece).is_ok())
    }

    #[test]
    fn r05_heads_are_bounded_and_contents_are_not() {
        for at_once in [1, 2, 3, 7, 1000, 1_000_000] {
            assert!(is_fine(&form(0, 0), at_once));
            assert!(is_fine(&form(100, 300_000), at_once), "{at_once}");
            assert!(!is_fine(&form(MOST, 0), at_once), "{at_once}");
            assert!(!is_fine(&vec![b'-'; MOST + 10], at_once), "nothing begins");
        }
    }

    #[test]
    fn r05_only_the_seam_is_kept() {
        let mut heads = Heads::new("XX");
        for piece in form(100, 1_000_000).chunks(10_000) {
            heads.see(piece).unwrap();
            assert!(heads.seam.len() < 10);
        }
    }

    #[tokio::test]
    async fn r05_a_form_with_an_endless_head_breaks_off() {
        let ask = |content: Vec<u8>| {
            let request = Request::builder()
                .header(header::CONTENT_TYPE, "multipart/form-data; boundary=XX")
                .body(Body::from(content));
            bounded(request.unwrap()).into_body()
        };
        let whole = form(10, 70_000);
        assert_eq!(axum::body::to_bytes(ask(whole.clone()), 1 << 20).await.unwrap(), whole);
        assert!(axum::body::to_bytes(ask(form(MOST, 0)), 1 << 20).await.is_err());
    }
}
