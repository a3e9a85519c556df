//! Glue to the SFU: its handle with a sign of life, and the two vocabularies translated into each other.

use confab_sfu::control::{self, Command, Event};
use confab_sfu::id::RoomId;
use confab_sfu::{SfuHandle, SfuStopped};
use tokio::sync::mpsc;

use crate::protocol::{AudioSlotBinding, Sections, SlotBinding, Speaker};

/// The SFU, as signalling uses it.
#[derive(Debug, Clone)]
pub struct Media {
    handle: SfuHandle,
}

impl Media {
    /// The SFU behind `handle`.
    pub fn new(handle: SfuHandle) -> Self {
        Self { handle }
    }

    /// Opens a room; its events come until it is closed.
    ///
    /// # Errors
    /// When the SFU has stopped.
    pub async fn open_room(&self, room: RoomId) -> Result<mpsc::Receiver<Event>, SfuStopped> {
        self.handle.open_room(room).await
    }

    /// Sends a command for an open room.
    ///
    /// # Errors
    /// When the SFU has stopped.
    pub async fn command(&self, command: Command) -> Result<(), SfuStopped> {
        self.handle.command(command).await
    }

    /// Opens and closes a room of its own: an SFU that ends that room's events is alive.
    ///
    /// # Errors
    /// When the SFU has stopped. Waits for ever for one that hangs.
    pub async fn probe(&self, room: RoomId) -> Result<(), SfuStopped> {
        let mut events = self.open_room(room).await?;
        self.command(Command::CloseRoom { room }).await?;
        while events.recv().await.is_some() {}
        Ok(())
    }
}

impl From<Sections> for control::Sections {
    fn from(sections: Sections) -> Self {
        let slot = |slot: crate::protocol::SlotSections| control::SlotSections { video: slot.video, audio: slot.audio };
        Self {
            publish: sections.publish.into_iter().map(|section| (section.source, section.mid)).collect(),
            slots: sections.slots.into_iter().map(slot).collect(),
            audio_slots: sections.audio_slots,
        }
    }
}

impl From<control::SlotBinding> for SlotBinding {
    fn from(binding: control::SlotBinding) -> Self {
        Self { slot: binding.slot, video: binding.video, audio: binding.audio }
    }
}

impl From<control::AudioSlotBinding> for AudioSlotBinding {
    fn from(binding: control::AudioSlotBinding) -> Self {
        Self { slot: binding.slot, audio: binding.audio }
    }
}

impl From<control::Speaker> for Speaker {
    fn from(speaker: control::Speaker) -> Self {
        Self { participant: speaker.participant, level: speaker.level }
    }
}
