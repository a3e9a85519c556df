//! The codecs that we forward, and all that the rest of the SFU needs to know of them: what a session description calls
//! them, where in their payloads a decoder can begin, and which numbers in there belong to a viewer's line.

use super::vp8::Vp8Descriptor;
use super::{Dependency, Layer, Red, Sizes, SwitchUp, av1, h264, vp9};
use crate::core::stats::DropReason;

/// A codec that we forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// VP8 (RFC 7741, <https://www.rfc-editor.org/rfc/rfc7741>).
    Vp8,
    /// VP9, profile 0 (RFC 9628, <https://www.rfc-editor.org/rfc/rfc9628>).
    Vp9,
    /// H.264, (constrained) baseline profile in packetization mode 1 (RFC 6184,
    /// <https://www.rfc-editor.org/rfc/rfc6184>).
    H264,
    /// AV1, main profile (<https://aomediacodec.github.io/av1-rtp-spec/>).
    Av1,
    /// Opus (RFC 7587, <https://www.rfc-editor.org/rfc/rfc7587>).
    Opus,
}

impl Codec {
    /// The codec that a session description means by a name in lower case, a clock rate and parameters; `None` if we
    /// do not forward it. Every codec is taken in the one profile that all browsers that have it can decode.
    pub fn from_sdp(name: &str, clock_rate: u32, fmtp: &str) -> Option<Self> {
        let profile = |key: &str| parameter(fmtp, key).unwrap_or("0") == "0";
        match (name, clock_rate) {
            ("vp8", 90_000) => Some(Self::Vp8),
            ("vp9", 90_000) => profile("profile-id").then_some(Self::Vp9),
            ("av1", 90_000) => profile("profile").then_some(Self::Av1),
            ("h264", 90_000) => {
                let mode = parameter(fmtp, "packetization-mode") == Some("1");
                // Baseline is meant when nothing is said (RFC 6184 section 8.1).
                let baseline = parameter(fmtp, "profile-level-id").is_none_or(|level| level.starts_with("42"));
                (mode && baseline).then_some(Self::H264)
            }
            ("opus", 48_000) => Some(Self::Opus),
            _ => None,
        }
    }

    /// Whether it is for pictures; otherwise for sound.
    pub fn is_video(self) -> bool {
        self != Self::Opus
    }
}

/// The value of a parameter in an `a=fmtp` line.
fn parameter<'f>(fmtp: &'f str, key: &str) -> Option<&'f str> {
    let pairs = fmtp.split(';').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.trim(), value.trim())).find(|(name, _)| *name == key).map(|(_, value)| value)
}

/// What the first bytes of a payload tell of its picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct PictureStart {
    /// Whether a picture starts here that a decoder can begin with.
    pub keyframe: bool,
    /// Width and height in pixels, where they are told.
    pub sizes: Sizes,
    /// The layer of the frame.
    pub layer: Layer,
    /// Whether this is the first packet of a picture.
    pub begins: bool,
    /// Whether this is the last packet of a layer's frame, where that is told.
    pub ends: bool,
    /// Whether higher layers may be taken on here.
    pub switch_up: SwitchUp,
}

/// What we know of one payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayloadInfo {
    /// Its codec.
    pub codec: Codec,
    /// Whether a decoder can begin here: the first packet of a keyframe, or any packet of sound.
    pub entry: bool,
    /// Width and height of the picture in pixels, where they are told.
    pub sizes: Sizes,
    /// The layer that it belongs to. What H.264 sends in layers, and AV1 without a descriptor, counts as one.
    pub layer: Layer,
    /// Whether it is known to be the first packet of a picture.
    pub begins: bool,
    /// Whether it is known to be the last packet of its spatial layer in a picture.
    pub ends: bool,
    /// Whether a decoder may take on higher temporal layers here.
    pub switch_up: SwitchUp,
    /// Only VP8 has numbers that must go on when a line changes its origin. VP9's are left as they are: in both
    /// browsers a keyframe resets what they mean.
    vp8: Option<Vp8Descriptor>,
    /// How the payload is divided, if it carries earlier sound too.
    pub red: Option<Red>,
}

impl PayloadInfo {
    /// Reads what has to be known of a payload. An empty one is a probe and begins nothing.
    ///
    /// # Errors
    /// [`DropReason::Malformed`] when it is too short for its own headers.
    pub fn parse(codec: Codec, payload: &[u8]) -> Result<Self, DropReason> {
        let mut vp8 = None;
        let start = match codec {
            _ if payload.is_empty() => Some(PictureStart::default()),
            Codec::Vp8 => {
                let descriptor = Vp8Descriptor::parse(payload)?;
                vp8 = Some(descriptor);
                Some(descriptor.picture_start())
            }
            Codec::Vp9 => vp9::picture_start(payload),
            Codec::H264 => Some(h264::picture_start(payload)),
            Codec::Av1 => Some(av1::picture_start(payload)),
            Codec::Opus => Some(PictureStart { keyframe: true, ..PictureStart::default() }),
        };
        let PictureStart { keyframe, sizes, layer, begins, ends, switch_up } = start.ok_or(DropReason::Malformed)?;
        Ok(Self { codec, entry: keyframe, sizes, layer, begins, ends, switch_up, vp8, red: None })
    }

    /// Adds what a dependency descriptor tells.
    #[must_use]
    pub fn with_dependency(self, dependency: &Dependency) -> Self {
        let begins = dependency.begins && dependency.layer.spatial == 0;
        let (layer, ends, sizes) = (dependency.layer, dependency.ends, dependency.sizes.or(self.sizes));
        Self { layer, begins, ends, sizes, switch_up: SwitchUp::To(dependency.switches), ..self }
    }

    /// The picture's number, of those that must go on in a viewer's line; 0 where there is none.
    pub fn picture_id(&self) -> u16 {
        self.vp8.and_then(|vp8| vp8.picture_id).map_or(0, |id| id.value)
    }

    /// The number of the latest picture of the lowest temporal layer, likewise.
    pub fn tl0_pic_idx(&self) -> u8 {
        self.vp8.and_then(|vp8| vp8.tl0_pic_idx).unwrap_or(0)
    }

    /// Writes a line's numbers into a copy of the payload, in place; what the payload does not have is left out.
    pub fn rewrite(&self, payload: &mut [u8], picture_id: u16, tl0_pic_idx: u8) {
        if let Some(vp8) = self.vp8 {
            vp8.rewrite(payload, picture_id, tl0_pic_idx);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_codec_is_taken_in_one_profile() {
        for (name, clock_rate, fmtp, codec) in [
            ("vp8", 90_000, "", Some(Codec::Vp8)),
            ("vp8", 90_000, "max-fs=12288;max-fr=60", Some(Codec::Vp8)),
            ("vp8", 48_000, "", None),
            ("vp9", 90_000, "profile-id=0", Some(Codec::Vp9)),
            ("vp9", 90_000, "", Some(Codec::Vp9)),
            ("vp9", 90_000, "max-fs=1; profile-id=2", None),
            ("av1", 90_000, "level-idx=5;profile=0;tier=0", Some(Codec::Av1)),
            ("av1", 90_000, "level-idx=5;profile=1;tier=0", None),
            ("h264", 90_000, "packetization-mode=1;profile-level-id=42e01f", Some(Codec::H264)),
            (
                "h264",
                90_000,
                "level-asymmetry-allowed=1; packetization-mode=1;profile-level-id=42001f",
                Some(Codec::H264),
            ),
            ("h264", 90_000, "packetization-mode=1", Some(Codec::H264)),
            ("h264", 90_000, "packetization-mode=0;profile-level-id=42e01f", None),
            ("h264", 90_000, "profile-level-id=42e01f", None),
            ("h264", 90_000, "packetization-mode=1;profile-level-id=64001f", None),
            ("opus", 48_000, "minptime=10;useinbandfec=1", Some(Codec::Opus)),
            ("red", 48_000, "111/111", None),
        ] {
            assert_eq!(Codec::from_sdp(name, clock_rate, fmtp), codec, "{name} {fmtp}");
        }
    }

    /// The first bytes of the first packets of keyframes, as Chromium 156 and Firefox 153 sent them.
    #[test]
    fn keyframes_of_browsers_are_known_with_their_size() {
        for (codec, size, payload, what) in [
            (
                Codec::Vp9,
                (960, 540),
                "9bf9ef1003c0021c83498342003bf021b130e0907065c80004c05066cf03445f",
                "Chromium, flexible mode",
            ),
            (
                Codec::Vp9,
                (480, 270),
                "9f9cd21001e0010e83498342001df010d0d0e0907065280002e05066cf0332ff",
                "Chromium, a picture of one packet",
            ),
            (
                Codec::Vp9,
                (320, 180),
                "aff305101e18014000b40214023401834983420004f002c809f8059868e09070",
                "Firefox, three temporal layers",
            ),
            (Codec::H264, (240, 134), "7800136742c00c8c8d41e26f34d41818181e1108d400000468ce3c8002ce65b8", "Chromium"),
            (Codec::H264, (960, 540), "7800136742c01f8c8d407808bf735060606078442350000468ce3c80", "Chromium"),
            (
                Codec::Av1,
                (240, 135),
                "280b0800000003bf7c30034010301049b011451445069900d98a63c9e0ec264a",
                "Chromium, two elements",
            ),
            (
                Codec::Av1,
                (960, 540),
                "680b0800000024cf7f0d80340130104b401c71c705291a0010bb05cee3fd26a8",
                "Chromium, the last element goes on",
            ),
            (
                Codec::Av1,
                (80, 45),
                "280d08001103008081967d800d00403400104500041041080012dd4f27795ffd",
                "Firefox, temporal layers",
            ),
        ] {
            let digits = payload.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
            let payload: Vec<u8> = digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
            let info = PayloadInfo::parse(codec, &payload).unwrap();
            assert_eq!((info.entry, info.sizes.largest()), (true, Some(size)), "{codec:?} {what}");
        }
    }

    #[test]
    fn a_probe_begins_nothing_and_sound_begins_anywhere() {
        for codec in [Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1, Codec::Opus] {
            assert!(!PayloadInfo::parse(codec, &[]).unwrap().entry);
        }
        assert!(PayloadInfo::parse(Codec::Opus, &[0xfc]).unwrap().entry);
    }

    #[test]
    fn only_vp8_has_numbers_to_rewrite() {
        let mut payload = [0x90, 0x80, 0x7e, 0x11];
        for codec in [Codec::Vp9, Codec::H264, Codec::Av1, Codec::Opus] {
            let before = payload;
            let info = PayloadInfo::parse(codec, &payload).unwrap();
            assert_eq!((info.picture_id(), info.tl0_pic_idx()), (0, 0));
            info.rewrite(&mut payload, 5, 6);
            assert_eq!(payload, before);
        }
        let info = PayloadInfo::parse(Codec::Vp8, &payload).unwrap();
        assert_eq!(info.picture_id(), 0x7e);
        info.rewrite(&mut payload, 5, 6);
        assert_eq!(payload[2], 5);
    }

    proptest! {
        #[test]
        fn no_payload_makes_a_parser_panic(payload in prop::collection::vec(any::<u8>(), 0..80), kind in 0..4usize) {
            let codec = [Codec::Vp8, Codec::Vp9, Codec::H264, Codec::Av1][kind];
            let _ = PayloadInfo::parse(codec, &payload);
        }

        /// Bytes that get past the first checks of each parser.
        #[test]
        fn no_keyframe_makes_a_parser_panic(payload in prop::collection::vec(any::<u8>(), 0..80), head in 0..6usize) {
            let (codec, first): (_, &[u8]) = [
                (Codec::Vp9, &[0x8a][..]),
                (Codec::Vp9, &[0xaa]),
                (Codec::H264, &[0x67, 0x42]),
                (Codec::H264, &[0x78]),
                (Codec::H264, &[0x7c, 0x87, 0x42]),
                (Codec::Av1, &[0x18, 0x0a]),
            ][head];
            let _ = PayloadInfo::parse(codec, &[first, &payload].concat());
        }
    }
}
