//! Resizing and cutting of decoded pictures, with a good filter and alpha taken into account.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::{DynamicImage, RgbImage, RgbaImage};

use crate::error::Refusal;
use crate::protocol::Focus;
use crate::types::Dimensions;

/// Scales down to at most `area` pixels; smaller pictures stay as they are.
pub(super) fn within_area(picture: DynamicImage, area: u64) -> Result<DynamicImage, Refusal> {
    let size = size_of(&picture);
    let target = size.within_area(area);
    if target == size { Ok(picture) } else { resize(&picture, target, &ResizeOptions::new()) }
}

/// Fills exactly `target`, cutting what sticks out with the focus kept in view.
pub(super) fn fill(
    picture: &DynamicImage,
    target: Dimensions,
    focus: Focus,
) -> Result<DynamicImage, Refusal> {
    let place =
        |value: f32| f64::from(if value.is_finite() { value.clamp(-1.0, 1.0) } else { 0.0 });
    let centering = ((place(focus.x) + 1.0) / 2.0, (1.0 - place(focus.y)) / 2.0);
    let options = ResizeOptions::new().fit_into_destination(Some(centering));
    resize(picture, target, &options)
}

/// The size of a picture.
pub(super) fn size_of(picture: &DynamicImage) -> Dimensions {
    Dimensions { width: picture.width(), height: picture.height() }
}

/// A copy of at most `side` pixels a side, as RGBA; for the blurhash, where quality is no matter.
pub(super) fn tiny_rgba(picture: &DynamicImage, side: u32) -> RgbaImage {
    picture.thumbnail(side, side).into_rgba8()
}

/// Drops an alpha channel that says nothing.
pub(super) fn without_idle_alpha(picture: DynamicImage) -> DynamicImage {
    match picture {
        DynamicImage::ImageRgba8(pixels) if pixels.pixels().all(|pixel| pixel.0[3] == 255) => {
            DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(pixels).into_rgb8())
        }
        other => other,
    }
}

fn resize(
    picture: &DynamicImage,
    target: Dimensions,
    options: &ResizeOptions,
) -> Result<DynamicImage, Refusal> {
    let pixel_type = if picture.color().has_alpha() { PixelType::U8x4 } else { PixelType::U8x3 };
    let options =
        options.resize_alg(ResizeAlg::Convolution(fast_image_resize::FilterType::Lanczos3));
    let failed = || Refusal::Damaged("resizing".to_owned());
    let source = ImageRef::new(picture.width(), picture.height(), picture.as_bytes(), pixel_type)
        .map_err(|_| failed())?;
    let mut result = Image::new(target.width, target.height, pixel_type);
    Resizer::new().resize(&source, &mut result, &options).map_err(|_| failed())?;
    let pixels = result.into_vec();
    let resized = if pixel_type == PixelType::U8x4 {
        RgbaImage::from_raw(target.width, target.height, pixels).map(DynamicImage::ImageRgba8)
    } else {
        RgbImage::from_raw(target.width, target.height, pixels).map(DynamicImage::ImageRgb8)
    };
    resized.ok_or_else(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filling_keeps_the_focus_in_view() {
        // Left half black, right half white.
        let wide =
            RgbImage::from_fn(200, 100, |x, _| image::Rgb([if x < 100 { 0 } else { 255 }; 3]));
        let wide = DynamicImage::ImageRgb8(wide);
        let square = Dimensions { width: 50, height: 50 };
        let middle_of = |x: f32| {
            let cut = fill(&wide, square, Focus { x, y: 0.0 }).unwrap().into_rgb8();
            assert_eq!((cut.width(), cut.height()), (50, 50));
            cut.get_pixel(25, 25).0[0]
        };
        assert_eq!(middle_of(-1.0), 0);
        assert_eq!(middle_of(1.0), 255);
        assert_eq!(middle_of(f32::INFINITY), middle_of(0.0));
        // Top black, bottom white; y counts upwards.
        let tall =
            RgbImage::from_fn(100, 200, |_, y| image::Rgb([if y < 100 { 0 } else { 255 }; 3]));
        let cut = fill(&DynamicImage::ImageRgb8(tall), square, Focus { x: 0.0, y: 1.0 }).unwrap();
        assert_eq!(cut.into_rgb8().get_pixel(25, 25).0[0], 0);
    }

    #[test]
    fn alpha_that_says_nothing_goes() {
        let opaque =
            DynamicImage::ImageRgba8(RgbaImage::from_pixel(2, 2, image::Rgba([1, 2, 3, 255])));
        assert!(!without_idle_alpha(opaque).color().has_alpha());
        let sheer =
            DynamicImage::ImageRgba8(RgbaImage::from_pixel(2, 2, image::Rgba([1, 2, 3, 254])));
        assert!(without_idle_alpha(sheer).color().has_alpha());
    }
}
