//! From the bytes of an upload to pictures that are safe to serve.
//!
//! Nothing of the upload survives but what can be seen: the picture is decoded, cut, made smaller and encoded anew. So
//! there is no metadata (a phone's photo says where it was taken) and nothing behind the end of the picture (a file can
//! be a GIF and a web page at once). Which format it is, its first bytes say; neither name nor `Content-Type` is asked.
//!
//! A small file can claim to be a huge picture, so its size is known before anything is decoded, and with it the most
//! memory that decoding takes ([`survey`]). What a decoder still gets wrong ends as [`ImageError::Broken`].

mod scale;
mod survey;

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageReader, RgbaImage};

use self::scale::Rect;

/// The longest upload, in bytes. Photos of phones have 2 to 8 MiB; what is more costs bandwidth and helps no 512 px.
pub const MAX_BYTES: usize = 10 << 20;

/// The most pixels that are decoded. Phones take 12 to 50 million, cameras 24; twice as many would take twice the memory.
pub const MAX_PIXELS: u64 = 40_000_000;

/// The most memory that making one picture takes, in bytes, besides the upload itself. Less would refuse large
/// photos that are not in the usual coding (4:2:0, 8 bits); more, times the threads that decode, is a server's memory.
pub const MAX_MEMORY: u64 = 256 << 20;

/// JPEG quality of 1 to 100. At 85 portraits show no blocks; 95 would double the size, 75 smears hair.
const JPEG_QUALITY: u8 = 85;

/// What a picture is for, and so its shape and sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageKind {
    /// A square: at most 512x512, and 128x128.
    Picture,
    /// Three times as wide as high: at most 1500x500, and 750x250.
    Cover,
}

impl ImageKind {
    /// Width and height of the two sizes, in pixels, the large one first.
    #[must_use]
    pub const fn sizes(self) -> [(u32, u32); 2] {
        match self {
            Self::Picture => [(512, 512), (128, 128)],
            Self::Cover => [(1500, 500), (750, 250)],
        }
    }
}

/// What becomes of the proportions of a picture, and the sizes in which it is kept, in pixels, the large one first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Its largest centred part of these proportions (width and height), at most in these sizes.
    Cut([(u32, u32); 2]),
    /// All of it, the longer edge at most so long.
    Whole([u32; 2]),
}

impl Shape {
    /// Images of posts: 2048 fills a large screen, 640 a phone's width at twice its points.
    pub const POST: Self = Self::Whole([2048, 640]);

    /// The part of a picture that is kept, and its two sizes.
    fn fit(self, wanted: Rect) -> (Rect, [(u32, u32); 2]) {
        match self {
            Self::Cut(sizes) => {
                let cut = wanted.centred(sizes[0]);
                (cut, sizes.map(|size| cut.reduced_to(size)))
            }
            Self::Whole(edges) => (wanted, edges.map(|edge| wanted.within(edge))),
        }
    }

    /// The size from which on a picture is averaged before the sharp filter works on it. A cut one is small, so that the
    /// filter may have more to work with.
    fn averaged_above(self, (width, height): (u32, u32)) -> (u32, u32) {
        match self {
            Self::Cut(_) => (width.saturating_mul(3).div_ceil(2), height.saturating_mul(3).div_ceil(2)),
            Self::Whole(_) => (width, height),
        }
    }

    /// The most memory that the averaged picture takes, in bytes: less than twice [`Self::averaged_above`] each way, of
    /// four bytes a pixel. When the decoded picture is gone, the filter takes up to twice as much again.
    const fn memory(self) -> u64 {
        match self {
            Self::Cut(_) => scale::CUT_MEMORY,
            Self::Whole(_) => scale::WHOLE_MEMORY,
        }
    }
}

impl From<ImageKind> for Shape {
    fn from(kind: ImageKind) -> Self {
        Self::Cut(kind.sizes())
    }
}

/// The part of a picture that is wanted, in pixels of the upright picture (as a browser shows it).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crop {
    /// Distance from the left edge.
    pub x: u32,
    /// Distance from the upper edge.
    pub y: u32,
    /// Width; at least 1.
    pub width: u32,
    /// Height; at least 1.
    pub height: u32,
}

/// How a picture of ours is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Everything opaque.
    Jpeg,
    /// Pictures with real transparency.
    Png,
}

/// One size of a picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The file.
    pub bytes: Vec<u8>,
    /// Width, in pixels.
    pub width: u32,
    /// Height, in pixels.
    pub height: u32,
}

/// A picture that is safe to serve, in two sizes.
///
/// A picture is never enlarged: what is smaller than the full size stays as it is, cut to the shape. If it is smaller than
/// the small size too, both are the same.
#[derive(Clone, PartialEq, Eq)]
pub struct Processed {
    /// Of both sizes.
    pub format: Format,
    /// For a page of its own.
    pub large: Encoded,
    /// For lists.
    pub small: Encoded,
}

/// Why there is no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ImageError {
    /// More than [`MAX_BYTES`].
    #[error("the file is larger than 10 MiB")]
    TooLarge,
    /// More than [`MAX_PIXELS`], or so coded that decoding takes more than [`MAX_MEMORY`].
    #[error("the picture has too many pixels")]
    TooManyPixels,
    /// Not JPEG, PNG, WebP or GIF, or a rare kind of one.
    #[error("the file is not a JPEG, PNG, WebP or GIF picture")]
    Unsupported,
    /// It begins like a picture and cannot be decoded.
    #[error("the picture cannot be read")]
    Broken,
    /// The wanted part has no pixel in common with the picture.
    #[error("the part to cut out lies outside of the picture")]
    OutsideCrop,
}

impl From<image::ImageError> for ImageError {
    fn from(error: image::ImageError) -> Self {
        match error {
            image::ImageError::Limits(_) => Self::TooManyPixels,
            image::ImageError::Unsupported(_) => Self::Unsupported,
            _ => Self::Broken,
        }
    }
}

/// Makes the two sizes of a shape from an upload: of what `crop` says or else of the whole. A crop that sticks out (browsers round) counts as far as it is inside.
///
/// Takes up to some seconds and [`MAX_MEMORY`]; see [`pool`](super::pool).
///
/// # Errors
/// See [`ImageError`].
pub fn process(bytes: &[u8], crop: Option<Crop>, shape: impl Into<Shape>) -> Result<Processed, ImageError> {
    let shape = shape.into();
    if bytes.len() > MAX_BYTES {
        return Err(ImageError::TooLarge);
    }
    let survey = survey::survey(bytes)?;
    // The decoders promise not to panic. Should one do so, it is this upload that is broken and not the server.
    let made = catch_unwind(AssertUnwindSafe(|| {
        let (picture, orientation) = decode(&survey, shape)?;
        let [large, small] = draw(picture, orientation, crop, shape)?;
        encode(large, small)
    }));
    made.unwrap_or(Err(ImageError::Broken))
}

/// Decodes what the survey found to be within the limits. Orientation is not yet applied: it would take a second copy.
fn decode(survey: &survey::Survey<'_>, shape: Shape) -> Result<(DynamicImage, Orientation), ImageError> {
    let mut limits = image::Limits::no_limits();
    limits.max_alloc = Some(MAX_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(survey.bytes), survey.format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(ImageError::Broken);
    }
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS || memory(survey, shape, pixels, decoder.color_type().bytes_per_pixel()) > MAX_MEMORY {
        return Err(ImageError::TooManyPixels);
    }
    // Unreadable metadata is no reason to refuse a picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok((DynamicImage::from_decoder(decoder)?, orientation))
}

/// The most memory that making a picture of so many pixels takes, in bytes: decoding it, or scaling what was decoded.
fn memory(survey: &survey::Survey<'_>, shape: Shape, pixels: u64, bytes_per_pixel: u8) -> u64 {
    let beside = pixels.saturating_mul(survey.beside_16_pixels) / 16;
    pixels.saturating_mul(bytes_per_pixel.into()).saturating_add(beside.max(shape.memory()))
}

/// Cuts and scales; the outcome is upright.
fn draw(
    picture: DynamicImage,
    orientation: Orientation,
    crop: Option<Crop>,
    shape: Shape,
) -> Result<[RgbaImage; 2], ImageError> {
    let upright = scale::upright_size(orientation, (picture.width(), picture.height()));
    let whole = Rect { x: 0, y: 0, width: upright.0, height: upright.1 };
    let wanted = match crop {
        Some(Crop { x, y, width, height }) => {
            whole.intersection(Rect { x, y, width, height }).ok_or(ImageError::OutsideCrop)?
        }
        None => whole,
    };
    let (cut, [large, small]) = shape.fit(wanted);
    let from = cut.before(orientation, upright);
    let near = scale::shrink(&picture, from, scale::before_size(orientation, shape.averaged_above(large)));
    drop(picture);
    Ok([large, small].map(|size| {
        let scaled = scale::resize(&near, scale::before_size(orientation, size));
        let mut upright = DynamicImage::ImageRgba8(scaled);
        upright.apply_orientation(orientation);
        upright.into_rgba8()
    }))
}

/// Encodes both sizes in the one format that both need.
fn encode(large: RgbaImage, small: RgbaImage) -> Result<Processed, ImageError> {
    let transparent = [&large, &small].iter().any(|image| image.pixels().any(|pixel| pixel.0[3] < u8::MAX));
    let format = if transparent { Format::Png } else { Format::Jpeg };
    Ok(Processed { format, large: encode_one(large, format)?, small: encode_one(small, format)? })
}

fn encode_one(picture: RgbaImage, format: Format) -> Result<Encoded, ImageError> {
    let (width, height) = picture.dimensions();
    let mut bytes = Vec::new();
    match format {
        Format::Jpeg => {
            let opaque = DynamicImage::ImageRgba8(picture).into_rgb8();
            let encoder = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
            encoder.write_image(&opaque, width, height, ExtendedColorType::Rgb8)?;
        }
        Format::Png => {
            let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive);
            encoder.write_image(&picture, width, height, ExtendedColorType::Rgba8)?;
        }
    }
    Ok(Encoded { bytes, width, height })
}

#[cfg(test)]
mod tests;
