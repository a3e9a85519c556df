//! Frames in a stream: where the network cuts it, then the stream.

use confab_sfu::core::framing::{FrameReader, append};

use crate::bytes::Bytes;

const MAX_DATAGRAM: usize = 1500;

pub(crate) fn run(data: &[u8]) {
    let mut input = Bytes(data);
    let cuts = input.piece();
    let stream = input.0;
    let (datagrams, is_broken) = read(stream, &[]);
    assert_eq!(read(stream, cuts), (datagrams.clone(), is_broken), "where it is cut changes nothing");
    assert!(datagrams.iter().all(|datagram| (1..=MAX_DATAGRAM).contains(&datagram.len())));
    let mut again = Vec::new();
    datagrams.iter().for_each(|datagram| append(&mut again, datagram));
    assert_eq!(read(&again, cuts), (datagrams, false));
}

/// The datagrams of a stream that arrives in pieces of these lengths, and whether it broke off.
fn read(mut stream: &[u8], cuts: &[u8]) -> (Vec<Vec<u8>>, bool) {
    let mut reader = FrameReader::new(MAX_DATAGRAM);
    let mut datagrams = Vec::new();
    let mut cuts = cuts.iter().map(|cut| usize::from(*cut).max(1));
    while !stream.is_empty() {
        let space = reader.space();
        let length = cuts.next().unwrap_or(usize::MAX).min(space.len()).min(stream.len());
        assert!(length > 0, "there is always space for the rest of a frame");
        let (piece, rest) = stream.split_at(length);
        space[..length].copy_from_slice(piece);
        reader.advance(length);
        stream = rest;
        loop {
            match reader.next_datagram() {
                Ok(Some(datagram)) => datagrams.push(datagram.to_vec()),
                Ok(None) => break,
                Err(_) => return (datagrams, true),
            }
        }
    }
    (datagrams, false)
}
