use image::codecs::gif::GifEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ImageFormat, Rgb, RgbImage, Rgba};
use proptest::prelude::*;

use super::*;

mod corpus;
mod files;
mod memory;

use self::files::{gif, jpeg, png, webp};

/// A picture with edges and gradients, different in each corner.
fn scene(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (across, down) = ((x * 255 / width) as u8, (y * 255 / height) as u8);
        Rgb([across, down, if (x / 8 + y / 8) % 2 == 0 { 40 } else { 200 }])
    })
}

fn read(encoded: &Encoded) -> DynamicImage {
    let read = image::load_from_memory(&encoded.bytes).unwrap();
    assert_eq!((read.width(), read.height()), (encoded.width, encoded.height));
    read
}

fn sizes(processed: &Processed) -> [(u32, u32); 2] {
    [&processed.large, &processed.small].map(|encoded| (encoded.width, encoded.height))
}

#[test]
fn sizes_are_those_of_the_kind_and_never_larger_than_the_picture() {
    use ImageKind::{Cover, Picture};
    let table = [
        ((2000, 1500), Picture, [(512, 512), (128, 128)]),
        ((1000, 512), Picture, [(512, 512), (128, 128)]),
        ((300, 400), Picture, [(300, 300), (128, 128)]),
        ((60, 90), Picture, [(60, 60), (60, 60)]),
        ((1, 1), Picture, [(1, 1), (1, 1)]),
        ((1, 700), Picture, [(1, 1), (1, 1)]),
        ((3000, 2000), Cover, [(1500, 500), (750, 250)]),
        ((1200, 1200), Cover, [(1200, 400), (750, 250)]),
        ((90, 90), Cover, [(90, 30), (90, 30)]),
        ((2, 2), Cover, [(2, 1), (2, 1)]),
    ];
    for ((width, height), kind, expected) in table {
        let processed = process(&png(&scene(width, height)), None, kind).unwrap();
        assert_eq!(sizes(&processed), expected, "{width}x{height} as {kind:?}");
        read(&processed.large);
        read(&processed.small);
    }
}

#[test]
fn every_format_is_read() {
    let scene = scene(640, 640);
    for (name, bytes) in [("jpeg", jpeg(&scene)), ("png", png(&scene)), ("webp", webp(&scene)), ("gif", gif(&scene))] {
        let processed = process(&bytes, None, ImageKind::Picture).unwrap();
        assert_eq!(processed.format, Format::Jpeg, "{name}");
        let seen = read(&processed.large).into_rgb8();
        let expected = image::imageops::resize(&scene, 512, 512, image::imageops::FilterType::Triangle);
        let (mut sum, mut count) = (0, 0);
        for (one, other) in seen.pixels().zip(expected.pixels()) {
            sum += one.0.iter().zip(other.0).map(|(one, other)| u64::from(one.abs_diff(other))).sum::<u64>();
            count += 3;
        }
        // A GIF has 256 colours; the others are off by what JPEG and another filter make of the edges.
        assert!(sum / count < 16, "{name}: off by {} on average", sum / count);
    }
}

#[test]
fn a_part_is_cut_out_of_the_upright_picture() {
    // The upper left quarter is red as a browser shows it, which is the lower left one as the camera stored it.
    let stored =
        RgbImage::from_fn(200, 200, |x, y| if x < 100 && y >= 100 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) });
    let turned = files::with_exif(&jpeg(&stored), &files::exif(6));
    let crop = Crop { x: 10, y: 10, width: 80, height: 80 };
    let processed = process(&turned, Some(crop), ImageKind::Picture).unwrap();
    assert_eq!(sizes(&processed), [(80, 80), (80, 80)]);
    let seen = read(&processed.large).into_rgb8();
    assert!(seen.pixels().all(|pixel| pixel.0[0] > 230 && pixel.0[2] < 25), "all of it is red");
}

#[test]
fn orientation_is_applied_whatever_the_format() {
    // Mirrored and turned: what is stored in the first row is shown in the first column.
    let stored = RgbImage::from_fn(60, 30, |_, y| if y < 15 { Rgb([250, 250, 250]) } else { Rgb([0, 0, 0]) });
    let exif = files::exif(5);
    for (name, bytes) in [
        ("jpeg", files::with_exif(&jpeg(&stored), &exif)),
        ("png", files::png_with(&png(&stored), *b"eXIf", &exif)),
        ("webp", files::webp_with(&webp(&stored), (60, 30), &[(b"EXIF", &exif)])),
    ] {
        let processed = process(&bytes, None, ImageKind::Picture).unwrap();
        let seen = read(&processed.large).into_luma8();
        assert_eq!(seen.dimensions(), (30, 30), "{name}");
        assert!(seen.get_pixel(2, 27).0[0] > 200 && seen.get_pixel(27, 2).0[0] < 50, "{name}");
    }
}

#[test]
fn a_crop_that_sticks_out_counts_as_far_as_it_is_inside() {
    let bytes = png(&scene(100, 100));
    let crop = |x, y, width, height| Some(Crop { x, y, width, height });
    let inside = process(&bytes, crop(60, 0, 41, 40), ImageKind::Picture).unwrap();
    assert_eq!(sizes(&inside), [(40, 40), (40, 40)]);
    for outside in [crop(100, 0, 10, 10), crop(0, 0, 0, 10), crop(u32::MAX, u32::MAX, u32::MAX, u32::MAX)] {
        assert_eq!(process(&bytes, outside, ImageKind::Picture).err(), Some(ImageError::OutsideCrop));
    }
}

#[test]
fn only_real_transparency_makes_a_png() {
    let opaque = RgbaImage::from_fn(700, 700, |x, _| Rgba([x as u8, 0, 0, 255]));
    let corner = RgbaImage::from_fn(700, 700, |x, y| Rgba([200, 0, 0, if x + y < 100 { 0 } else { 255 }]));
    let encoded = |image: &RgbaImage| files::written(|to| image.write_to(to, ImageFormat::Png));
    let format = |image: &RgbaImage, crop| process(&encoded(image), crop, ImageKind::Picture).unwrap().format;
    assert_eq!(format(&opaque, None), Format::Jpeg);
    assert_eq!(format(&corner, None), Format::Png);
    assert_eq!(format(&corner, Some(Crop { x: 300, y: 300, width: 400, height: 400 })), Format::Jpeg);

    let kept = process(&encoded(&corner), None, ImageKind::Picture).unwrap();
    let seen = read(&kept.large).into_rgba8();
    assert_eq!(seen.get_pixel(1, 1).0[3], 0);
    assert_eq!(seen.get_pixel(500, 500).0, [200, 0, 0, 255]);
}

#[test]
fn of_an_animation_the_first_frame_counts() {
    let bytes = files::written(|to| {
        let mut encoder = GifEncoder::new(to);
        for colour in [[250, 0, 0, 255], [0, 250, 0, 255]] {
            encoder.encode_frame(image::Frame::new(RgbaImage::from_pixel(32, 32, Rgba(colour))))?;
        }
        Ok(())
    });
    let seen = read(&process(&bytes, None, ImageKind::Picture).unwrap().large).into_rgb8();
    assert!(seen.get_pixel(16, 16).0[0] > 200 && seen.get_pixel(16, 16).0[1] < 50);
}

#[test]
fn nothing_ever_adds_to_the_limit_of_bytes() {
    let mut bytes = jpeg(&scene(20, 20));
    bytes.resize(MAX_BYTES, 0);
    assert!(process(&bytes, None, ImageKind::Picture).is_ok());
    bytes.push(0);
    assert_eq!(process(&bytes, None, ImageKind::Picture).err(), Some(ImageError::TooLarge));
}

fn real() -> impl Strategy<Value = Vec<u8>> {
    let scene = scene(96, 64);
    let lossless = files::written(|to| scene.write_with_encoder(WebPEncoder::new_lossless(to)));
    let exif = files::exif(3);
    prop::sample::select(vec![
        jpeg(&scene),
        files::with_exif(&jpeg(&scene), &exif),
        files::progressive(&jpeg(&scene), None),
        png(&scene),
        files::png_with(&png(&scene), *b"eXIf", &exif),
        gif(&scene),
        files::webp_with(&lossless, (96, 64), &[(b"EXIF", &exif), (b"XMP ", b"<x/>")]),
        lossless,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_file_is_an_error_or_a_picture_within_the_limits(
        mut bytes in real(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        crop in prop::option::of((0..120_u32, 0..90_u32, 0..200_u32, 0..200_u32)),
        cover in any::<bool>(),
    ) {
        for (index, value) in changes {
            // Most of what matters is near the beginning.
            let at = index.index(if value % 2 == 0 { bytes.len() } else { bytes.len().min(80) });
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let crop = crop.map(|(x, y, width, height)| Crop { x, y, width, height });
        let kind = if cover { ImageKind::Cover } else { ImageKind::Picture };
        let (survey, mut outcome) = (survey::survey(&bytes), Err(ImageError::Broken));
        // Each damaged header may claim 40 million pixels: decoding a thousand of those is for another day.
        let claims = survey.as_ref().ok().and_then(|survey| files::claimed(survey.bytes));
        if claims.is_none_or(|pixels| pixels < 4_000_000) {
            outcome = process(&bytes, crop, kind);
        }
        if let Ok(processed) = outcome {
            for (encoded, (width, height)) in [&processed.large, &processed.small].into_iter().zip(kind.sizes()) {
                prop_assert!(encoded.width <= width && encoded.height <= height);
                let read = image::load_from_memory(&encoded.bytes).unwrap();
                prop_assert_eq!((read.width(), read.height()), (encoded.width, encoded.height));
            }
        }
    }

    #[test]
    fn noise_is_refused(noise in prop::collection::vec(any::<u8>(), 0..300), magic in 0..5_usize) {
        let magics: [&[u8]; 5] = [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\x40\0\0\0WEBP"];
        prop_assert!(process(&[magics[magic], &noise].concat(), None, ImageKind::Picture).is_err());
    }
}
