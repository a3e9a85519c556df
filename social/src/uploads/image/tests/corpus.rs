//! Files that somebody might send on purpose: each is refused for its reason, or nothing of it is left but what is seen.

use super::files::{self, gif, jpeg, png, webp};
use super::*;

const CANARY: &[u8] = b"51.50081N,0.12427W-canary";
const HTML: &[u8] = b"<!doctype html><script>alert('51.50081N,0.12427W-canary')</script>";
const ZIP: &[u8] = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x04\0\0\0x.js51.50081N,0.12427W-canary";

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Refused(ImageError),
    /// Drawn, and clean.
    Clean,
}

use self::Fate::{Clean, Refused};
use ImageError::{Broken, TooManyPixels, Unsupported};

struct Case(String, Vec<u8>, Fate);

fn case(name: impl Into<String>, bytes: impl Into<Vec<u8>>, fate: Fate) -> Case {
    Case(name.into(), bytes.into(), fate)
}

fn metadata() -> Vec<Case> {
    let scene = scene(60, 40);
    let (jpeg, png, webp, gif) = (jpeg(&scene), png(&scene), webp(&scene), gif(&scene));
    let exif = files::exif_with(1, CANARY);
    let named = |name: &[u8]| [name, CANARY].concat();
    let webp_with = |name| files::webp_with(&webp, (60, 40), &[(name, &exif)]);
    vec![
        case("JPEG with GPS", files::with_exif(&jpeg, &exif), Clean),
        case("JPEG with XMP", files::with_segment(&jpeg, 0xe1, &named(b"http://ns.adobe.com/xap/1.0/\0")), Clean),
        case("JPEG with ICC", files::with_segment(&jpeg, 0xe2, &named(b"ICC_PROFILE\0\x01\x01")), Clean),
        case(
            "JPEG with IPTC",
            files::with_segment(&jpeg, 0xed, &named(b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0")),
            Clean,
        ),
        case("JPEG with Adobe's segment", files::with_segment(&jpeg, 0xee, &named(b"Ducky")), Clean),
        case("JPEG with a comment", files::with_segment(&jpeg, 0xfe, CANARY), Clean),
        case("JPEG with an unknown segment", files::with_segment(&jpeg, 0xef, CANARY), Clean),
        case("JPEG with broken EXIF", files::with_exif(&jpeg, &named(b"MM\0*\xff\xff\xff\xff")), Clean),
        case("PNG with GPS", files::png_with(&png, *b"eXIf", &exif), Clean),
        case("PNG with text", files::png_with(&png, *b"tEXt", &named(b"Comment\0")), Clean),
        case("PNG with international text", files::png_with(&png, *b"iTXt", &named(b"Comment\0\0\0\0\0")), Clean),
        case("PNG with compressed text", files::png_with(&png, *b"zTXt", &named(b"Comment\0\0")), Clean),
        case("PNG with a private chunk", files::png_with(&png, *b"caNa", CANARY), Clean),
        case("PNG with a time", files::png_with(&png, *b"tIME", &[7, 0xea, 11, 20, 1, 2, 3]), Clean),
        case(
            "PNG with a profile bomb",
            files::png_with(&png, *b"iCCP", &[&b"x\0\0"[..], &files::zeros(100_000_000)].concat()),
            Clean,
        ),
        case(
            "PNG with a text bomb",
            files::png_with(&png, *b"zTXt", &[&b"x\0\0"[..], &files::zeros(100_000_000)].concat()),
            Clean,
        ),
        case("WebP with GPS", webp_with(b"EXIF"), Clean),
        case("WebP with XMP", webp_with(b"XMP "), Clean),
        case("WebP with ICC", webp_with(b"ICCP"), Clean),
        case("WebP with an unknown chunk", webp_with(b"caNa"), Clean),
        case("GIF with a comment", files::gif_with(&gif, 0xfe, CANARY), Clean),
        case("GIF with an application's data", files::gif_with(&gif, 0xff, &named(b"XMP Data")), Clean),
    ]
}

fn polyglots() -> Vec<Case> {
    let scene = scene(60, 40);
    let mut cases = Vec::new();
    for (name, picture) in [("JPEG", jpeg(&scene)), ("PNG", png(&scene)), ("WebP", webp(&scene)), ("GIF", gif(&scene))]
    {
        for (other, appended) in
            [("HTML", HTML), ("ZIP", ZIP), ("PHP", b"<?php '51.50081N,0.12427W-canary'; ?>".as_slice())]
        {
            cases.push(case(format!("{name} and {other}"), [&picture, appended].concat(), Clean));
        }
    }
    let script = files::gif_claiming(&gif(&scene), 0x2a2f, 40);
    cases.extend([
        // `GIF89a/*` is a script's beginning, and 10,799 pixels of width.
        case("GIF and script", [&script, b"*/=1;alert('51.50081N,0.12427W-canary')".as_slice()].concat(), Clean),
        case("JPEG with HTML in a comment", files::with_segment(&jpeg(&scene), 0xfe, HTML), Clean),
        case("PNG with HTML in a text", files::png_with(&png(&scene), *b"tEXt", &[b"x\0", HTML].concat()), Clean),
        case(
            "JPEG and JPEG",
            [jpeg(&scene), files::with_exif(&jpeg(&scene), &files::exif_with(1, CANARY))].concat(),
            Clean,
        ),
        case("ZIP and JPEG", [ZIP, &jpeg(&scene)].concat(), Refused(Unsupported)),
        case("HTML and PNG", [HTML, &png(&scene)].concat(), Refused(Unsupported)),
    ]);
    cases
}

fn bombs() -> Vec<Case> {
    let scene = scene(60, 40);
    let (jpeg, png, webp, gif) = (jpeg(&scene), png(&scene), webp(&scene), gif(&scene));
    let refused = Refused(TooManyPixels);
    let huge = |width| files::jpeg_claiming(&jpeg, width, 6_300);
    let long_chunk = |name: &[u8]| [name, &[0xf0, 0xff, 0xff, 0xff], CANARY].concat();
    vec![
        case("JPEG of 100 megapixels", files::jpeg_claiming(&jpeg, 10_000, 10_000), refused),
        case("JPEG as large as can be", files::jpeg_claiming(&jpeg, 65_535, 65_535), refused),
        case("JPEG just above the limit", files::jpeg_claiming(&jpeg, 40_001, 1_000), refused),
        case("JPEG with no height", files::jpeg_claiming(&jpeg, 60, 0), Refused(Broken)),
        case("progressive JPEG with all samples", files::progressive(&huge(6_300), None), refused),
        case(
            "progressive JPEG with more samples than there are",
            files::progressive(&huge(6_300), Some(0xff)),
            Refused(Broken),
        ),
        case("JPEG of two frames", [&jpeg[..2], &files::jpeg_claiming(&jpeg, 10_000, 10_000)[2..]].concat(), refused),
        case("JPEG of a thousand scans", files::scans(&files::progressive(&jpeg, None), 1_000), Refused(Unsupported)),
        case("PNG of 100 megapixels", files::png_claiming(&png, 10_000, 10_000, 8, 2), refused),
        case("PNG as large as can be", files::png_claiming(&png, 0x7fff_ffff, 0x7fff_ffff, 8, 2), refused),
        case("PNG as wide as can be", files::png_claiming(&png, 0x7fff_ffff, 1, 1, 0), refused),
        case("PNG just above the limit", files::png_claiming(&png, 40_001, 1_000, 1, 0), refused),
        case("PNG of 16 bits that takes 320 MB", files::png_claiming(&png, 40_000, 1_000, 16, 6), refused),
        case("PNG with no width", files::png_claiming(&png, 0, 10, 8, 2), Refused(Broken)),
        case("real PNG of 100 megapixels", real_bomb(), refused),
        case("GIF as large as can be", files::gif_claiming(&gif, 65_535, 65_535), refused),
        case("GIF with no width", files::gif_claiming(&gif, 0, 10), Refused(Broken)),
        case("WebP of 268 megapixels without loss", files::riff(&files::lossless_frame(16_384, 16_384)), refused),
        case("WebP of 268 megapixels with loss", files::riff(&files::lossy_frame(16_383, 16_383)), refused),
        case("WebP with a huge canvas", files::webp_with(&webp, (16_777_216, 255), &[]), refused),
        case(
            "WebP with a huge frame on a small canvas",
            files::extended((60, 40), &files::lossy_frame(16_383, 16_383)),
            refused,
        ),
        case(
            "WebP with a huge frame in an animation",
            files::extended((60, 40), &files::animated(&files::lossless_frame(16_384, 16_384))),
            refused,
        ),
        case(
            "WebP with a chunk of 4 GiB",
            files::extended((60, 40), &[&webp[12..], &long_chunk(b"EXIF")].concat()),
            Refused(Broken),
        ),
        case("WebP with a picture of 4 GiB", files::riff(&long_chunk(b"VP8L")), Refused(Broken)),
    ]
}

/// 100 million black pixels in 12 kB.
fn real_bomb() -> Vec<u8> {
    files::written(|to| {
        let encoder = PngEncoder::new_with_quality(to, CompressionType::Fast, FilterType::NoFilter);
        encoder.write_image(&vec![0; 100_000_000], 10_000, 10_000, ExtendedColorType::L8)
    })
}

fn damaged() -> Vec<Case> {
    let scene = scene(60, 40);
    let mut cases = Vec::new();
    for (name, picture) in [("JPEG", jpeg(&scene)), ("PNG", png(&scene)), ("WebP", webp(&scene)), ("GIF", gif(&scene))]
    {
        for percent in [30, 60, 95] {
            let cut = picture[..picture.len() * percent / 100].to_vec();
            cases.push(case(format!("{percent} % of a {name}"), cut, Refused(Broken)));
        }
        cases.push(case(format!("the first bytes of a {name}"), &picture[..12], Refused(Broken)));
    }
    let mut crc = png(&scene);
    crc[29] ^= 1;
    cases.push(case("PNG with a wrong checksum", crc, Refused(Broken)));
    cases
}

fn others() -> Vec<Case> {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><circle r='9'/></svg>";
    let table: [(&str, &[u8]); 22] = [
        ("nothing", b""),
        ("one byte", b"\xff"),
        ("SVG", svg.as_bytes()),
        ("SVG with a byte order mark", b"\xef\xbb\xbf<svg/>"),
        ("SVG as XML", b"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><svg>&x;</svg>"),
        ("ELF that is called photo.jpg", b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0"),
        ("Windows program", b"MZ\x90\0\x03\0\0\0"),
        ("WebAssembly", b"\0asm\x01\0\0\0"),
        ("HTML", HTML),
        ("ZIP", ZIP),
        ("PDF", b"%PDF-1.7\n1 0 obj<</OpenAction 2 0 R>>"),
        ("BMP", b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"),
        ("TIFF", b"II*\0\x08\0\0\0"),
        ("icon", b"\0\0\x01\0\x01\0\x10\x10"),
        ("HEIC", b"\0\0\0\x18ftypheic\0\0\0\0"),
        ("AVIF", b"\0\0\0\x18ftypavif\0\0\0\0"),
        ("MP4", b"\0\0\0\x18ftypisom\0\0\0\0"),
        ("WAV", b"RIFF\x24\0\0\0WAVEfmt "),
        ("PPM", b"P6 1 1 255 \0\0\0"),
        ("PostScript", b"%!PS-Adobe-3.0"),
        ("ImageMagick's script", b"push graphic-context\nviewbox 0 0 640 480\nfill 'url(https://x/|ls)'\n"),
        ("text", b"GIF8 is not enough"),
    ];
    table.iter().map(|(name, bytes)| case(*name, *bytes, Refused(Unsupported))).collect()
}

/// The segments of a JPEG or chunks of a PNG that hold what is seen.
fn assert_clean(name: &str, encoded: &Encoded, format: Format) {
    let bytes = &encoded.bytes;
    // A piece of the canary is as bad as all of it.
    for part in CANARY.windows(8) {
        assert!(!bytes.windows(8).any(|window| window == part), "{name}: the canary survived");
    }
    let mut at = if format == Format::Jpeg { 2 } else { 8 };
    let mut seen = Vec::new();
    while at < bytes.len() {
        let (kind, next) = match format {
            // Coded data begins at the start of the scan and ends with the file.
            Format::Jpeg if bytes[at + 1] == 0xda => (vec![0xda], bytes.len()),
            Format::Jpeg => {
                (vec![bytes[at + 1]], at + 2 + usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]])))
            }
            Format::Png => {
                let length = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
                (bytes[at + 4..at + 8].to_vec(), at + length + 12)
            }
        };
        seen.push(kind);
        at = next;
    }
    let allowed: &[&[u8]] = match format {
        Format::Jpeg => &[&[0xe0], &[0xdb], &[0xc0], &[0xc4], &[0xda]],
        Format::Png => &[b"IHDR", b"IDAT", b"IEND"],
    };
    assert!(seen.iter().all(|kind| allowed.contains(&kind.as_slice())), "{name}: {seen:?}");
    assert!(format == Format::Png || bytes.ends_with(&[0xff, 0xd9]), "{name}: nothing follows the end");
}

#[test]
fn a_hostile_file_is_refused_for_its_reason_or_nothing_of_it_is_left() {
    let all = [metadata(), polyglots(), bombs(), damaged(), others()];
    let cases: Vec<Case> = all.into_iter().flatten().collect();
    assert!(cases.len() >= 100, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for Case(name, bytes, fate) in &cases {
        let outcome = process(bytes, None, ImageKind::Picture);
        let seen = outcome.as_ref().map_or_else(|error| Refused(*error), |_| Clean);
        if seen != *fate {
            wrong.push(format!("{name}: {seen:?} and not {fate:?}"));
        }
        if let Ok(processed) = outcome {
            assert_clean(name, &processed.large, processed.format);
            assert_clean(name, &processed.small, processed.format);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_canary_is_in_the_files_that_are_cleaned() {
    // Else the test above would pass on files that hold nothing to be found.
    let without = ["PNG with a time", "PNG with a profile bomb", "PNG with a text bomb"];
    for Case(name, bytes, fate) in [metadata(), polyglots()].into_iter().flatten() {
        let found = bytes.windows(CANARY.len()).any(|window| window == CANARY);
        assert!(fate != Clean || found || without.contains(&name.as_str()), "{name}");
    }
}
