//! What a file is, by its content; neither its name nor what a client says is asked.
//!
//! It decides how a file is shown, and never what is done with it: nothing is unpacked, and only pictures are decoded
//! ([`uploads::image`](crate::uploads::image)).

use std::io::{self, Read, Seek, SeekFrom};

use infer::MatcherType;

use super::AttachmentKind;

/// Bytes at the beginning that are looked at.
const HEAD: u64 = 64 * 1024;

/// Boxes of an MP4 that are walked to the one that tells of its tracks, and bytes of that one that are read. Files have a
/// handful of boxes, and a hundred bytes a second; whoever has more is taken for a video.
const MAX_BOXES: usize = 1000;
const MAX_MOVIE_BOX: u64 = 1024 * 1024;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// A picture that we can draw anew.
    Picture,
    /// A photo in a format that we cannot, with all that it says about where it was taken.
    Photo,
    /// Anything else, which stays as it is.
    Plain(AttachmentKind, &'static str),
}

/// Photos whose formats we do not decode.
const PHOTOS: [&str; 7] =
    ["image/heif", "image/avif", "image/tiff", "image/jxl", "image/jp2", "image/x-canon-cr2", "image/vnd.ms-photo"];

/// Brands of such photos that `infer` does not know (<https://mp4ra.org/registered-types/brands>).
const PHOTO_BRANDS: [&[u8]; 10] =
    [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"];

/// Whether a file that begins like this is to be drawn anew.
pub(super) fn is_picture(head: &[u8]) -> bool {
    let is_webp = head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP");
    let known: [&[u8]; 4] = [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a"];
    is_webp || known.iter().any(|magic| head.starts_with(magic))
}

/// Looks at a file.
///
/// # Errors
/// When it cannot be read.
pub(super) fn look(file: &mut (impl Read + Seek)) -> io::Result<Found> {
    let mut head = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut head)?;
    if is_picture(&head) {
        return Ok(Found::Picture);
    }
    let found = infer::get(&head);
    let media_type = found.map_or("", |found| found.mime_type());
    if PHOTOS.contains(&media_type) || brand(&head).is_some_and(|brand| PHOTO_BRANDS.contains(&brand)) {
        return Ok(Found::Photo);
    }
    let is_container = matches!(
        found.map(|found| found.matcher_type()),
        Some(MatcherType::Archive | MatcherType::Book | MatcherType::Doc | MatcherType::Font)
    );
    if is_container {
        return Ok(Found::Plain(AttachmentKind::File, media_type));
    }
    // Some marks are two letters, with which a text may begin as well. Pages and scripts are texts.
    if is_text(&head) {
        return Ok(Found::Plain(AttachmentKind::File, "text/plain"));
    }
    Ok(match media_type {
        "video/mp4" | "video/x-m4v" | "audio/m4a" if has_pictures(file)? => played("video/mp4"),
        "video/mp4" | "video/x-m4v" | "audio/m4a" => played("audio/mp4"),
        "video/webm" if shows_tracks(&head, b'A') && !shows_tracks(&head, b'V') => played("audio/webm"),
        "video/webm" | "video/quicktime" | "audio/mpeg" | "audio/ogg" | "audio/aac" => played(media_type),
        "audio/opus" => played("audio/ogg"),
        "audio/x-flac" => played("audio/flac"),
        "audio/x-wav" => played("audio/wav"),
        // Programs, what no browser plays, and what nobody knows.
        _ => Found::Plain(AttachmentKind::File, "application/octet-stream"),
    })
}

/// What browsers play.
fn played(media_type: &'static str) -> Found {
    let is_video = media_type.starts_with("video/");
    Found::Plain(if is_video { AttachmentKind::Video } else { AttachmentKind::Audio }, media_type)
}

/// The major brand of an ISO base media file.
fn brand(head: &[u8]) -> Option<&[u8]> {
    if head.get(4..8) == Some(b"ftyp") { head.get(8..12) } else { None }
}

/// Whether it is UTF-8 without control characters that texts do not have. The last letter may be cut.
fn is_text(head: &[u8]) -> bool {
    let end = match std::str::from_utf8(head) {
        Ok(_) => head.len(),
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) => return false,
    };
    let is_plain = |byte: &u8| *byte >= b' ' || b"\t\n\r\x0c".contains(byte);
    end > 0 && head.iter().take(end).all(is_plain)
}

/// Whether a Matroska file names a codec of this kind: the element `CodecID` (0x86), its length, and `A_` or `V_`
/// (<https://www.rfc-editor.org/rfc/rfc9559.html#name-codecid-element>).
fn shows_tracks(head: &[u8], kind: u8) -> bool {
    head.windows(4).any(|part| matches!(part, [0x86, length, of, b'_'] if *length >= 0x80 && *of == kind))
}

/// Whether an MP4 has a track of pictures: the handlers of its tracks (ISO/IEC 14496-12, 8.4.3).
fn has_pictures(file: &mut (impl Read + Seek)) -> io::Result<bool> {
    let end = file.seek(SeekFrom::End(0))?;
    let mut at = 0;
    for _ in 0..MAX_BOXES {
        let Some(left) = end.checked_sub(at).filter(|left| *left >= 16) else { break };
        file.seek(SeekFrom::Start(at))?;
        let mut header = [0; 16];
        file.read_exact(&mut header)?;
        let [a, b, c, d, kind @ .., _, _, _, _, _, _, _, _] = header;
        let length = match u32::from_be_bytes([a, b, c, d]) {
            0 => left,
            1 => header.last_chunk().map_or(0, |long| u64::from_be_bytes(*long)),
            length => length.into(),
        };
        if &kind == b"moov" {
            let mut tracks = Vec::new();
            file.by_ref().take(length.min(MAX_MOVIE_BOX)).read_to_end(&mut tracks)?;
            return Ok(tracks.windows(16).any(|part| part.starts_with(b"hdlr") && part.ends_with(b"vide")));
        }
        let Some(next) = at.checked_add(length.max(8)) else { break };
        at = next;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    fn found(bytes: &[u8]) -> Found {
        look(&mut Cursor::new(bytes)).unwrap()
    }

    fn file(media_type: &'static str) -> Found {
        Found::Plain(AttachmentKind::File, media_type)
    }

    /// A box of an MP4.
    fn boxed(kind: &[u8], body: &[u8]) -> Vec<u8> {
        [&u32::try_from(8 + body.len()).unwrap().to_be_bytes()[..], kind, body].concat()
    }

    fn mp4(brand: &[u8], handlers: &[&[u8]]) -> Vec<u8> {
        let track = |handler: &&[u8]| {
            let handler = boxed(b"hdlr", &[&[0; 8], *handler, &[0; 12]].concat());
            boxed(b"trak", &boxed(b"mdia", &handler))
        };
        let tracks: Vec<u8> = handlers.iter().flat_map(track).collect();
        let movie = boxed(b"moov", &[boxed(b"mvhd", &[0; 100]), tracks].concat());
        [boxed(b"ftyp", &[brand, &[0; 4]].concat()), boxed(b"mdat", &[7; 100_000]), movie].concat()
    }

    fn webm(codecs: &[&[u8]]) -> Vec<u8> {
        let mut bytes = b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm".to_vec();
        bytes.resize(300, 0);
        for codec in codecs {
            bytes.extend([&[0x86, 0x80 | u8::try_from(codec.len()).unwrap()], *codec].concat());
        }
        bytes
    }

    #[test]
    fn pictures_are_drawn_and_photos_that_cannot_be_are_known() {
        for picture in [&b"\xff\xd8\xff\xe0"[..], b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"RIFF\0\0\0\0WEBPVP8 "] {
            assert_eq!(found(picture), Found::Picture);
        }
        for brand in [b"heic", b"heix", b"hevc", b"mif1", b"avif", b"avis"] {
            assert_eq!(found(&boxed(b"ftyp", &[&brand[..], &[0; 4], brand].concat())), Found::Photo, "{brand:?}");
        }
        for photo in [&b"II*\0\x08\0\0\0\0\0\0"[..], b"MM\0*\0\0\0\x08\0\0\0", b"II*\0\x10\0\0\0CR\x02\0"] {
            assert_eq!(found(photo), Found::Photo);
        }
    }

    #[test]
    fn what_browsers_play_is_known_by_its_content() {
        let video = |media_type| Found::Plain(AttachmentKind::Video, media_type);
        let audio = |media_type| Found::Plain(AttachmentKind::Audio, media_type);
        assert_eq!(found(&mp4(b"isom", &[b"soun", b"vide"])), video("video/mp4"));
        assert_eq!(found(&mp4(b"mp42", &[b"soun"])), audio("audio/mp4"));
        assert_eq!(found(&mp4(b"M4A ", &[b"soun"])), audio("audio/mp4"));
        assert_eq!(found(&mp4(b"qt  ", &[b"vide"])), video("video/quicktime"));
        // A damaged one may be anything.
        assert_eq!(found(&mp4(b"isom", &[])[..60_000]), video("video/mp4"));
        assert_eq!(found(&webm(&[b"V_VP9", b"A_OPUS"])), video("video/webm"));
        assert_eq!(found(&webm(&[b"A_OPUS"])), audio("audio/webm"));
        assert_eq!(found(&webm(&[])), video("video/webm"));
        assert_eq!(found(b"ID3\x04\0\0\0\0\0\0"), audio("audio/mpeg"));
        assert_eq!(found(b"\xff\xfb\x90\0\0\0"), audio("audio/mpeg"));
        assert_eq!(found(b"OggS\0\x02\0\0\0\0"), audio("audio/ogg"));
        assert_eq!(found(b"fLaC\0\0\0\x22"), audio("audio/flac"));
        assert_eq!(found(b"RIFF\x24\0\0\0WAVEfmt "), audio("audio/wav"));
    }

    #[test]
    fn all_else_is_a_file() {
        assert_eq!(found(b"%PDF-1.7\n"), file("application/pdf"));
        assert_eq!(found(b"PK\x03\x04\x14\0\0\0\0\0"), file("application/zip"));
        assert_eq!(found(b"\x1f\x8b\x08\0\0\0\0\0"), file("application/gzip"));
        for text in [
            "<!DOCTYPE html><script>1</script>",
            "<svg xmlns='http://www.w3.org/2000/svg'/>",
            "#!/bin/sh\n",
            "BMW and ID3",
            "a,b\r\nä,ö",
        ] {
            assert_eq!(found(text.as_bytes()), file("text/plain"), "{text}");
        }
        let unknown = file("application/octet-stream");
        for program in [
            &b"MZ\x90\0\x03\0\0\0"[..],
            b"\x7fELF\x02\x01\x01\0\0\0",
            b"\0asm\x01\0\0\0",
            b"BM\0\0\0\0",
            b"\0",
            b"\xff\xfe\0",
        ] {
            assert_eq!(found(program), unknown);
        }
        // A letter may be cut where we stop reading.
        let long = format!("x{}", "é".repeat(40_000));
        assert_eq!(found(long.as_bytes()), file("text/plain"));
    }

    proptest! {
        #[test]
        fn whatever_it_is_there_is_an_answer(
            mut bytes in prop::collection::vec(any::<u8>(), 0..400),
            magic in prop::sample::select(vec![mp4(b"isom", &[b"vide"]), webm(&[b"V_VP8"]), b"PK\x03\x04".to_vec(), Vec::new()]),
            at in any::<prop::sample::Index>(),
        ) {
            let at = at.index(magic.len() + 1);
            bytes.splice(0..0, magic[..at].iter().copied());
            let _ = found(&bytes);
        }
    }
}
