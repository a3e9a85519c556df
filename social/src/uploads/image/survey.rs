//! What is known of an upload before it is decoded: the format, where the picture ends, and how much memory decoding
//! takes. Where a decoder's own limits do not reach, the file's structure is walked here.

use image::ImageFormat;

use super::{ImageError, MAX_PIXELS};

/// The most scans of a JPEG. Each is a pass over the whole picture for a few bytes of file; encoders make 10, the most
/// thorough ones 15.
const MAX_SCANS: usize = 32;

/// The most chunks of a WebP that is no animation are a handful; each frame of an animation is one more.
const MAX_CHUNKS: usize = 10_000;

/// An upload that may be decoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Survey<'a> {
    /// By its first bytes.
    pub(super) format: ImageFormat,
    /// The picture, without what follows its end.
    pub(super) bytes: &'a [u8],
    /// The most that the decoder takes besides the decoded picture, in bytes for 16 pixels.
    pub(super) beside_16_pixels: u64,
}

/// Looks at the structure of an upload.
pub(super) fn survey(bytes: &[u8]) -> Result<Survey<'_>, ImageError> {
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        survey_jpeg(bytes)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        survey_webp(bytes)
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        // Decoded line by line.
        Ok(Survey { format: ImageFormat::Png, bytes, beside_16_pixels: 0 })
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        // The frame's indices, and its colours if it does not fill the picture.
        Ok(Survey { format: ImageFormat::Gif, bytes, beside_16_pixels: 16 * (1 + 4) })
    } else {
        Err(ImageError::Unsupported)
    }
}

/// Walks the markers of a JPEG: <https://www.w3.org/Graphics/JPEG/itu-t81.pdf>, annex B.
///
/// One of several scans is kept as coefficients until the last has come: two bytes for each sample.
fn survey_jpeg(bytes: &[u8]) -> Result<Survey<'_>, ImageError> {
    let mut at = 2;
    let (mut scans, mut samples, mut progressive) = (0, 0, false);
    loop {
        let marker = marker_at(bytes, &mut at).ok_or(ImageError::Broken)?;
        let body = match marker {
            0x01 | 0xd0..=0xd7 => continue,
            0xd9 => break,
            _ => segment(bytes, at).ok_or(ImageError::Broken)?,
        };
        at += 2 + body.len();
        match marker {
            // Baseline, extended and progressive with Huffman coding; the rest (lossless, arithmetic) is not in use.
            0xc0..=0xc2 => {
                samples = check_frame(body)?;
                progressive = marker == 0xc2;
            }
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return Err(ImageError::Unsupported),
            0xda => scans += 1,
            _ => {}
        }
    }
    if scans == 0 || samples == 0 {
        return Err(ImageError::Broken);
    }
    if scans > MAX_SCANS {
        return Err(ImageError::Unsupported);
    }
    let beside_16_pixels = if progressive || scans > 1 { 2 * samples } else { 0 };
    let bytes = bytes.get(..at).unwrap_or(bytes);
    Ok(Survey { format: ImageFormat::Jpeg, bytes, beside_16_pixels })
}

/// The next marker at or behind `at`, which moves behind it. What lies before it is coded data.
fn marker_at(bytes: &[u8], at: &mut usize) -> Option<u8> {
    let found = bytes.get(*at..)?.windows(2).position(|pair| matches!(pair, [0xff, 0x01..=0xfe]))?;
    *at += found + 2;
    bytes.get(*at - 1).copied()
}

/// The body of the segment whose length is at `at`.
fn segment(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let length = usize::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    bytes.get(at + 2..at.checked_add(length)?)
}

/// Reads a frame header: fails if it has too many pixels, else says how many samples 16 pixels have.
fn check_frame(body: &[u8]) -> Result<u64, ImageError> {
    let [_, high, low, left, right, count, components @ ..] = body else { return Err(ImageError::Broken) };
    let height = u64::from(u16::from_be_bytes([*high, *low]));
    let width = u64::from(u16::from_be_bytes([*left, *right]));
    if width * height > MAX_PIXELS {
        return Err(ImageError::TooManyPixels);
    }
    let factors = components.chunks_exact(3).take(usize::from(*count)).map(|component| {
        let factors = component.get(1).copied().unwrap_or_default();
        (u64::from(factors >> 4), u64::from(factors & 15))
    });
    let (mut sum, mut wide, mut high) = (0, 1, 1);
    for (horizontal, vertical) in factors {
        sum += horizontal * vertical;
        wide = wide.max(horizontal);
        high = high.max(vertical);
    }
    Ok((16_u64 * sum).div_ceil(wide * high))
}

/// Walks the chunks of a WebP: <https://developers.google.com/speed/webp/docs/riff_container>.
///
/// The decoder takes a chunk's length for true before it reads it, and a frame may be larger than its canvas.
fn survey_webp(bytes: &[u8]) -> Result<Survey<'_>, ImageError> {
    let length = bytes.get(4..8).and_then(little).ok_or(ImageError::Broken)?;
    let bytes = bytes.get(..length.saturating_add(8)).ok_or(ImageError::Broken)?;
    let (mut at, mut chunks, mut animated) = (12, 0, false);
    while at < bytes.len() {
        let (kind, body, next) = chunk(bytes, at).ok_or(ImageError::Broken)?;
        chunks += 1;
        if chunks > MAX_CHUNKS {
            return Err(ImageError::Unsupported);
        }
        match kind {
            b"ANMF" => {
                animated = true;
                // Sixteen bytes say where on the canvas the frame goes; its own chunks follow.
                let mut inner = 16;
                while inner < body.len() {
                    let (kind, frame, next) = chunk(body, inner).ok_or(ImageError::Broken)?;
                    check_webp_frame(kind, frame)?;
                    inner = next;
                }
            }
            _ => check_webp_frame(kind, body)?,
        }
        at = next;
    }
    // Besides the picture of three or four bytes a pixel: a frame without loss is decoded to four, one with loss to one
    // and a half, and its opacity to four and one; an animation has a canvas of four and a frame of four or more.
    let beside_16_pixels = 16 * if animated { 4 + 4 + 5 } else { 4 };
    Ok(Survey { format: ImageFormat::WebP, bytes, beside_16_pixels })
}

/// A chunk's name, its body and where the next one begins.
fn chunk(bytes: &[u8], at: usize) -> Option<(&[u8; 4], &[u8], usize)> {
    let name = bytes.get(at..at + 4)?.first_chunk()?;
    let length = little(bytes.get(at + 4..at + 8)?)?;
    let start = at + 8;
    let body = bytes.get(start..start.checked_add(length)?)?;
    Some((name, body, start + length + length % 2))
}

fn little(bytes: &[u8]) -> Option<usize> {
    usize::try_from(u32::from_le_bytes(*bytes.first_chunk()?)).ok()
}

/// Whether a frame that is coded with or without loss has too many pixels by its own header.
fn check_webp_frame(kind: &[u8; 4], body: &[u8]) -> Result<(), ImageError> {
    let (width, height) = match kind {
        // RFC 6386, section 9.1: https://www.rfc-editor.org/rfc/rfc6386#section-9.1
        b"VP8 " => {
            let [_, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..] = body else { return Err(ImageError::Broken) };
            (u16::from_le_bytes([*w0, *w1]) & 0x3fff, u16::from_le_bytes([*h0, *h1]) & 0x3fff)
        }
        // RFC 9649, section 3.4: https://www.rfc-editor.org/rfc/rfc9649#section-3.4
        b"VP8L" => {
            let [0x2f, a, b, c, d, ..] = body else { return Err(ImageError::Broken) };
            let bits = u32::from_le_bytes([*a, *b, *c, *d]);
            let side = |shift: u32| u16::try_from((bits >> shift) & 0x3fff).unwrap_or(0) + 1;
            (side(0), side(14))
        }
        _ => return Ok(()),
    };
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(ImageError::TooManyPixels);
    }
    Ok(())
}
