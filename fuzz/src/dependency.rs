//! AV1's dependency descriptors, one after the other as of one stream: a length, then a descriptor.

use confab_sfu::core::rtp::Dependency;

use crate::bytes::Bytes;

pub(crate) fn run(data: &[u8]) {
    let mut input = Bytes(data);
    let mut structure = None;
    while !input.is_empty() {
        let len = input.u8();
        let descriptor = input.take(len.into());
        let Some((dependency, brought)) = Dependency::parse(descriptor, structure.as_ref()) else { continue };
        // The same descriptor means the same again, whether its templates came with it or were known.
        let known = brought.as_ref().or(structure.as_ref());
        assert!(known.is_some(), "nothing is understood without templates");
        assert_eq!(Dependency::parse(descriptor, known).map(|(again, _)| again), Some(dependency));
        structure = brought.or(structure);
    }
}
