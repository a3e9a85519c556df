//! Datagrams in a stream: each behind its length in two bytes (RFC 4571 section 2,
//! <https://www.rfc-editor.org/rfc/rfc4571#section-2>).

/// Bytes in front of each datagram.
const HEAD: usize = 2;

/// Appends a datagram of at most 65 535 bytes as a frame.
pub fn append(out: &mut Vec<u8>, datagram: &[u8]) {
    let length = u16::try_from(datagram.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(datagram.get(..usize::from(length)).unwrap_or(datagram));
}

/// A frame is longer than a datagram may be. What follows it in the stream cannot be found any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a frame is too long")]
pub struct TooLong;

/// Cuts a stream into datagrams, in memory that does not grow.
#[derive(Debug)]
pub struct FrameReader {
    /// What is not yet taken lies between `start` and `end`.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    max_datagram: usize,
}

impl FrameReader {
    /// A reader of datagrams of up to `max_datagram` bytes. It keeps twice as many: the more, the fewer reads.
    pub fn new(max_datagram: usize) -> Self {
        Self { buffer: vec![0; 2 * (HEAD + max_datagram)], start: 0, end: 0, max_datagram }
    }

    /// Where the stream's next bytes go; never empty after [`Self::next`] has given all that there was.
    pub fn space(&mut self) -> &mut [u8] {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        self.buffer.get_mut(self.end..).unwrap_or_default()
    }

    /// So many bytes were written to [`Self::space`].
    pub fn advance(&mut self, bytes: usize) {
        self.end = (self.end + bytes).min(self.buffer.len());
    }

    /// The next datagram, if all of it is there. Empty ones are skipped: they carry nothing.
    ///
    /// # Errors
    /// When a frame is longer than a datagram may be.
    pub fn next_datagram(&mut self) -> Result<Option<&mut [u8]>, TooLong> {
        loop {
            let Some(&[high, low]) = self.buffer.get(self.start..self.end).and_then(|rest| rest.first_chunk()) else {
                return Ok(None);
            };
            let length = usize::from(u16::from_be_bytes([high, low]));
            if length > self.max_datagram {
                return Err(TooLong);
            }
            let from = self.start + HEAD;
            if self.end < from + length {
                return Ok(None);
            }
            self.start = from + length;
            if length > 0 {
                return Ok(self.buffer.get_mut(from..from + length));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MAX: usize = 20;

    /// What a reader makes of a stream that arrives in pieces of these lengths.
    fn read(stream: &[u8], mut lengths: impl Iterator<Item = usize>) -> Result<Vec<Vec<u8>>, TooLong> {
        let mut reader = FrameReader::new(MAX);
        let mut datagrams = Vec::new();
        let mut rest = stream;
        while !rest.is_empty() {
            let space = reader.space();
            assert!(!space.is_empty());
            let length = lengths.next().unwrap_or(1).clamp(1, space.len()).min(rest.len());
            let (piece, later) = rest.split_at(length);
            space[..length].copy_from_slice(piece);
            rest = later;
            reader.advance(length);
            while let Some(datagram) = reader.next_datagram()? {
                datagrams.push(datagram.to_vec());
            }
        }
        Ok(datagrams)
    }

    #[test]
    fn a_frame_that_is_too_long_ends_the_stream() {
        let stream = |length: usize| {
            let mut out = Vec::new();
            append(&mut out, &[7; 3]);
            append(&mut out, &vec![8; length]);
            out
        };
        assert_eq!(read(&stream(MAX), [1000].into_iter()), Ok(vec![vec![7; 3], vec![8; MAX]]));
        assert_eq!(read(&stream(MAX + 1), [1000].into_iter()), Err(TooLong));
        assert_eq!(read(&[0xff, 0xff], [1, 1].into_iter()), Err(TooLong), "its length alone is enough");
    }

    proptest! {
        /// However a network cuts the stream, the same datagrams come out.
        #[test]
        fn what_is_framed_comes_out_again(
            datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..=MAX), 0..20),
            lengths in prop::collection::vec(1..60_usize, 0..100),
        ) {
            let mut stream = Vec::new();
            datagrams.iter().for_each(|datagram| append(&mut stream, datagram));
            let expected: Vec<_> = datagrams.into_iter().filter(|datagram| !datagram.is_empty()).collect();
            prop_assert_eq!(read(&stream, lengths.into_iter()), Ok(expected));
        }
    }
}
