//! From pixels to files: JPEG for photos, PNG where alpha or exact colours matter, and blurhashes.
//! Nothing of the source but its pixels and its colour profile gets in.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{DynamicImage, ImageEncoder, ImageError};

use super::resize;
use crate::protocol::Written;
use crate::types::{Dimensions, MediaType};

/// How a picture is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Png,
    /// With this quality, 1 to 100.
    Jpeg(u8),
}

pub(super) fn write(
    picture: &DynamicImage,
    profile: Option<&[u8]>,
    target: Target,
    file: File,
) -> io::Result<Written> {
    let mut output = BufWriter::new(&file);
    let media_type = match target {
        Target::Png => {
            let mut encoder = PngEncoder::new_with_quality(
                &mut output,
                CompressionType::Default,
                FilterType::Adaptive,
            );
            set_profile(&mut encoder, profile);
            picture.write_with_encoder(encoder).map_err(from_image)?;
            MediaType::Png
        }
        Target::Jpeg(quality) => {
            let mut encoder = JpegEncoder::new_with_quality(&mut output, quality);
            set_profile(&mut encoder, profile);
            picture.write_with_encoder(encoder).map_err(from_image)?;
            MediaType::Jpeg
        }
    };
    output.flush()?;
    drop(output);
    Ok(Written { media_type, dimensions: resize::size_of(picture), bytes: file.metadata()?.len() })
}

/// Writes bytes that are clean already.
pub(super) fn write_bytes(
    bytes: &[u8],
    media_type: MediaType,
    dimensions: Dimensions,
    mut file: File,
) -> io::Result<Written> {
    file.write_all(bytes)?;
    let bytes = file.metadata()?.len();
    Ok(Written { media_type, dimensions, bytes })
}

/// The blurred preview as text, 4×4 components as Mastodon makes them.
pub(super) fn blurhash(picture: &DynamicImage) -> Option<String> {
    let tiny = resize::tiny_rgba(picture, 32);
    blurhash::encode(4, 4, tiny.width(), tiny.height(), tiny.as_raw()).ok()
}

fn set_profile(encoder: &mut impl ImageEncoder, profile: Option<&[u8]>) {
    if let Some(profile) = profile {
        // Both encoders take profiles; if one did not, the colours would be plain sRGB.
        let _ = encoder.set_icc_profile(profile.to_vec());
    }
}

fn from_image(error: ImageError) -> io::Error {
    match error {
        ImageError::IoError(error) => error,
        other => io::Error::other(other),
    }
}
