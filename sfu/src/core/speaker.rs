//! Who speaks, and how loud, from the levels that publishers put into their packets (RFC 6464,
//! <https://www.rfc-editor.org/rfc/rfc6464>); nothing is decoded.

use std::time::{Duration, Instant};

use super::rtp::AudioLevel;

/// Loudness (127 minus the level in -dBov) from which a packet counts as speech: -45 dBov. A quiet room is near -60,
/// speech between -40 and -15.
const SPEECH: u8 = 82;

/// How long a speaker stays one between words. Shorter flickers, longer keeps people lit who have finished.
const HANGOVER: Duration = Duration::from_millis(800);

/// Weight of one packet (20 ms) in the smoothed loudness: about 200 ms of memory.
const SMOOTHING: f32 = 0.1;

/// So much louder one must be to go before another. Voices vary by less from word to word, and then whoever was first
/// stays first: places and lists must not flutter.
const MARGIN: u16 = 10;

/// The loudness of one microphone.
#[derive(Debug, Clone, Copy, Default)]
pub struct LevelMeter {
    smoothed: f32,
    spoke: Option<Instant>,
    heard: Option<Instant>,
}

impl LevelMeter {
    /// Takes the level of one packet.
    pub fn record(&mut self, level: AudioLevel, now: Instant) {
        let loudness = 127 - level.level.min(127);
        self.smoothed += (f32::from(loudness) - self.smoothed) * SMOOTHING;
        self.heard = Some(now);
        if loudness >= SPEECH {
            self.spoke = Some(now);
        }
    }

    /// Forgets everything: the track was muted.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Whether somebody speaks here now or did a moment ago.
    pub fn is_speaking(&self, now: Instant) -> bool {
        self.spoke.is_some_and(|spoke| now.saturating_duration_since(spoke) < HANGOVER)
    }

    /// Smoothed loudness, 0 (silence) to 127 (overload); 0 when no packet came lately.
    pub fn loudness(&self, now: Instant) -> u8 {
        let fresh = self.heard.is_some_and(|heard| now.saturating_duration_since(heard) < HANGOVER);
        if fresh { self.smoothed.round() as u8 } else { 0 }
    }
}

/// Chooses who gets the places: the loudest candidates, but whoever has a place keeps it until somebody who is clearly
/// louder has none. `held` are the present holders, `candidates` pairs of a track and its rank (higher is louder). The
/// answer keeps holders in their places.
pub fn assign<T: Copy + PartialEq>(held: &[Option<T>], candidates: &[(T, u16)], assigned: &mut Vec<Option<T>>) {
    let rank = |track: T| candidates.iter().find(|(candidate, _)| *candidate == track).map(|(_, rank)| *rank);
    assigned.clear();
    assigned.extend(held.iter().map(|holder| holder.filter(|&track| rank(track).is_some())));
    // Looked up once: this runs for every viewer of a room, each with all its voices as candidates.
    let mut ranks: Vec<Option<u16>> = assigned.iter().map(|holder| holder.and_then(rank)).collect();
    for &(candidate, loudness) in candidates {
        if assigned.contains(&Some(candidate)) {
            continue;
        }
        let weakest = (0..ranks.len()).min_by_key(|&place| ranks[place].map_or(0, |rank| rank + 1));
        if let Some(place) = weakest
            && ranks[place].is_none_or(|held| held + MARGIN <= loudness)
        {
            (assigned[place], ranks[place]) = (Some(candidate), Some(loudness));
        }
    }
}

/// Those who speak, with their loudness, loudest first; but two who are about equally loud stay in the order `before`.
pub fn order<T: Copy + PartialEq>(before: &[T], speaking: &[(T, u8)]) -> Vec<(T, u8)> {
    let place = |who: T| before.iter().position(|one| *one == who).unwrap_or(before.len());
    let mut ordered = speaking.to_vec();
    ordered.sort_by_key(|&(who, loudness)| (place(who), std::cmp::Reverse(loudness)));
    for mut place in 1..ordered.len() {
        while place > 0 && u16::from(ordered[place - 1].1) + MARGIN <= u16::from(ordered[place].1) {
            ordered.swap(place - 1, place);
            place -= 1;
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(level: u8) -> AudioLevel {
        AudioLevel { voice: true, level }
    }

    #[test]
    fn speech_is_heard_and_lasts_over_a_pause_between_words() {
        let mut meter = LevelMeter::default();
        let start = Instant::now();
        meter.record(level(60), start);
        assert!(!meter.is_speaking(start));
        for packet in 0..20 {
            meter.record(level(25), start + Duration::from_millis(20 * packet));
        }
        let last = start + Duration::from_millis(380);
        assert!(meter.is_speaking(last + Duration::from_millis(700)));
        assert!(!meter.is_speaking(last + Duration::from_millis(900)));
        assert!((80..=102).contains(&meter.loudness(last)), "{}", meter.loudness(last));
        assert_eq!(meter.loudness(last + Duration::from_secs(2)), 0);
        meter.reset();
        assert!(!meter.is_speaking(last));
    }

    #[test]
    fn the_loudest_get_the_places_and_holders_keep_theirs() {
        let mut assigned = Vec::new();
        assign(&[None, None], &[('a', 10), ('b', 30), ('c', 20)], &mut assigned);
        assert_eq!(assigned, [Some('c'), Some('b')]);
        assign(&[Some('c'), Some('b')], &[('a', 20), ('b', 30), ('c', 20)], &mut assigned);
        assert_eq!(assigned, [Some('c'), Some('b')], "a tie changes nothing");
        assign(&[Some('c'), Some('b')], &[('a', 40), ('b', 30), ('c', 20)], &mut assigned);
        assert_eq!(assigned, [Some('a'), Some('b')]);
        assign(&[Some('c'), Some('b')], &[('a', 29), ('b', 30), ('c', 20)], &mut assigned);
        assert_eq!(assigned, [Some('c'), Some('b')], "nor does a word");
        assign(&[Some('c'), Some('b')], &[('b', 30)], &mut assigned);
        assert_eq!(assigned, [None, Some('b')]);
        assign::<char>(&[], &[('b', 30)], &mut assigned);
        assert!(assigned.is_empty());
    }

    #[test]
    fn speakers_are_in_the_order_of_loudness_but_do_not_change_places_for_a_word() {
        assert_eq!(order(&[], &[('a', 80), ('b', 100)]), [('b', 100), ('a', 80)]);
        assert_eq!(order(&['a', 'b'], &[('a', 91), ('b', 100)]), [('a', 91), ('b', 100)]);
        assert_eq!(order(&['a', 'b'], &[('a', 90), ('b', 100)]), [('b', 100), ('a', 90)]);
        assert_eq!(order(&['a', 'b'], &[('b', 85), ('c', 95)]), [('c', 95), ('b', 85)]);
        assert_eq!(order(&['x', 'a'], &[('c', 84), ('a', 85)]), [('a', 85), ('c', 84)]);
        assert_eq!(order(&['a', 'b', 'c'], &[('a', 85), ('b', 95), ('c', 100)]), [('b', 95), ('c', 100), ('a', 85)]);
        assert!(order(&['a'], &[]).is_empty());
    }
}
