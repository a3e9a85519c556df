//! Tables and properties of the allocation.

use proptest::prelude::*;

use super::ladder::{Ladder, Offer, Shown, choose, ladder};
use super::*;
use crate::core::rates::MAX_LAYERS;
use crate::core::rtp::Layer;

/// Three encodings of a camera, with so many temporal layers above the lowest.
fn camera(available: [bool; 3], temporal: u8) -> [Offer; 3] {
    std::array::from_fn(|place| {
        let full = [150, 500, 2500][place];
        let share = |layer: usize| [40, 60, 100, 100][(layer + 2 - usize::from(temporal)).min(3)];
        Offer {
            encoding: place as u8,
            spatial: 0,
            available: available[place],
            width: 320 << place,
            height: 180 << place,
            temporal,
            costs: std::array::from_fn(|layer| Bitrate::kbps(full * share(layer) / 100)),
        }
    })
}

fn shown(width: u16, height: u16) -> Shown {
    Shown { width, height, fps: 0 }
}

fn demand(line: usize, class: Class, width: u16, height: u16, ladder: Ladder) -> Demand {
    Demand { line, class, area: u32::from(width) * u32::from(height), ladder, height: 0 }
}

/// The kilobits that each line gets, and what it gets them for.
fn got(demands: &[Demand]) -> Vec<(usize, Option<u8>, u64)> {
    let mut got: Vec<_> = demands
        .iter()
        .map(|demand| (demand.line, demand.rung().map(|rung| rung.encoding), demand.cost().as_bps() / 1000))
        .collect();
    got.sort_unstable();
    got
}

#[test]
fn the_smallest_that_is_sharp_enough() {
    let all = camera([true; 3], 0);
    for (width, height, place) in [
        (0, 100, None),
        (160, 90, Some(0)),
        (320, 180, Some(0)),
        (400, 225, Some(0)),
        (401, 226, Some(1)),
        (640, 360, Some(1)),
        (1280, 720, Some(2)),
        (3840, 2160, Some(2)),
        // Fitted inside a wide strip, the height decides.
        (1280, 180, Some(0)),
    ] {
        assert_eq!(choose(&all, width, height), place, "{width}x{height}");
    }
    assert_eq!(choose(&camera([true, false, false], 0), 1280, 720), Some(0));
    assert_eq!(choose(&camera([false, false, true], 0), 160, 90), Some(2));
    assert_eq!(choose(&camera([false; 3], 0), 160, 90), None);
    assert_eq!(choose(&[], 160, 90), None);
}

#[test]
fn temporal_layers_are_rungs_and_a_quarter_of_the_rate_is_for_the_smallest_only() {
    let rungs = |ladder: Ladder| -> Vec<(u8, u8, u64)> {
        let rung = |rung: &Rung| (rung.encoding, rung.layer.temporal, rung.cost.as_bps() / 1000);
        ladder.rungs().iter().map(rung).collect()
    };
    let all = camera([true; 3], 2);
    let whole = [(0, 0, 60), (0, 1, 90), (0, 2, 150), (1, 1, 300), (1, 2, 500), (2, 1, 1500), (2, 2, 2500)];
    assert_eq!(rungs(ladder(&all, shown(1280, 720), false)), whole);
    assert_eq!(rungs(ladder(&all, shown(320, 180), false)), whole[..3]);
    let half = Shown { fps: 15, ..shown(640, 360) };
    assert_eq!(rungs(ladder(&all, half, false)), [(0, 0, 60), (0, 1, 90), (1, 0, 200), (1, 1, 300)]);
    let screen = &camera([false, false, true], 2);
    assert_eq!(rungs(ladder(screen, shown(1920, 1080), true)), [(2, 0, 1000), (2, 1, 1500), (2, 2, 2500)]);
    assert_eq!(rungs(ladder(&all, shown(0, 0), false)), []);
}

#[test]
fn a_rung_that_costs_as_much_as_a_better_one_is_left_out() {
    let mut offers = camera([true; 3], 0);
    offers[1].costs = [Bitrate::kbps(100); MAX_LAYERS];
    let ladder = ladder(&offers, shown(1280, 720), false);
    let encodings: Vec<u8> = ladder.rungs().iter().map(|rung| rung.encoding).collect();
    assert_eq!(encodings, [1, 2]);
    let heights = [(2, Layer::ALL), (2, Layer::default()), (1, Layer::ALL), (0, Layer::ALL)];
    assert_eq!(heights.map(|(encoding, layer)| ladder.height_of(encoding, layer)), [2, 2, 1, 0]);
}

/// The worked examples of docs/allocation.md.
#[test]
fn worked_examples() {
    let cameras = camera([true; 3], 0);
    let large = ladder(&cameras, shown(1280, 720), false);
    let small = ladder(&cameras, shown(320, 180), false);
    let screen = ladder(&camera([false, false, true], 0), shown(1280, 720), true);
    let speaker_view = || {
        vec![
            demand(0, Class::Camera, 320, 180, small),
            demand(1, Class::Camera, 1280, 720, large),
            demand(2, Class::Camera, 320, 180, small),
        ]
    };
    let screen_view = || vec![demand(0, Class::Camera, 1280, 720, large), demand(1, Class::Screen, 1280, 720, screen)];
    for (budget, demands, expected) in [
        (5000, speaker_view(), vec![(0, Some(0), 150), (1, Some(2), 2500), (2, Some(0), 150)]),
        (1000, speaker_view(), vec![(0, Some(0), 150), (1, Some(1), 500), (2, Some(0), 150)]),
        (550, speaker_view(), vec![(0, Some(0), 150), (1, Some(0), 150), (2, Some(0), 150)]),
        (400, speaker_view(), vec![(0, Some(0), 150), (1, Some(0), 150), (2, None, 0)]),
        (100, speaker_view(), vec![(0, None, 0), (1, None, 0), (2, None, 0)]),
        (4000, screen_view(), vec![(0, Some(1), 500), (1, Some(2), 2500)]),
        (3100, screen_view(), vec![(0, Some(0), 150), (1, Some(2), 2500)]),
    ] {
        let mut demands: Vec<Demand> = demands;
        allocate(Bitrate::kbps(budget), &mut demands);
        assert_eq!(got(&demands), expected, "{budget} kbit/s");
    }
}

#[test]
fn a_pinned_picture_comes_before_a_screen() {
    let cameras = camera([true; 3], 0);
    let large = ladder(&cameras, shown(1280, 720), false);
    let mut demands = [
        demand(0, Class::Screen, 1280, 720, large),
        demand(1, Class::Pinned, 640, 360, large),
        demand(2, Class::Camera, 1280, 720, large),
    ];
    allocate(Bitrate::kbps(3700), &mut demands);
    assert_eq!(got(&demands), [(0, Some(1), 500), (1, Some(2), 2500), (2, Some(0), 150)]);
}

#[test]
fn an_estimate_that_trembles_changes_nothing() {
    let cameras = camera([true; 3], 0);
    let mut demands = [demand(0, Class::Camera, 1280, 720, ladder(&cameras, shown(1280, 720), false))];
    let mut encoding_at = |budget: u64| {
        allocate(Bitrate::kbps(budget), &mut demands);
        demands[0].rung().map(|rung| rung.encoding)
    };
    assert_eq!(encoding_at(2600), Some(1), "too little headroom to go up");
    assert_eq!(encoding_at(2880), Some(2));
    assert_eq!(encoding_at(2510), Some(2), "it still fits");
    assert_eq!(encoding_at(2490), Some(1));
    assert_eq!(encoding_at(2600), Some(1));
}

fn demands() -> impl Strategy<Value = Vec<Demand>> {
    let class = prop_oneof![Just(Class::Pinned), Just(Class::Screen), Just(Class::Camera)];
    let one = (class, any::<[bool; 3]>(), 0..3u8, 1..2000u16, 1..1200u16, 0..13usize);
    proptest::collection::vec(one, 0..20).prop_map(|all| {
        let of = |(line, (class, available, temporal, width, height, before))| {
            let ladder = ladder(&camera(available, temporal), shown(width, height), class == Class::Screen);
            Demand { height: usize::min(before, ladder.rungs().len()), ..demand(line, class, width, height, ladder) }
        };
        all.into_iter().enumerate().map(of).collect()
    })
}

proptest! {
    #[test]
    fn a_larger_tile_never_gets_a_smaller_picture(available in any::<[bool; 3]>(), width in 1..4000u16, height in 1..4000u16, more in 0..1000u16) {
        let offers = camera(available, 0);
        prop_assert!(choose(&offers, width, height) <= choose(&offers, width + more, height + more));
    }

    #[test]
    fn nobody_gets_more_than_there_is(mut demands in demands(), budget in 0..20_000u64) {
        allocate(Bitrate::kbps(budget), &mut demands);
        let sum: Bitrate = demands.iter().map(Demand::cost).sum();
        prop_assert!(sum <= Bitrate::kbps(budget), "{sum}");
    }

    #[test]
    fn more_bandwidth_takes_nothing_from_anybody(demands in demands(), budget in 0..20_000u64, more in 0..10_000u64) {
        let heights = |budget: u64| {
            let mut demands = demands.clone();
            allocate(Bitrate::kbps(budget), &mut demands);
            demands.sort_unstable_by_key(|demand| demand.line);
            demands.iter().map(|demand| demand.height).collect::<Vec<_>>()
        };
        let (less, more) = (heights(budget), heights(budget + more));
        prop_assert!(less.iter().zip(&more).all(|(less, more)| less <= more), "{less:?} {more:?}");
    }

    #[test]
    fn what_was_allotted_stays_while_nothing_changes(mut demands in demands(), budget in 0..20_000u64) {
        allocate(Bitrate::kbps(budget), &mut demands);
        let before = got(&demands);
        allocate(Bitrate::kbps(budget), &mut demands);
        prop_assert_eq!(got(&demands), before);
    }

    #[test]
    fn without_a_limit_everybody_gets_everything(mut demands in demands()) {
        allocate(Bitrate::MAX, &mut demands);
        prop_assert!(demands.iter().all(|demand| demand.height == demand.ladder.rungs().len()));
    }
}
