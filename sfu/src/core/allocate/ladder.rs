//! What one picture could get: the encodings and layers that are of use at its size on the screen, with their costs.

use crate::core::bitrate::Bitrate;
use crate::core::rates::MAX_LAYERS;
use crate::core::rtp::Layer;

/// A picture of at least this share of the size on the screen is sharp enough: upscaling by a quarter is hardly seen,
/// and the next encoding costs three times the bits.
const SHARP_ENOUGH: f32 = 0.8;

/// Pictures a second of a stream, when all of its temporal layers are there. Each layer less halves them.
const FULL_RATE: u8 = 30;

/// Rungs of a ladder: four sizes with two or three rates each.
const MAX_RUNGS: usize = 12;

/// What one encoding, or one spatial layer of it, offers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Offer {
    /// The encoding, by place.
    pub encoding: u8,
    /// The spatial layer in it.
    pub spatial: u8,
    /// Whether it can be had.
    pub available: bool,
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
    /// The highest temporal layer.
    pub temporal: u8,
    /// The rate up to each temporal layer.
    pub costs: [Bitrate; MAX_LAYERS],
}

/// One thing that a picture could get.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rung {
    /// The encoding, by place.
    pub encoding: u8,
    /// The highest layer.
    pub layer: Layer,
    /// What it costs.
    pub cost: Bitrate,
}

/// Everything that a picture could get, each rung dearer than the one before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ladder {
    rungs: [Rung; MAX_RUNGS],
    len: usize,
}

impl Ladder {
    /// The rungs, the cheapest first.
    pub fn rungs(&self) -> &[Rung] {
        self.rungs.get(..self.len).unwrap_or_default()
    }

    /// The cost of the highest rung.
    pub fn top_cost(&self) -> Bitrate {
        self.rungs().last().map_or(Bitrate::ZERO, |rung| rung.cost)
    }

    /// How many rungs up one is with this encoding and layer, or with the best below if it is not to be had any more.
    pub fn height_of(&self, encoding: u8, layer: Layer) -> usize {
        let order = |encoding: u8, layer: Layer| (encoding, layer.spatial, layer.temporal);
        let given = order(encoding, layer);
        self.rungs().iter().take_while(|rung| order(rung.encoding, rung.layer) <= given).count()
    }

    /// Adds a rung above the others, and takes away those that cost as much and are worth less.
    fn push(&mut self, rung: Rung) {
        while self.rungs().last().is_some_and(|below| below.cost >= rung.cost) {
            self.len -= 1;
        }
        if let Some(place) = self.rungs.get_mut(self.len) {
            *place = rung;
            self.len += 1;
        }
    }
}

/// How a viewer shows a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Width on the screen in pixels; 0 pauses the picture.
    pub width: u16,
    /// Height on the screen in pixels; 0 pauses the picture.
    pub height: u16,
    /// Pictures a second that are of use; 0 for no limit.
    pub fps: u8,
}

/// The ladder of a picture with these offers, the smallest first, that is shown at `width` x `height` with at most
/// `fps` pictures a second (0 for no limit). `is_screen`: for a screen the rate matters less than sharpness.
pub fn ladder(offers: &[Offer], shown: Shown, is_screen: bool) -> Ladder {
    let mut ladder = Ladder::default();
    let Some(top) = choose(offers, shown.width, shown.height) else { return ladder };
    let mut smallest = true;
    for offer in offers.iter().take(top + 1).filter(|offer| offer.available) {
        let highest = useful_temporal(offer.temporal, shown.fps);
        // At a quarter of the rate a larger picture is worse than a smaller one at the full rate.
        let lowest = if smallest || is_screen { 0 } else { highest.saturating_sub(1) };
        smallest = false;
        for temporal in lowest..=highest {
            let cost = offer.costs.get(usize::from(temporal)).or(offer.costs.last()).copied().unwrap_or_default();
            let layer = Layer { spatial: offer.spatial, temporal };
            ladder.push(Rung { encoding: offer.encoding, layer, cost });
        }
    }
    ladder
}

/// The highest temporal layer that does not exceed `fps`; the lowest if all do.
fn useful_temporal(highest: u8, fps: u8) -> u8 {
    let rate = |temporal: u8| FULL_RATE >> (highest - temporal).min(7);
    let fits = |temporal: &u8| fps == 0 || rate(*temporal) <= fps;
    (0..=highest).rev().find(fits).unwrap_or(0)
}

/// The place of the offer for a viewer who shows the picture at `width` x `height` pixels, fitted inside: the
/// smallest available one that is sharp enough, else the largest available one. `None` when the picture is paused
/// (0 pixels) or nothing is available.
pub(super) fn choose(offers: &[Offer], width: u16, height: u16) -> Option<usize> {
    if width == 0 || height == 0 {
        return None;
    }
    let area = |offer: &Offer| u32::from(offer.width) * u32::from(offer.height);
    let sharp = |offer: &Offer| {
        let fit = (f32::from(width) / f32::from(offer.width)).min(f32::from(height) / f32::from(offer.height));
        fit * SHARP_ENOUGH <= 1.0
    };
    let available = || offers.iter().enumerate().filter(|(_, offer)| offer.available);
    let smallest = available().filter(|(_, offer)| sharp(offer)).min_by_key(|(_, offer)| area(offer));
    smallest.or_else(|| available().max_by_key(|(_, offer)| area(offer))).map(|(place, _)| place)
}
