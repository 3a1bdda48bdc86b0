//! Honest images: what comes out for each purpose, through the real child.

mod support;

use std::time::Duration;

use image::{DynamicImage, GenericImageView as _, ImageFormat, Rgba, RgbaImage};
use support::{Bench, camera_jpeg, contains, encoded, moving_gif, two_halves};
use tuskling_media::{Dimensions, Focus, MediaError, MediaKind, MediaType, Purpose, Refusal};

#[tokio::test]
async fn a_photo_gets_a_small_version_a_blurhash_and_numbers() {
    let bench = Bench::new().await;
    let jpeg = encoded(&two_halves(1600, 900), ImageFormat::Jpeg);
    let done = bench.attachment(&jpeg).await.unwrap();
    assert_eq!(done.kind, MediaKind::Image);
    assert_eq!(done.original.media_type, MediaType::Jpeg);
    assert_eq!(done.original.bytes, std::fs::metadata(&done.original.path).unwrap().len());
    let small = image::open(done.small.as_ref().unwrap().path.with_extension("")).err();
    assert!(small.is_some(), "results carry no ending that could be trusted");
    assert_eq!(done.blurhash.as_ref().unwrap().len(), 36);
    let meta = serde_json::to_value(done.meta()).unwrap();
    let aspect = 1600.0 / 900.0;
    let expected = serde_json::json!({
        "original": {"width": 1600, "height": 900, "size": "1600x900", "aspect": aspect},
        "small": {"width": 640, "height": 360, "size": "640x360", "aspect": 640.0 / 360.0},
    });
    assert_eq!(meta, expected);
    drop(done);
    assert_eq!(bench.leftovers(), 0);
}

#[tokio::test]
async fn large_images_are_scaled_to_the_area_allowed() {
    // Decoders without optimisation may need longer than a server allows.
    let bench = Bench::with(|settings| {
        settings.limits.child_cpu_seconds = 200;
        settings.limits.child_wait = Duration::from_secs(300);
    })
    .await;
    let most = 3840 * 2160;
    for (format, width, height) in [(ImageFormat::Jpeg, 3800, 2300), (ImageFormat::Png, 2300, 3800)]
    {
        let done = bench.attachment(&encoded(&two_halves(width, height), format)).await.unwrap();
        let size = done.original.dimensions.unwrap();
        assert!(size.area() <= most && size.area() > most * 95 / 100, "{size}");
        assert!((size.aspect() - f64::from(width) / f64::from(height)).abs() < 0.01);
        let small = done.small.as_ref().unwrap();
        assert_eq!(small.media_type, MediaType::Jpeg);
        let bytes = std::fs::read(&small.path).unwrap();
        let picture = image::load_from_memory(&bytes).unwrap();
        let (left, right) = (picture.get_pixel(5, 5), picture.get_pixel(picture.width() - 5, 5));
        assert!(left.0[0] > 180 && left.0[2] < 60, "{left:?}");
        assert!(right.0[2] > 180 && right.0[0] < 60, "{right:?}");
    }
}

#[tokio::test]
async fn alpha_is_kept_where_it_matters_and_dropped_where_it_does_not() {
    let bench = Bench::new().await;
    let sheer = RgbaImage::from_pixel(30, 20, Rgba([10, 200, 30, 100]));
    let opaque = RgbaImage::from_pixel(30, 20, Rgba([10, 200, 30, 255]));
    let cases = [
        (&sheer, ImageFormat::Png, MediaType::Png, MediaType::Png),
        (&opaque, ImageFormat::Png, MediaType::Png, MediaType::Jpeg),
        (&sheer, ImageFormat::WebP, MediaType::Png, MediaType::Png),
        (&opaque, ImageFormat::WebP, MediaType::Jpeg, MediaType::Jpeg),
    ];
    for (pixels, format, original, small) in cases {
        let bytes = encoded(&DynamicImage::ImageRgba8(pixels.clone()), format);
        let done = bench.attachment(&bytes).await.unwrap();
        assert_eq!(done.original.media_type, original, "{format:?}");
        assert_eq!(done.small.as_ref().unwrap().media_type, small, "{format:?}");
        let back = image::load_from_memory(&std::fs::read(&done.original.path).unwrap()).unwrap();
        if original == MediaType::Png {
            assert_eq!(back.to_rgba8().get_pixel(3, 3), pixels.get_pixel(3, 3));
        }
    }
}

#[tokio::test]
async fn grey_and_deep_pngs_come_out_right() {
    let bench = Bench::new().await;
    let shades = [
        DynamicImage::ImageLuma8(image::GrayImage::from_pixel(9, 7, image::Luma([120]))),
        DynamicImage::ImageLuma16(image::ImageBuffer::from_pixel(9, 7, image::Luma([120 * 257]))),
        DynamicImage::ImageLumaA8(image::ImageBuffer::from_pixel(9, 7, image::LumaA([120, 9]))),
    ];
    for shade in shades {
        let done = bench.attachment(&encoded(&shade, ImageFormat::Png)).await.unwrap();
        let back = image::load_from_memory(&std::fs::read(&done.original.path).unwrap()).unwrap();
        assert_eq!(back.to_rgba8().get_pixel(4, 4).0[..3], [120; 3]);
        assert_eq!(back.color().has_alpha(), shade.color().has_alpha());
    }
}

#[tokio::test]
async fn faces_and_banners_are_cut_around_the_focus() {
    let bench = Bench::new().await;
    let path = bench.upload(&encoded(&two_halves(900, 300), ImageFormat::Png));
    let cases = [(Purpose::Avatar, (400, 400)), (Purpose::Header, (1500, 500))];
    for (purpose, (width, height)) in cases {
        let focus = Focus { x: -1.0, y: 0.0 };
        let done = bench.processor.process_image(&path, purpose, focus).await.unwrap();
        assert_eq!(done.original.dimensions, Some(Dimensions { width, height }));
        assert!(done.small.is_none() && done.blurhash.is_none());
        let back = image::load_from_memory(&std::fs::read(&done.original.path).unwrap()).unwrap();
        assert_eq!(back.get_pixel(10, 10).0[..3], [220, 20, 20]);
        if purpose == Purpose::Avatar {
            assert_eq!(back.get_pixel(390, 390).0[..3], [220, 20, 20]);
        }
    }
    let moving = bench.image(Purpose::Avatar, &moving_gif(20, 20, 3)).await.unwrap();
    assert_eq!(moving.original.media_type, MediaType::Png);
}

#[tokio::test]
async fn emoji_stay_small_and_moving_ones_get_a_still() {
    let bench = Bench::new().await;
    let still = encoded(&two_halves(64, 64), ImageFormat::Png);
    let done = bench.image(Purpose::Emoji, &still).await.unwrap();
    assert_eq!((done.original.media_type, done.small.is_none()), (MediaType::Png, true));

    let done = bench.image(Purpose::Emoji, &moving_gif(32, 32, 4)).await.unwrap();
    assert_eq!(done.original.media_type, MediaType::Gif);
    assert_eq!(done.small.as_ref().unwrap().media_type, MediaType::Png);

    let jpeg = encoded(&two_halves(64, 64), ImageFormat::Jpeg);
    let refused = bench.image(Purpose::Emoji, &jpeg).await.unwrap_err();
    assert!(matches!(refused, MediaError::Refused(Refusal::Unsupported(_))));

    let mut large = still;
    large.resize(256 * 1024 + 1, 0);
    let refused = bench.image(Purpose::Emoji, &large).await.unwrap_err();
    assert!(matches!(refused, MediaError::Refused(Refusal::TooManyBytes(262_144))));
}

#[tokio::test]
async fn a_moving_gif_without_ffmpeg_stays_a_clean_gif() {
    let bench = Bench::new().await;
    let mut gif = moving_gif(40, 30, 5);
    gif.extend(b"<b>something after the end</b>");
    let done = bench.attachment(&gif).await.unwrap();
    assert_eq!((done.kind, done.original.media_type), (MediaKind::Image, MediaType::Gif));
    assert_eq!(done.original.dimensions, Some(Dimensions { width: 40, height: 30 }));
    assert!(done.blurhash.is_some() && done.small.is_some());
    let bytes = std::fs::read(&done.original.path).unwrap();
    assert!(!contains(&bytes, b"something"));
    let decoder = image::codecs::gif::GifDecoder::new(std::io::Cursor::new(bytes)).unwrap();
    let frames = image::AnimationDecoder::into_frames(decoder).collect_frames().unwrap();
    assert_eq!(frames.len(), 5);
}

#[tokio::test]
async fn m06_the_camera_turn_is_applied_and_its_notes_are_gone() {
    let bench = Bench::new().await;
    // Orientation 6: the camera was turned, so red (left) belongs to the top.
    let photo = camera_jpeg(&two_halves(120, 80), 6);
    assert!(contains(&photo, b"GPS") && contains(&photo, b"SPY"));
    for purpose in [Purpose::Attachment, Purpose::Avatar, Purpose::Header, Purpose::Thumbnail] {
        let done = bench.image(purpose, &photo).await.unwrap();
        for file in [Some(&done.original), done.small.as_ref()].into_iter().flatten() {
            let bytes = std::fs::read(&file.path).unwrap();
            for secret in [&b"GPS"[..], b"SPY", b"Exif", b"MM\0\x2a"] {
                assert!(!contains(&bytes, secret), "{purpose:?}");
            }
        }
        if purpose == Purpose::Attachment {
            let back =
                image::load_from_memory(&std::fs::read(&done.original.path).unwrap()).unwrap();
            assert_eq!((back.width(), back.height()), (80, 120));
            assert!(back.get_pixel(40, 10).0[0] > 180 && back.get_pixel(40, 110).0[2] > 180);
        }
    }
}
