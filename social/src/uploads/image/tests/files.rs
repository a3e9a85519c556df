//! Makes the files of the tests: real pictures, and what somebody may have put into them.

use std::io::Cursor;

use image::{ImageFormat, ImageReader, RgbImage};

/// What `write` writes.
pub(super) fn written(write: impl FnOnce(&mut Cursor<Vec<u8>>) -> image::ImageResult<()>) -> Vec<u8> {
    let mut to = Cursor::new(Vec::new());
    write(&mut to).unwrap();
    to.into_inner()
}

fn encoded(image: &RgbImage, format: ImageFormat) -> Vec<u8> {
    written(|to| image.write_to(to, format))
}

pub(super) fn jpeg(image: &RgbImage) -> Vec<u8> {
    encoded(image, ImageFormat::Jpeg)
}

pub(super) fn png(image: &RgbImage) -> Vec<u8> {
    encoded(image, ImageFormat::Png)
}

pub(super) fn webp(image: &RgbImage) -> Vec<u8> {
    encoded(image, ImageFormat::WebP)
}

pub(super) fn gif(image: &RgbImage) -> Vec<u8> {
    encoded(image, ImageFormat::Gif)
}

/// The pixels that a file's header claims.
pub(super) fn claimed(bytes: &[u8]) -> Option<u64> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let (width, height) = reader.into_dimensions().ok()?;
    Some(u64::from(width) * u64::from(height))
}

/// A TIFF structure with an orientation, and a text in its GPS directory.
pub(super) fn exif(orientation: u8) -> Vec<u8> {
    exif_with(orientation, b"")
}

pub(super) fn exif_with(orientation: u8, place: &[u8]) -> Vec<u8> {
    let mut bytes = b"MM\0*\0\0\0\x08".to_vec();
    // Two entries: Orientation (SHORT), and the offset of the GPS directory.
    bytes.extend([0, 2, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38]);
    bytes.extend([0, 0, 0, 0]);
    // One entry: GPSProcessingMethod (UNDEFINED).
    bytes.extend([0, 1, 0, 0x1b, 0, 7]);
    bytes.extend((place.len() as u32).to_be_bytes());
    bytes.extend(56_u32.to_be_bytes());
    bytes.extend([0, 0, 0, 0]);
    bytes.extend(place);
    bytes
}

/// A segment right behind the start of a JPEG.
pub(super) fn with_segment(jpeg: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, body, &jpeg[2..]].concat()
}

pub(super) fn with_exif(jpeg: &[u8], exif: &[u8]) -> Vec<u8> {
    with_segment(jpeg, 0xe1, &[b"Exif\0\0".as_slice(), exif].concat())
}

fn position(bytes: &[u8], pattern: &[u8]) -> usize {
    bytes.windows(pattern.len()).position(|window| window == pattern).unwrap()
}

/// The same JPEG, but its header claims another size.
pub(super) fn jpeg_claiming(jpeg: &[u8], width: u16, height: u16) -> Vec<u8> {
    let mut bytes = jpeg.to_vec();
    let at = position(&bytes, &[0xff, 0xc0]) + 5;
    bytes[at..at + 2].copy_from_slice(&height.to_be_bytes());
    bytes[at + 2..at + 4].copy_from_slice(&width.to_be_bytes());
    bytes
}

/// The same JPEG, but its header claims another sampling of its first component.
pub(super) fn sampled(jpeg: &[u8], factors: u8) -> Vec<u8> {
    let mut bytes = jpeg.to_vec();
    let frame = position(&bytes, &[0xff, 0xc0]);
    bytes[frame + 11] = factors;
    bytes
}

/// Made to be progressive: what it has then is one scan of what now counts as DC coefficients. With `factors`, the
/// sampling of its first component besides.
pub(super) fn progressive(jpeg: &[u8], factors: Option<u8>) -> Vec<u8> {
    let mut bytes = jpeg.to_vec();
    let frame = position(&bytes, &[0xff, 0xc0]);
    bytes[frame + 1] = 0xc2;
    if let Some(factors) = factors {
        bytes[frame + 11] = factors;
    }
    let scan = position(&bytes, &[0xff, 0xda]);
    let end = scan + 2 + usize::from(bytes[scan + 3]);
    bytes[end - 2] = 0;
    bytes
}

/// Its one scan again and again.
pub(super) fn scans(jpeg: &[u8], count: usize) -> Vec<u8> {
    let scan = position(jpeg, &[0xff, 0xda]);
    let end = jpeg.len() - 2;
    [&jpeg[..scan], &jpeg[scan..end].repeat(count), &jpeg[end..]].concat()
}

fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

fn png_chunk(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    let named = [name.as_slice(), body].concat();
    [&(body.len() as u32).to_be_bytes()[..], &named, &checksum(&named).to_be_bytes()].concat()
}

/// A chunk right behind the header of a PNG.
pub(super) fn png_with(png: &[u8], name: [u8; 4], body: &[u8]) -> Vec<u8> {
    [&png[..33], &png_chunk(name, body), &png[33..]].concat()
}

/// The same PNG, but its header claims another size, bit depth and kind of colour.
pub(super) fn png_claiming(png: &[u8], width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
    let [w, h] = [width, height].map(u32::to_be_bytes);
    let header = png_chunk(*b"IHDR", &[&w[..], &h, &[depth, colour, 0, 0, 0]].concat());
    [&png[..8], &header, &png[33..]].concat()
}

/// Zeros, deflated: a thousandth of their length.
pub(super) fn zeros(length: usize) -> Vec<u8> {
    // A grey PNG of nothing but black is a zlib stream of zeros.
    let black = written(|to| image::GrayImage::new(length as u32 / 1_000, 1_000).write_to(to, ImageFormat::Png));
    let data = position(&black, b"IDAT");
    let size = u32::from_be_bytes(black[data - 4..data].try_into().unwrap()) as usize;
    black[data + 4..data + 4 + size].to_vec()
}

fn webp_chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let padding = vec![0; body.len() % 2];
    [name, &(body.len() as u32).to_le_bytes(), body, &padding].concat()
}

pub(super) fn riff(chunks: &[u8]) -> Vec<u8> {
    [b"RIFF", &(chunks.len() as u32 + 4).to_le_bytes(), b"WEBP".as_slice(), chunks].concat()
}

/// A simple WebP in the extended format, with further chunks.
pub(super) fn webp_with(simple: &[u8], canvas: (u32, u32), chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let flag = |name: &[u8; 4], flag| if chunks.iter().any(|chunk| chunk.0 == name) { flag } else { 0 };
    let flags = flag(b"ICCP", 0x20) | flag(b"EXIF", 0x08) | flag(b"XMP ", 0x04);
    let mut all = extended_header(flags, canvas);
    all.extend(&simple[12..]);
    chunks.iter().for_each(|(name, body)| all.extend(webp_chunk(name, body)));
    riff(&all)
}

fn extended_header(flags: u8, canvas: (u32, u32)) -> Vec<u8> {
    let [w, h] = [canvas.0, canvas.1].map(|side| (side - 1).to_le_bytes());
    webp_chunk(b"VP8X", &[&[flags, 0, 0, 0], &w[..3], &h[..3]].concat())
}

/// A frame with loss of which there is but the header.
pub(super) fn lossy_frame(width: u16, height: u16) -> Vec<u8> {
    let [w, h] = [width, height].map(u16::to_le_bytes);
    let header = [0x10, 0, 0, 0x9d, 0x01, 0x2a, w[0], w[1], h[0], h[1]];
    webp_chunk(b"VP8 ", &[&header[..], &[0; 64]].concat())
}

pub(super) fn lossless_frame(width: u32, height: u32) -> Vec<u8> {
    let bits = ((width - 1) | ((height - 1) << 14)).to_le_bytes();
    webp_chunk(b"VP8L", &[&[0x2f], &bits[..], &[0; 64]].concat())
}

pub(super) fn extended(canvas: (u32, u32), chunks: &[u8]) -> Vec<u8> {
    riff(&[&extended_header(0, canvas)[..], chunks].concat())
}

/// A frame of an animation around another.
pub(super) fn animated(frame: &[u8]) -> Vec<u8> {
    webp_chunk(b"ANMF", &[&[0; 16], frame].concat())
}

/// A GIF with an extension right behind its colours: a comment (0xfe), or text that is to be drawn (0x01).
pub(super) fn gif_with(gif: &[u8], label: u8, text: &[u8]) -> Vec<u8> {
    let packed = gif[10];
    let table = if packed & 0x80 == 0 { 0 } else { 3 << ((packed & 7) + 1) };
    let start = 13 + table;
    [&gif[..start], &[0x21, label, text.len() as u8], text, &[0], &gif[start..]].concat()
}

/// The same GIF, but its header claims another size.
pub(super) fn gif_claiming(gif: &[u8], width: u16, height: u16) -> Vec<u8> {
    let mut bytes = gif.to_vec();
    bytes[6..8].copy_from_slice(&width.to_le_bytes());
    bytes[8..10].copy_from_slice(&height.to_le_bytes());
    bytes
}
