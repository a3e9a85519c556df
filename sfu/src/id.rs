//! Identifiers: those that travel over the wire, and the dense keys that the core uses inside.
//!
//! A wire id is a bearer secret or a person, so `Debug` never prints one; `Display` does, for the wire only.

use std::fmt;
use std::str::FromStr;

use rand::{Rng, RngExt};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Letters and digits that are hard to confuse when read aloud (Crockford's base 32, in lower case).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A text that is no id of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id")]
pub struct InvalidId;

fn decode_symbol(symbol: u8) -> Result<u128, InvalidId> {
    let folded = match symbol.to_ascii_lowercase() {
        b'o' => b'0',
        b'i' | b'l' => b'1',
        other => other,
    };
    ALPHABET.iter().position(|&letter| letter == folded).map(|value| value as u128).ok_or(InvalidId)
}

fn encode(value: u128, symbols: u32) -> impl Iterator<Item = char> {
    (0..symbols).rev().map(move |place| ALPHABET[(value >> (5 * place)) as usize & 31] as char)
}

fn decode(text: &str, symbols: usize) -> Result<u128, InvalidId> {
    let mut value = 0;
    let mut count = 0;
    for symbol in text.bytes().filter(|&symbol| symbol != b'-') {
        count += 1;
        if count > symbols {
            return Err(InvalidId);
        }
        value = value << 5 | decode_symbol(symbol)?;
    }
    if count == symbols { Ok(value) } else { Err(InvalidId) }
}

/// A meeting room: 80 random bits, written as four groups of four letters and digits (`k3vq-8c2m-x0tz-9hdr`).
///
/// Who knows the id may try to join, so it is a secret: `Debug` hides it.
/// Parsing ignores case and hyphens and reads `o` as `0`, `i` and `l` as `1`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(u128);

impl RoomId {
    const SYMBOLS: usize = 16;

    /// A fresh id from `rng`, which must be unpredictable in production.
    pub fn random(rng: &mut impl Rng) -> Self {
        Self(rng.random::<u128>() >> 48)
    }
}

impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, symbol) in encode(self.0, Self::SYMBOLS as u32).enumerate() {
            if place > 0 && place % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{symbol}")?;
        }
        Ok(())
    }
}

impl FromStr for RoomId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        decode(text, Self::SYMBOLS).map(Self)
    }
}

/// Declares a 60-bit wire id: 12 symbols of [`ALPHABET`], no hyphens.
macro_rules! short_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(u64);

        impl $name {
            const SYMBOLS: usize = 12;

            /// A fresh id from `rng`.
            pub fn random(rng: &mut impl Rng) -> Self {
                Self(rng.random::<u64>() >> 4)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                encode(self.0.into(), Self::SYMBOLS as u32).try_for_each(|symbol| write!(f, "{symbol}"))
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                decode(text, Self::SYMBOLS).map(|value| Self(value as u64))
            }
        }

        wire_id!($name);
    };
}

/// Serde as text, and a `Debug` that tells ids apart without telling them.
macro_rules! wire_id {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "(..{:02x})"), self.0 & 0xff)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    };
}

wire_id!(RoomId);

short_id! {
    /// A member of a room. It survives reconnects: the WebSocket and the peer connection may change under it.
    ParticipantId
}

short_id! {
    /// One published track: a microphone, a camera, a screen or a screen's sound.
    TrackId
}

slotmap::new_key_type! {
    /// A room inside one worker.
    pub struct RoomKey;
    /// A published track inside one room.
    pub struct TrackKey;
    /// A peer inside one worker.
    pub struct PeerKey;
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn a_room_id_reads_back_whatever_its_case_and_hyphens() {
        let mut rng = rand::rngs::StdRng::seed_from_u64(1);
        for _ in 0..100 {
            let id = RoomId::random(&mut rng);
            let text = id.to_string();
            assert_eq!(text.len(), 19);
            assert_eq!(text.parse(), Ok(id));
            assert_eq!(text.to_uppercase().replace('-', "").parse(), Ok(id));
            assert!(!format!("{id:?}").contains(&text));
        }
    }

    #[test]
    fn look_alikes_fold_and_other_texts_are_refused() {
        assert_eq!("OIL0-0000-0000-0000".parse::<RoomId>(), "0110-0000-0000-0000".parse());
        for bad in
            ["", "abc", "u000-0000-0000-0000", "0000-0000-0000-00000", "0000 0000 0000 0000", "é000-0000-0000-0000"]
        {
            assert_eq!(bad.parse::<RoomId>(), Err(InvalidId), "{bad}");
        }
    }

    #[test]
    fn short_ids_read_back() {
        let mut rng = rand::rngs::StdRng::seed_from_u64(2);
        let id = TrackId::random(&mut rng);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().len(), 12);
    }
}
