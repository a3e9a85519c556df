//! Where a peer's datagrams come from and go to: ICE checks, their answers, and when media moves to another path.

use std::net::SocketAddr;

use super::{Peer, Turn};
use crate::core::demux::{is_binding_success, parse_stun_request};
use crate::core::endpoint::Endpoint;
use crate::core::outbox::{Path, TrainPlace};
use crate::core::stats::DropReason;
use crate::core::stun::{TransactionId, answered_transaction, binding_request, has_integrity};
use crate::core::transport::{To, TransportClosed};

impl Peer {
    /// Takes a STUN or DTLS datagram. Returns whether the engine answered an ICE check with success, which proves
    /// that the source belongs to this peer.
    ///
    /// # Errors
    /// `Ok(Err(reason))` when it was dropped, `Err` when the transport is closed.
    pub fn receive_handshake(
        &mut self,
        turn: &mut Turn<'_>,
        source: Endpoint,
        destination: SocketAddr,
        datagram: &[u8],
    ) -> Result<Result<bool, DropReason>, TransportClosed> {
        self.trip();
        let nominates = parse_stun_request(datagram).map(|request| request.use_candidate);
        if let Some(id) = answered_transaction(datagram) {
            return Ok(self.receive_answer(turn, source, &id, datagram));
        }
        let is_known = self.addresses.contains(&source) || self.path.is_some_and(|path| path.remote == source);
        if !is_known && !self.new_addresses.allows(turn.now) {
            return Ok(Err(DropReason::UnknownSource));
        }
        if let Err(reason) = self.transport.handle_datagram(turn.now, source, destination, datagram) {
            return Ok(Err(reason));
        }
        let from = Path { remote: source, local: Some(destination.ip()) };
        let validated = self.drain(turn, Some((from, nominates)))?;
        if validated {
            self.last_heard = turn.now;
            if !is_known {
                self.new_addresses.charge(turn.now);
            }
            self.check_paths(turn);
        }
        Ok(Ok(validated))
    }

    /// Takes the answer to a check of ours. The engine makes no checks, so that it is for nobody else.
    fn receive_answer(
        &mut self,
        turn: &mut Turn<'_>,
        source: Endpoint,
        id: &TransactionId,
        datagram: &[u8],
    ) -> Result<bool, DropReason> {
        let from = Path { remote: source, local: None };
        if !has_integrity(datagram, &self.remote.pwd) {
            return Err(DropReason::Handshake);
        }
        let proved = self.path_checks.answered(id, from).ok_or(DropReason::Handshake)?;
        if self.path.replace(proved) != Some(proved) {
            self.flow.path_changed(turn.now);
        }
        self.last_heard = turn.now;
        Ok(true)
    }

    /// Sends the checks that are due to paths that the client has nominated.
    pub(super) fn check_paths(&mut self, turn: &mut Turn<'_>) {
        while let Some((path, id)) = self.path_checks.next_due(turn.now) {
            let username = format!("{}:{}", self.remote.ufrag, self.credentials.ufrag);
            let (password, tie_breaker) = (&self.remote.pwd, self.path_checks.tie_breaker);
            turn.outbox.datagram(path, &mut TrainPlace::default(), |out, _| {
                binding_request(out, &id, &username, password, tie_breaker);
            });
        }
        if let Some(deadline) = self.path_checks.deadline() {
            self.wake_by(turn, deadline);
        }
    }

    /// A connection is gone: nothing can be sent there any more. Another path is found by the client's next check.
    pub fn forget_address(&mut self, gone: Endpoint) {
        self.addresses.retain(|address| *address != gone);
        self.path = self.path.filter(|path| path.remote != gone);
    }

    /// Sends what the engine wants sent. `from` is the path of the datagram that was just taken, and whether it was
    /// a check that nominates its path. The first path that the engine answers serves for the handshake, which nobody
    /// finishes who does not hear us; any other must prove itself to our own check first.
    pub(super) fn drain(
        &mut self,
        turn: &mut Turn<'_>,
        from: Option<(Path, Option<bool>)>,
    ) -> Result<bool, TransportClosed> {
        let mut validated = false;
        let (path, path_checks, is_first) = (&mut self.path, &mut self.path_checks, self.srtp.is_none());
        let now = turn.now;
        let outbox = &mut *turn.outbox;
        self.transport.poll(turn.counters, |to, bytes| {
            let reply = from.filter(|(path, _)| to == To::Address(path.remote));
            if let Some((reply_path, nominates)) = reply
                && is_binding_success(bytes)
            {
                validated = true;
                if path.is_none() && is_first {
                    *path = Some(reply_path);
                } else if nominates == Some(true) && *path != Some(reply_path) {
                    path_checks.nominated(now, reply_path);
                }
            }
            let destination = match (to, reply) {
                (_, Some((reply_path, _))) => Some(reply_path),
                (To::Address(remote), None) => Some(Path { remote, local: path.and_then(|path| path.local) }),
                (To::Peer, None) => *path,
            };
            if let Some(destination) = destination {
                outbox.datagram(destination, &mut TrainPlace::default(), |out, _| out.extend_from_slice(bytes));
            }
        })?;
        Ok(validated)
    }
}
