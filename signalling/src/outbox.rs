//! The bounded queue between a room and one WebSocket. A room never waits for a socket: one that does not take its
//! frames is closed, and its participant may resume.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::{Notify, mpsc};

use crate::limits::{OUTBOX_BYTES, OUTBOX_FRAMES};
use crate::room::CloseCode;

/// What goes to a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A message; a broadcast shares one text.
    Text(Utf8Bytes),
    /// The end.
    Close(CloseCode),
}

#[derive(Debug, Default)]
struct Shared {
    bytes: AtomicUsize,
    overflow: Notify,
}

/// The room's end.
#[derive(Debug)]
pub struct Outbox {
    frames: mpsc::Sender<Frame>,
    shared: Arc<Shared>,
}

/// The socket's end.
#[derive(Debug)]
pub struct Mail {
    frames: mpsc::Receiver<Frame>,
    shared: Arc<Shared>,
}

/// Both ends of an empty queue.
pub fn outbox() -> (Outbox, Mail) {
    let (sender, receiver) = mpsc::channel(OUTBOX_FRAMES);
    let shared = Arc::<Shared>::default();
    (Outbox { frames: sender, shared: Arc::clone(&shared) }, Mail { frames: receiver, shared })
}

impl Outbox {
    /// Queues a frame, or lets the socket know that it is too slow.
    pub fn push(&self, frame: Frame) {
        let size = size(&frame);
        let waiting = self.shared.bytes.fetch_add(size, Ordering::Relaxed);
        let fits = waiting == 0 || waiting + size <= OUTBOX_BYTES;
        if !fits || self.frames.try_send(frame).is_err() {
            self.shared.bytes.fetch_sub(size, Ordering::Relaxed);
            self.shared.overflow.notify_one();
        }
    }
}

impl Mail {
    /// The next frame; none when the room has let go.
    pub async fn next(&mut self) -> Option<Frame> {
        let frame = self.frames.recv().await?;
        self.shared.bytes.fetch_sub(size(&frame), Ordering::Relaxed);
        Some(frame)
    }

    /// What tells when a frame did not fit.
    pub fn overflow(&self) -> Overflow {
        Overflow(Arc::clone(&self.shared))
    }
}

/// Tells a socket that it was too slow.
#[derive(Debug)]
pub struct Overflow(Arc<Shared>);

impl Overflow {
    /// Resolves when a frame did not fit.
    pub async fn happened(&self) {
        self.0.overflow.notified().await;
    }
}

fn size(frame: &Frame) -> usize {
    match frame {
        Frame::Text(text) => text.len(),
        Frame::Close(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: usize) -> Frame {
        Frame::Text("x".repeat(bytes).into())
    }

    #[tokio::test]
    async fn a_queue_is_bounded_in_frames_and_in_bytes() {
        let (sender, mail) = outbox();
        (0..OUTBOX_FRAMES).for_each(|_| sender.push(text(1)));
        assert_eq!(mail.frames.len(), OUTBOX_FRAMES);
        sender.push(text(1));
        mail.overflow().happened().await;

        let (sender, mut mail) = outbox();
        sender.push(text(2 * OUTBOX_BYTES));
        sender.push(text(1));
        mail.overflow().happened().await;
        mail.next().await.unwrap();
        sender.push(text(OUTBOX_BYTES));
        assert_eq!(mail.next().await, Some(text(OUTBOX_BYTES)));
        assert_eq!(mail.shared.bytes.load(Ordering::Relaxed), 0);
    }
}
