//! The blocks of a GIF, without its pixels: counts the frames before anything is decoded, and
//! rewrites an animation with the blocks that make it up and nothing else. Comments, text,
//! application data (XMP with places and names) and whatever follows the end are left out.

use crate::error::Refusal;
use crate::types::Dimensions;

/// A GIF reduced to its animation.
#[derive(Debug)]
pub(super) struct Rewritten {
    pub(super) canvas: Dimensions,
    pub(super) frames: u32,
    pub(super) bytes: Vec<u8>,
}

pub(super) fn rewrite(bytes: &[u8], max_frames: u32) -> Result<Rewritten, Refusal> {
    let mut walk = Walk { rest: bytes, kept: Vec::with_capacity(bytes.len()) };
    let canvas = walk.header()?;
    let mut frames = 0;
    loop {
        match walk.rest {
            // Some writers forget the end mark; between blocks that does no harm.
            [] if frames > 0 => break,
            [0x3b, ..] => break,
            [0x21, label, ..] => walk.extension(*label)?,
            [0x2c, ..] => {
                frames += 1;
                if frames > max_frames {
                    return Err(Refusal::TooManyFrames(max_frames));
                }
                walk.frame()?;
            }
            _ => return Err(damaged()),
        }
    }
    if frames == 0 {
        return Err(damaged());
    }
    walk.kept.push(0x3b);
    Ok(Rewritten { canvas, frames, bytes: walk.kept })
}

struct Walk<'a> {
    rest: &'a [u8],
    kept: Vec<u8>,
}

impl<'a> Walk<'a> {
    fn header(&mut self) -> Result<Dimensions, Refusal> {
        let header = self.take(13)?;
        let [_, _, _, _, _, _, w0, w1, h0, h1, flags, ..] = header else { return Err(damaged()) };
        let canvas = Dimensions {
            width: u16::from_le_bytes([*w0, *w1]).into(),
            height: u16::from_le_bytes([*h0, *h1]).into(),
        };
        self.kept.extend_from_slice(header);
        self.palette(*flags)?;
        Ok(canvas)
    }

    /// A frame: position, perhaps its own colours, compressed pixels.
    fn frame(&mut self) -> Result<(), Refusal> {
        let descriptor = self.take(10)?;
        self.kept.extend_from_slice(descriptor);
        self.palette(descriptor.last().copied().unwrap_or(0))?;
        let code_size = self.take(1)?;
        self.kept.extend_from_slice(code_size);
        let pixels = self.sub_blocks()?;
        self.kept.extend_from_slice(pixels);
        Ok(())
    }

    /// Timing and looping are kept, the rest is dropped.
    fn extension(&mut self, label: u8) -> Result<(), Refusal> {
        let introducer = self.take(2)?;
        let blocks = self.sub_blocks()?;
        let timing = label == 0xf9 && matches!(blocks, [4, _, _, _, _, 0]);
        let looping =
            label == 0xff && blocks.len() == 17 && blocks.starts_with(b"\x0bNETSCAPE2.0\x03\x01");
        if timing || looping {
            self.kept.extend_from_slice(introducer);
            self.kept.extend_from_slice(blocks);
        }
        Ok(())
    }

    fn palette(&mut self, flags: u8) -> Result<(), Refusal> {
        if flags & 0x80 != 0 {
            let colours = self.take(3 << ((flags & 7) + 1))?;
            self.kept.extend_from_slice(colours);
        }
        Ok(())
    }

    /// Length-prefixed blocks up to and with the empty one.
    fn sub_blocks(&mut self) -> Result<&'a [u8], Refusal> {
        let start = self.rest;
        loop {
            let [length] = self.take(1)? else { return Err(damaged()) };
            if *length == 0 {
                let taken = start.len() - self.rest.len();
                return start.get(..taken).ok_or_else(damaged);
            }
            self.take(usize::from(*length))?;
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Refusal> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(damaged)?;
        self.rest = rest;
        Ok(taken)
    }
}

fn damaged() -> Refusal {
    Refusal::Damaged("GIF blocks".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &[u8] = b"GIF89a\x02\0\x01\0\x80\0\0\0\0\0\xff\xff\xff";
    const TIMING: &[u8] = b"\x21\xf9\x04\0\x0a\0\0\0";
    const LOOPING: &[u8] = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0";
    const FRAME: &[u8] = b"\x2c\0\0\0\0\x02\0\x01\0\0\x02\x02\x44\x0a\0";
    const COMMENT: &[u8] = b"\x21\xfe\x06secret\0";
    const PLACE: &[u8] = b"\x21\xff\x0bXMP DataXMP\x05place\0";

    #[test]
    fn m06_only_the_animation_is_kept() {
        let noisy =
            [HEADER, LOOPING, COMMENT, PLACE, TIMING, FRAME, COMMENT, TIMING, FRAME, b";<script>"];
        let clean = [HEADER, LOOPING, TIMING, FRAME, TIMING, FRAME, b";"].concat();
        let rewritten = rewrite(&noisy.concat(), 10).unwrap();
        assert_eq!(rewritten.bytes, clean);
        assert_eq!(rewritten.frames, 2);
        assert_eq!(rewritten.canvas, Dimensions { width: 2, height: 1 });
    }

    #[test]
    fn m08_frames_are_counted_before_decoding() {
        let mut many = HEADER.to_vec();
        (0..11).for_each(|_| many.extend_from_slice(FRAME));
        assert_eq!(rewrite(&many, 10).unwrap_err(), Refusal::TooManyFrames(10));
        assert_eq!(rewrite(&many, 11).unwrap().frames, 11);
    }

    #[test]
    fn p05_every_cut_is_refused_unless_it_falls_between_blocks() {
        let whole = [HEADER, TIMING, FRAME, b";"].concat();
        for length in 0..whole.len() {
            let accepted = rewrite(&whole[..length], 10).is_ok();
            assert_eq!(accepted, length == whole.len() - 1, "{length}");
        }
        assert!(rewrite(&[HEADER, b";"].concat(), 10).is_err(), "no frame");
    }
}
