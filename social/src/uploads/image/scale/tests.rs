use image::imageops::crop_imm;

use super::*;

const ORIENTATIONS: [Orientation; 8] = [
    Orientation::NoTransforms,
    Orientation::FlipHorizontal,
    Orientation::FlipVertical,
    Orientation::Rotate180,
    Orientation::Rotate90,
    Orientation::Rotate270,
    Orientation::Rotate90FlipH,
    Orientation::Rotate270FlipH,
];

#[test]
fn the_part_before_turning_is_the_part_after_turning() {
    let stored = RgbaImage::from_fn(7, 4, |x, y| Rgba([x as u8, y as u8, 0, 255]));
    let part = Rect { x: 1, y: 0, width: 2, height: 3 };
    for orientation in ORIENTATIONS {
        let mut turned = DynamicImage::ImageRgba8(stored.clone());
        turned.apply_orientation(orientation);
        let upright = upright_size(orientation, stored.dimensions());
        assert_eq!((turned.width(), turned.height()), upright, "{orientation:?}");
        let expected = turned.crop_imm(part.x, part.y, part.width, part.height).into_rgba8();

        let before = part.before(orientation, upright);
        let mut cut = DynamicImage::from(crop_imm(&stored, before.x, before.y, before.width, before.height).to_image());
        cut.apply_orientation(orientation);
        assert_eq!(cut.into_rgba8(), expected, "{orientation:?}");
    }
}

#[test]
fn the_centred_part_has_the_shape() {
    let rect = |x, y, width, height| Rect { x, y, width, height };
    let table = [
        (rect(0, 0, 100, 100), (1, 1), rect(0, 0, 100, 100)),
        (rect(0, 0, 300, 100), (1, 1), rect(100, 0, 100, 100)),
        (rect(0, 0, 100, 300), (1, 1), rect(0, 100, 100, 100)),
        (rect(10, 20, 40, 80), (1, 1), rect(10, 40, 40, 40)),
        (rect(0, 0, 600, 600), (3, 1), rect(0, 200, 600, 200)),
        (rect(0, 0, 3000, 100), (3, 1), rect(1350, 0, 300, 100)),
        (rect(5, 5, 1, 1), (3, 1), rect(5, 5, 1, 1)),
        (rect(0, 0, 1, 40_000_000), (3, 1), rect(0, 19_999_999, 1, 1)),
        (rect(0, 0, u32::MAX, 1), (3, 1), rect(2_147_483_646, 0, 3, 1)),
    ];
    for (whole, shape, expected) in table {
        assert_eq!(whole.centred(shape), expected, "{whole:?} to {shape:?}");
    }
}

#[test]
fn averaging_takes_each_pixel_once() {
    // Half of the pixels are white and half black, in columns of one: all in between is grey.
    let stripes = RgbaImage::from_fn(990, 10, |x, _| if x % 2 == 0 { Rgba([255; 4]) } else { Rgba([0, 0, 0, 255]) });
    let small = shrink(&DynamicImage::ImageRgba8(stripes), Rect { x: 0, y: 0, width: 990, height: 10 }, (15, 15));
    assert_eq!(small.dimensions(), (15, 10));
    assert!(small.pixels().all(|pixel| pixel.0 == [128, 128, 128, 255]));
}

#[test]
fn what_cannot_be_seen_colours_nothing() {
    // Red that is seen beside green that is not: the edge is a fainter red, with no green in it.
    let picture = RgbaImage::from_fn(64, 64, |x, _| if x < 32 { Rgba([255, 0, 0, 255]) } else { Rgba([0, 255, 0, 0]) });
    let near = shrink(&DynamicImage::ImageRgba8(picture), Rect { x: 0, y: 0, width: 64, height: 64 }, (8, 8));
    let small = resize(&near, (5, 5));
    assert!(small.pixels().any(|pixel| (1..255).contains(&pixel.0[3])), "there is an edge");
    assert!(small.pixels().all(|pixel| pixel.0[1] == 0), "{small:?}");
}
