//! Streams of one peer never share a number.

use std::convert::Infallible;

use super::*;

/// Counts, and says everything three times.
struct Stutter(u32);

impl rand::TryRng for Stutter {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.0 += 1;
        Ok(self.0 / 3)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.try_next_u32().map(u64::from)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(0);
        Ok(())
    }
}

#[test]
fn no_ssrc_is_taken_twice() {
    let mut rng = Stutter(0);
    let mut all: Vec<Ssrc> = Vec::new();
    for _ in 0..50 {
        let fresh = fresh_ssrcs(|ssrc| all.contains(&ssrc), &mut rng);
        all.extend(fresh);
    }
    let distinct: std::collections::HashSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), 100);
}
