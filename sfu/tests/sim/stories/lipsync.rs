//! Sender reports tell viewers when sound and picture were captured, however long either was on its way.

use std::collections::BTreeMap;

use confab_bench::client::PublishSpec;

use super::{LARGE, millis, seconds};
use crate::links::LinkSpec;
use crate::raw::sdp::OPUS;
use crate::raw::{Raw, Received, Report};
use crate::world::{EPOCH_UNIX_SECONDS, SEEDS, World};

/// How much later than it was captured a report says that something was, in microseconds.
fn error_of(report: &Report, packet: &Received, clock_rate: i64) -> i64 {
    let ntp_micros = ((u128::from(report.ntp) * 1_000_000) >> 32) as i64;
    let since_start = ntp_micros - (EPOCH_UNIX_SECONDS as i64 + 2_208_988_800) * 1_000_000;
    let ticks = i64::from(packet.timestamp.wrapping_sub(report.rtp) as i32);
    since_start + ticks * 1_000_000 / clock_rate - packet.stamp.unwrap().sent as i64
}

/// The errors of all reports about a line, by the sender whose media it carried, without those within `skip` of the
/// line's start.
fn errors(raw: &Raw, ssrc: u32, clock_rate: i64) -> BTreeMap<u64, Vec<i64>> {
    let packets: Vec<&Received> = raw.received.iter().filter(|packet| packet.ssrc == ssrc).collect();
    let mut errors = BTreeMap::<u64, Vec<i64>>::new();
    for report in raw.reports.iter().filter(|report| report.ssrc == ssrc) {
        let Some(after) = packets.iter().position(|packet| packet.at > report.at).filter(|after| *after > 0) else {
            continue;
        };
        let (before, after) = (packets[after - 1].stamp.unwrap(), packets[after]);
        if before.sender == after.stamp.unwrap().sender {
            errors.entry(before.sender).or_default().push(error_of(report, after, clock_rate));
        }
    }
    errors
}

fn is_sound(bytes: &[u8]) -> bool {
    bytes.len() > 2 && bytes[0] >= 128 && bytes[1] & 0x7f == OPUS
}

/// Two publishers whose sound is late by different times, and a viewer who looks at one, then the other.
fn stage(world: &mut World, delays: [(u64, u64); 2]) -> usize {
    let room = world.room();
    for (delay_ms, sound_late) in delays {
        let mut config = world.config();
        config.publish = vec![PublishSpec::microphone(), PublishSpec::camera_single(300)];
        let node = world.join(room, config, LinkSpec { delay_ms, ..LinkSpec::CLEAN });
        world.nodes[node].up.delay_some(is_sound, millis(sound_late));
        assert_eq!(world.nodes[node].tracks.len(), 2);
    }
    let raw = Raw::viewer(world.next_address(), world.now, 1);
    let viewer = world.join_raw(room, raw, LinkSpec::CLEAN);
    world.connect();
    viewer
}

#[test]
fn sound_and_picture_of_late_uplinks_stay_together_across_switches() {
    for seed in SEEDS {
        let mut world = World::new(seed);
        let delays = [(20, 200), (80, 40)];
        let viewer = stage(&mut world, delays);
        world.run(seconds(4));
        for round in 0..8 {
            world.watch(viewer, &[round % 2], LARGE);
            world.run(seconds(4) + millis(130 * seed));
        }
        let raw = world.raw(viewer);
        let (video, audio) = (raw.line("0"), raw.line("1"));
        let (pictures, sounds) = (errors(raw, video, 90_000), errors(raw, audio, 48_000));
        for (sender, (delay_ms, _)) in [1, 2].into_iter().zip(delays) {
            let both = [&pictures[&sender], &sounds[&sender]];
            let range = both.map(|errors| (*errors.iter().min().unwrap() / 1000, *errors.iter().max().unwrap() / 1000));
            println!(
                "seed {seed}, sender {sender}: picture {:?} ms, sound {:?} ms late by the reports, {} + {} reports",
                range[0],
                range[1],
                both[0].len(),
                both[1].len()
            );
            assert!(both.iter().all(|errors| errors.len() >= 10), "one a second");
            let all = || both.into_iter().flatten();
            let spread = all().max().unwrap() - all().min().unwrap();
            assert!(spread <= 6_000, "sound and picture are {spread} us apart");
            // By our clock everything was captured when it could have arrived at the earliest.
            assert!(all().all(|error| (*error - delay_ms as i64 * 1000).abs() <= 6_000));
        }
        world.check_invariants();
    }
}

#[test]
fn a_line_without_media_has_no_report() {
    let mut world = World::new(50);
    let viewer = stage(&mut world, [(20, 0), (20, 0)]);
    world.run(seconds(5));
    assert_eq!(world.raw(viewer).reports.len(), 0);
    world.watch(viewer, &[0], LARGE);
    world.run(seconds(5));
    let raw = world.raw(viewer);
    for line in [raw.line("0"), raw.line("1")] {
        let first = raw.received.iter().find(|packet| packet.ssrc == line).unwrap();
        let reports: Vec<_> = raw.reports.iter().filter(|report| report.ssrc == line).collect();
        assert!(reports.len() >= 4);
        assert!(reports[0].at >= first.at && reports[0].at <= first.at + seconds(1), "soon, but not too soon");
    }
    // An emptied line falls silent, in every respect.
    let before = world.raw(viewer).reports.len();
    world.want(viewer, Vec::new());
    world.run(seconds(5));
    assert!(world.raw(viewer).reports.len() <= before + 2);
    world.check_invariants();
}
