//! What is counted on before decoding is what the allocator sees.

use image::{GrayImage, ImageBuffer, RgbaImage};

use super::*;

/// Width and height: large enough that tables and the like do not matter.
const SIDE: u32 = 2_048;

/// Tables of decoders, the encoded pictures, and the decoder's own copy of a small upload.
const SLACK: u64 = 3 << 20;

#[test]
fn decoding_takes_no_more_than_was_counted_on() {
    let rgb = RgbImage::from_pixel(SIDE, SIDE, Rgb([9, 80, 200]));
    let rgba = RgbaImage::from_pixel(SIDE, SIDE, Rgba([9, 80, 200, 90]));
    let wide = ImageBuffer::from_pixel(SIDE, SIDE, Rgba([9_u16, 80, 200, 90]));
    let small = jpeg(&scene(64, 64));
    let claiming = |factors| files::jpeg_claiming(&files::sampled(&small, factors), SIDE as u16, SIDE as u16);
    let table: [(&str, Vec<u8>, u64); 10] = [
        ("JPEG, 4:4:4", claiming(0x11), 3),
        ("JPEG, 4:2:0", claiming(0x22), 3),
        ("progressive JPEG, 4:2:0", files::progressive(&claiming(0x22), None), 6),
        ("progressive JPEG, 4:4:4", files::progressive(&claiming(0x11), None), 9),
        ("PNG", png(&rgb), 3),
        ("PNG of 16 bits", files::written(|to| wide.write_to(to, ImageFormat::Png)), 8),
        ("grey PNG", files::written(|to| GrayImage::new(SIDE, SIDE).write_to(to, ImageFormat::Png)), 1),
        ("WebP", webp(&rgb), 7),
        ("WebP with transparency", files::written(|to| rgba.write_to(to, ImageFormat::WebP)), 8),
        ("GIF", gif(&rgb), 9),
    ];
    for (name, bytes, expected) in table {
        let pixels = u64::from(SIDE * SIDE);
        let survey = survey::survey(&bytes).unwrap();
        let measured = allocation_counter::measure(|| {
            let (picture, _) = decode(&survey, ImageKind::Cover.into()).unwrap();
            assert_eq!(picture.width(), SIDE, "{name}");
        });
        let bytes_per_pixel = u8::try_from(expected - survey.beside_16_pixels / 16).unwrap();
        let counted = memory(&survey, ImageKind::Cover.into(), pixels, bytes_per_pixel)
            - scale::CUT_MEMORY.saturating_sub(pixels * survey.beside_16_pixels / 16);
        assert_eq!(counted, pixels * expected, "{name}");
        assert!(measured.bytes_max <= counted + SLACK, "{name}: {} and not {counted} bytes", measured.bytes_max);
        assert!(measured.bytes_max >= pixels * u64::from(bytes_per_pixel), "{name}: it is measured");
    }
}

#[test]
fn scaling_takes_no_more_than_was_counted_on() {
    // The side at which the averaged picture is largest compared with the cover.
    let picture = DynamicImage::ImageRgba8(RgbaImage::new(4_499, 1_500));
    let decoded = u64::from(picture.width() * picture.height()) * 4;
    let part = Rect { x: 0, y: 0, width: 4_499, height: 1_500 };
    let shrunk = allocation_counter::measure(|| {
        drop(scale::shrink(&picture, part, Shape::from(ImageKind::Cover).averaged_above((1500, 500))))
    });
    assert!(shrunk.bytes_max <= scale::CUT_MEMORY, "{} bytes", shrunk.bytes_max);
    let drawn = allocation_counter::measure(|| {
        let drawn = draw(picture, Orientation::Rotate180, None, ImageKind::Cover.into()).unwrap();
        assert_eq!(drawn[0].dimensions(), (1500, 500));
    });
    // The picture itself was there before, so it does not count here; and it is gone when the filter runs.
    assert!(drawn.bytes_max <= decoded + scale::CUT_MEMORY, "{} bytes", drawn.bytes_max);
}

#[test]
fn an_image_of_a_post_takes_no_more_than_was_counted_on() {
    // The side at which the averaged picture is largest compared with what is kept.
    let picture = DynamicImage::ImageRgba8(RgbaImage::new(4_095, 4_095));
    let part = Rect { x: 0, y: 0, width: 4_095, height: 4_095 };
    let shrunk = allocation_counter::measure(|| drop(scale::shrink(&picture, part, (2_048, 2_048))));
    assert!(shrunk.bytes_max <= scale::WHOLE_MEMORY, "{} bytes", shrunk.bytes_max);
    // The decoded picture is gone when the filter runs; here it was there before, so it does not count.
    let drawn = allocation_counter::measure(|| {
        let drawn = draw(picture, Orientation::Rotate180, None, Shape::POST).unwrap();
        assert_eq!(drawn[0].dimensions(), (2_048, 2_048));
    });
    assert!(drawn.bytes_max <= MAX_MEMORY, "{} bytes", drawn.bytes_max);
}

#[test]
fn forty_megapixels_are_drawn() {
    let bytes = files::jpeg_claiming(&jpeg(&scene(64, 64)), 8_000, 5_000);
    for (shape, size) in [(ImageKind::Cover.into(), (1_500, 500)), (Shape::POST, (2_048, 1_280))] {
        let mut outcome = None;
        let measured = allocation_counter::measure(|| outcome = Some(process(&bytes, None, shape)));
        assert_eq!(outcome.unwrap().map(|made| (made.large.width, made.large.height)), Ok(size));
        assert!(measured.bytes_max <= MAX_MEMORY, "{} bytes", measured.bytes_max);
        assert!(measured.bytes_max >= 120_000_000, "it is measured");
    }
}
