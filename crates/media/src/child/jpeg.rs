//! JPEG, scaled down by 2, 4 or 8 while it is decoded when the pixels are not needed. How much memory
//! a decode takes is reckoned from the frame header first: a progressive file keeps every
//! coefficient until its last scan.

use std::fs::File;
use std::io::{BufReader, Read, Seek as _, SeekFrom};

use image::{DynamicImage, RgbImage};
use jpeg_decoder::{CodingProcess, Decoder, PixelFormat};

use super::decode::{Picture, Wanted, check_size, damaged, rgb_profile};
use crate::error::Refusal;
use crate::protocol::Bounds;
use crate::types::Dimensions;

/// All coefficients of a progressive file, two bytes each.
const MAX_COEFFICIENT_BYTES: u64 = 128 * 1024 * 1024;
/// Coefficients, planes and the pixels made from them.
const MAX_DECODE_BYTES: u64 = 176 * 1024 * 1024;

pub(super) fn decode(mut input: File, bounds: &Bounds, wanted: Wanted) -> Result<Picture, Refusal> {
    let frame = read_frame_header(&mut BufReader::new(&mut input))?;
    check_size(frame.size, bounds.image_pixels)?;
    input.seek(SeekFrom::Start(0)).map_err(|error| damaged(&error))?;

    let mut decoder = Decoder::new(BufReader::new(input));
    decoder.read_info().map_err(|error| damaged(&error))?;
    let info = decoder.info().ok_or_else(|| Refusal::Damaged("no header".to_owned()))?;
    let size = Dimensions { width: info.width.into(), height: info.height.into() };
    // The first frame header of the two readings must be the same one.
    if size != frame.size {
        return Err(Refusal::Damaged("two headers".to_owned()));
    }
    let progressive = info.coding_process == CodingProcess::DctProgressive;
    let coefficients = if progressive { 2 * frame.samples } else { 0 };
    if coefficients > MAX_COEFFICIENT_BYTES {
        return Err(Refusal::TooMuchMemory);
    }
    let divisor = choose_divisor(&frame, coefficients, wanted.area);
    let side = |length: u16| length.div_ceil(divisor);
    let (width, height) =
        decoder.scale(side(info.width), side(info.height)).map_err(|error| damaged(&error))?;
    let pixels = decoder.decode().map_err(|error| damaged(&error))?;
    let pixels = to_rgb(pixels, info.pixel_format)?;
    let pixels = RgbImage::from_raw(width.into(), height.into(), pixels)
        .ok_or_else(|| Refusal::Damaged("pixels are missing".to_owned()))?;
    let profile = rgb_profile(decoder.icc_profile());
    let picture = Picture { pixels: DynamicImage::ImageRgb8(pixels), profile, animation: None };
    Ok(picture.turned_upright(decoder.exif_data()))
}

/// The smallest division of both sides that fits memory and is not much larger than wanted; what is
/// left over is resized afterwards.
fn choose_divisor(frame: &FrameHeader, coefficients: u64, wanted_area: u64) -> u16 {
    for divisor in [1, 2, 4] {
        let part = u64::from(divisor) * u64::from(divisor);
        let planes = frame.samples / part;
        let pixels = frame.size.area() / part * u64::from(frame.components);
        let fits = coefficients + planes + pixels <= MAX_DECODE_BYTES;
        if fits && frame.size.area() / part <= wanted_area * 2 {
            return divisor;
        }
    }
    8
}

/// What the frame header says, by our own reading of it.
#[derive(Debug, PartialEq)]
struct FrameHeader {
    size: Dimensions,
    components: u8,
    /// Samples of all components, padded to whole blocks.
    samples: u64,
}

/// Walks the marker segments up to the first frame header.
fn read_frame_header(input: &mut impl Read) -> Result<FrameHeader, Refusal> {
    let mut start = [0; 2];
    input.read_exact(&mut start).map_err(|error| damaged(&error))?;
    loop {
        let marker = next_marker(input)?;
        match marker {
            // Standing alone, without a length.
            0x01 | 0xd0..=0xd8 => continue,
            0xd9 | 0xda => return Err(Refusal::Damaged("no frame header".to_owned())),
            _ => {}
        }
        let mut length = [0; 2];
        input.read_exact(&mut length).map_err(|error| damaged(&error))?;
        let Some(length) = u16::from_be_bytes(length).checked_sub(2) else {
            return Err(Refusal::Damaged("segment length".to_owned()));
        };
        let mut segment = Vec::new();
        input.take(length.into()).read_to_end(&mut segment).map_err(|error| damaged(&error))?;
        // C4, C8 and CC share the range but are tables and an extension.
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            return parse_frame_header(&segment)
                .ok_or_else(|| Refusal::Damaged("frame header".to_owned()));
        }
    }
}

fn next_marker(input: &mut impl Read) -> Result<u8, Refusal> {
    let mut byte = [0; 1];
    let mut after_ff = false;
    loop {
        input.read_exact(&mut byte).map_err(|error| damaged(&error))?;
        match byte {
            [0xff] => after_ff = true,
            [0] => after_ff = false,
            [marker] if after_ff => return Ok(marker),
            _ => {}
        }
    }
}

fn parse_frame_header(segment: &[u8]) -> Option<FrameHeader> {
    let [_precision, h1, h0, w1, w0, components, rest @ ..] = segment else { return None };
    let size = Dimensions {
        width: u16::from_be_bytes([*w1, *w0]).into(),
        height: u16::from_be_bytes([*h1, *h0]).into(),
    };
    let factors: Vec<(u64, u64)> = rest
        .chunks_exact(3)
        .take(usize::from(*components))
        .filter_map(|component| component.get(1))
        .map(|factors| (u64::from(factors >> 4), u64::from(factors & 15)))
        .collect();
    let known = factors.len() == usize::from(*components) && matches!(components, 1..=4);
    let valid = factors.iter().all(|(h, v)| matches!(h, 1..=4) && matches!(v, 1..=4));
    if !known || !valid {
        return None;
    }
    let widest = factors.iter().map(|(h, _)| *h).max()?;
    let tallest = factors.iter().map(|(_, v)| *v).max()?;
    let units =
        u64::from(size.width).div_ceil(8 * widest) * u64::from(size.height).div_ceil(8 * tallest);
    let samples = factors.iter().map(|(h, v)| units * h * v * 64).sum();
    Some(FrameHeader { size, components: *components, samples })
}

fn to_rgb(pixels: Vec<u8>, format: PixelFormat) -> Result<Vec<u8>, Refusal> {
    match format {
        PixelFormat::RGB24 => Ok(pixels),
        PixelFormat::L8 => Ok(pixels.into_iter().flat_map(|grey| [grey; 3]).collect()),
        PixelFormat::CMYK32 => Ok(pixels.chunks_exact(4).flat_map(cmyk_to_rgb).collect()),
        PixelFormat::L16 => Err(Refusal::Unsupported("JPEG with more than 8 bits".to_owned())),
    }
}

/// The plain formula; a print profile is not applied.
fn cmyk_to_rgb(pixel: &[u8]) -> [u8; 3] {
    let [cyan, magenta, yellow, black] = pixel else { return [0; 3] };
    let mix = |ink: u8| {
        let light = (255 - u32::from(ink)) * (255 - u32::from(*black)) / 255;
        u8::try_from(light).unwrap_or(u8::MAX)
    };
    [mix(*cyan), mix(*magenta), mix(*yellow)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(marker: u8, width: u16, height: u16, factors: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, b'J', b'F', 0xff, 0xff, marker];
        bytes.extend(u16::try_from(8 + 3 * factors.len()).unwrap().to_be_bytes());
        bytes.push(8);
        bytes.extend(height.to_be_bytes());
        bytes.extend(width.to_be_bytes());
        bytes.push(u8::try_from(factors.len()).unwrap());
        factors.iter().for_each(|factor| bytes.extend([1, *factor, 0]));
        bytes
    }

    fn read(bytes: &[u8]) -> Result<FrameHeader, Refusal> {
        read_frame_header(&mut &bytes[..])
    }

    #[test]
    fn m08_the_frame_header_tells_the_memory_before_decoding() {
        let full = read(&header(0xc2, 4000, 3000, &[0x11, 0x11, 0x11])).unwrap();
        assert_eq!(full.size, Dimensions { width: 4000, height: 3000 });
        assert_eq!(full.samples, 4000 * 3000 * 3);
        let halved = read(&header(0xc2, 4000, 3000, &[0x22, 0x11, 0x11])).unwrap();
        assert_eq!(halved.samples, 4000 * 3008 * 3 / 2);
        assert_eq!(read(&header(0xc0, 1, 1, &[0x11])).unwrap().samples, 64);
    }

    #[test]
    fn m08_nonsense_headers_are_refused() {
        for factors in [&[][..], &[0x01, 0x11, 0x11], &[0x51], &[0x11; 5]] {
            assert!(read(&header(0xc0, 8, 8, factors)).is_err(), "{factors:?}");
        }
        let whole = header(0xc0, 8, 8, &[0x11, 0x11, 0x11]);
        for length in 0..whole.len() {
            assert!(read(&whole[..length]).is_err(), "{length}");
        }
        assert!(read(&[0xff, 0xd8, 0xff, 0xd9]).is_err());
        assert!(read(&[0xff, 0xd8, 0xff, 0xe0, 0, 1]).is_err());
    }

    #[test]
    fn large_images_are_scaled_while_decoding() {
        let wanted = 3840 * 2160;
        let divisor = |width, height, coefficients_per_sample| {
            let frame = read(&header(0xc0, width, height, &[0x11, 0x11, 0x11])).unwrap();
            choose_divisor(&frame, coefficients_per_sample * frame.samples, wanted)
        };
        assert_eq!(divisor(4000, 3000, 0), 1);
        assert_eq!(divisor(6000, 4000, 0), 2);
        assert_eq!(divisor(8000, 4000, 0), 2);
        assert_eq!(divisor(4600, 3600, 2), 2, "coefficients leave less room");
        assert_eq!(divisor(30_000, 30_000, 0), 8);
    }
}
