//! What lets a WebSocket in: a ticket or a resume token, offered as a subprotocol because browsers can set no header.

use axum::http::{HeaderMap, header};
use confab_sfu::id::{ParticipantId, RoomId};

use crate::AppState;
use crate::error::ApiError;
use crate::metrics::label;
use crate::outbox::{Mail, outbox};
use crate::protocol::{ErrorCode, SUBPROTOCOL};
use crate::room::{ConnectionId, Joiner, RoomHandle};
use crate::tickets::Ticket;
use confab_social::secrets::SecretHash;

/// What a request presents.
pub(super) enum Credential {
    Ticket(String),
    Resume(String),
}

/// A credential that holds.
pub(super) enum Checked {
    Ticket(Box<Ticket>),
    Resume(RoomHandle, SecretHash),
}

/// A spent credential: who comes in.
pub(super) enum Admission {
    Join(Box<Ticket>),
    Resume(RoomHandle, ParticipantId),
}

impl Credential {
    /// The one credential among the offered subprotocols, next to the one that we speak.
    pub(super) fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let lines = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
        let offers: Vec<_> =
            lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).map(str::trim).collect();
        match offers.as_slice() {
            [SUBPROTOCOL, secret] | [secret, SUBPROTOCOL] => {
                let ticket = secret.strip_prefix("ticket.").map(|text| Self::Ticket(text.to_owned()));
                ticket.or_else(|| secret.strip_prefix("resume.").map(|text| Self::Resume(text.to_owned())))
            }
            _ => None,
        }
    }

    /// Checks all that can be checked without spending it.
    pub(super) fn check(self, state: &AppState) -> Result<Checked, ApiError> {
        let now = state.services.clock.now();
        let checked = match self {
            Self::Ticket(text) => {
                let ticket = state.tickets.check(&text, now).ok();
                ticket
                    .filter(|ticket| state.services.links.resolve(ticket.room, now).is_some())
                    .map(|ticket| Checked::Ticket(Box::new(ticket)))
            }
            Self::Resume(text) => {
                parse_resume(&text).and_then(|(room, token)| Some(Checked::Resume(state.registry.get(room)?, token)))
            }
        };
        checked.ok_or_else(ApiError::invalid_ticket)
    }
}

/// A resume token names its room and has a secret: `k3vq-8c2m-x0tz-9hdr.<43 characters>`.
fn parse_resume(text: &str) -> Option<(RoomId, SecretHash)> {
    let (room, secret) = text.split_once('.')?;
    Some((room.parse().ok()?, SecretHash::of(secret)))
}

impl Checked {
    /// Spends the credential.
    pub(super) async fn spend(self, state: &AppState) -> Result<Admission, ApiError> {
        match self {
            Self::Ticket(ticket) => {
                let spent = state.tickets.spend(&ticket, state.services.clock.now());
                spent.map(|()| Admission::Join(ticket)).map_err(|_| ApiError::invalid_ticket())
            }
            Self::Resume(room, token) => match room.claim(token).await {
                Ok(Some(participant)) => Ok(Admission::Resume(room, participant)),
                _ => Err(ApiError::invalid_ticket()),
            },
        }
    }
}

/// A participant's connection to its room.
pub(super) struct Entered {
    pub(super) room: RoomHandle,
    pub(super) connection: ConnectionId,
    pub(super) mail: Mail,
}

impl Admission {
    /// Enters the room.
    pub(super) async fn enter(self, state: &AppState) -> Result<Entered, ErrorCode> {
        let metrics = &state.services.metrics;
        let (result, entered) = match self {
            Self::Join(ticket) => {
                let entered = join(state, &ticket).await;
                if entered.is_ok() {
                    metrics.welcome.observe(ticket.age(state.services.clock.now()).as_secs_f64());
                }
                ("joined", entered)
            }
            Self::Resume(room, who) => ("resumed", resume(room, who).await),
        };
        match &entered {
            Ok(_) => metrics.join(result),
            Err(code) => metrics.join(&label(code)),
        }
        entered
    }
}

async fn join(state: &AppState, ticket: &Ticket) -> Result<Entered, ErrorCode> {
    let links = &state.services.links;
    let Ticket { name, role, person, .. } = ticket.clone();
    if let Some(person) = &person
        && !state.social.is_signed_in(&person.viewer).await
    {
        // The session ended between the call that made the ticket and this.
        return Err(ErrorCode::InvalidTicket);
    }
    let joiner = Joiner { name, role, person };
    // A room may be over just now, because nobody was there; the next one then takes its place.
    for _ in 0..3 {
        let now = state.services.clock.now();
        let link = links.resolve(ticket.room, now).ok_or(ErrorCode::RoomNotFound)?;
        if let Err(error) = links.touch(ticket.room, now).await {
            tracing::error!("cannot note that a room is in use: {error}");
        }
        let room = state.registry.enter(ticket.room, link);
        let (outbox, mail) = outbox();
        if let Ok(joined) = room.join(joiner.clone(), outbox).await {
            return joined.map(|connection| Entered { room, connection, mail });
        }
    }
    Err(ErrorCode::Internal)
}

async fn resume(room: RoomHandle, who: ParticipantId) -> Result<Entered, ErrorCode> {
    let (outbox, mail) = outbox();
    let resumed = room.resume(who, outbox).await.unwrap_or(Err(ErrorCode::InvalidTicket));
    resumed.map(|connection| Entered { room, connection, mail })
}
