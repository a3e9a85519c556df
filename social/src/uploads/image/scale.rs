//! Cutting and scaling, on numbers and pixels alone.

use image::imageops::{FilterType, resize as filter};
use image::metadata::Orientation;
use image::{DynamicImage, GenericImageView, Rgba, RgbaImage};

/// A part of a picture, in pixels. Never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Rect {
    /// What both have in common, if anything.
    pub(super) fn intersection(self, other: Self) -> Option<Self> {
        let (x, width) = overlap((self.x, self.width), (other.x, other.width))?;
        let (y, height) = overlap((self.y, self.height), (other.y, other.height))?;
        Some(Self { x, y, width, height })
    }

    /// The largest part of it that has the shape of `shape`, from the middle.
    pub(super) fn centred(self, shape: (u32, u32)) -> Self {
        let (wide, high) = (u64::from(shape.0), u64::from(shape.1));
        let width = whole(u64::from(self.height) * wide, high).clamp(1, self.width);
        let height = whole(u64::from(self.width) * high, wide).clamp(1, self.height);
        Self { x: self.x + (self.width - width) / 2, y: self.y + (self.height - height) / 2, width, height }
    }

    /// The size in which it is shown at most as large as `size`, and no larger than it is.
    pub(super) fn reduced_to(self, size: (u32, u32)) -> (u32, u32) {
        (self.width.min(size.0), self.height.min(size.1))
    }

    /// The size in which its longer edge is at most `edge` long, and no larger than it is.
    pub(super) fn within(self, edge: u32) -> (u32, u32) {
        let longer = self.width.max(self.height);
        let side = |length: u32| match longer > edge {
            true => whole(u64::from(length) * u64::from(edge), longer.into()).max(1),
            false => length,
        };
        (side(self.width), side(self.height))
    }

    /// Where this part of the upright picture (of size `upright`) is in the picture as it was stored.
    pub(super) fn before(self, orientation: Orientation, upright: (u32, u32)) -> Self {
        let Self { x, y, width, height } = self;
        // The distances from the right and the lower edge.
        let right = upright.0.saturating_sub(x.saturating_add(width));
        let below = upright.1.saturating_sub(y.saturating_add(height));
        let (x, y) = match orientation {
            Orientation::NoTransforms => (x, y),
            Orientation::FlipHorizontal => (right, y),
            Orientation::FlipVertical => (x, below),
            Orientation::Rotate180 => (right, below),
            Orientation::Rotate90 => (y, right),
            Orientation::Rotate270 => (below, x),
            Orientation::Rotate90FlipH => (y, x),
            Orientation::Rotate270FlipH => (below, right),
        };
        let (width, height) = before_size(orientation, (width, height));
        Self { x, y, width, height }
    }
}

/// `dividend / divisor`, rounded to the nearest.
fn whole(dividend: u64, divisor: u64) -> u32 {
    let rounded = dividend.saturating_add(divisor / 2) / divisor.max(1);
    u32::try_from(rounded).unwrap_or(u32::MAX)
}

fn overlap(one: (u32, u32), other: (u32, u32)) -> Option<(u32, u32)> {
    let start = one.0.max(other.0);
    let end = one.0.saturating_add(one.1).min(other.0.saturating_add(other.1));
    (end > start).then(|| (start, end - start))
}

/// The size of the upright picture of one that is stored with size `stored`.
pub(super) fn upright_size(orientation: Orientation, stored: (u32, u32)) -> (u32, u32) {
    match orientation {
        Orientation::NoTransforms
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical
        | Orientation::Rotate180 => stored,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH => {
            (stored.1, stored.0)
        }
    }
}

/// The stored size of what is `upright` when it is turned. Turning by a quarter swaps the sides either way.
pub(super) fn before_size(orientation: Orientation, upright: (u32, u32)) -> (u32, u32) {
    upright_size(orientation, upright)
}

/// The most memory that [`shrink`] and [`resize`] take for what is cut, in bytes: a cover, three times as large each way, of
/// four bytes a pixel; then, when the decoded picture is gone, as much again in a filter's four-byte numbers.
pub(super) const CUT_MEMORY: u64 = 32 << 20;

/// The most memory that [`shrink`] takes for an image of a post, in bytes: twice 2048 pixels each way, of four bytes a pixel.
/// When the decoded picture is gone, the filter takes twice as much besides.
pub(super) const WHOLE_MEMORY: u64 = 64 << 20;

/// Makes `part` of a picture less than twice as large as `least` each way, by averaging; what is smaller stays.
///
/// It is what a sharp filter then works on: a filter over 40 million pixels would take seconds and half a gigabyte. Colours
/// are multiplied with their opacity, so that what cannot be seen does not colour the edges of what can.
pub(super) fn shrink(picture: &DynamicImage, part: Rect, least: (u32, u32)) -> RgbaImage {
    let size = |length: u32, least: u32| length / (length / least.max(1)).max(1);
    let (width, height) = (size(part.width, least.0), size(part.height, least.1));
    let bounds = |index: u32, count: u32, length: u32, offset: u32| {
        let edge = |index: u32| whole_down(u64::from(index) * u64::from(length), count) + offset;
        edge(index)..edge(index + 1)
    };
    RgbaImage::from_fn(width, height, |x, y| {
        let (columns, rows) = (bounds(x, width, part.width, part.x), bounds(y, height, part.height, part.y));
        let count = u64::from(columns.end - columns.start) * u64::from(rows.end - rows.start);
        let mut sums = [0_u64; 4];
        for row in rows {
            for column in columns.clone() {
                let [red, green, blue, alpha] = picture.get_pixel(column, row).0.map(u64::from);
                let seen = [red * alpha, green * alpha, blue * alpha, 255 * alpha];
                sums.iter_mut().zip(seen).for_each(|(sum, value)| *sum += value);
            }
        }
        Rgba(sums.map(|sum| byte(sum, count * 255)))
    })
}

fn whole_down(dividend: u64, divisor: u32) -> u32 {
    u32::try_from(dividend / u64::from(divisor.max(1))).unwrap_or(u32::MAX)
}

/// `sum / count` rounded, at most 255.
fn byte(sum: u64, count: u64) -> u8 {
    u8::try_from((sum + count / 2) / count.max(1)).unwrap_or(u8::MAX)
}

/// Scales what [`shrink`] made to its size, sharply, and takes the opacity out of the colours again.
pub(super) fn resize(picture: &RgbaImage, size: (u32, u32)) -> RgbaImage {
    let mut scaled = if picture.dimensions() == size {
        picture.clone()
    } else {
        filter(picture, size.0, size.1, FilterType::Lanczos3)
    };
    for pixel in scaled.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0.map(u64::from);
        let colour = |value: u64| byte(value * 255, alpha);
        pixel.0 = match alpha {
            0 => [0; 4],
            255 => continue,
            _ => [colour(red), colour(green), colour(blue), byte(alpha, 1)],
        };
    }
    scaled
}

#[cfg(test)]
mod tests;
