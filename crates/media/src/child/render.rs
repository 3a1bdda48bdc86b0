//! Which files are made for which purpose.

use std::fs::File;
use std::io;

use image::DynamicImage;

use super::decode::{Picture, Wanted, decode};
use super::encode::{Target, blurhash, write, write_bytes};
use super::resize::{fill, within_area, without_idle_alpha};
use crate::error::Refusal;
use crate::protocol::{ImageAnswer, ImageRequest, Purpose};
use crate::types::{Dimensions, MediaType};

const ORIGINAL_AREA: u64 = 3840 * 2160;
const SMALL_AREA: u64 = 640 * 360;
const EMOJI_AREA: u64 = 512 * 512;
/// Enough pixels to cut a face or a banner from.
const PROFILE_AREA: u64 = 4_000_000;
const AVATAR: Dimensions = Dimensions { width: 400, height: 400 };
const HEADER: Dimensions = Dimensions { width: 1500, height: 500 };

const ORIGINAL_QUALITY: u8 = 90;
const SMALL_QUALITY: u8 = 82;

pub(super) enum RenderError {
    Refused(Refusal),
    Disk(io::Error),
}

impl From<Refusal> for RenderError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<io::Error> for RenderError {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

pub(super) fn render(
    request: &ImageRequest,
    input: File,
    original: File,
    small: File,
) -> Result<ImageAnswer, RenderError> {
    let area = match request.purpose {
        Purpose::Attachment => ORIGINAL_AREA,
        Purpose::Avatar | Purpose::Header => PROFILE_AREA,
        Purpose::Emoji => EMOJI_AREA,
        Purpose::Thumbnail => SMALL_AREA * 4,
    };
    if request.purpose == Purpose::Emoji && request.media_type == MediaType::Jpeg {
        return Err(Refusal::Unsupported("JPEG as emoji".to_owned()).into());
    }
    let mut picture = decode(input, request.media_type, &request.bounds, Wanted { area })?;
    picture.pixels = without_idle_alpha(picture.pixels);
    match request.purpose {
        Purpose::Attachment => attachment(picture, request.media_type, original, small),
        Purpose::Avatar => cut(&picture, AVATAR, request, original),
        Purpose::Header => cut(&picture, HEADER, request, original),
        Purpose::Emoji => emoji(picture, original, small),
        Purpose::Thumbnail => thumbnail(picture, small),
    }
}

fn attachment(
    picture: Picture,
    source: MediaType,
    original: File,
    small: File,
) -> Result<ImageAnswer, RenderError> {
    let Picture { pixels, profile, animation } = picture;
    let moving = animation.is_some();
    let pixels = within_area(pixels, ORIGINAL_AREA)?;
    let original = match animation {
        Some(animation) => {
            write_bytes(&animation.bytes, MediaType::Gif, animation.canvas, original)?
        }
        None => {
            let target = original_target(&pixels, source);
            write(&pixels, profile.as_deref(), target, original)?
        }
    };
    let answer = thumbnail(Picture { pixels, profile, animation: None }, small)?;
    Ok(ImageAnswer { original: Some(original), moving, ..answer })
}

fn thumbnail(picture: Picture, small: File) -> Result<ImageAnswer, RenderError> {
    let pixels = within_area(picture.pixels, SMALL_AREA)?;
    let small = write(&pixels, picture.profile.as_deref(), small_target(&pixels), small)?;
    let blurhash = blurhash(&pixels);
    Ok(ImageAnswer { original: None, small: Some(small), blurhash, moving: false })
}

fn cut(
    picture: &Picture,
    size: Dimensions,
    request: &ImageRequest,
    original: File,
) -> Result<ImageAnswer, RenderError> {
    let pixels = fill(&picture.pixels, size, request.focus)?;
    let target = original_target(&pixels, request.media_type);
    let original = write(&pixels, picture.profile.as_deref(), target, original)?;
    Ok(ImageAnswer { original: Some(original), small: None, blurhash: None, moving: false })
}

fn emoji(picture: Picture, original: File, small: File) -> Result<ImageAnswer, RenderError> {
    let Picture { pixels, profile, animation } = picture;
    let pixels = within_area(pixels, EMOJI_AREA)?;
    let profile = profile.as_deref();
    let Some(animation) = animation else {
        let original = write(&pixels, profile, Target::Png, original)?;
        return Ok(ImageAnswer {
            original: Some(original),
            small: None,
            blurhash: None,
            moving: false,
        });
    };
    let original = write_bytes(&animation.bytes, MediaType::Gif, animation.canvas, original)?;
    let small = write(&pixels, profile, Target::Png, small)?;
    Ok(ImageAnswer { original: Some(original), small: Some(small), blurhash: None, moving: true })
}

/// Drawings and screenshots come as PNG or GIF and stay exact; photos become JPEG.
fn original_target(pixels: &DynamicImage, source: MediaType) -> Target {
    let exact = matches!(source, MediaType::Png | MediaType::Gif);
    if exact || pixels.color().has_alpha() { Target::Png } else { Target::Jpeg(ORIGINAL_QUALITY) }
}

fn small_target(pixels: &DynamicImage) -> Target {
    if pixels.color().has_alpha() { Target::Png } else { Target::Jpeg(SMALL_QUALITY) }
}
