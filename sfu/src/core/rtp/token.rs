//! Short names that travel both in session descriptions and in RTP header extensions.

use std::fmt;

/// Longest name, in bytes: what an element of a one-byte header extension can hold.
const MAX_LEN: usize = 16;

/// Declares a name of 1 to 16 bytes, kept inline so that it costs no allocation per packet.
macro_rules! token {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            bytes: [u8; MAX_LEN],
            len: u8,
        }

        impl $name {
            /// Reads a name; `None` if it is empty, longer than 16 bytes or has other characters than letters,
            /// digits, `-` and `_`.
            pub fn parse(text: &str) -> Option<Self> {
                Self::from_bytes(text.as_bytes())
            }

            /// Reads a name as a header extension carries it; otherwise like `parse`.
            pub fn from_bytes(name: &[u8]) -> Option<Self> {
                let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
                if name.is_empty() || !name.iter().all(allowed) {
                    return None;
                }
                let mut bytes = [0; MAX_LEN];
                bytes.get_mut(..name.len())?.copy_from_slice(name);
                Some(Self { bytes, len: name.len() as u8 })
            }

            /// The name.
            pub fn as_str(&self) -> &str {
                // The bytes are ASCII, so the fallback is never taken.
                std::str::from_utf8(self.as_bytes()).unwrap_or_default()
            }

            /// The name's bytes.
            pub fn as_bytes(&self) -> &[u8] {
                self.bytes.get(..usize::from(self.len)).unwrap_or_default()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.as_str())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

token! {
    /// Media identification: names a section of a session description
    /// (RFC 8843 section 15, <https://www.rfc-editor.org/rfc/rfc8843#section-15>).
    Mid
}

token! {
    /// RTP stream id: names one encoding of a simulcast section
    /// (RFC 8852 section 3, <https://www.rfc-editor.org/rfc/rfc8852#section-3>).
    Rid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_letters_digits_hyphen_and_underscore_up_to_sixteen() {
        for good in ["0", "h", "sdparta_0", "a-b", "0123456789abcdef"] {
            assert_eq!(Mid::parse(good).map(|mid| mid.as_str().to_owned()).as_deref(), Some(good));
        }
        for bad in ["", "0123456789abcdefg", "a b", "é", "a;b", "a\0"] {
            assert_eq!(Rid::parse(bad), None, "{bad:?}");
        }
        assert_eq!(format!("{:?}", Rid::parse("h").unwrap()), "Rid(h)");
        assert!(Mid::parse("1") < Mid::parse("2"));
    }
}
