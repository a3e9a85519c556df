//! Whatever the ring gives back is what was stored, the newest is always there, and memory follows the rate.

use proptest::prelude::*;

use super::*;
use crate::core::rtp::Codec;

const LIMITS: PacketHistory = PacketHistory { time: Duration::from_millis(1500), bytes: 64 << 10, packets: 128 };

fn packet(seq: u64, payload: &[u8]) -> Packet<'_> {
    Packet {
        seq: SeqNo(seq),
        timestamp: seq as u32 * 3000,
        marker: seq.is_multiple_of(3),
        info: PayloadInfo::parse(Codec::Opus, payload).unwrap(),
        audio_level: None,
        video_orientation: seq.is_multiple_of(5).then_some(seq as u8),
        payload,
    }
}

/// Payloads that differ in every byte's value and in length.
fn payload(seq: u64, length: usize) -> Vec<u8> {
    (0..length).map(|place| (seq as usize * 31 + place) as u8).collect()
}

/// A ring after packets of one length, as many a second, for so long; and the number of the last one.
fn after(limits: PacketHistory, length: usize, rate: u32, seconds: u32) -> (PacketRing, u64) {
    let start = Instant::now();
    let mut ring = PacketRing::new(limits);
    let count = rate * seconds;
    for number in 0..count {
        ring.store(
            &packet(number.into(), &payload(number.into(), length)),
            start + Duration::from_secs(1) * number / rate,
        );
    }
    (ring, u64::from(count - 1))
}

fn kept(ring: &PacketRing, last: u64) -> usize {
    (0..=last).rev().take_while(|&seq| ring.get(SeqNo(seq)).is_some()).count()
}

#[test]
fn it_takes_the_memory_that_its_rate_needs_and_keeps_the_time_asked_for() {
    let limits = crate::SfuConfig::default().packet_history;
    // Payload bytes, packets a second, most KiB: a thumbnail, the middle encoding, 720p and a screen at 8 Mbit/s.
    for (length, rate, most) in [(750, 25, 48), (1050, 60, 150), (1100, 284, 640), (1100, 910, 2000)] {
        let (ring, last) = after(limits, length, rate, 20);
        let seconds = kept(&ring, last) as f64 / f64::from(rate);
        assert!((1.45..3.5).contains(&seconds), "{seconds} s at {rate} packets a second");
        assert!(ring.memory() <= most << 10, "{} bytes at {rate} packets a second", ring.memory());
    }
}

#[test]
fn a_flood_stays_within_the_bytes_and_the_packets() {
    let (ring, last) = after(LIMITS, 1000, 20_000, 1);
    assert_eq!(ring.slab.capacity(), LIMITS.bytes);
    assert!((60..=65).contains(&kept(&ring, last)), "{}", kept(&ring, last));
    let (ring, last) = after(LIMITS, 1, 20_000, 1);
    assert_eq!((ring.records.capacity(), kept(&ring, last)), (LIMITS.packets, LIMITS.packets));
}

#[test]
fn one_that_is_too_long_costs_nothing_else() {
    let (mut ring, last) = after(LIMITS, 1000, 40, 3);
    let before = kept(&ring, last);
    ring.store(&packet(last + 1, &vec![0; LIMITS.bytes + 1]), Instant::now());
    assert_eq!((kept(&ring, last), ring.get(SeqNo(last + 1)).is_some()), (before, false));
}

#[test]
fn a_burst_after_silence_is_kept_whole() {
    let start = Instant::now();
    let mut ring = PacketRing::new(LIMITS);
    for number in 0..100u64 {
        ring.store(&packet(number, &payload(number, 20)), start + Duration::from_millis(number * 20));
    }
    let burst = start + Duration::from_secs(10);
    for number in 100..140u64 {
        ring.store(&packet(number, &payload(number, 1000)), burst);
    }
    assert!(kept(&ring, 139) >= 40, "{}", kept(&ring, 139));
}

#[test]
fn once_it_has_what_it_needs_it_allocates_nothing() {
    let limits = crate::SfuConfig::default().packet_history;
    let (mut ring, last) = after(limits, 1100, 284, 10);
    let now = Instant::now() + Duration::from_secs(10);
    let bytes = payload(1, 1100);
    let info = allocation_counter::measure(|| {
        for number in 0..20_000u64 {
            let at = now + Duration::from_secs(1) * number as u32 / 284;
            ring.store(&packet(last + 1 + number, &bytes), at);
        }
    });
    assert_eq!(info.count_total, 0);
}

proptest! {
    /// Steps in number (mostly forward by one, sometimes back or far ahead), length and time.
    #[test]
    fn what_it_gives_is_what_was_stored(
        steps in prop::collection::vec(
            (prop_oneof![8 => Just(1i64), 1 => -40i64..40, 1 => -3000i64..3000], 0usize..1400, 0u64..40),
            1..400,
        ),
        kilobytes in 0usize..64,
        packets in 0usize..200,
    ) {
        let limits = PacketHistory { time: Duration::from_millis(1500), bytes: kilobytes << 10, packets };
        let mut ring = PacketRing::new(limits);
        let mut stored = std::collections::HashMap::new();
        let (mut now, mut at) = (Instant::now(), 1_000_000i64);
        for (step, length, millis) in steps {
            at += step;
            now += Duration::from_millis(millis);
            let (seq, bytes) = (at as u64, payload(at as u64 + millis, length));
            ring.store(&packet(seq, &bytes), now);
            if length <= limits.bytes / PAGE * PAGE {
                stored.insert(seq, bytes);
                let newest = ring.get(SeqNo(seq));
                prop_assert!(newest.is_some_and(|newest| newest.payload == stored[&seq]), "the newest is there");
            }
            for (&seq, bytes) in &stored {
                if let Some(found) = ring.get(SeqNo(seq)) {
                    let expected = packet(seq, bytes);
                    prop_assert_eq!(found.payload, &bytes[..]);
                    prop_assert_eq!((found.timestamp, found.marker), (expected.timestamp, expected.marker));
                    prop_assert_eq!((found.info, found.video_orientation), (expected.info, expected.video_orientation));
                }
            }
            prop_assert!(ring.slab.capacity() <= limits.bytes);
            prop_assert!(ring.records.len() <= limits.packets.max(1));
        }
    }
}
