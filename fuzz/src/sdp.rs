//! Offers: what the sections are for, then (after a zero byte) the description. What can be agreed on is offered to a
//! worker, which must answer it.

use confab_sfu::SfuConfig;
use confab_sfu::control::{Command, Event, Offer, Sections, SlotSections, Source};
use confab_sfu::core::negotiation::Plan;
use confab_sfu::core::outbox::Output;
use confab_sfu::core::sdp::SdpOffer;

use crate::scene::{Ids, new_worker};

pub(crate) fn run(data: &[u8]) {
    let place = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (purposes, text) = data.split_at(place);
    let Ok(text) = std::str::from_utf8(text.get(1..).unwrap_or_default()) else { return };
    let config = SfuConfig::default();
    let Ok(offer) = SdpOffer::parse(text, &config) else { return };
    assert!(!offer.media.is_empty() && offer.media.len() <= config.max_sections);
    let sections = sections(&offer, purposes);
    let Ok(plan) = Plan::default().extend(&offer, &sections, &config) else { return };
    assert!(plan.slots.len() <= config.max_slots && plan.audio_slots.len() <= config.max_slots);
    assert_eq!(plan.lines.len(), 2 * plan.slots.len() + plan.audio_slots.len());
    assert_eq!(plan.extend(&offer, &sections, &config).as_ref(), Ok(&plan), "the same offer again changes nothing");
    check_answer(&offer, &Offer { sdp: text.to_owned(), sections });
}

/// Gives each section the purpose that its byte says, if it says one.
fn sections(offer: &SdpOffer, purposes: &[u8]) -> Sections {
    let mut sections = Sections::default();
    let mut picture = None;
    for (media, purpose) in offer.media.iter().zip(purposes) {
        let mid = media.mid.to_string();
        match purpose {
            b'm' => sections.publish.push((Source::Microphone, mid)),
            b'c' => sections.publish.push((Source::Camera, mid)),
            b's' => sections.publish.push((Source::Screen, mid)),
            b'S' => sections.publish.push((Source::ScreenAudio, mid)),
            b'v' => picture = Some(mid),
            b'a' => match picture.take() {
                Some(video) => sections.slots.push(SlotSections { video, audio: mid }),
                None => sections.audio_slots.push(mid),
            },
            _ => {}
        }
    }
    sections
}

fn check_answer(parsed: &SdpOffer, offer: &Offer) {
    let (mut worker, now) = new_worker();
    let Ids { room, participants: [participant, _], .. } = Ids::new();
    worker.open_room(room);
    let mut descriptions = Vec::new();
    for request in 0..2 {
        worker.handle_command(now, Command::Offer { room, participant, request, offer: offer.clone() });
        while let Some(output) = worker.poll_output() {
            if let Output::Event { event: Event::Answer { answer, .. }, .. } = output {
                descriptions.push(answer);
            }
        }
    }
    assert_eq!(worker.counters().peer_panics, 0);
    let [Ok(first), Ok(second)] = &descriptions[..] else {
        // The one thing that only the engine decides on.
        assert!(descriptions.iter().all(Result::is_err), "{descriptions:?}");
        return;
    };
    for answer in [first, second] {
        // Nothing of the offer's text can add a line of its own.
        let field = |line: &str| line.as_bytes().get(1) == Some(&b'=') && !line.contains(char::is_control);
        assert!(answer.split_terminator("\r\n").all(field), "{answer}");
        let mids = answer.lines().filter_map(|line| line.strip_prefix("a=mid:"));
        assert!(mids.eq(parsed.media.iter().map(|media| media.mid.as_str())), "{answer}");
        assert_eq!(answer.lines().filter(|line| line.starts_with("m=")).count(), parsed.media.len());
    }
    let body =
        |answer: &str| answer.lines().filter(|line| !line.starts_with("o=")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(body(first), body(second), "the same offer again gets the same answer");
}
