//! What a client publishes and how many slots it has.

use std::net::SocketAddr;
use std::time::Instant;

use serde::{Deserialize, Serialize};

/// What a published track carries. The same words as in the signalling protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A person's voice.
    Microphone,
    /// A person's picture.
    Camera,
    /// A shared screen or window.
    Screen,
    /// The sound that belongs to a shared screen.
    ScreenAudio,
}

impl Source {
    /// Every source, in the order in which a client offers them.
    pub const ALL: [Self; 4] = [Self::Microphone, Self::Camera, Self::Screen, Self::ScreenAudio];

    /// Whether this is a picture; otherwise it is sound.
    pub fn is_video(self) -> bool {
        matches!(self, Self::Camera | Self::Screen)
    }

    /// The source's place in [`Self::ALL`], which is also its code in the payload's stamp.
    pub(crate) fn index(self) -> usize {
        match self {
            Self::Microphone => 0,
            Self::Camera => 1,
            Self::Screen => 2,
            Self::ScreenAudio => 3,
        }
    }

    /// The stream id that the source shares with what belongs to it, so that receivers keep both in sync.
    pub(crate) fn stream(self) -> &'static str {
        match self {
            Self::Microphone | Self::Camera => "person",
            Self::Screen | Self::ScreenAudio => "screen",
        }
    }
}

/// A source that a client offers to send, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishSpec {
    /// What it is.
    pub source: Source,
    /// Whether the picture goes out in three encodings with the rids `l`, `m` and `h`.
    pub simulcast: bool,
    /// Frames per second of a picture; sound always has 50 packets per second.
    pub fps: u32,
    /// Kilobits per second of payload, lowest encoding first. 0 or a missing entry turns that encoding off.
    pub kbps: Vec<u32>,
    /// Temporal layers of each encoding: 1, 2 or 3.
    pub temporal_layers: u8,
    /// If given, every packet of a picture has just so many bytes of payload and every frame the same number of
    /// packets, but for key frames: what a comparison of forwarding costs wants. Otherwise sizes vary as browsers' do.
    pub packet_bytes: Option<u16>,
    /// Whether media flows as soon as the client is connected; see [`super::Client::set_active`].
    pub active: bool,
}

impl PublishSpec {
    /// A voice at 32 kbit/s.
    pub fn microphone() -> Self {
        Self { fps: 50, kbps: vec![32], ..Self::new(Source::Microphone) }
    }

    /// The sound of a screen at 64 kbit/s.
    pub fn screen_audio() -> Self {
        Self { fps: 50, kbps: vec![64], ..Self::new(Source::ScreenAudio) }
    }

    /// A 720p camera with three encodings, as a browser sends it.
    pub fn camera() -> Self {
        Self { simulcast: true, kbps: vec![150, 500, 1700], ..Self::new(Source::Camera) }
    }

    /// A camera with one encoding.
    pub fn camera_single(kbps: u32) -> Self {
        Self { kbps: vec![kbps], ..Self::new(Source::Camera) }
    }

    /// A screen: few, large frames.
    pub fn screen() -> Self {
        Self { fps: 10, kbps: vec![1500], ..Self::new(Source::Screen) }
    }

    fn new(source: Source) -> Self {
        Self {
            source,
            simulcast: false,
            fps: 30,
            kbps: Vec::new(),
            temporal_layers: 1,
            packet_bytes: None,
            active: true,
        }
    }
}

/// Everything that makes one client differ from another.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// The client's only address: its host candidate.
    pub local: SocketAddr,
    /// What it offers to send.
    pub publish: Vec<PublishSpec>,
    /// Slots: pairs of a picture and its sound.
    pub slots: usize,
    /// Sections for loud people who are in no slot.
    pub audio_slots: usize,
    /// Seeds frame sizes, phases and first numbers. (ICE, DTLS and SSRCs are str0m's own random.)
    pub seed: u64,
    /// Written in every packet's stamp, so that a receiver knows whose packet it got.
    pub sender: u64,
    /// Zero of the stamps' clock: the same instant for all clients of a run.
    pub epoch: Instant,
}

impl ClientConfig {
    /// A client that publishes a microphone and a simulcast camera and has one slot.
    pub fn new(local: SocketAddr, sender: u64, epoch: Instant) -> Self {
        Self {
            local,
            publish: vec![PublishSpec::microphone(), PublishSpec::camera()],
            slots: 1,
            audio_slots: 0,
            seed: sender,
            sender,
            epoch,
        }
    }
}
