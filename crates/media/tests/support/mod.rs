//! A processor on a folder of its own, and images made in code.
#![expect(dead_code, reason = "each test file uses its part")]
#![expect(clippy::unwrap_used, reason = "a test stops where its tools fail")]

use std::io::Cursor;
use std::path::PathBuf;

use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, Frame, ImageFormat, Rgb, RgbImage, RgbaImage};
use tuskling_media::{
    Focus, MediaError, MediaLimits, MediaSettings, Processed, Processor, Purpose, Refusal,
};

pub struct Bench {
    pub folder: tempfile::TempDir,
    pub processor: Processor,
    pub has_tools: bool,
}

impl Bench {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// With the settings changed.
    pub async fn with(change: impl FnOnce(&mut MediaSettings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = MediaSettings {
            helper_exe: PathBuf::from(env!("CARGO_BIN_EXE_media-child")),
            ffmpeg: None,
            ffprobe: None,
            scratch: folder.path().join("scratch"),
            limits: MediaLimits::default(),
        };
        change(&mut settings);
        let has_tools = settings.ffmpeg.is_some() && settings.ffprobe.is_some();
        Self { processor: Processor::new(settings).await.unwrap(), folder, has_tools }
    }

    /// Writes an upload under a name that must not matter.
    pub fn upload(&self, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join("upload.png");
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub async fn image(&self, purpose: Purpose, bytes: &[u8]) -> Result<Processed, MediaError> {
        let path = self.upload(bytes);
        self.processor.process_image(&path, purpose, Focus::default()).await
    }

    pub async fn attachment(&self, bytes: &[u8]) -> Result<Processed, MediaError> {
        let path = self.upload(bytes);
        self.processor.process_attachment(&path).await
    }

    /// The refusal of an attachment that must be refused.
    pub async fn refusal(&self, bytes: &[u8]) -> Refusal {
        match self.attachment(bytes).await {
            Err(MediaError::Refused(refusal)) => refusal,
            other => panic!("not refused: {other:?}"),
        }
    }

    /// How many pieces of work lie in the scratch folder.
    pub fn leftovers(&self) -> usize {
        std::fs::read_dir(self.folder.path().join("scratch")).unwrap().count()
    }
}

/// A picture with a red left and a blue right half.
pub fn two_halves(width: u32, height: u32) -> DynamicImage {
    let colour = |x| if x < width / 2 { Rgb([220, 20, 20]) } else { Rgb([20, 20, 220]) };
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, _| colour(x)))
}

pub fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub fn moving_gif(width: u32, height: u32, frames: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    encoder.set_repeat(image::codecs::gif::Repeat::Infinite).unwrap();
    for number in 0..frames {
        let shade = u8::try_from(number * 40 % 256).unwrap();
        let pixels = RgbaImage::from_pixel(width, height, image::Rgba([shade, 80, 160, 255]));
        encoder.encode_frame(Frame::new(pixels)).unwrap();
    }
    drop(encoder);
    bytes
}

/// A JPEG as a camera writes it: turned, with the place where it was taken.
pub fn camera_jpeg(picture: &DynamicImage, orientation: u8) -> Vec<u8> {
    let mut jpeg = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, 95)).unwrap();
    let exif = exif_with_place(orientation);
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend(u16::try_from(exif.len() + 8).unwrap().to_be_bytes());
    bytes.extend(b"Exif\0\0");
    bytes.extend(exif);
    bytes.extend(&jpeg[2..]);
    bytes
}

/// TIFF data with an orientation, a camera maker and a GPS folder.
pub fn exif_with_place(orientation: u8) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        let mut bytes = Vec::new();
        bytes.extend(tag.to_be_bytes());
        bytes.extend(kind.to_be_bytes());
        bytes.extend(count.to_be_bytes());
        bytes.extend(value);
        bytes
    };
    let mut tiff = b"MM\0\x2a\0\0\0\x08".to_vec();
    tiff.extend(3u16.to_be_bytes());
    tiff.extend(entry(0x010f, 2, 4, *b"SPY\0"));
    tiff.extend(entry(0x0112, 3, 1, [0, orientation, 0, 0]));
    tiff.extend(entry(0x8825, 4, 1, 50u32.to_be_bytes()));
    tiff.extend(0u32.to_be_bytes());
    assert_eq!(tiff.len(), 50);
    tiff.extend(2u16.to_be_bytes());
    tiff.extend(entry(1, 2, 2, *b"N\0\0\0"));
    tiff.extend(entry(0x1d, 2, 4, *b"GPS\0"));
    tiff.extend(0u32.to_be_bytes());
    tiff
}

/// A PNG whose header promises `width`×`height` and whose data hold next to nothing.
pub fn hollow_png(width: u32, height: u32, interlaced: bool) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = width.to_be_bytes().to_vec();
    header.extend(height.to_be_bytes());
    header.extend([8, 6, 0, 0, u8::from(interlaced)]);
    for (name, data) in
        [(b"IHDR", &header[..]), (b"IDAT", b"\x78\x9c\x63\0\0\0\x01\0\x01"), (b"IEND", b"")]
    {
        bytes.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        bytes.extend(name);
        bytes.extend(data);
        bytes.extend(checksum(&[&name[..], data].concat()).to_be_bytes());
    }
    bytes
}

fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 }
        })
    })
}

pub fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}
