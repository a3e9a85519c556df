//! A WebRTC client on the `webrtc` crate (webrtc-rs): another ICE, DTLS, SRTP, RTP and SDP than str0m's.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use confab_bench::client::payload::{self, Vp8Descriptor};
use confab_bench::client::{Offer, Source, Stamp};
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::media_engine::{MIME_TYPE_OPUS, MIME_TYPE_VP8};
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodingParameters, RTCRtpEncodingParameters, RTCRtpHeaderExtensionCapability, RtpCodecKind,
};
use rtc::rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit};
use tokio::sync::watch;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    MediaEngine, PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceGatheringState,
    RTCPeerConnectionState, RTCSessionDescription, Registry, SettingEngineBuilder, crypto,
    register_default_interceptors,
};
use webrtc::runtime::TokioRuntime;

/// Payload types of webrtc-rs' default codecs.
const VP8: u8 = 96;
const OPUS: u8 = 111;
const SSRCS: [u32; 2] = [0x00c0_ffee, 0x00de_cafe];
const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
const PATIENCE: Duration = Duration::from_secs(20);

/// What came in the slots.
#[derive(Default, Debug)]
pub(crate) struct Received {
    pub(crate) sounds: Vec<Stamp>,
    pub(crate) pictures: Vec<(Vp8Descriptor, Stamp)>,
    /// Packets that carry no stamp of ours.
    pub(crate) foreign: usize,
}

impl Received {
    /// Frames of which all packets came.
    pub(crate) fn frames(&self) -> usize {
        let whole = |frame: u32| {
            let parts: Vec<_> = self.pictures.iter().map(|(_, stamp)| stamp).filter(|one| one.frame == frame).collect();
            parts.first().is_some_and(|first| (0..first.count).all(|at| parts.iter().any(|one| one.index == at)))
        };
        let mut frames: Vec<u32> = self.pictures.iter().map(|(_, stamp)| stamp.frame).collect();
        frames.sort_unstable();
        frames.dedup();
        frames.into_iter().filter(|frame| whole(*frame)).count()
    }
}

struct Handler {
    gathered: watch::Sender<bool>,
    connected: watch::Sender<bool>,
    received: Arc<Mutex<Received>>,
}

/// The form into which the `async_trait` macro turns an async function: written out, it saves that dependency.
type Done<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

impl PeerConnectionEventHandler for Handler {
    fn on_ice_gathering_state_change<'a, 'b>(&'a self, state: RTCIceGatheringState) -> Done<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            if state == RTCIceGatheringState::Complete {
                self.gathered.send_replace(true);
            }
        })
    }

    fn on_connection_state_change<'a, 'b>(&'a self, state: RTCPeerConnectionState) -> Done<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            self.connected.send_replace(state == RTCPeerConnectionState::Connected);
        })
    }

    fn on_track<'a, 'b>(&'a self, track: Arc<dyn TrackRemote>) -> Done<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            tokio::spawn(read(track, Arc::clone(&self.received)));
        })
    }
}

async fn read(track: Arc<dyn TrackRemote>, received: Arc<Mutex<Received>>) {
    while let Some(event) = track.poll().await {
        let TrackRemoteEvent::OnRtpPacket(packet) = event else { continue };
        if packet.payload.is_empty() {
            continue;
        }
        let mut received = received.lock().unwrap();
        match (payload::read_video(&packet.payload), payload::read_audio(&packet.payload)) {
            (Some(picture), _) => received.pictures.push(picture),
            (None, Some(sound)) => received.sounds.push(sound),
            (None, None) => received.foreign += 1,
        }
    }
}

/// One webrtc-rs client.
pub(crate) struct Peer {
    connection: Arc<dyn PeerConnection>,
    gathered: watch::Receiver<bool>,
    connected: watch::Receiver<bool>,
    received: Arc<Mutex<Received>>,
    tracks: Option<[Arc<TrackLocalStaticRTP>; 2]>,
}

impl Peer {
    pub(crate) async fn new() -> Self {
        let mut media = MediaEngine::default();
        media.register_default_codecs().unwrap();
        let level = RTCRtpHeaderExtensionCapability { uri: AUDIO_LEVEL.to_owned() };
        media.register_header_extension(level, RtpCodecKind::Audio, None).unwrap();
        // NACK generator and responder, receiver and sender reports, transport-cc, mid and rid extensions.
        let registry = register_default_interceptors(Registry::new(), &mut media).unwrap();
        let settings = SettingEngineBuilder::new()
            .with_crypto_provider(Arc::new(crypto::providers::AwsLcRsProvider::new()))
            .with_include_loopback_candidate(true)
            .build();
        let (gathered, is_gathered) = watch::channel(false);
        let (connected, is_connected) = watch::channel(false);
        let received = Arc::new(Mutex::new(Received::default()));
        let connection = PeerConnectionBuilder::new()
            .with_media_engine(media)
            .with_setting_engine(settings)
            .with_interceptor_registry(registry)
            .with_runtime(Arc::new(TokioRuntime))
            .with_handler(Arc::new(Handler { gathered, connected, received: Arc::clone(&received) }))
            .with_udp_addrs(vec!["127.0.0.1:0".to_owned()])
            .build()
            .await
            .unwrap();
        let connection: Arc<dyn PeerConnection> = Arc::new(connection);
        Self { connection, gathered: is_gathered, connected: is_connected, received, tracks: None }
    }

    /// Offers a microphone and a camera if `publish`, and `slots` slots.
    pub(crate) async fn offer(&mut self, publish: bool, slots: usize) -> Offer {
        if publish {
            let tracks = [RtpCodecKind::Audio, RtpCodecKind::Video].map(|kind| Arc::new(track(kind)));
            for track in &tracks {
                let init = direction(RTCRtpTransceiverDirection::Sendonly);
                let track = Arc::clone(track) as Arc<dyn TrackLocal>;
                self.connection.add_transceiver_from_track(track, Some(init)).await.unwrap();
            }
            self.tracks = Some(tracks);
        }
        for _ in 0..slots {
            for kind in [RtpCodecKind::Video, RtpCodecKind::Audio] {
                let init = direction(RTCRtpTransceiverDirection::Recvonly);
                self.connection.add_transceiver_from_kind(kind, Some(init)).await.unwrap();
            }
        }
        let offer = self.connection.create_offer(None).await.unwrap();
        self.connection.set_local_description(offer).await.unwrap();
        let gathered = tokio::time::timeout(PATIENCE, self.gathered.wait_for(|gathered| *gathered)).await;
        assert!(gathered.is_ok(), "webrtc-rs never finished gathering");
        let sdp = self.connection.local_description().await.unwrap().sdp;
        let mut mids = sdp.lines().filter_map(|line| line.strip_prefix("a=mid:")).map(str::to_owned);
        let mut next = || mids.next().expect("each section has a mid");
        let sources: &[Source] = if publish { &[Source::Microphone, Source::Camera] } else { &[] };
        let publish = sources.iter().map(|source| (*source, next())).collect();
        let slots = (0..slots).map(|_| (next(), next())).collect();
        Offer { publish, slots, audio_slots: Vec::new(), sdp }
    }

    /// Takes the answer in and waits for the connection.
    pub(crate) async fn accept(&mut self, sdp: String) {
        let answer = RTCSessionDescription::answer(sdp).unwrap();
        self.connection.set_remote_description(answer).await.unwrap();
        let connected = tokio::time::timeout(PATIENCE, self.connected.wait_for(|connected| *connected)).await;
        assert!(connected.is_ok(), "webrtc-rs never connected");
    }

    /// Sends media until `enough`, at most for `PATIENCE`: 30 frames of two packets and 50 packets of sound a
    /// second, a key frame each second.
    pub(crate) async fn send_until(&self, sender: u64, enough: impl Fn() -> bool) {
        let [sound, picture] = self.tracks.as_ref().expect("the peer publishes");
        let start = Instant::now();
        let mut tick = tokio::time::interval(Duration::from_millis(10));
        let (mut sounds, mut frames) = (0, 0);
        while !enough() && start.elapsed() < PATIENCE {
            tick.tick().await;
            let elapsed = start.elapsed().as_millis() as u32;
            while sounds < elapsed / 20 {
                sound.write_rtp(sound_packet(sender, sounds)).await.unwrap();
                sounds += 1;
            }
            while frames < elapsed * 30 / 1000 {
                for index in 0..2 {
                    picture.write_rtp(picture_packet(sender, frames, index)).await.unwrap();
                }
                frames += 1;
            }
        }
    }

    pub(crate) fn received(&self) -> std::sync::MutexGuard<'_, Received> {
        self.received.lock().unwrap()
    }

    pub(crate) async fn close(&self) {
        self.connection.close().await.unwrap();
    }
}

fn direction(direction: RTCRtpTransceiverDirection) -> RTCRtpTransceiverInit {
    RTCRtpTransceiverInit { direction, streams: Vec::new(), send_encodings: Vec::new() }
}

fn track(kind: RtpCodecKind) -> TrackLocalStaticRTP {
    let video = kind == RtpCodecKind::Video;
    let codec = RTCRtpCodec {
        mime_type: if video { MIME_TYPE_VP8 } else { MIME_TYPE_OPUS }.to_owned(),
        clock_rate: if video { 90_000 } else { 48_000 },
        channels: if video { 0 } else { 2 },
        sdp_fmtp_line: if video { "" } else { "minptime=10;useinbandfec=1" }.to_owned(),
        rtcp_feedback: Vec::new(),
    };
    let rtp_coding_parameters = RTCRtpCodingParameters { ssrc: Some(SSRCS[usize::from(video)]), ..Default::default() };
    let encoding = RTCRtpEncodingParameters { rtp_coding_parameters, codec, ..Default::default() };
    let name = if video { "picture" } else { "sound" };
    TrackLocalStaticRTP::new(MediaStreamTrack::new("person".into(), name.into(), name.into(), kind, vec![encoding]))
}

fn stamp(sender: u64, source: Source, frame: u32) -> Stamp {
    Stamp { sender, source, layer: 0, keyframe: false, frame, index: 0, count: 1, sent: 0 }
}

fn sound_packet(sender: u64, number: u32) -> rtc::rtp::Packet {
    let mut packet = rtc::rtp::Packet::default();
    packet.header.version = 2;
    packet.header.payload_type = OPUS;
    packet.header.ssrc = SSRCS[0];
    packet.header.sequence_number = 1000 + number as u16;
    packet.header.timestamp = number * 960;
    packet.payload = payload::write_audio(&stamp(sender, Source::Microphone, number), 80).into();
    packet
}

fn picture_packet(sender: u64, frame: u32, index: u16) -> rtc::rtp::Packet {
    let keyframe = frame.is_multiple_of(30);
    let descriptor = Vp8Descriptor {
        start: index == 0,
        picture_id: frame as u16 & 0x7fff,
        tl0_picture_index: frame as u8,
        temporal_layer: 0,
        layer_sync: false,
        key_index: (frame / 30) as u8 & 0x1f,
    };
    let stamp = Stamp { keyframe, index, count: 2, ..stamp(sender, Source::Camera, frame) };
    let mut packet = rtc::rtp::Packet::default();
    packet.header.version = 2;
    packet.header.marker = index == 1;
    packet.header.payload_type = VP8;
    packet.header.ssrc = SSRCS[1];
    packet.header.sequence_number = (2 * frame) as u16 + index;
    packet.header.timestamp = frame * 3000;
    packet.payload = payload::write_video(&descriptor, (640, 360), &stamp, 700).into();
    packet
}
