//! A raw client's offers, and what it reads in answers.

use std::fmt::Write;

use confab_sfu::control::{Offer, Sections, SlotSections, Source};

/// Payload types and extension ids of a raw client's offers.
pub const VP8: u8 = 96;
pub const RTX: u8 = VP8 + 1;
pub const OPUS: u8 = 111;
pub const EXT_MID: u8 = 4;
pub const EXT_RID: u8 = 10;

const HEAD: &str = "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";
const EXTENSIONS: &str = "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n\
    a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n\
    a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n\
    a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n\
    a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n";

/// A codec of pictures; retransmissions have the payload type after it.
#[derive(Debug, Clone, Copy)]
pub struct Video {
    pub pt: u8,
    pub name: &'static str,
    pub fmtp: &'static str,
}

/// The payload types of sound; that of packets which carry earlier ones along is preferred, if there is one.
#[derive(Debug, Clone, Copy)]
pub struct Audio {
    pub opus: u8,
    pub red: Option<u8>,
}

/// The id of the transport-wide number's extension.
pub const TRANSPORT_CC: u8 = 3;

/// What raw clients take if nothing else is said.
pub const ONLY_OPUS: Audio = Audio { opus: OPUS, red: None };
pub const ONLY_VP8: &[Video] = &[Video { pt: VP8, name: "VP8", fmtp: "" }];

/// What a raw client offers.
#[derive(Debug, Clone)]
pub struct RawSpec {
    pub ufrag: String,
    pub pwd: String,
    pub fingerprint: String,
    /// What it publishes, with the rids.
    pub publish: Vec<(Source, &'static [&'static str])>,
    pub slots: usize,
    pub audio_slots: usize,
    /// Whether it agrees to tell of what it receives. Who does and never tells is treated as a slow network at first.
    pub transport_cc: bool,
    /// Whether it agrees to send its own estimate.
    pub remb: bool,
    /// The codecs of its pictures, the preferred one first.
    pub video: &'static [Video],
    pub audio: Audio,
}

impl RawSpec {
    /// Own sections first, then pairs, then audio-only ones; mids are numbers in that order.
    pub fn offer(&self) -> Offer {
        let mut sdp = HEAD.to_owned();
        let mut sections = Sections::default();
        let mut next = 0..;
        let mut mid = || next.next().unwrap().to_string();
        for (source, rids) in &self.publish {
            let mid = mid();
            self.section(&mut sdp, &mid, source.is_video(), "sendonly", rids);
            sections.publish.push((*source, mid));
        }
        for _ in 0..self.slots {
            let (video, audio) = (mid(), mid());
            self.section(&mut sdp, &video, true, "recvonly", &[]);
            self.section(&mut sdp, &audio, false, "recvonly", &[]);
            sections.slots.push(SlotSections { video, audio });
        }
        for _ in 0..self.audio_slots {
            let mid = mid();
            self.section(&mut sdp, &mid, false, "recvonly", &[]);
            sections.audio_slots.push(mid);
        }
        Offer { sdp, sections }
    }

    fn section(&self, sdp: &mut String, mid: &str, video: bool, direction: &str, rids: &[&str]) {
        let pts: Vec<String> = self.video.iter().map(|codec| format!("{} {}", codec.pt, codec.pt + 1)).collect();
        let Audio { opus, red } = self.audio;
        let sound: Vec<String> = red.into_iter().chain([opus]).map(|pt| pt.to_string()).collect();
        let (kind, pts) = if video { ("video", pts.join(" ")) } else { ("audio", sound.join(" ")) };
        let Self { ufrag, pwd, fingerprint, .. } = self;
        write!(
            sdp,
            "m={kind} 9 UDP/TLS/RTP/SAVPF {pts}\r\nc=IN IP4 0.0.0.0\r\na=mid:{mid}\r\na={direction}\r\n\
             a=ice-ufrag:{ufrag}\r\na=ice-pwd:{pwd}\r\na=fingerprint:{fingerprint}\r\na=setup:actpass\r\n\
             a=rtcp-mux\r\n{EXTENSIONS}"
        )
        .unwrap();
        if !video {
            write!(sdp, "a=rtpmap:{opus} opus/48000/2\r\n").unwrap();
        }
        if let Some(red) = red.filter(|_| !video) {
            write!(sdp, "a=rtpmap:{red} red/48000/2\r\na=fmtp:{red} {opus}/{opus}\r\n").unwrap();
        }
        for Video { pt, name, fmtp } in self.video.iter().filter(|_| video) {
            write!(
                sdp,
                "a=rtpmap:{pt} {name}/90000\r\na=rtcp-fb:{pt} nack\r\na=rtcp-fb:{pt} nack pli\r\n\
                 a=fmtp:{pt} {fmtp}\r\na=rtpmap:{rtx} rtx/90000\r\na=fmtp:{rtx} apt={pt}\r\n",
                rtx = pt + 1
            )
            .unwrap();
            if self.transport_cc || direction == "sendonly" {
                write!(sdp, "a=rtcp-fb:{pt} transport-cc\r\n").unwrap();
            }
            if self.remb {
                write!(sdp, "a=rtcp-fb:{pt} goog-remb\r\n").unwrap();
            }
        }
        for rid in rids {
            write!(sdp, "a=rid:{rid} send\r\n").unwrap();
        }
        if !rids.is_empty() {
            write!(sdp, "a=simulcast:send {}\r\n", rids.join(";")).unwrap();
        }
    }
}

/// What a client must know of an answer.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    pub ufrag: String,
    pub pwd: String,
    pub fingerprint: String,
    pub candidate: String,
    /// The payload types of each section, by mid.
    pub pts: Vec<(String, String)>,
    /// Of each section that the worker sends in: mid, SSRC, SSRC of retransmissions.
    pub lines: Vec<(String, u32, Option<u32>)>,
}

impl Answer {
    pub fn parse(sdp: &str) -> Self {
        let mut answer = Self::default();
        let (mut mid, mut pts) = (String::new(), String::new());
        for line in sdp.lines() {
            if let Some(media) = line.strip_prefix("m=") {
                pts = media.splitn(4, ' ').nth(3).unwrap().into();
            }
            let Some((name, value)) = line.strip_prefix("a=").map(|line| line.split_once(':').unwrap_or((line, "")))
            else {
                continue;
            };
            let number = |text: &str| text.split(' ').next().and_then(|text| text.parse::<u32>().ok());
            match name {
                "ice-ufrag" => answer.ufrag = value.into(),
                "ice-pwd" => answer.pwd = value.into(),
                "fingerprint" => answer.fingerprint = value.into(),
                "candidate" => answer.candidate = format!("candidate:{value}"),
                "mid" => {
                    mid = value.into();
                    answer.pts.push((mid.clone(), pts.clone()));
                }
                "ssrc" if !answer.lines.iter().any(|line| line.0 == mid) => {
                    answer.lines.push((mid.clone(), number(value).unwrap(), None));
                }
                "ssrc-group" => {
                    let mut words = value.split(' ').skip(1).map(|word| word.parse().unwrap());
                    let (media, rtx) = (words.next().unwrap(), words.next().unwrap());
                    answer.lines.retain(|line| line.0 != mid);
                    answer.lines.push((mid.clone(), media, Some(rtx)));
                }
                _ => {}
            }
        }
        answer
    }
}
