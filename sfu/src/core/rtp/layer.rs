//! Layers inside one encoding: a stream may be made so that a part of it can be left out.

use super::dependency::Targets;

/// A layer of an encoding, or all layers up to it.
///
/// A spatial layer refines the picture of the one below; a temporal layer adds pictures between those of the one below.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Layer {
    /// Spatial layer, 0 to 7; 0 where the stream has only one.
    pub spatial: u8,
    /// Temporal layer, 0 to 7; 0 where the stream has only one.
    pub temporal: u8,
}

impl Layer {
    /// Everything, whatever the stream has.
    pub const ALL: Self = Self { spatial: u8::MAX, temporal: u8::MAX };

    /// Whether a decoder that gets all layers up to this one gets `other` too.
    pub fn includes(self, other: Self) -> bool {
        other.spatial <= self.spatial && other.temporal <= self.temporal
    }
}

/// Where in a stream a decoder that had no higher temporal layers may take them on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SwitchUp {
    /// Not here.
    #[default]
    Nowhere,
    /// With this picture to its own layer: it refers to the lowest layer only (VP8's bit Y).
    ToThis,
    /// Behind this picture to all layers above its own: nothing there will refer to what came before it (VP9's bit U).
    Above,
    /// Behind this picture to these (AV1).
    To(Targets),
}

/// Spatial layers whose sizes are kept; browsers make at most three.
const MAX_SIZES: usize = 4;

/// The sizes of a stream's pictures in pixels, by spatial layer, as far as they are told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Sizes([(u16, u16); MAX_SIZES]);

impl Sizes {
    /// Of a stream with one spatial layer.
    pub fn one(size: Option<(u16, u16)>) -> Self {
        size.into_iter().collect()
    }

    /// Width and height of the pictures of a spatial layer.
    pub fn of(&self, spatial: u8) -> Option<(u16, u16)> {
        self.0.get(usize::from(spatial)).copied().filter(|&size| size != (0, 0))
    }

    /// Width and height of the highest spatial layer.
    pub fn largest(&self) -> Option<(u16, u16)> {
        self.0.iter().rev().copied().find(|&size| size != (0, 0))
    }

    /// Itself, or `before` where nothing is told.
    pub fn or(self, before: Self) -> Self {
        if self == Self::default() { before } else { self }
    }
}

/// The lowest layer first; layers beyond the limit are left out.
impl FromIterator<(u16, u16)> for Sizes {
    fn from_iter<I: IntoIterator<Item = (u16, u16)>>(sizes: I) -> Self {
        let mut all = Self::default();
        all.0.iter_mut().zip(sizes).for_each(|(place, size)| *place = size);
        all
    }
}
