//! Tables and properties of what a receiver tells a sender, under a virtual clock.

use std::collections::hash_map::Entry;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::core::rtp::rtcp::{RtcpPacket, TransportCcFeedback, parse_rtcp};
use crate::core::rtp::{SeqNo, Ssrc};

const RTT: Duration = Duration::from_millis(100);

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn due(tracker: &mut NackTracker, now: Instant) -> Vec<u16> {
    let mut out = vec![];
    tracker.due(now, RTT, &mut out);
    out
}

#[test]
fn a_missing_packet_is_asked_for_after_the_time_that_reordering_takes() {
    let start = Instant::now();
    let mut tracker = NackTracker::default();
    for seq in [10, 13] {
        assert_eq!(tracker.received(SeqNo(seq), start), Received::New);
    }
    assert_eq!(due(&mut tracker, start + ms(9)), []);
    assert_eq!(tracker.received(SeqNo(11), start + ms(9)), Received::Recovered);
    assert_eq!(tracker.received(SeqNo(11), start + ms(9)), Received::Duplicate);
    assert_eq!(due(&mut tracker, start + ms(10)), [12]);
    assert_eq!(due(&mut tracker, start + ms(109)), [], "the answer takes a round trip");
    assert_eq!(due(&mut tracker, start + ms(110)), [12]);
    assert_eq!(tracker.received(SeqNo(12), start + ms(150)), Received::Recovered);
    assert_eq!(due(&mut tracker, start + ms(300)), []);
}

#[test]
fn requests_end_after_eight_or_after_a_second() {
    let start = Instant::now();
    // Round trip in ms, and when requests go out, in ms.
    let cases: [(u64, &[u64]); 3] = [
        (1, &[10, 70, 130, 190, 250, 310, 370, 430]),
        (100, &[10, 110, 210, 310, 410, 510, 610, 710]),
        (400, &[10, 410, 810]),
    ];
    for (rtt, expected) in cases {
        let mut tracker = NackTracker::default();
        tracker.received(SeqNo(1), start);
        tracker.received(SeqNo(3), start);
        let mut asked = vec![];
        for at in 0..3000 {
            let mut out = vec![];
            tracker.due(start + ms(at), ms(rtt), &mut out);
            asked.extend(out.iter().map(|_| at));
        }
        assert_eq!(asked, expected, "{rtt}");
        assert_eq!(tracker.received(SeqNo(2), start + ms(3000)), Received::Recovered, "late is better than never");
    }
}

#[test]
fn few_are_missing_at_a_time_and_a_jump_is_a_new_start() {
    let start = Instant::now();
    let mut tracker = NackTracker::default();
    tracker.received(SeqNo(0), start);
    tracker.received(SeqNo(301), start);
    let asked = due(&mut tracker, start + ms(10));
    assert_eq!(asked, (45..=300).collect::<Vec<u16>>(), "the newest 256");
    tracker.received(SeqNo(303), start + ms(10));
    assert_eq!(due(&mut tracker, start + ms(20)), [302]);
    // 1000 packets missing is a loss, 1001 are not.
    tracker.received(SeqNo(303 + 1001), start + ms(20));
    assert_eq!(due(&mut tracker, start + ms(30)).len(), 256);
    tracker.received(SeqNo(303 + 1001 + 1002), start + ms(30));
    assert_eq!(due(&mut tracker, start + ms(500)), []);
    assert_eq!(tracker.received(SeqNo(303), start), Received::Duplicate, "too old to tell");
}

#[test]
fn requests_cross_the_wrap_in_order() {
    let start = Instant::now();
    let mut tracker = NackTracker::default();
    tracker.received(SeqNo(65_533), start);
    tracker.received(SeqNo(65_538), start);
    assert_eq!(due(&mut tracker, start + ms(10)), [65_534, 65_535, 0, 1]);
}

#[test]
fn loss_is_counted_per_report_and_in_all() {
    let start = Instant::now();
    let mut report = ReceiveReport::default();
    let empty = report.block(Ssrc(7), start);
    assert_eq!((empty.ssrc, empty.fraction_lost, empty.cumulative_lost, empty.highest_seq), (Ssrc(7), 0, 0, 0));
    let mut receive = |seqs: &[u64]| {
        seqs.iter().for_each(|seq| report.received(SeqNo(*seq), 0, 90_000, start));
        let block = report.block(Ssrc(7), start);
        (block.fraction_lost, block.cumulative_lost, block.highest_seq)
    };
    assert_eq!(receive(&[65_534, 65_535, 65_537]), (64, 1, 0x1_0001));
    assert_eq!(receive(&[]), (0, 1, 0x1_0001), "nothing was expected");
    assert_eq!(receive(&[65_536]), (0, 0, 0x1_0001), "it was only late");
    assert_eq!(receive(&[65_536, 65_536]), (0, -2, 0x1_0001), "duplicates count as negative loss");
    assert_eq!(receive(&[65_547]), (230, 7, 0x1_000b));
    assert_eq!(receive(&[1 << 32]), (255, 0x7f_ffff, 0), "24 bits of loss, 32 bits of number");
}

#[test]
fn jitter_is_that_of_rfc_3550() {
    let start = Instant::now();
    let mut report = ReceiveReport::default();
    // 20 ms apart in the sender's time: on time, 10 ms late, and so on.
    for n in 0..2000_u64 {
        let late = if n % 2 == 0 { 0 } else { 10 };
        report.received(SeqNo(n), (n * 960) as u32, 48_000, start + ms(n * 20 + late));
    }
    let jitter = report.block(Ssrc(1), start).jitter;
    assert!((470..=480).contains(&jitter), "10 ms are 480 units: {jitter}");
    // Across another clock rate nothing can be compared.
    report.received(SeqNo(2000), 0, 90_000, start);
    assert_eq!(report.block(Ssrc(1), start).jitter, jitter);
    let mut steady = ReceiveReport::default();
    for n in 0..100_u64 {
        // The timestamp wraps on the way.
        let timestamp = (n as u32 * 3000).wrapping_sub(100_000);
        steady.received(SeqNo(n), timestamp, 90_000, start + Duration::from_nanos(n * 33_333_334));
    }
    assert!(steady.block(Ssrc(1), start).jitter <= 1);
}

#[test]
fn the_round_trip_can_be_told_from_the_last_sender_report() {
    let start = Instant::now();
    let mut report = ReceiveReport::default();
    report.sender_report(0x0123_4567_89ab_cdef, start);
    let block = report.block(Ssrc(1), start + ms(1500));
    assert_eq!((block.last_sr, block.delay_since_sr), (0x4567_89ab, 98_304));
}

/// All feedback that `recorder` has now.
fn feedback(recorder: &mut TransportCcRecorder) -> Vec<TransportCcFeedback> {
    let mut all = vec![];
    loop {
        let mut out = vec![];
        if !recorder.take_feedback(Ssrc(1), Ssrc(2), &mut out) {
            assert_eq!(out, []);
            return all;
        }
        assert!(out.len() < 1150, "{} bytes", out.len());
        parse_rtcp(&out, |packet| match packet {
            RtcpPacket::TransportCc(feedback) => all.push(feedback),
            other => panic!("{other:?}"),
        })
        .unwrap();
    }
}

/// Numbers told of as received and as lost.
fn told(feedback: &TransportCcFeedback) -> (Vec<u16>, Vec<u16>) {
    let (received, lost): (Vec<_>, Vec<_>) = feedback.statuses().partition(|(_, ticks)| ticks.is_some());
    (received.into_iter().map(|(seq, _)| seq).collect(), lost.into_iter().map(|(seq, _)| seq).collect())
}

fn record(recorder: &mut TransportCcRecorder, seqs: &[u16], now: Instant) -> Vec<(Vec<u16>, Vec<u16>)> {
    seqs.iter().for_each(|seq| recorder.record(*seq, now));
    feedback(recorder).iter().map(told).collect()
}

#[test]
fn feedback_tells_when_packets_arrived_to_a_quarter_of_a_millisecond() {
    let start = Instant::now();
    let mut recorder = TransportCcRecorder::default();
    let arrivals = [(65_535, 0), (0, 1000), (2, 100_250), (1, 90_000), (3, 9_000_000)];
    for (seq, micros) in arrivals {
        recorder.record(seq, start + Duration::from_micros(micros));
    }
    // A gap of more than 8 s does not fit a delta and takes another packet.
    let all = feedback(&mut recorder);
    assert_eq!(all[0].received, [(65_535, 0), (0, 4), (1, 360), (2, 401)]);
    assert_eq!(all[1].received, [(3, 36_000)]);
    assert_eq!((all.len(), all[0].feedback_count, all[1].feedback_count), (2, 0, 1));
    assert_eq!((all[0].sender, all[0].media), (Ssrc(1), Ssrc(2)));
}

#[test]
fn losses_are_told_of_once_also_between_two_feedbacks() {
    let now = Instant::now();
    let mut recorder = TransportCcRecorder::default();
    assert_eq!(record(&mut recorder, &[], now), []);
    assert_eq!(record(&mut recorder, &[10, 12, 12, 11, 14], now), [(vec![10, 11, 12, 14], vec![13])]);
    assert_eq!(record(&mut recorder, &[17], now), [(vec![17], vec![15, 16])]);
    assert_eq!(record(&mut recorder, &[], now), []);
}

#[test]
fn late_packets_are_told_of_without_revoking_others() {
    let now = Instant::now();
    let mut recorder = TransportCcRecorder::default();
    record(&mut recorder, &[10, 11, 14, 17, 20], now);
    let expected = [(vec![12, 13], vec![]), (vec![16], vec![]), (vec![18, 19], vec![]), (vec![22], vec![21])];
    assert_eq!(record(&mut recorder, &[16, 22, 13, 12, 19, 18], now), expected);
    assert_eq!(record(&mut recorder, &[23], now), [(vec![23], vec![])]);
}

#[test]
fn jumps_either_way_are_a_new_start() {
    let now = Instant::now();
    let mut recorder = TransportCcRecorder::default();
    record(&mut recorder, &[10], now);
    assert_eq!(record(&mut recorder, &[511], now), [(vec![511], vec![])], "500 lost packets do not fit");
    assert_eq!(record(&mut recorder, &[30_000, 30_002], now), [(vec![30_000, 30_002], vec![30_001])]);
    assert_eq!(record(&mut recorder, &[1000, 1002], now), [(vec![1000, 1002], vec![1001])]);
    assert_eq!(record(&mut recorder, &[1004], now), [(vec![1004], vec![1003])], "the count goes on from there");
    assert_eq!(record(&mut recorder, &[60_000], now), [(vec![60_000], vec![])]);
}

#[test]
fn much_feedback_takes_several_packets_and_bounded_memory() {
    let now = Instant::now();
    let mut recorder = TransportCcRecorder::default();
    for seq in 0..20_000_u16 {
        recorder.record(seq, now);
    }
    let all = feedback(&mut recorder);
    assert_eq!(all.iter().map(|feedback| feedback.received.len()).sum::<usize>(), 8192);
    assert!(all.iter().all(|feedback| feedback.status_count <= 500));
    assert_eq!(record(&mut recorder, &[20_000], now), [(vec![20_000], vec![])]);
}

proptest! {
    #[test]
    fn every_packet_is_told_of_and_none_that_arrived_is_called_lost_later(
        steps in prop::collection::vec((-40i32..60, 0..30_000_u64, any::<bool>()), 1..300), start: u16,
    ) {
        let mut recorder = TransportCcRecorder::default();
        let begin = Instant::now();
        // The first arrival is the zero of the recorder's clock.
        recorder.record(start, begin);
        let (mut at, mut micros) = (i32::from(start), 0);
        let mut arrived = std::collections::HashMap::from([(start, 0)]);
        let mut reported = std::collections::HashMap::new();
        for (step, gap, report) in steps {
            at += step;
            micros += gap;
            let seq = at as u16;
            // A transport-wide number is used once.
            if let Entry::Vacant(place) = arrived.entry(seq) {
                place.insert(micros / 250);
                recorder.record(seq, begin + Duration::from_micros(micros));
            }
            for (seq, ticks) in report.then(|| feedback(&mut recorder)).iter().flatten().flat_map(|f| f.statuses()) {
                match ticks {
                    Some(ticks) => prop_assert_eq!(reported.insert(seq, ticks as u64), None),
                    None => prop_assert!(!reported.contains_key(&seq)),
                }
            }
        }
        for feedback in feedback(&mut recorder) {
            reported.extend(feedback.received.iter().map(|(seq, ticks)| (*seq, *ticks as u64)));
        }
        prop_assert_eq!(reported, arrived);
    }

    #[test]
    fn requests_are_few_ascending_and_only_for_what_is_missing(
        steps in prop::collection::vec((-300i64..1200, 0..50_u64), 1..200),
    ) {
        let mut tracker = NackTracker::default();
        let mut now = Instant::now();
        let mut at = 100_000i64;
        let mut seen = std::collections::BTreeSet::new();
        for (step, wait) in steps {
            at += step;
            now += ms(wait);
            let received = tracker.received(SeqNo(at as u64), now);
            let fresh = seen.insert(at as u64);
            prop_assert!(fresh || received == Received::Duplicate);
            let highest = seen.last().copied().unwrap_or_default();
            let asked = due(&mut tracker, now);
            prop_assert!(asked.len() <= 256);
            let extended: Vec<_> = asked.iter().map(|seq| SeqNo::extend(Some(SeqNo(highest)), *seq)).collect();
            prop_assert!(extended.is_sorted());
            prop_assert!(extended.iter().all(|seq| seq.0 < highest && !seen.contains(&seq.0)));
        }
    }
}
