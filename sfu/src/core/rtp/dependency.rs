//! The dependency descriptor, which tells an AV1 packet's place in its stream without a look into the payload
//! (<https://aomediacodec.github.io/av1-rtp-spec/#appendix>).
//!
//! Most packets only name a template; the templates come with keyframes, and are kept for each stream.

use super::bytes::Bits;
use super::{Layer, Sizes};

/// Ids of templates, which go round.
const TEMPLATE_IDS: u8 = 64;

/// The highest spatial and temporal layer (table A.1 of the specification).
const MAX_SPATIAL: u8 = 3;
const MAX_TEMPORAL: u8 = 7;

/// References of one frame that are read; codecs have at most 8.
const MAX_REFERENCES: usize = 16;

/// "A switch is possible" and "not present", of the indications that a frame has for each decode target (table A.2).
const SWITCH: u32 = 2;
const NOT_PRESENT: u32 = 0;

/// A set of layers up to which a stream can be decoded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Targets {
    /// The bit of spatial layer s and temporal layer t is 8 s + t.
    bits: u32,
    /// The highest spatial layer of the stream.
    top: u8,
}

impl Targets {
    /// The highest temporal layer up to `to` in the set, for a viewer who gets the spatial layers up to `spatial`.
    pub fn temporal(self, spatial: u8, to: u8) -> Option<u8> {
        let row = self.bits >> (8 * spatial.min(self.top)) & 0xff;
        (0..=to.min(MAX_TEMPORAL)).rev().find(|temporal| row >> temporal & 1 == 1)
    }
}

/// What one packet's descriptor tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependency {
    /// Whether this is the first packet of a frame.
    pub begins: bool,
    /// Whether this is the last packet of a frame.
    pub ends: bool,
    /// The frame's layer.
    pub layer: Layer,
    /// What a decoder can go on with behind this frame, whatever it had before, if it can decode this one.
    pub switches: Targets,
    /// The sizes of the spatial layers, if templates came with this packet and tell them.
    pub sizes: Sizes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Template {
    layer: Layer,
    switches: u32,
}

/// A stream's templates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Structure {
    offset: u8,
    /// At most [`TEMPLATE_IDS`].
    templates: Vec<Template>,
    /// The layers up to which each decode target goes, at most 32.
    targets: Vec<Layer>,
    top: u8,
    sizes: Sizes,
}

impl Dependency {
    /// Reads a descriptor, of a stream whose templates are `known`. Returns the new templates, if it brings some;
    /// `None` if it is cut, or names a template that is not known.
    pub fn parse(descriptor: &[u8], known: Option<&Structure>) -> Option<(Self, Option<Structure>)> {
        let mut bits = Bits::new(descriptor);
        let (begins, ends) = (bits.flag()?, bits.flag()?);
        let id = bits.number(6)? as u8;
        let _frame_number = bits.number(16)?;
        let (mut brought, mut custom) = (None, false);
        if descriptor.len() > 3 {
            let (structure, active) = (bits.flag()?, bits.flag()?);
            custom = bits.flag()?;
            let (_custom_references, _custom_chains) = (bits.flag()?, bits.flag()?);
            if structure {
                brought = Some(Structure::read(&mut bits)?);
            }
            if active {
                let _active = bits.number(brought.as_ref().or(known)?.targets.len() as u32)?;
            }
        }
        let structure = brought.as_ref().or(known)?;
        let place = (id + TEMPLATE_IDS - structure.offset) % TEMPLATE_IDS;
        let template = structure.templates.get(usize::from(place))?;
        let switches = if custom { switches(&structure.indications(&mut bits)?) } else { template.switches };
        let switches = Targets { bits: switches, top: structure.top };
        let sizes = brought.as_ref().map_or(Sizes::default(), |structure| structure.sizes);
        Some((Self { begins, ends, layer: template.layer, switches, sizes }, brought))
    }
}

impl Structure {
    fn read(bits: &mut Bits<'_>) -> Option<Self> {
        let offset = bits.number(6)? as u8;
        let count = bits.number(5)? + 1;
        let layers = template_layers(bits)?;
        let mut targets = vec![Layer::default(); count as usize];
        let mut indications = Vec::with_capacity(layers.len());
        for layer in &layers {
            let row = (0..count).map(|_| bits.number(2)).collect::<Option<Vec<u32>>>()?;
            for (target, _) in targets.iter_mut().zip(&row).filter(|(_, value)| **value != NOT_PRESENT) {
                target.spatial = target.spatial.max(layer.spatial);
                target.temporal = target.temporal.max(layer.temporal);
            }
            indications.push(row);
        }
        for _ in &layers {
            skip_references(bits)?;
        }
        skip_chains(bits, count, layers.len())?;
        let top = layers.iter().map(|layer| layer.spatial).max()?;
        let sizes = if bits.flag()? { sizes(bits, top)? } else { Sizes::default() };
        let row = |row: Vec<u32>| targets.iter().copied().zip(row).collect::<Vec<_>>();
        let templates =
            layers.iter().zip(indications).map(|(&layer, found)| Template { layer, switches: switches(&row(found)) });
        let templates = templates.collect();
        Some(Self { offset, templates, targets, top, sizes })
    }

    /// What a frame tells of each decode target by itself.
    fn indications(&self, bits: &mut Bits<'_>) -> Option<Vec<(Layer, u32)>> {
        self.targets.iter().map(|&target| Some((target, bits.number(2)?))).collect()
    }
}

/// The decode targets that a switch to is possible.
fn switches(indications: &[(Layer, u32)]) -> u32 {
    let possible = indications.iter().filter(|(_, value)| *value == SWITCH);
    possible.fold(0, |bits, (target, _)| bits | 1 << (8 * target.spatial + target.temporal))
}

fn template_layers(bits: &mut Bits<'_>) -> Option<Vec<Layer>> {
    let mut layers = vec![Layer::default()];
    loop {
        let mut layer = *layers.last()?;
        match bits.number(2)? {
            0 => {}
            1 => layer.temporal += 1,
            2 => layer = Layer { spatial: layer.spatial + 1, temporal: 0 },
            _ => return Some(layers),
        }
        let fits = layers.len() < usize::from(TEMPLATE_IDS);
        if !fits || layer.spatial > MAX_SPATIAL || layer.temporal > MAX_TEMPORAL {
            return None;
        }
        layers.push(layer);
    }
}

fn skip_references(bits: &mut Bits<'_>) -> Option<()> {
    for _ in 0..MAX_REFERENCES {
        if !bits.flag()? {
            return Some(());
        }
        let _difference = bits.number(4)?;
    }
    None
}

fn skip_chains(bits: &mut Bits<'_>, targets: u32, templates: usize) -> Option<()> {
    let chains = one_of(bits, targets + 1)?;
    if chains == 0 {
        return Some(());
    }
    for _ in 0..targets {
        let _protected_by = one_of(bits, chains)?;
    }
    for _ in 0..templates * chains as usize {
        let _difference = bits.number(4)?;
    }
    Some(())
}

fn sizes(bits: &mut Bits<'_>, top: u8) -> Option<Sizes> {
    let mut side = || Some((bits.number(16)? as u16).saturating_add(1));
    (0..=top).map(|_| Some((side()?, side()?))).collect()
}

/// A number below `count`, in the code ns(n) of the specification.
fn one_of(bits: &mut Bits<'_>, count: u32) -> Option<u32> {
    let width = u32::BITS - count.leading_zeros();
    let short = (1 << width) - count;
    let value = bits.number(width - 1)?;
    if value < short { Some(value) } else { Some((value << 1) - short + bits.number(1)?) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Writes bits.
    #[derive(Default)]
    struct Writer {
        bytes: Vec<u8>,
        count: usize,
    }

    impl Writer {
        fn put(mut self, width: u32, value: u32) -> Self {
            for place in (0..width).rev() {
                if self.count.is_multiple_of(8) {
                    self.bytes.push(0);
                }
                *self.bytes.last_mut().unwrap() |= ((value >> place & 1) as u8) << (7 - self.count % 8);
                self.count += 1;
            }
            self
        }

        fn all(self, width: u32, values: &[u32]) -> Self {
            values.iter().fold(self, |writer, &value| writer.put(width, value))
        }
    }

    fn head(begins: bool, ends: bool, template: u32) -> Writer {
        Writer::default().put(1, begins.into()).put(1, ends.into()).put(6, template).put(16, 1000)
    }

    /// A descriptor with templates of one spatial and three temporal layers, as in A.6.2.1 of the specification.
    fn structure(template: u32, sizes: bool) -> Vec<u8> {
        let mut writer = head(true, false, template).put(5, 0b10000).put(6, 60).put(5, 2);
        writer = writer.all(2, &[0, 1, 1, 0, 3]);
        for row in [[2, 2, 2], [2, 2, 2], [2, 1, 0], [1, 0, 0], [1, 0, 0]] {
            writer = writer.all(2, &row);
        }
        for references in [&[][..], &[4], &[2], &[1], &[1]] {
            for difference in references {
                writer = writer.put(1, 1).put(4, difference - 1);
            }
            writer = writer.put(1, 0);
        }
        // One chain out of at most three: ns(4); each target is protected by it: ns(1) has no bits.
        writer = writer.put(2, 1).all(4, &[0, 4, 2, 1, 3]);
        writer = writer.put(1, sizes.into());
        if sizes {
            writer = writer.put(16, 639).put(16, 359);
        }
        writer.bytes
    }

    fn layer(temporal: u8) -> Layer {
        Layer { spatial: 0, temporal }
    }

    #[test]
    fn templates_come_with_a_keyframe_and_are_named_from_then_on() {
        let (first, brought) = Dependency::parse(&structure(60, true), None).unwrap();
        let known = brought.unwrap();
        assert_eq!((first.begins, first.ends, first.layer), (true, false, layer(0)));
        assert_eq!(first.sizes.of(0), Some((640, 360)));
        // Template, layer, and the highest layer that can be switched to.
        for (template, temporal, switch) in
            [(60, 0, Some(2)), (61, 0, Some(2)), (62, 1, Some(2)), (63, 2, None), (0, 2, None)]
        {
            let (later, brought) = Dependency::parse(&head(false, true, template).bytes, Some(&known)).unwrap();
            assert_eq!((later.begins, later.ends, later.layer), (false, true, layer(temporal)), "{template}");
            assert_eq!((later.switches.temporal(0, 7), brought), (switch, None), "{template}");
            assert_eq!(later.sizes, Sizes::default());
        }
        let (base, _) = Dependency::parse(&head(true, true, 61).bytes, Some(&known)).unwrap();
        assert_eq!([0, 1, 2, 255].map(|to| base.switches.temporal(255, to)), [Some(0), Some(1), Some(2), Some(2)]);
        assert_eq!(Dependency::parse(&head(true, true, 1).bytes, Some(&known)), None, "a template that is not there");
        assert_eq!(Dependency::parse(&head(true, true, 60).bytes, None), None, "no templates");
        assert!(Dependency::parse(&structure(60, false), None).unwrap().0.sizes.largest().is_none());
        for len in 0..structure(60, true).len() {
            assert_eq!(Dependency::parse(&structure(60, true)[..len], None), None, "{len}");
        }
    }

    #[test]
    fn a_frame_may_tell_of_its_targets_by_itself() {
        let known = Dependency::parse(&structure(60, false), None).unwrap().1.unwrap();
        // The active targets first, then an indication for each.
        let frame = head(true, true, 61).put(5, 0b01100).put(3, 0b111).all(2, &[3, 2, 2]);
        let (frame, _) = Dependency::parse(&frame.bytes, Some(&known)).unwrap();
        assert_eq!(frame.switches.temporal(0, 7), Some(1));
    }

    proptest! {
        #[test]
        fn no_descriptor_makes_the_parser_panic(
            random in prop::collection::vec(any::<u8>(), 0..120), place in 0..60usize, value: u8,
        ) {
            let known = Dependency::parse(&structure(60, true), None).unwrap().1;
            let _ = Dependency::parse(&random, known.as_ref());
            let mut with_structure = structure(60, true);
            if let Some(byte) = with_structure.get_mut(3 + place) {
                *byte = value;
            }
            let _ = Dependency::parse(&with_structure, None);
            let _ = Dependency::parse(&[&[0x80, 0, 0, 0x80][..], &random].concat(), None);
        }

        #[test]
        fn numbers_below_a_count_read_back(count in 1..40u32, value in 0..40u32) {
            let value = value % count;
            let width = u32::BITS - count.leading_zeros();
            let short = (1 << width) - count;
            let writer = if value < short {
                Writer::default().put(width - 1, value)
            } else {
                Writer::default().put(width - 1, (value + short) >> 1).put(1, (value + short) & 1)
            };
            prop_assert_eq!(one_of(&mut Bits::new(&[&writer.bytes[..], &[0]].concat()), count), Some(value));
        }
    }
}
