//! Layers inside one encoding: a stream may be made so that a part of it can be left out.

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
}
