//! The boxes of an MP4, QuickTime or 3GP file, for machines without ffmpeg: blanks the metadata that
//! phones put in (place, maker, owner) where it stands, so that nothing else moves, and reads the
//! running time and the size of the picture on the way.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};

use crate::error::Refusal;
use crate::protocol::Scrubbed;
use crate::types::Dimensions;

/// Most boxes that are looked at; an honest index has a few hundred.
const MAX_BOXES: u32 = 20_000;
/// Largest picture side that is believed.
const MAX_SIDE: u32 = 32_768;

/// Cleans `file`, a copy of ours, and tells what it holds.
pub(super) fn scrub(file: &File) -> Result<Scrubbed, ScrubError> {
    let length = file.metadata()?.len();
    let mut walk = Walk { file, boxes_left: MAX_BOXES, found: Scrubbed::default(), index: false };
    walk.children(0, length, 0)?;
    if !walk.index {
        return Err(damaged());
    }
    Ok(walk.found)
}

#[derive(Debug)]
pub(super) enum ScrubError {
    Refused(Refusal),
    Disk(io::Error),
}

impl From<io::Error> for ScrubError {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

fn damaged() -> ScrubError {
    ScrubError::Refused(Refusal::Damaged("MP4 boxes".to_owned()))
}

struct Walk<'a> {
    file: &'a File,
    boxes_left: u32,
    found: Scrubbed,
    /// Whether there was a `moov`.
    index: bool,
}

/// One box: where its payload begins and ends.
struct Place {
    name: [u8; 4],
    name_at: u64,
    start: u64,
    end: u64,
}

impl Walk<'_> {
    /// Goes through the boxes between two offsets.
    fn children(&mut self, mut at: u64, end: u64, depth: u32) -> Result<(), ScrubError> {
        // Fewer than eight bytes are no box; QuickTime ends a list with four zeros.
        while end.saturating_sub(at) >= 8 {
            self.boxes_left = self.boxes_left.checked_sub(1).ok_or_else(damaged)?;
            let place = self.header(at, end)?;
            match (&place.name, depth) {
                (b"moov", 0) => {
                    self.index = true;
                    self.children(place.start, place.end, 1)?;
                }
                (b"trak", 1) => self.children(place.start, place.end, 2)?,
                (b"udta" | b"meta" | b"uuid", 0..=2) => self.blank(&place)?,
                (b"mvhd", 1) => self.movie_header(&place)?,
                (b"tkhd", 2) => self.track_header(&place)?,
                _ => {}
            }
            at = place.end;
        }
        Ok(())
    }

    fn header(&self, at: u64, end: u64) -> Result<Place, ScrubError> {
        let [s3, s2, s1, s0, name @ ..] = self.read::<8>(at)?;
        let (size, start) = match u32::from_be_bytes([s3, s2, s1, s0]) {
            0 => (end - at, at + 8),
            1 => (u64::from_be_bytes(self.read::<8>(at + 8)?), at + 16),
            size => (u64::from(size), at + 8),
        };
        let place_end = at.checked_add(size).ok_or_else(damaged)?;
        if place_end > end || place_end < start {
            return Err(damaged());
        }
        Ok(Place { name, name_at: at + 4, start, end: place_end })
    }

    /// Makes the box free space of the same length.
    fn blank(&mut self, place: &Place) -> Result<(), ScrubError> {
        let mut file = self.file;
        file.seek(SeekFrom::Start(place.name_at))?;
        file.write_all(b"free")?;
        file.seek(SeekFrom::Start(place.start))?;
        io::copy(&mut io::repeat(0).take(place.end - place.start), &mut file)?;
        Ok(())
    }

    fn movie_header(&mut self, place: &Place) -> Result<(), ScrubError> {
        let [version] = self.read::<1>(place.start)?;
        let (scale, units) = if version == 1 {
            let scale = self.read::<4>(place.start + 20)?;
            (scale, u64::from_be_bytes(self.read::<8>(place.start + 24)?))
        } else {
            let scale = self.read::<4>(place.start + 12)?;
            (scale, u32::from_be_bytes(self.read::<4>(place.start + 16)?).into())
        };
        let scale = u32::from_be_bytes(scale);
        // All ones mean "unknown".
        if scale > 0 && units != u64::from(u32::MAX) && units < 1 << 52 {
            self.found.duration = Some(units as f64 / f64::from(scale));
        }
        Ok(())
    }

    /// The first track with a picture gives its size, turned as its matrix says.
    fn track_header(&mut self, place: &Place) -> Result<(), ScrubError> {
        let Some(at) = place.end.checked_sub(44).filter(|at| *at >= place.start) else {
            return Err(damaged());
        };
        let [a3, a2, a1, a0] = self.read::<4>(at)?;
        let turned = [a3, a2, a1, a0] == [0; 4];
        let side = |fixed: [u8; 4]| u32::from_be_bytes(fixed) >> 16;
        let (width, height) =
            (side(self.read::<4>(place.end - 8)?), side(self.read::<4>(place.end - 4)?));
        let believed = |side| (1..=MAX_SIDE).contains(&side);
        if self.found.dimensions.is_none() && believed(width) && believed(height) {
            let (width, height) = if turned { (height, width) } else { (width, height) };
            self.found.dimensions = Some(Dimensions { width, height });
        }
        Ok(())
    }

    fn read<const LENGTH: usize>(&self, at: u64) -> Result<[u8; LENGTH], ScrubError> {
        let mut file = self.file;
        let mut bytes = [0; LENGTH];
        file.seek(SeekFrom::Start(at))?;
        match file.read_exact(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(damaged()),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(name: &[u8; 4], payload: &[u8]) -> Vec<u8> {
        let size = u32::try_from(payload.len() + 8).unwrap();
        [&size.to_be_bytes()[..], name, payload].concat()
    }

    fn movie_header(scale: u32, units: u32) -> Vec<u8> {
        let mut payload = vec![0; 100];
        payload[12..16].copy_from_slice(&scale.to_be_bytes());
        payload[16..20].copy_from_slice(&units.to_be_bytes());
        boxed(b"mvhd", &payload)
    }

    fn track(width: u32, height: u32, turned: bool, extra: &[u8]) -> Vec<u8> {
        let mut payload = vec![0; 84];
        if !turned {
            payload[40..44].copy_from_slice(&0x1_0000u32.to_be_bytes());
        }
        payload[76..80].copy_from_slice(&(width << 16).to_be_bytes());
        payload[80..84].copy_from_slice(&(height << 16).to_be_bytes());
        boxed(b"trak", &[&boxed(b"tkhd", &payload)[..], extra].concat())
    }

    fn scrubbed(bytes: &[u8]) -> (Result<Scrubbed, ScrubError>, Vec<u8>) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        let result = scrub(&file);
        let mut after = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut after).unwrap();
        (result, after)
    }

    fn phone_video() -> Vec<u8> {
        let place = boxed(b"udta", &boxed(b"\xa9xyz", b"+48.8584+002.2945/"));
        let notes = boxed(b"meta", b"location.ISO6709 +48.8584");
        let sound = track(0, 0, false, &place);
        let picture = track(1920, 1080, true, &boxed(b"mdia", b"kept"));
        let index = [movie_header(600, 900), sound, picture, place, notes].concat();
        [boxed(b"ftyp", b"isom\0\0\0\0"), boxed(b"moov", &index), boxed(b"mdat", b"pixels")]
            .concat()
    }

    #[test]
    fn m06_the_place_is_blanked_and_everything_else_stays_where_it_was() {
        let before = phone_video();
        let (found, after) = scrubbed(&before);
        let found = found.unwrap();
        assert_eq!(found.duration, Some(1.5));
        assert_eq!(found.dimensions, Some(Dimensions { width: 1080, height: 1920 }));
        assert_eq!(after.len(), before.len());
        assert!(!after.windows(5).any(|window| window == b"48.85"));
        assert!(after.ends_with(b"mdatpixels"));
        assert!(after.windows(8).any(|window| window == b"mdiakept"));
    }

    #[test]
    fn p05_cuts_loops_and_lies_are_refused() {
        let whole = phone_video();
        for length in 0..whole.len() - b"xxxxmdatpixels".len() {
            assert!(scrubbed(&whole[..length]).0.is_err(), "{length}");
        }
        let many = boxed(b"moov", &boxed(b"free", b"").repeat(20_001));
        assert!(scrubbed(&many).0.is_err());
        let short_of_itself = [boxed(b"moov", b""), b"\0\0\0\x07free".to_vec()].concat();
        assert!(scrubbed(&short_of_itself).0.is_err());
        let endless = [&b"\0\0\0\x01moov"[..], &[0xff; 8]].concat();
        assert!(scrubbed(&endless).0.is_err());
    }
}
