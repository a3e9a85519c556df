//! What is sent to a viewer later than it came: what waited for its turn, what is asked for again, and probes.

use super::Room;
use crate::core::packets::Packet;
use crate::core::peer::{Peer, Queued, Turn};
use crate::core::rewrite::Numbers;
use crate::core::subscription::{numbers_of, version};

impl Room {
    /// Sends what has its turn now.
    pub fn pace(&mut self, turn: &mut Turn<'_>, peer: &mut Peer) {
        while let Some((line, reaches)) = peer.drop_late(turn) {
            if reaches {
                self.want_keyframe(peer, line);
            }
        }
        while let Some(Queued { line, seq }) = peer.next_repair(turn) {
            self.retransmit(turn, peer, line, seq);
        }
        while let Some(queued) = peer.next_paced(turn) {
            match self.past(peer, queued) {
                Some((numbers, packet)) => peer.send_now(turn, queued.line, numbers, &packet),
                None => turn.counters.packets_overflowed += 1,
            }
        }
        while let Some(queued) = peer.next_probe(turn) {
            let found = queued.seq.and_then(|seq| self.past(peer, Queued { line: queued.line, seq }));
            let sent = found.and_then(|(numbers, packet)| peer.probe(turn, queued.line, numbers, &packet));
            // What cannot be sent would be wanted again and again.
            if sent.or_else(|| peer.pad(turn, queued.line)).is_none() {
                peer.end_probe();
            }
        }
        peer.paced(turn.now);
    }

    /// Sends a viewer a packet again that it says it has not got.
    pub fn retransmit(&self, turn: &mut Turn<'_>, peer: &mut Peer, line: usize, seq: u16) {
        // To look a packet up is more work than to ask for it.
        let may = peer.lines.get(line).is_some_and(|line| line.may_retransmit());
        if !may || !peer.may_repair(turn, line, seq) {
            return;
        }
        let Some((numbers, packet)) = self.past(peer, Queued { line, seq }) else { return };
        let copies = peer.lines.get_mut(line).map_or(1, |line| line.copies(seq));
        (0..copies).for_each(|_| peer.retransmit(turn, line, numbers, &packet));
    }

    /// A packet that was given its place in a line, as it goes out there, if its publication still has it.
    fn past(&self, peer: &Peer, queued: Queued) -> Option<(Numbers, Packet<'_>)> {
        let past = peer.lines.get(queued.line)?.rewriter.past(queued.seq)?;
        let encoding = self.publications.get(past.origin.track)?.encodings.get(usize::from(past.origin.encoding))?;
        let packet = (encoding.ssrc == past.origin.ssrc).then(|| encoding.packet(past.seq))??;
        Some(version(past.place(numbers_of(&packet)), &packet))
    }
}
