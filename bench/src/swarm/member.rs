//! One member of the swarm: a client, its WebSocket and its UDP socket.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::net::UdpSocket;
use tokio::sync::watch;

use super::Totals;
use super::roster::Roster;
use crate::client::{Change, Client, ClientConfig, ClientStats, Output, Stamp};
use crate::scenario::Group;
use crate::signalling::{Api, ClientMessage, Connection, ServerMessage, SlotBinding, Want};

/// Datagrams that are read before the client's outputs are looked at.
const BATCH: usize = 64;
/// Bytes of the largest datagram.
const MAX_DATAGRAM: usize = 2048;
/// Least time between two `wants`: the server allows 20 messages a second.
const WANTS_INTERVAL: Duration = Duration::from_millis(250);
/// Time for the join calls and the answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Time for the server to close after a leave.
const FAREWELL: Duration = Duration::from_secs(1);
/// A slot whose last picture or sound is older has fallen silent.
const FRESH: Duration = Duration::from_secs(2);
/// Bytes that the kernel may hold for a client that is kept waiting, so that a busy machine's pauses are delays and
/// not losses: a second of 8 Mbit/s.
const RECEIVE_BUFFER: usize = 1 << 20;
/// Longest sleep of the loop.
const MAX_SLEEP: Duration = Duration::from_millis(500);

/// What a member is to do.
#[derive(Clone)]
pub(super) struct Plan {
    pub(super) room: String,
    pub(super) name: String,
    pub(super) publishes: bool,
    pub(super) group: Group,
    pub(super) sender: u64,
    pub(super) epoch: Instant,
}

/// What a member saw.
#[derive(Debug, Clone)]
pub struct Seen {
    /// From the join call to ICE and DTLS being done; `None` if they never were.
    pub join: Option<Duration>,
    /// From the join call to the first decoded frame.
    pub first_frame: Option<Duration>,
    /// The client's counters.
    pub stats: ClientStats,
    /// Slots in which it wanted something.
    pub slots: usize,
    /// Those of them that did not carry it at the end, and why.
    pub wrong: Vec<String>,
    /// Errors that the server reported.
    pub refusals: Vec<String>,
}

pub(super) struct Member {
    api: Api,
    plan: Plan,
    client: Client,
    socket: UdpSocket,
    connection: Connection,
    roster: Roster,
    totals: Arc<Totals>,
    began: Instant,
    wants_due: Option<Instant>,
    last_wants: Option<Instant>,
    /// What the client wants, and what the server said that the slots carry.
    wants: Vec<Want>,
    shown: Vec<SlotBinding>,
    refusals: Vec<String>,
    counted: u64,
}

impl Member {
    /// Joins the room and offers.
    pub(super) async fn join(api: Api, plan: Plan, totals: Arc<Totals>) -> Result<Self> {
        let began = Instant::now();
        let joining = async {
            let joined = api.join(&plan.room, &plan.name).await?;
            api.connect(&joined).await
        };
        let mut connection = tokio::time::timeout(PATIENCE, joining).await.context("joining took too long")??;
        let mut roster = Roster::default();
        roster.apply(&connection.next().await?);
        // Bound to the server's own address, which was checked to be this machine's.
        let socket = UdpSocket::bind((api.address().ip(), 0)).await?;
        socket2::SockRef::from(&socket).set_recv_buffer_size(RECEIVE_BUFFER)?;
        let local = socket.local_addr()?;
        let publish = if plan.publishes { plan.group.publish() } else { Vec::new() };
        let (slots, audio_slots) = (plan.group.slots, plan.group.audio_slots);
        let config = ClientConfig { publish, slots, audio_slots, ..ClientConfig::new(local, plan.sender, plan.epoch) };
        let mut client = Client::new(config, Instant::now())?;
        let offer = client.offer(Instant::now(), Change::default())?;
        connection.send(&ClientMessage::offer(1, &offer)).await?;
        let answer = tokio::time::timeout(PATIENCE, connection.answer(1)).await.context("no answer came")??;
        client.accept_answer(Instant::now(), &answer)?;
        for (source, _) in &offer.publish {
            connection.send(&ClientMessage::Publish { source: *source, muted: false }).await?;
        }
        let (wants_due, last_wants) = (Some(Instant::now()), None);
        let (wants, shown, refusals, counted) = (Vec::new(), Vec::new(), Vec::new(), 0);
        Ok(Self {
            api,
            plan,
            client,
            socket,
            connection,
            roster,
            totals,
            began,
            wants_due,
            last_wants,
            wants,
            shown,
            refusals,
            counted,
        })
    }

    /// Runs until told to stop, then leaves.
    pub(super) async fn run(mut self, mut stop: watch::Receiver<bool>) -> Result<Seen> {
        let mut buffer = vec![0; MAX_DATAGRAM];
        loop {
            self.flush().await?;
            let next = self.client.next_timeout().min(self.wants_due.unwrap_or(Instant::now() + MAX_SLEEP));
            let sleep = next.min(Instant::now() + MAX_SLEEP);
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                ready = self.socket.readable() => { ready?; self.receive(&mut buffer)?; }
                message = self.connection.next() => self.message(&message?)?,
                () = tokio::time::sleep_until(sleep.into()) => {}
            }
            self.client.handle_timeout(Instant::now());
            self.send_wants().await?;
        }
        self.leave().await
    }

    /// Carries out what the client asks for.
    async fn flush(&mut self) -> Result<()> {
        while let Some(output) = self.client.poll() {
            match output {
                Output::Transmit { destination, bytes } => self.transmit(destination, &bytes).await?,
                Output::Connected => self.totals.connected(),
                Output::Closed => bail!("the connection was closed: {:?}", self.client.stats().errors),
                Output::Disconnected | Output::Reconnected => {}
            }
        }
        let received = self.client.stats().wire.received_rtp;
        self.totals.received(received - self.counted);
        self.counted = received;
        Ok(())
    }

    async fn transmit(&self, destination: SocketAddr, bytes: &[u8]) -> Result<()> {
        // A server may announce any candidate: none but this machine's gets a datagram.
        if !self.api.local().contains(destination.ip()) {
            return Ok(());
        }
        match self.socket.send_to(bytes, destination).await {
            // The server is gone or has no such candidate: ICE notices.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => Ok(()),
            Err(error) => Err(error).context("sending"),
            Ok(_) => Ok(()),
        }
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Result<()> {
        let local = self.client.config().local;
        for _ in 0..BATCH {
            match self.socket.try_recv_from(buffer) {
                Ok((len, source)) => {
                    self.client.handle_datagram(Instant::now(), source, local, &buffer[..len]);
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {}
                Err(error) => return Err(error).context("receiving"),
            }
        }
        Ok(())
    }

    fn message(&mut self, message: &ServerMessage) -> Result<()> {
        match message {
            ServerMessage::Closed { reason } => bail!("the server closed: {reason}"),
            ServerMessage::Error { code, message } => self.refusals.push(format!("{code}: {message}")),
            ServerMessage::Slots { slots } => self.slots(slots),
            ServerMessage::PublicationWishes { source, encodings } => {
                for (layer, needed) in encodings.iter().enumerate() {
                    self.client.set_encoding_active(*source, layer, *needed);
                }
            }
            other => {
                if self.roster.apply(other) {
                    let soon = self.last_wants.map_or(Instant::now(), |last| last + WANTS_INTERVAL);
                    self.wants_due.get_or_insert(soon.max(Instant::now()));
                }
            }
        }
        Ok(())
    }

    /// A slot that lost its picture is silent on purpose: no freeze.
    fn slots(&mut self, slots: &[SlotBinding]) {
        let pictures = |slots: &[SlotBinding]| -> HashSet<u16> {
            slots.iter().filter(|one| one.video.is_some()).map(|one| one.slot).collect()
        };
        for slot in pictures(&self.shown).difference(&pictures(slots)) {
            self.client.slot_emptied(usize::from(*slot));
        }
        self.shown = slots.to_vec();
    }

    async fn send_wants(&mut self) -> Result<()> {
        let now = Instant::now();
        if self.wants_due.is_none_or(|due| due > now) {
            return Ok(());
        }
        (self.wants_due, self.last_wants) = (None, Some(now));
        if self.plan.group.slots == 0 {
            return Ok(());
        }
        self.wants = self.roster.wants(&self.plan.group);
        self.connection.send(&ClientMessage::Wants { wants: self.wants.clone() }).await
    }

    async fn leave(mut self) -> Result<Seen> {
        let wrong = self.wrong_slots(Instant::now());
        // The server may stop at the same time: what was measured counts all the same.
        let _ = self.connection.send(&ClientMessage::Leave).await;
        self.client.close(Instant::now());
        while let Some(output) = self.client.poll() {
            if let Output::Transmit { destination, bytes } = output {
                self.transmit(destination, &bytes).await?;
            }
        }
        let stats = self.client.stats().clone();
        let since = |at: Instant| at.saturating_duration_since(self.began);
        let first = stats.slots.iter().filter_map(|slot| slot.video.switches.first()).map(|switch| switch.at).min();
        let (join, first_frame) = (stats.connected.map(since), first.map(since));
        // A socket that is closed with something unread in it resets the connection, and the server never reads the
        // message above.
        let _ = tokio::time::timeout(FAREWELL, async { while self.connection.next().await.is_ok() {} }).await;
        Ok(Seen { join, first_frame, stats, slots: self.wants.len(), wrong, refusals: self.refusals })
    }

    /// Slots that do not carry what they were asked to: by what the server says, and by what came lately.
    fn wrong_slots(&self, now: Instant) -> Vec<String> {
        let mut wrong = Vec::new();
        for want in &self.wants {
            let bound = self.shown.iter().find(|bound| bound.slot == want.slot);
            let said = bound.map(|bound| (&bound.video, &bound.audio));
            let Some(came) = self.client.stats().slots.get(usize::from(want.slot)) else { continue };
            let sender = self.roster.expected(want.slot);
            let fresh = |stamp: Option<Stamp>, at: Option<Instant>| {
                let late = at.is_none_or(|at| now.saturating_duration_since(at) > FRESH);
                stamp.filter(|stamp| !late && sender.is_none_or(|sender| stamp.sender == sender)).is_some()
            };
            let picture = want.video.is_none() || fresh(came.video.decoded, came.video.decoded_at);
            let sound = want.audio.is_none() || fresh(came.audio.rtp.stamp, came.audio.rtp.arrived);
            if said != Some((&want.video, &want.audio)) || !picture || !sound {
                let (who, slot) = (&self.plan.name, want.slot);
                let said = if said == Some((&want.video, &want.audio)) { "said so" } else { "did not say so" };
                let right = |right: bool| if right { "right" } else { "wrong or silent" };
                let (picture, sound) = (right(picture), right(sound));
                wrong.push(format!("{who}, slot {slot}: the server {said}, picture {picture}, sound {sound}"));
            }
        }
        wrong
    }
}
