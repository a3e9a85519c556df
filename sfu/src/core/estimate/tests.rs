//! The estimator in a closed loop over a model of a link, and against feedback that lies.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

const STEP: Duration = Duration::from_millis(1);
const PACKET: u16 = 1000;

/// A link with a queue of 200 ms that drops what does not fit.
struct Link {
    bps: f64,
    loss: f64,
    free_at: Duration,
    seed: u64,
}

impl Link {
    fn new(bps: f64) -> Self {
        Self { bps, loss: 0.0, free_at: Duration::ZERO, seed: 1 }
    }

    fn queue(&self, now: Duration) -> Duration {
        self.free_at.saturating_sub(now)
    }

    /// When a packet arrives, if it does.
    fn send(&mut self, now: Duration, bytes: u16) -> Option<Duration> {
        if self.queue(now) > Duration::from_millis(200) {
            return None;
        }
        self.free_at = self.free_at.max(now) + Duration::from_secs_f64(f64::from(bytes) * 8.0 / self.bps);
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let lost = (self.seed >> 33) as f64 / f64::from(u32::MAX >> 1) < self.loss;
        (!lost).then(|| self.free_at + Duration::from_millis(25))
    }
}

/// A sender of 30 pictures a second at its estimate.
struct Flow {
    estimator: Estimator,
    desired: f64,
    debt: f64,
    probe: Option<(Probe, Duration, u64, u32)>,
    /// Sent and not told of: when feedback can tell of it, and what.
    flying: VecDeque<(Duration, PacketResult)>,
    /// Feedback on its way back.
    feedback: VecDeque<(Duration, Vec<PacketResult>)>,
    black: bool,
    lost: u64,
}

struct Lab {
    start: Instant,
    now: Duration,
    link: Link,
    flows: Vec<Flow>,
}

impl Lab {
    fn new(bps: f64, desired: &[f64]) -> Self {
        let start = Instant::now();
        let flow = |&desired: &f64| Flow {
            estimator: Estimator::new(start, true),
            desired,
            debt: 0.0,
            probe: None,
            flying: VecDeque::new(),
            feedback: VecDeque::new(),
            black: false,
            lost: 0,
        };
        Self { start, now: Duration::ZERO, link: Link::new(bps), flows: desired.iter().map(flow).collect() }
    }

    fn estimate(&self, flow: usize) -> f64 {
        self.flows[flow].estimator.bps()
    }

    fn run(&mut self, seconds: f64, mut each: impl FnMut(&Self)) {
        let end = self.now + Duration::from_secs_f64(seconds);
        while self.now < end {
            self.now += STEP;
            for number in 0..self.flows.len() {
                self.step(number);
            }
            each(self);
        }
    }

    fn step(&mut self, number: usize) {
        let (now, start, link) = (self.now, self.start, &mut self.link);
        let flow = &mut self.flows[number];
        let millis = now.as_millis() as usize + 7 * number;
        let mut send = |flow: &mut Flow, probe| {
            let arrived = link.send(now, PACKET).filter(|_| !flow.black);
            flow.lost += u64::from(arrived.is_none());
            let ticks = arrived.map(|at| (at.as_micros() / 250) as i64 + 1_000_000);
            let told = arrived.unwrap_or(now + Duration::from_millis(225));
            flow.flying.push_back((told, PacketResult { sent: start + now, bytes: PACKET, arrived: ticks, probe }));
        };
        if millis.is_multiple_of(33) {
            let sizes = [1.4, 0.8, 0.9, 1.1, 0.8];
            let size = sizes[millis / 33 % sizes.len()];
            flow.debt += flow.estimator.bps().min(flow.desired) * 0.033 / 8.0 * size;
            while flow.debt >= PACKET.into() {
                flow.debt -= f64::from(PACKET);
                send(flow, 0);
            }
        }
        if flow.probe.is_none()
            && let Some(probe) = flow.estimator.plan_probe(start + now, Bitrate::bps(flow.desired as u64))
        {
            flow.probe = Some((probe, now, 0, 0));
        }
        if let Some((probe, since, bytes, packets)) = &mut flow.probe.clone()
            && millis.is_multiple_of(5)
        {
            while *bytes <= probe.rate.bytes_in(now - *since) && *bytes < probe.bytes {
                send(flow, probe.id);
                (*bytes, *packets) = (*bytes + u64::from(PACKET), *packets + 1);
            }
            flow.probe = Some((*probe, *since, *bytes, *packets));
            if *bytes >= probe.bytes {
                flow.estimator.probe_sent(probe.id, *packets);
                flow.probe = None;
            }
        }
        if millis.is_multiple_of(50) {
            // Nothing is told through an outage, and everything after it.
            let told = flow.flying.iter().take_while(|(told, _)| *told <= now && !flow.black).count();
            let results: Vec<_> = flow.flying.drain(..told).map(|(_, result)| result).collect();
            if !results.is_empty() {
                flow.feedback.push_back((now + Duration::from_millis(25), results));
            }
            let (oldest, newest) = (flow.flying.front(), flow.flying.back());
            let awaited = oldest.zip(newest).filter(|_| flow.feedback.is_empty());
            let awaited = awaited.map(|(oldest, newest)| Awaited { oldest: oldest.1.sent, newest: newest.1.sent });
            flow.estimator.tick(start + now, awaited);
        }
        while flow.feedback.front().is_some_and(|(at, _)| *at <= now) {
            let results = flow.feedback.pop_front().unwrap().1;
            flow.estimator.feedback(start + now, &results);
        }
    }
}

#[test]
fn it_converges_to_what_passes() {
    for cap in [0.3e6, 1e6, 2.5e6, 8e6] {
        let mut lab = Lab::new(cap, &[20e6]);
        lab.run(15.0, |_| {});
        let (mut low, mut high, mut sum, mut count) = (f64::MAX, 0.0_f64, 0.0, 0.0);
        lab.run(30.0, |lab| {
            (low, high) = (low.min(lab.estimate(0)), high.max(lab.estimate(0)));
            (sum, count) = (sum + lab.estimate(0), count + 1.0);
        });
        let mean = sum / count / cap;
        println!("cap {cap}: {:.2} to {:.2}, mean {mean:.2}", low / cap, high / cap);
        assert!((0.80..=1.05).contains(&mean), "{cap}: {mean}");
        assert!(low >= 0.7 * cap && high <= 1.25 * cap, "{cap}: {low} {high}");
    }
}

#[test]
fn a_good_network_is_known_within_a_second() {
    let mut lab = Lab::new(20e6, &[3e6]);
    lab.run(1.0, |_| {});
    assert!(lab.estimate(0) >= 2.5e6, "{}", lab.estimate(0));
}

#[test]
fn a_drop_is_followed_within_three_seconds() {
    for desired in [4.5e6, 2.5e6, 20e6] {
        let mut lab = Lab::new(4e6, &[desired]);
        lab.run(20.0, |_| {});
        println!("desired {desired}: {} before", lab.estimate(0));
        lab.link.bps = 1e6;
        let dropped = lab.now;
        let mut below = None;
        lab.run(3.0, |lab| {
            if lab.estimate(0) <= 1.1e6 {
                below.get_or_insert(lab.now - dropped);
            }
        });
        println!("below 1.1 Mbit/s after {below:?}, queue {:?}", lab.link.queue(lab.now));
        let mut worst = Duration::ZERO;
        lab.run(7.0, |lab| {
            assert!(lab.estimate(0) <= 1.15e6, "{:?}: {}", lab.now - dropped, lab.estimate(0));
            worst = worst.max(lab.link.queue(lab.now));
        });
        println!("worst queue afterwards {worst:?}");
        assert!(below.is_some(), "{}", lab.estimate(0));
        assert!(worst < Duration::from_millis(200), "{worst:?}");
    }
}

#[test]
fn a_rise_is_followed_within_fifteen_seconds() {
    for desired in [4.5e6, 20e6] {
        let mut lab = Lab::new(1e6, &[desired]);
        lab.run(20.0, |_| {});
        lab.link.bps = 4e6;
        lab.run(15.0, |_| {});
        println!("{}", lab.estimate(0));
        assert!(lab.estimate(0) >= 0.8 * 4e6, "{desired}: {}", lab.estimate(0));
    }
}

#[test]
fn two_flows_share_a_link() {
    let mut lab = Lab::new(3e6, &[20e6, 20e6]);
    lab.run(40.0, |_| {});
    let mut sums = [0.0; 2];
    lab.run(30.0, |lab| {
        for (sum, flow) in sums.iter_mut().zip(0..) {
            *sum += lab.estimate(flow);
        }
    });
    let share = sums[0].min(sums[1]) / (sums[0] + sums[1]);
    println!("the smaller share is {share:.2}");
    assert!(share >= 0.3, "{share}");
}

#[test]
fn random_loss_does_not_starve() {
    for loss in [0.02, 0.1, 0.2] {
        let mut lab = Lab::new(6e6, &[2.5e6]);
        lab.link.loss = loss;
        lab.run(20.0, |_| {});
        let (mut sum, mut count) = (0.0, 0.0);
        lab.run(20.0, |lab| (sum, count) = (sum + lab.estimate(0).min(2.5e6), count + 1.0));
        println!("{loss}: {}", sum / count);
        assert!(sum / count >= 0.8 * 2.5e6, "{loss}: {}", sum / count);
    }
}

#[test]
fn an_outage_holds_back_and_is_over_within_two_seconds() {
    let mut lab = Lab::new(4e6, &[2.5e6]);
    lab.run(10.0, |_| {});
    let before = lab.estimate(0);
    lab.flows[0].black = true;
    lab.run(3.0, |_| {});
    assert!(lab.estimate(0) <= 100_000.0, "{}", lab.estimate(0));
    lab.flows[0].black = false;
    lab.run(2.0, |_| {});
    assert!(lab.estimate(0) >= 0.8 * before, "{} after {before}", lab.estimate(0));
}

#[test]
fn an_outage_of_a_flow_that_has_fallen_silent_ends_by_signs_of_life() {
    let mut lab = Lab::new(4e6, &[2.5e6]);
    lab.run(10.0, |_| {});
    let before = lab.estimate(0);
    lab.flows[0].black = true;
    lab.run(1.2, |_| {});
    lab.flows[0].desired = 0.0;
    lab.run(5.0, |_| {});
    assert!(lab.flows[0].estimator.is_held());
    let lost = lab.flows[0].lost;
    lab.run(5.0, |_| {});
    assert!((10..=26).contains(&(lab.flows[0].lost - lost)), "at most 5 a second: {}", lab.flows[0].lost - lost);
    lab.run(20.0, |_| {});
    let lost = lab.flows[0].lost;
    lab.run(5.0, |_| {});
    assert!((4..=6).contains(&(lab.flows[0].lost - lost)), "and then one: {}", lab.flows[0].lost - lost);
    lab.flows[0].black = false;
    lab.run(1.5, |_| {});
    assert!(!lab.flows[0].estimator.is_held());
    assert!(lab.estimate(0) >= 0.8 * before, "{} after {before}", lab.estimate(0));
}

#[test]
fn the_last_packet_before_a_pause_may_be_lost() {
    let start = Instant::now();
    let at = |millis| start + Duration::from_millis(millis);
    let mut estimator = Estimator::new(start, true);
    estimator.feedback(at(50), &[PacketResult { sent: start, bytes: 1000, arrived: Some(1), probe: 0 }]);
    let lost = Awaited { oldest: at(100), newest: at(100) };
    for millis in (200..10_000).step_by(200) {
        let next = estimator.tick(at(millis), Some(lost));
        assert!(!estimator.is_held(), "{millis} ms");
        assert!(millis <= 600 || next.is_none(), "an idle flow is not woken: {millis} ms");
    }
    let silence = Awaited { oldest: at(10_000), newest: at(11_000) };
    estimator.tick(at(11_000), Some(silence));
    assert!(estimator.is_held(), "a second of media without an answer");
}

#[test]
fn little_to_send_does_not_lower_the_estimate() {
    let mut lab = Lab::new(4e6, &[20e6]);
    lab.run(15.0, |_| {});
    let before = lab.estimate(0);
    lab.flows[0].desired = 0.2e6;
    lab.run(60.0, |_| {});
    assert!(lab.estimate(0) >= 0.8 * before, "{} after {before}", lab.estimate(0));
}

/// 1 Mbit/s in pictures of 4 packets, of which each 25th is lost; the far end's clock shows `ticks` at a time in
/// seconds.
fn steady(estimator: &mut Estimator, start: Instant, pictures: std::ops::Range<u32>, ticks: impl Fn(f64) -> f64) {
    let packet = |picture: u32, place: u32| {
        let sent = f64::from(picture) / 30.0;
        let lost = (4 * picture + place).is_multiple_of(25);
        let arrived = (!lost).then(|| ticks(sent + 0.02 + f64::from(place) * 0.001) as i64);
        PacketResult { sent: start + Duration::from_secs_f64(sent), bytes: 1000, arrived, probe: 0 }
    };
    for picture in pictures {
        let now = start + Duration::from_secs_f64(f64::from(picture) / 30.0 + 0.05);
        estimator.feedback(now, &[0, 1, 2, 3].map(|place| packet(picture, place)));
    }
}

#[test]
fn a_call_of_hours_keeps_its_estimate_though_the_clocks_drift() {
    let start = Instant::now();
    let mut estimator = Estimator::new(start, true);
    for minute in 0..180 {
        steady(&mut estimator, start, minute * 1800..(minute + 1) * 1800, |at| at * 4000.0 * (1.0 + 25e-6) + 77.0);
        assert!(minute == 0 || estimator.bps() > 1.3e6, "{minute} min: {}", estimator.bps());
        assert!(estimator.trend.queue() < 5.0, "{minute} min: {}", estimator.trend.queue());
    }
}

#[test]
fn a_clock_that_is_set_anew_is_no_queue() {
    for jump in [-7200.0, -5.0, 5.0, 7200.0, 400_000.0] {
        let start = Instant::now();
        let mut estimator = Estimator::new(start, true);
        steady(&mut estimator, start, 0..1800, |at| at * 4000.0);
        // Half a cluster by the old clock.
        let probe = estimator.plan_probe(start + Duration::from_secs(60), Bitrate::MAX).unwrap();
        estimator.prober.add(probe.id, 60_000.0, 60_000.0, 1000.0);
        let before = estimator.bps();
        steady(&mut estimator, start, 1800..3600, |at| (at + jump) * 4000.0);
        assert!(estimator.bps() >= before, "{jump}: {} after {before}", estimator.bps());
        assert!(estimator.trend.queue() < 5.0, "{jump}");
        // A queue that grows by a fifth of the time is seen within a second.
        steady(&mut estimator, start, 3600..3630, |at| (at + jump + (at - 120.0).max(0.0) * 0.2) * 4000.0);
        assert!(estimator.bps() < before, "{jump}: {}", estimator.bps());
    }
}

#[test]
fn an_old_word_of_the_receiver_bounds_no_longer_than_it_is_valid() {
    let start = Instant::now();
    let mut estimator = Estimator::new(start, true);
    estimator.remb(start, Bitrate::kbps(50));
    steady(&mut estimator, start, 0..140, |at| at * 4000.0);
    assert_eq!(estimator.estimate(), Some(Bitrate::kbps(50)));
    steady(&mut estimator, start, 140..160, |at| at * 4000.0);
    assert!(estimator.estimate() > Some(Bitrate::kbps(900)), "{:?}", estimator.estimate());
}

#[test]
fn another_path_is_begun_with_anew() {
    for (cap, expected) in [(8e6, START_BPS..=START_BPS), (0.5e6, 0.3e6..=0.6e6)] {
        let mut lab = Lab::new(cap, &[20e6]);
        lab.run(20.0, |_| {});
        // A path is often left because it went black.
        lab.flows[0].black = true;
        lab.run(2.0, |_| {});
        assert!(lab.flows[0].estimator.is_held());
        let now = lab.start + lab.now;
        let estimator = &mut lab.flows[0].estimator;
        estimator.path_changed(now);
        assert!(expected.contains(&estimator.bps()), "{cap}: {}", estimator.bps());
        assert_eq!(estimator.trend.queue(), 0.0);
        let probe = estimator.plan_probe(now, Bitrate::ZERO).map(|probe| probe.rate);
        assert_eq!(probe, Some(Bitrate::kbps(3000)), "the first probe, whatever the demand");
    }
    let start = Instant::now();
    let mut plain = Estimator::new(start, false);
    plain.remb(start, Bitrate::kbps(700));
    plain.path_changed(start);
    assert_eq!(plain.estimate(), Some(Bitrate::kbps(700)), "all there is until it tells anew");
}

#[test]
fn without_feedback_only_the_receiver_tells() {
    let start = Instant::now();
    let mut deaf = Estimator::new(start, true);
    assert_eq!(deaf.estimate(), Some(Bitrate::kbps(1000)));
    deaf.tick(start + MUTE, Some(Awaited { oldest: start, newest: start + MUTE }));
    assert_eq!(deaf.estimate(), None, "it agreed to feedback and gives none");
    let mut plain = Estimator::new(start, false);
    assert_eq!((plain.estimate(), plain.pacing_rate()), (None, None));
    for (told, expected) in [(700_000, 700_000), (0, 30_000), (u64::MAX, 30_000_000), (900_000, 900_000)] {
        plain.remb(start, Bitrate::bps(told));
        assert_eq!(plain.estimate(), Some(Bitrate::bps(expected)));
    }
    plain.loss_report(start, 0.3);
    assert!(plain.estimate().unwrap() < Bitrate::kbps(800), "a third is lost, whatever the receiver estimates");
    assert_eq!(plain.plan_probe(start, Bitrate::MAX), None);
}

proptest! {
    #[test]
    fn whatever_is_told_the_estimate_keeps_within_its_bounds(
        steps in proptest::collection::vec((0..400u64, 0..1600u16, any::<Option<i64>>(), 0..3u8, any::<u64>()), 0..300),
        compressed in any::<bool>(),
    ) {
        let start = Instant::now();
        let mut estimator = Estimator::new(start, true);
        let mut now = start;
        for (millis, bytes, arrived, probe, remb) in steps {
            now += Duration::from_millis(millis);
            let arrived = if compressed { arrived.map(|ticks| ticks % 1000) } else { arrived };
            let result = PacketResult { sent: now, bytes, arrived, probe };
            let told = now + Duration::from_millis(millis);
            estimator.feedback(told, &[result; 3]);
            if remb % 7 == 0 {
                estimator.remb(told, Bitrate::bps(remb));
            }
            estimator.tick(told, Some(Awaited { oldest: now, newest: told }));
            if let Some(probe) = estimator.plan_probe(told, Bitrate::bps(remb)) {
                prop_assert!(probe.rate <= Bitrate::kbps(30_000));
                estimator.probe_sent(probe.id, 3);
            }
            let estimate = estimator.estimate().unwrap();
            prop_assert!((Bitrate::kbps(30)..=Bitrate::kbps(30_000)).contains(&estimate), "{}", estimate);
        }
    }

    /// A receiver that asks for less never gets more.
    #[test]
    fn a_lower_remb_gives_no_higher_estimate(one in any::<u64>(), other in any::<u64>()) {
        let start = Instant::now();
        let estimate = |remb| {
            let mut estimator = Estimator::new(start, true);
            estimator.remb(start, Bitrate::bps(remb));
            estimator.estimate()
        };
        prop_assert!(estimate(one.min(other)) <= estimate(one.max(other)));
    }
}
