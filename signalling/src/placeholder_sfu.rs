//! PLACEHOLDER: stands in for `confab_sfu::Sfu` until its workers are there, with the same face. It carries no media:
//! it refuses every offer. To plug in the real one, delete this file and its two lines in `main.rs`.

use std::collections::HashMap;
use std::net::SocketAddr;

use confab_sfu::control::{Command, Event, OfferError};
use confab_sfu::handle::Request;
use confab_sfu::{SfuConfig, SfuHandle};
use prometheus::core::Collector;
use tokio::sync::mpsc;

pub(crate) struct Sfu {
    handle: SfuHandle,
}

impl Sfu {
    pub(crate) fn start(config: &SfuConfig) -> Result<Self, std::io::Error> {
        let (handle, inboxes) = SfuHandle::new(config.workers);
        for inbox in inboxes {
            tokio::spawn(work(inbox));
        }
        Ok(Self { handle })
    }

    pub(crate) fn handle(&self) -> SfuHandle {
        self.handle.clone()
    }

    pub(crate) fn media_addresses(&self) -> Vec<SocketAddr> {
        Vec::new()
    }

    pub(crate) fn collector(&self) -> Box<dyn Collector> {
        Box::new(NoMetrics)
    }
}

struct NoMetrics;

impl Collector for NoMetrics {
    fn desc(&self) -> Vec<&prometheus::core::Desc> {
        Vec::new()
    }

    fn collect(&self) -> Vec<prometheus::proto::MetricFamily> {
        Vec::new()
    }
}

async fn work(mut inbox: mpsc::Receiver<Request>) {
    let mut rooms = HashMap::new();
    while let Some(request) = inbox.recv().await {
        match request {
            Request::OpenRoom { room, events } => {
                rooms.insert(room, events);
            }
            Request::Command(Command::CloseRoom { room }) => {
                rooms.remove(&room);
            }
            Request::Command(Command::Offer { room, participant, request, .. }) => {
                let event = Event::Answer { participant, request, answer: Err(OfferError::Unsupported) };
                if let Some(events) = rooms.get(&room) {
                    let _ = events.try_send(event);
                }
            }
            Request::Command(_) => {}
        }
    }
}
