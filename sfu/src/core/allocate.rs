//! Which encoding should a viewer get? For now by size alone; a bandwidth estimate joins in with congestion control.

/// A picture of at least this share of the size on the screen is sharp enough: upscaling by a quarter is hardly seen,
/// and the next encoding costs three times the bits.
const SHARP_ENOUGH: f32 = 0.8;

/// What one encoding offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// Whether its media arrives now.
    pub live: bool,
    /// Width in pixels.
    pub width: u16,
    /// Height in pixels.
    pub height: u16,
}

/// The place of the encoding for a viewer who shows the picture at `width` x `height` pixels, fitted inside: the
/// smallest live one that is sharp enough, else the largest live one. `None` when the picture is paused (0 pixels) or
/// nothing is live.
pub fn choose(offers: &[Offer], width: u16, height: u16) -> Option<usize> {
    if width == 0 || height == 0 {
        return None;
    }
    let area = |offer: &Offer| u32::from(offer.width) * u32::from(offer.height);
    let sharp = |offer: &Offer| {
        let fit = (f32::from(width) / f32::from(offer.width)).min(f32::from(height) / f32::from(offer.height));
        fit * SHARP_ENOUGH <= 1.0
    };
    let live = || offers.iter().enumerate().filter(|(_, offer)| offer.live);
    let smallest = live().filter(|(_, offer)| sharp(offer)).min_by_key(|(_, offer)| area(offer));
    smallest.or_else(|| live().max_by_key(|(_, offer)| area(offer))).map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn simulcast(live: [bool; 3]) -> [Offer; 3] {
        let size = |place: usize| (320u16 << place, 180u16 << place);
        std::array::from_fn(|place| Offer { live: live[place], width: size(place).0, height: size(place).1 })
    }

    #[test]
    fn the_smallest_that_is_sharp_enough() {
        let all = simulcast([true; 3]);
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
        assert_eq!(choose(&simulcast([true, false, false]), 1280, 720), Some(0));
        assert_eq!(choose(&simulcast([false, false, true]), 160, 90), Some(2));
        assert_eq!(choose(&simulcast([false; 3]), 160, 90), None);
        assert_eq!(choose(&[], 160, 90), None);
    }

    proptest! {
        #[test]
        fn a_larger_tile_never_gets_a_smaller_picture(live in any::<[bool; 3]>(), width in 1..4000u16, height in 1..4000u16, more in 0..1000u16) {
            let offers = simulcast(live);
            prop_assert!(choose(&offers, width, height) <= choose(&offers, width + more, height + more));
        }
    }
}
