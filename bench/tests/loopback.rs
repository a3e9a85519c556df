//! Proves the synthetic client itself: two clients under a virtual clock, joined by the smallest forwarder that
//! str0m's own SDP and sender API allow (no rewriting, one chosen encoding), over links that may lose packets.

// Helpers of tests are tests: clippy excuses only the functions themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use confab_bench::client::{Change, Client, ClientConfig, Offer, Output, PublishSpec, Source};
use str0m::change::SdpOffer;
use str0m::media::{KeyframeRequestKind, Mid, Rid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite};
use str0m::{Candidate, Event, Input, Rtc};
use str0m_netem::{Netem, NetemConfig, Probability, RandomLoss};

/// A client, its peer in the forwarder, and the link between them.
struct Leg {
    client: Client,
    server: Rtc,
    server_timeout: Instant,
    up: Netem<Vec<u8>>,
    down: Netem<Vec<u8>>,
    addresses: (SocketAddr, SocketAddr),
    offer: Offer,
    connected: bool,
    /// Extension values that came with the last sound.
    level: Option<(i8, bool)>,
    rids_seen: Vec<Rid>,
}

struct World {
    now: Instant,
    legs: [Leg; 2],
    rid: Option<Rid>,
    /// No picture is forwarded before.
    deaf_until: Instant,
}

impl Leg {
    fn new(config: ClientConfig, link: NetemConfig, now: Instant) -> Self {
        let addresses = (config.local, SocketAddr::from(([10, 0, 1, config.sender as u8], 5000)));
        let mut client = Client::new(config, now).unwrap();
        let mut server = Rtc::builder().set_rtp_mode(true).set_ice_lite(true).build(now);
        server.add_local_candidate(Candidate::host(addresses.1, "udp").unwrap());
        let offer = client.offer(now, Change::default()).unwrap();
        let answer = server.sdp_api().accept_offer(SdpOffer::from_sdp_string(&offer.sdp).unwrap()).unwrap();
        client.accept_answer(now, &answer.to_sdp_string()).unwrap();
        let (up, down) = (Netem::new(link), Netem::new(link.seed(99)));
        let (connected, level, rids_seen) = (false, None, Vec::new());
        Self { client, server, server_timeout: now, up, down, addresses, offer, connected, level, rids_seen }
    }

    fn next(&self) -> Instant {
        let times = [self.client.next_timeout(), self.server_timeout, self.up.poll_timeout(), self.down.poll_timeout()];
        times.into_iter().min().unwrap()
    }

    /// Moves everything that is due, gives what the forwarder's peer received.
    fn step(&mut self, now: Instant) -> Vec<Event> {
        let (local, remote) = self.addresses;
        for bytes in arrived(&mut self.down, now) {
            self.client.handle_datagram(now, remote, local, &bytes);
        }
        self.client.handle_timeout(now);
        while let Some(output) = self.client.poll() {
            match output {
                Output::Transmit { bytes, .. } => self.up.handle_input(str0m_netem::Input::Packet(now, bytes)),
                Output::Connected => self.connected = true,
                other => panic!("{other:?}: {:?}", self.client.stats().errors),
            }
        }
        let mut events = Vec::new();
        for bytes in arrived(&mut self.up, now) {
            let receive = Receive::new(Protocol::Udp, local, remote, &bytes).unwrap();
            self.server.handle_input(Input::Receive(now, receive)).unwrap();
            self.drain(now, &mut events);
        }
        self.server.handle_input(Input::Timeout(now)).unwrap();
        self.drain(now, &mut events);
        events
    }

    fn drain(&mut self, now: Instant, events: &mut Vec<Event>) {
        loop {
            match self.server.poll_output().unwrap() {
                str0m::Output::Transmit(sent) => {
                    self.down.handle_input(str0m_netem::Input::Packet(now, sent.contents.into()));
                }
                str0m::Output::Event(event) => events.push(event),
                str0m::Output::Timeout(at) => break self.server_timeout = at,
            }
        }
    }

    fn mid(&self, source: Source) -> Option<Mid> {
        let mut sections = self.offer.publish.iter();
        sections.find(|(one, _)| *one == source).map(|(_, mid)| mid.as_str().into())
    }

    /// Sends another leg's packet in slot 0.
    fn forward(&mut self, packet: &RtpPacket, video: bool, now: Instant) {
        let Some((picture, sound)) = self.offer.slots.first() else { return };
        let mid: Mid = if video { picture } else { sound }.as_str().into();
        let mut api = self.server.direct_api();
        let header = &packet.header;
        let level = ExtensionValues {
            audio_level: header.ext_vals.audio_level,
            voice_activity: header.ext_vals.voice_activity,
            ..Default::default()
        };
        let write = RtpWrite::new(header.payload_type, packet.seq_no, header.timestamp, now, packet.payload.to_vec())
            .marker(header.marker)
            .nackable(video)
            .ext_vals(level);
        api.stream_tx_by_mid(mid, None).unwrap().write_rtp(write);
        self.server_timeout = now;
    }
}

fn arrived(link: &mut Netem<Vec<u8>>, now: Instant) -> Vec<Vec<u8>> {
    link.handle_input(str0m_netem::Input::Timeout(now));
    let mut out = Vec::new();
    while let Some(output) = link.poll_output() {
        if let str0m_netem::Output::Packet(bytes) = output {
            out.push(bytes);
        }
    }
    out
}

impl World {
    fn new(configs: impl FnOnce(Instant) -> [ClientConfig; 2], link: NetemConfig, rid: Option<&str>) -> Self {
        let now = Instant::now();
        let legs = configs(now).map(|config| Leg::new(config, link, now));
        Self { now, legs, rid: rid.map(Rid::from), deaf_until: now }
    }

    fn run(&mut self, duration: Duration) {
        let end = self.now + duration;
        while self.now < end {
            let next = self.legs.iter().map(Leg::next).min().unwrap();
            // Steps of at least 1 ms: links and engines may be due in nanoseconds.
            self.now = next.max(self.now + Duration::from_millis(1)).min(end);
            for from in 0..2 {
                for event in self.legs[from].step(self.now) {
                    self.forward(from, event);
                }
            }
        }
    }

    fn forward(&mut self, from: usize, event: Event) {
        let now = self.now;
        match event {
            Event::RtpPacket(packet) => {
                let ssrc = packet.header.ssrc;
                let leg = &mut self.legs[from];
                let (mid, rid) = {
                    let mut api = leg.server.direct_api();
                    let stream = api.stream_rx(&ssrc).unwrap();
                    (stream.mid(), stream.rid())
                };
                let video = leg.mid(Source::Camera) == Some(mid);
                if let Some(rid) = rid.filter(|rid| !leg.rids_seen.contains(rid)) {
                    leg.rids_seen.push(rid);
                }
                if !video {
                    leg.level = packet.header.ext_vals.audio_level.zip(packet.header.ext_vals.voice_activity);
                }
                if !video || rid == self.rid && now >= self.deaf_until {
                    self.legs[1 - from].forward(&packet, video, now);
                }
            }
            Event::KeyframeRequest(_) => {
                let (rid, leg) = (self.rid, &mut self.legs[1 - from]);
                let Some(mid) = leg.mid(Source::Camera) else { return };
                if let Some(stream) = leg.server.direct_api().stream_rx_by_mid(mid, rid) {
                    stream.request_keyframe(KeyframeRequestKind::Pli);
                    leg.server_timeout = now;
                }
            }
            _ => {}
        }
    }
}

fn address(sender: u64) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, sender as u8], 4000))
}

/// A publisher with microphone and camera, and a viewer with one slot.
fn one_way(camera: PublishSpec) -> impl FnOnce(Instant) -> [ClientConfig; 2] {
    move |now| {
        let publish = vec![PublishSpec::microphone(), camera];
        let publisher = ClientConfig { slots: 0, publish, ..ClientConfig::new(address(1), 1, now) };
        let viewer = ClientConfig { publish: Vec::new(), ..ClientConfig::new(address(2), 2, now) };
        [publisher, viewer]
    }
}

fn link() -> NetemConfig {
    NetemConfig::new().latency(Duration::from_millis(15)).seed(1)
}

fn lossy() -> NetemConfig {
    link().loss(RandomLoss::new(Probability::new(0.05)))
}

#[test]
fn all_frames_of_a_chosen_encoding_are_decoded() {
    for (layer, rid) in ["l", "m", "h"].into_iter().enumerate() {
        let mut world = World::new(one_way(PublishSpec::camera()), link(), Some(rid));
        world.run(Duration::from_secs(6));
        let [publisher, viewer] = &world.legs;
        assert!(publisher.connected && viewer.connected);
        assert_eq!(publisher.rids_seen.len(), 3, "all encodings arrive with their rids");
        let slot = &viewer.client.stats().slots[0];
        let video = &slot.video;
        assert!(video.frames > 150, "{video:?}");
        assert_eq!((video.dropped, video.freezes, video.plis), (0, 0, 0), "{video:?}");
        assert_eq!((video.rtp.missing, video.rtp.malformed, video.rtp.timestamp_regressions), (0, 0, 0));
        let stamp = video.decoded.unwrap();
        assert_eq!((stamp.sender, stamp.source, usize::from(stamp.layer)), (1, Source::Camera, layer));
        let delay = video.delay.quantile(0.5).unwrap();
        assert!((30..40).contains(&delay.as_millis()), "two links of 15 ms each: {delay:?}");
        assert!(slot.audio.rtp.packets > 250 && slot.audio.misaligned == 0, "{:?}", slot.audio);
        assert_eq!(viewer.client.stats().wire.reused_sequence_numbers, 0);
    }
}

#[test]
fn five_percent_loss_is_repaired() {
    for temporal_layers in 1..=3 {
        let camera = PublishSpec { temporal_layers, ..PublishSpec::camera_single(1000) };
        let mut world = World::new(one_way(camera), lossy(), None);
        world.run(Duration::from_secs(20));
        let video = &world.legs[1].client.stats().slots[0].video;
        assert!(video.frames > 540, "{video:?}");
        assert!(video.rtp.filled > 50 && video.rtp.nacks > 50, "loss was real: {:?}", video.rtp);
        assert!(video.rtp.missing <= 10, "of 240 lost ones almost all come back: {:?}", video.rtp);
        assert_eq!((video.rtp.malformed, video.rtp.timestamp_regressions), (0, 0));
        let audio = &world.legs[1].client.stats().slots[0].audio;
        assert!(audio.rtp.missing > 20, "sound has no repair: {:?}", audio.rtp);
    }
}

#[test]
fn a_stuck_decoder_asks_for_a_key_frame_and_gets_it() {
    let mut world = World::new(one_way(PublishSpec::camera()), link(), Some("m"));
    world.run(Duration::from_secs(3));
    assert_eq!(world.legs[1].client.stats().slots[0].video.plis, 0);
    // The forwarder itself loses a few frames, so that no retransmission can bring them back.
    world.deaf_until = world.now + Duration::from_millis(100);
    world.run(Duration::from_secs(3));
    let video = &world.legs[1].client.stats().slots[0].video;
    assert!((1..=2).contains(&video.plis), "{video:?}");
    assert_eq!((video.freezes, video.keyframes), (1, 2), "{video:?}");
    assert!((300_000..600_000).contains(&video.longest_gap_micros), "{video:?}");
    assert!(video.dropped > 3 && video.rtp.missing > 3, "{video:?}");
    let encodings = &world.legs[0].client.stats().publish[1].encodings;
    assert_eq!(encodings.iter().map(|one| one.keyframes).collect::<Vec<_>>(), [1, 2, 1]);
    assert_eq!(encodings[1].plis, video.plis);
}

#[test]
fn both_directions_levels_and_pauses() {
    let both = |now| [1, 2].map(|sender| ClientConfig::new(address(sender), sender, now));
    let mut world = World::new(both, link(), Some("m"));
    world.run(Duration::from_secs(2));
    world.legs[0].client.set_audio_level(Source::Microphone, 42, false);
    world.run(Duration::from_secs(1));
    assert_eq!(world.legs[0].level, Some((-42, false)));
    assert_eq!(world.legs[1].level, Some((-30, true)));

    world.legs[0].client.set_active(Source::Camera, false);
    world.run(Duration::from_millis(100));
    world.legs[1].client.slot_emptied(0);
    let [other, paused] = [0, 1].map(|leg| world.legs[leg].client.stats().slots[0].video.frames);
    world.run(Duration::from_secs(5));
    assert_eq!(world.legs[1].client.stats().slots[0].video.frames, paused);
    assert!(world.legs[0].client.stats().slots[0].video.frames > other + 140);

    world.legs[0].client.set_active(Source::Camera, true);
    world.run(Duration::from_secs(2));
    let video = &world.legs[1].client.stats().slots[0].video;
    assert!(video.frames > paused + 50, "{video:?}");
    assert_eq!((video.freezes, video.rtp.missing, video.rtp.timestamp_regressions), (0, 0, 0), "{video:?}");
    assert_eq!(world.legs[1].client.stats().slots[0].audio.misaligned, 0);
}

#[test]
fn a_later_offer_adds_slots_and_restarts_ice() {
    let mut world = World::new(one_way(PublishSpec::camera()), link(), Some("m"));
    world.run(Duration::from_secs(2));
    let now = world.now;
    let leg = &mut world.legs[1];
    let offer = leg.client.offer(now, Change { ice_restart: true, more_slots: 2 }).unwrap();
    assert_eq!(offer.slots.len(), 3);
    assert_eq!(offer.slots[0], leg.offer.slots[0]);
    let answer = leg.server.sdp_api().accept_offer(SdpOffer::from_sdp_string(&offer.sdp).unwrap()).unwrap();
    leg.client.accept_answer(now, &answer.to_sdp_string()).unwrap();
    let before = leg.client.stats().slots[0].video.frames;
    world.run(Duration::from_secs(4));
    let stats = world.legs[1].client.stats();
    assert!(stats.slots[0].video.frames > before + 110, "{:?}", stats.slots[0].video);
    assert_eq!((stats.slots.len(), stats.slots[0].video.freezes), (3, 0));
    assert!(stats.errors.is_empty(), "{:?}", stats.errors);
}

#[test]
fn one_seed_sends_the_same_media() {
    let run = || {
        let mut world = World::new(one_way(PublishSpec::camera()), link(), Some("m"));
        world.run(Duration::from_secs(3));
        let publish = &world.legs[0].client.stats().publish[1];
        publish.encodings.iter().map(|one| (one.packets, one.bytes, one.frames)).collect::<Vec<_>>()
    };
    assert_eq!(run(), run());
}

#[test]
fn the_offer_looks_like_a_browsers() {
    let now = Instant::now();
    let publish = vec![PublishSpec::microphone(), PublishSpec::camera(), PublishSpec::screen()];
    let config = ClientConfig { publish, slots: 2, audio_slots: 1, ..ClientConfig::new(address(1), 1, now) };
    let offer = Client::new(config, now).unwrap().offer(now, Change::default()).unwrap();
    let sections: Vec<&str> = offer.sdp.split("\r\nm=").skip(1).collect();
    assert_eq!(sections.len(), 3 + 4 + 1);
    let ssrcs: Vec<usize> = sections.iter().map(|section| section.matches("a=ssrc:").count()).collect();
    assert_eq!(ssrcs, [2, 0, 4, 0, 0, 0, 0, 0], "only plain sections name their SSRCs");
    assert!(sections[1].contains("a=simulcast:send l;m;h") && sections[1].contains("a=rid:h send"));
    assert!(sections[3].starts_with("video") && sections[4].starts_with("audio"));
    assert!(sections[3..].iter().all(|section| section.contains("a=recvonly") && !section.contains("a=msid")));
    assert_eq!((offer.publish.len(), offer.slots.len(), offer.audio_slots.len()), (3, 2, 1));
}
