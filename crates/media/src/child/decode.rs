//! From bytes to pixels, one way per format, each with its header checked first. Every path ends in
//! RGB or RGBA of 8 bits, upright, no larger than the caller wants, plus the colour profile if it
//! means anything for those pixels.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _};

use image::codecs::gif::GifDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError};

use super::{gif, jpeg, png};
use crate::error::Refusal;
use crate::protocol::Bounds;
use crate::types::{Dimensions, MediaType};

/// Largest side of any image: beyond it, encoders and browsers give up.
const MAX_SIDE: u32 = 32_768;
/// Largest colour profile that is carried over. Those of cameras and screens are far smaller.
const MAX_PROFILE: usize = 4096;
/// Memory that a whole-image decoder may ask for.
const MAX_ALLOCATION: u64 = 160 * 1024 * 1024;

/// A decoded image.
pub(super) struct Picture {
    /// RGB8 or RGBA8, upright.
    pub(super) pixels: DynamicImage,
    /// An RGB colour profile without which the colours would be off.
    pub(super) profile: Option<Vec<u8>>,
    /// For a moving GIF: the same animation, rewritten without anything but the animation.
    pub(super) animation: Option<Animation>,
}

pub(super) struct Animation {
    pub(super) bytes: Vec<u8>,
    pub(super) canvas: Dimensions,
}

/// What the pixels are needed for; nothing larger is kept.
#[derive(Clone, Copy)]
pub(super) struct Wanted {
    pub(super) area: u64,
}

pub(super) fn decode(
    mut input: File,
    media_type: MediaType,
    bounds: &Bounds,
    wanted: Wanted,
) -> Result<Picture, Refusal> {
    let length = input.seek(std::io::SeekFrom::End(0)).map_err(|error| damaged(&error))?;
    input.rewind().map_err(|error| damaged(&error))?;
    if length > bounds.file_bytes {
        return Err(Refusal::TooManyBytes(bounds.file_bytes));
    }
    match media_type {
        MediaType::Jpeg => jpeg::decode(input, bounds, wanted),
        MediaType::Png => png::decode(input, bounds, wanted),
        MediaType::Gif => decode_gif(input, bounds),
        MediaType::WebP => decode_webp(input, bounds),
        other => Err(Refusal::Unsupported(other.mime().to_owned())),
    }
}

fn decode_gif(mut input: File, bounds: &Bounds) -> Result<Picture, Refusal> {
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).map_err(|error| damaged(&error))?;
    let outline = gif::rewrite(&bytes, bounds.frames)?;
    check_size(outline.canvas, bounds.whole_pixels)?;
    drop(bytes);
    let decoder = GifDecoder::new(std::io::Cursor::new(&outline.bytes)).map_err(from_image)?;
    let pixels = whole(decoder)?;
    let animation =
        (outline.frames > 1).then_some(Animation { bytes: outline.bytes, canvas: outline.canvas });
    Ok(Picture { pixels, profile: None, animation })
}

/// A moving WebP gives its first frame.
fn decode_webp(input: File, bounds: &Bounds) -> Result<Picture, Refusal> {
    let mut decoder = WebPDecoder::new(BufReader::new(input)).map_err(from_image)?;
    let (width, height) = decoder.dimensions();
    check_size(Dimensions { width, height }, bounds.whole_pixels)?;
    let profile = decoder.icc_profile().ok().flatten();
    let exif = decoder.exif_metadata().ok().flatten();
    let pixels = whole(decoder)?;
    Ok(Picture { pixels, profile: rgb_profile(profile), animation: None }
        .turned_upright(exif.as_deref()))
}

/// Decodes with a decoder that can only do everything at once.
fn whole(mut decoder: impl ImageDecoder) -> Result<DynamicImage, Refusal> {
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MAX_ALLOCATION);
    limits.reserve(decoder.total_bytes()).map_err(from_image)?;
    decoder.set_limits(limits).map_err(from_image)?;
    let pixels = DynamicImage::from_decoder(decoder).map_err(from_image)?;
    Ok(match pixels {
        DynamicImage::ImageRgb8(_) | DynamicImage::ImageRgba8(_) => pixels,
        other if other.color().has_alpha() => DynamicImage::ImageRgba8(other.into_rgba8()),
        other => DynamicImage::ImageRgb8(other.into_rgb8()),
    })
}

impl Picture {
    /// Applies the orientation that a camera noted, which re-encoding would lose.
    pub(super) fn turned_upright(mut self, exif: Option<&[u8]>) -> Self {
        // WebP and a few writers keep the JPEG marker in front.
        let exif = exif.map(|bytes| bytes.strip_prefix(b"Exif\0\0").unwrap_or(bytes));
        if let Some(orientation) = exif.and_then(Orientation::from_exif_chunk) {
            self.pixels.apply_orientation(orientation);
        }
        self
    }
}

/// Refuses images whose header alone says too much.
pub(super) fn check_size(size: Dimensions, max_area: u64) -> Result<(), Refusal> {
    let Dimensions { width, height } = size;
    if width == 0 || height == 0 {
        return Err(Refusal::Damaged("no pixels".to_owned()));
    }
    if width > MAX_SIDE || height > MAX_SIDE || size.area() > max_area {
        return Err(Refusal::TooManyPixels { width, height });
    }
    Ok(())
}

/// Keeps a profile only if it is small, whole and about RGB.
pub(super) fn rgb_profile(profile: Option<Vec<u8>>) -> Option<Vec<u8>> {
    profile.filter(|bytes| {
        bytes.len() <= MAX_PROFILE
            && bytes.get(16..20) == Some(b"RGB ")
            && bytes.get(36..40) == Some(b"acsp")
    })
}

pub(super) fn damaged(error: &dyn std::fmt::Display) -> Refusal {
    // Texts of decoders may repeat bytes of the file; a few plain words are enough.
    let words = error.to_string();
    Refusal::Damaged(
        words.chars().filter(|c| c.is_ascii() && !c.is_ascii_control()).take(120).collect(),
    )
}

pub(super) fn from_image(error: ImageError) -> Refusal {
    match error {
        ImageError::Limits(_) => Refusal::TooMuchMemory,
        other => damaged(&other),
    }
}
