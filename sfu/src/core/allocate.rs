//! What should each of a viewer's pictures get? The viewer's bandwidth, divided; `docs/allocation.md` explains it with
//! examples.
//!
//! Each picture has a [`Ladder`]: what it could get, from the cheapest to the most that is of use at its size. All
//! ladders together make one list of steps, the most important first, and the bandwidth decides how far down the list
//! one gets. A step that does not fit ends the list, even if a later one would fit: so more bandwidth never takes
//! anything away from anybody.

mod ladder;

pub use ladder::{Ladder, Offer, Rung, Shown, ladder};

use super::bitrate::Bitrate;

/// A picture is given more only while so much of the bandwidth is left over (a seventh), so that an estimate which
/// trembles does not make pictures come and go. Lower flickers, higher wastes.
const HEADROOM: f64 = 1.0 / 1.15;

/// How important a picture is, the most important first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// The viewer pinned it.
    Pinned,
    /// A shared screen.
    Screen,
    /// Anybody's camera.
    Camera,
}

/// One picture that a viewer wants.
#[derive(Debug, Clone, Copy)]
pub struct Demand {
    /// The line that it is for; equal ones of a class come in this order.
    pub line: usize,
    /// Its importance.
    pub class: Class,
    /// Pixels that it has on the screen: of a class, larger ones come first.
    pub area: u32,
    /// What it could get.
    pub ladder: Ladder,
    /// How many rungs up it is: 0 is nothing. The present height on the way in, the new one on the way out.
    pub height: usize,
}

impl Demand {
    /// What it gets.
    pub fn rung(&self) -> Option<&Rung> {
        self.ladder.rungs().get(self.height.checked_sub(1)?)
    }

    /// What it costs.
    pub fn cost(&self) -> Bitrate {
        self.rung().map_or(Bitrate::ZERO, |rung| rung.cost)
    }
}

/// Divides `budget` between a viewer's pictures, given in any order, which may change.
///
/// The sum of the costs is within the budget, and a larger budget never gives any picture less. Nothing changes as long
/// as what there is fits, and what could be gained does not fit with some headroom.
pub fn allocate(budget: Bitrate, demands: &mut [Demand]) {
    demands.sort_unstable_by_key(|demand| (demand.class, u32::MAX - demand.area, demand.line));
    let before: [usize; MAX_DEMANDS] =
        std::array::from_fn(|place| demands.get(place).map_or(0, |demand| demand.height));
    climb(budget.scaled(HEADROOM).min(budget), demands);
    let cautious: [usize; MAX_DEMANDS] =
        std::array::from_fn(|place| demands.get(place).map_or(0, |demand| demand.height));
    climb(budget, demands);
    for ((demand, before), cautious) in demands.iter_mut().zip(before).zip(cautious) {
        demand.height = before.clamp(cautious, demand.height.max(cautious));
    }
}

/// Pictures of one viewer. What is beyond gets nothing.
pub const MAX_DEMANDS: usize = 64;

/// Climbs from nothing as far as the budget reaches.
fn climb(budget: Bitrate, demands: &mut [Demand]) {
    demands.iter_mut().for_each(|demand| demand.height = 0);
    let mut left = budget;
    // Something of everything first.
    let everything = demands.iter_mut().take(MAX_DEMANDS).all(|demand| step(demand, &mut left));
    // Then all of what matters most, one after the other.
    let matters = |demand: &&mut Demand| demand.class != Class::Camera;
    let best =
        everything && demands.iter_mut().take(MAX_DEMANDS).filter(matters).all(|demand| to_top(demand, &mut left));
    // Then the cameras, in step with each other.
    let mut goes_on = best;
    while goes_on {
        let mut climbed = false;
        goes_on = demands.iter_mut().take(MAX_DEMANDS).all(|demand| {
            climbed |= demand.height < demand.ladder.rungs().len();
            step(demand, &mut left)
        }) && climbed;
    }
}

/// One rung up, if there is one; false if it does not fit.
fn step(demand: &mut Demand, left: &mut Bitrate) -> bool {
    let Some(next) = demand.ladder.rungs().get(demand.height) else { return true };
    let more = next.cost.saturating_sub(demand.cost());
    if more > *left {
        return false;
    }
    *left = left.saturating_sub(more);
    demand.height += 1;
    true
}

fn to_top(demand: &mut Demand, left: &mut Bitrate) -> bool {
    (demand.height..demand.ladder.rungs().len()).all(|_| step(demand, left))
}

#[cfg(test)]
mod tests;
