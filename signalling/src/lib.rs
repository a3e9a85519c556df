//! Rooms, links and the WebSocket protocol.

pub mod protocol;
