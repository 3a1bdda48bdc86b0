//! PNG by rows: a large one is shrunk while it is read. An interlaced one has to be held whole and
//! is therefore allowed fewer pixels. A moving PNG gives its first picture.

use std::fs::File;
use std::io::BufReader;

use image::{DynamicImage, RgbImage, RgbaImage};
use png::{ColorType, Decoder, DecodingError, Limits, Reader, Transformations};

use super::decode::{Picture, Wanted, check_size, damaged, rgb_profile};
use super::shrink::Shrinker;
use crate::error::Refusal;
use crate::protocol::Bounds;
use crate::types::Dimensions;

type RowReader = Reader<BufReader<File>>;

/// Memory for text, profiles and row buffers.
const DECODER_BYTES: usize = 32 * 1024 * 1024;

pub(super) fn decode(input: File, bounds: &Bounds, wanted: Wanted) -> Result<Picture, Refusal> {
    let limits = Limits { bytes: DECODER_BYTES };
    let mut decoder = Decoder::new_with_limits(BufReader::new(input), limits);
    decoder.set_ignore_text_chunk(true);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let header = decoder.read_header_info().map_err(refusal)?;
    let size = Dimensions { width: header.width, height: header.height };
    let area = if header.interlaced { bounds.whole_pixels } else { bounds.image_pixels };
    check_size(size, area)?;

    let mut reader = decoder.read_info().map_err(refusal)?;
    let target = size.within_area(wanted.area);
    let alpha = matches!(reader.output_color_type().0, ColorType::GrayscaleAlpha | ColorType::Rgba);
    let pixels = if alpha {
        let pixels = read_rows::<4>(&mut reader, size, target)?;
        RgbaImage::from_raw(target.width, target.height, pixels).map(DynamicImage::ImageRgba8)
    } else {
        let pixels = read_rows::<3>(&mut reader, size, target)?;
        RgbImage::from_raw(target.width, target.height, pixels).map(DynamicImage::ImageRgb8)
    };
    let pixels = pixels.ok_or_else(|| Refusal::Damaged("rows are missing".to_owned()))?;
    let info = reader.info();
    let profile = rgb_profile(info.icc_profile.as_ref().map(|bytes| bytes.to_vec()));
    let exif = info.exif_metadata.as_ref().map(|bytes| bytes.to_vec());
    Ok(Picture { pixels, profile, animation: None }.turned_upright(exif.as_deref()))
}

fn read_rows<const CHANNELS: usize>(
    reader: &mut RowReader,
    from: Dimensions,
    to: Dimensions,
) -> Result<Vec<u8>, Refusal> {
    let samples = reader.output_color_type().0.samples();
    let mut shrinker = Shrinker::<CHANNELS>::new(from, to);
    let mut widened = Vec::new();
    let mut take = |row: &[u8]| {
        if samples == CHANNELS {
            shrinker.push(row);
        } else {
            widen::<CHANNELS>(row, samples, &mut widened);
            shrinker.push(&widened);
        }
    };
    if reader.info().interlaced {
        let size = reader.output_buffer_size().ok_or(Refusal::TooMuchMemory)?;
        let mut whole = vec![0; size];
        let frame = reader.next_frame(&mut whole).map_err(refusal)?;
        whole.chunks_exact(frame.line_size).for_each(&mut take);
    } else {
        while let Some(row) = reader.next_row().map_err(refusal)? {
            take(row.data());
        }
    }
    shrinker.finish().ok_or_else(|| Refusal::Damaged("rows are missing".to_owned()))
}

/// Grey to RGB, grey with alpha to RGBA.
fn widen<const CHANNELS: usize>(row: &[u8], samples: usize, widened: &mut Vec<u8>) {
    widened.clear();
    for pixel in row.chunks_exact(samples) {
        let (grey, alpha) = match pixel {
            [grey] => (*grey, 255),
            [grey, alpha, ..] => (*grey, *alpha),
            [] => continue,
        };
        let full = [grey, grey, grey, alpha];
        widened.extend(full.iter().take(CHANNELS));
    }
}

fn refusal(error: DecodingError) -> Refusal {
    match error {
        DecodingError::LimitsExceeded => Refusal::TooMuchMemory,
        other => damaged(&other),
    }
}
