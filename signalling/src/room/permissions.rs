//! Who may send what. The only place that knows.

use crate::protocol::{ClientMessage, Role};

/// Whether `role` may send `message`.
pub fn allows(role: Role, message: &ClientMessage) -> bool {
    match message {
        ClientMessage::MuteParticipant { .. }
        | ClientMessage::RemoveParticipant { .. }
        | ClientMessage::LockRoom { .. }
        | ClientMessage::EndRoom {} => role == Role::Host,
        ClientMessage::Hello { .. }
        | ClientMessage::Offer { .. }
        | ClientMessage::Publish { .. }
        | ClientMessage::Unpublish { .. }
        | ClientMessage::Mute { .. }
        | ClientMessage::Wants { .. }
        | ClientMessage::Chat { .. }
        | ClientMessage::FirstFrame { .. }
        | ClientMessage::Ping { .. }
        | ClientMessage::Leave {} => true,
    }
}
