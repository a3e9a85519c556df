//! Tickets: what the join call hands out and the WebSocket takes, once.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use confab_sfu::id::RoomId;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::limits::{SPENT_TICKETS, TICKET_LIFETIME};
use crate::protocol::Role;
use crate::room::{Joiner, Person};
use confab_social::clock::Moment;

const AUDIENCE: &str = "confab-room";

/// What a ticket says: who may join which room as what.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    aud: String,
    /// Seconds since 1970.
    exp: u64,
    /// Milliseconds since 1970.
    iat_ms: u64,
    jti: u64,
    /// The room.
    pub room: RoomId,
    /// The name that the participant chose.
    pub name: String,
    /// What the participant may do.
    pub role: Role,
    /// Whose account it is, if somebody is signed in.
    #[serde(default)]
    pub person: Option<Person>,
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").field("room", &self.room).field("role", &self.role).finish_non_exhaustive()
    }
}

impl Ticket {
    /// A ticket that holds from `now` for [`TICKET_LIFETIME`].
    pub fn new(room: RoomId, joiner: Joiner, now: Moment, rng: &mut impl Rng) -> Self {
        let expiry = Duration::from_millis(now.unix_millis) + TICKET_LIFETIME;
        let aud = AUDIENCE.to_owned();
        let Joiner { name, role, person } = joiner;
        Self { aud, exp: expiry.as_secs(), iat_ms: now.unix_millis, jti: rng.random(), room, name, role, person }
    }

    /// How long ago the ticket was made.
    pub fn age(&self, now: Moment) -> Duration {
        Duration::from_millis(now.unix_millis.saturating_sub(self.iat_ms))
    }

    fn is_expired(&self, now: Moment) -> bool {
        Duration::from_millis(now.unix_millis).as_secs() >= self.exp
    }
}

/// The ticket is malformed, forged, expired or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the ticket is not valid")]
pub struct InvalidTicket;

/// Signs, checks and spends tickets.
pub struct Tickets {
    signing: EncodingKey,
    checking: DecodingKey,
    rules: Validation,
    /// The ids of spent tickets, until they expire (seconds since 1970).
    spent: Mutex<HashMap<u64, u64>>,
}

impl fmt::Debug for Tickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tickets(..)")
    }
}

impl Tickets {
    /// Tickets signed with `secret`.
    pub fn new(secret: &[u8]) -> Self {
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_audience(&[AUDIENCE]);
        rules.set_required_spec_claims(&["exp", "aud"]);
        // Expiry is checked here, by our clock and without leeway.
        rules.validate_exp = false;
        let (signing, checking) = (EncodingKey::from_secret(secret), DecodingKey::from_secret(secret));
        Self { signing, checking, rules, spent: Mutex::default() }
    }

    /// A ticket as text.
    ///
    /// # Errors
    /// When it cannot be signed, which is a bug.
    pub fn sign(&self, ticket: &Ticket) -> Result<String, jsonwebtoken::errors::Error> {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), ticket, &self.signing)
    }

    /// Reads a ticket without spending it.
    ///
    /// # Errors
    /// When it is malformed, forged or expired. Headers that name keys are refused: there is one key.
    pub fn check(&self, text: &str, now: Moment) -> Result<Ticket, InvalidTicket> {
        let read = jsonwebtoken::decode::<Ticket>(text, &self.checking, &self.rules).map_err(|_| InvalidTicket)?;
        let is_plain = read.header == Header::new(Algorithm::HS256);
        (is_plain && !read.claims.is_expired(now)).then_some(read.claims).ok_or(InvalidTicket)
    }

    /// Spends a checked ticket.
    ///
    /// # Errors
    /// When it was spent before, or when so many are remembered that this one could not be.
    pub fn spend(&self, ticket: &Ticket, now: Moment) -> Result<(), InvalidTicket> {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        if spent.len() >= SPENT_TICKETS {
            let now = Duration::from_millis(now.unix_millis).as_secs();
            spent.retain(|_, expiry| *expiry > now);
        }
        if spent.len() >= SPENT_TICKETS || spent.contains_key(&ticket.jti) {
            return Err(InvalidTicket);
        }
        spent.insert(ticket.jti, ticket.exp);
        Ok(())
    }

    /// Forgets spent tickets that have expired.
    pub fn sweep(&self, now: Moment) {
        let now = Duration::from_millis(now.unix_millis).as_secs();
        self.spent.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, expiry| *expiry > now);
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use rand::SeedableRng;
    use rand::rngs::StdRng;
    use serde_json::json;

    use super::*;
    use confab_social::clock::{Clock as _, ManualClock};

    fn world() -> (Tickets, Ticket, ManualClock) {
        let (clock, mut rng) = (ManualClock::new(), StdRng::seed_from_u64(1));
        let joiner = Joiner { name: "Ann".into(), role: Role::Guest, person: None };
        let ticket = Ticket::new(RoomId::random(&mut rng), joiner, clock.now(), &mut rng);
        (Tickets::new(&[7; 32]), ticket, clock)
    }

    #[test]
    fn a_ticket_holds_once_and_for_thirty_seconds() {
        let (tickets, ticket, clock) = world();
        let text = tickets.sign(&ticket).unwrap();
        clock.advance(TICKET_LIFETIME - Duration::from_secs(1));
        let read = tickets.check(&text, clock.now()).unwrap();
        assert_eq!(read, ticket);
        assert_eq!(tickets.spend(&read, clock.now()), Ok(()));
        assert_eq!(tickets.spend(&read, clock.now()), Err(InvalidTicket));
        clock.advance(Duration::from_secs(1));
        assert_eq!(tickets.check(&text, clock.now()), Err(InvalidTicket));
        tickets.sweep(clock.now());
        assert!(tickets.spent.lock().unwrap().is_empty());
    }

    #[test]
    fn forgeries_are_refused() {
        let (tickets, ticket, clock) = world();
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let good = tickets.sign(&ticket).unwrap();
        let signature = good.rsplit_once('.').unwrap().1;
        let mut host = serde_json::to_value(&ticket).unwrap();
        host["role"] = json!("host");
        let claims = serde_json::to_value(&ticket).unwrap();
        let mut forged = vec![
            String::new(),
            "a.b.c".into(),
            format!("{}.{}.", part(&json!({"alg": "none", "typ": "JWT"})), part(&claims)),
            format!("{}.{}.{signature}", part(&json!({"alg": "HS256", "typ": "JWT"})), part(&host)),
            Tickets::new(&[8; 32]).sign(&ticket).unwrap(),
        ];
        let sign = |header: Header, claims: &serde_json::Value| {
            jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(&[7; 32])).unwrap()
        };
        for algorithm in [Algorithm::HS384, Algorithm::HS512] {
            forged.push(sign(Header::new(algorithm), &claims));
        }
        forged.push(sign(Header { kid: Some("../secret".into()), ..Header::new(Algorithm::HS256) }, &claims));
        for (field, value) in [("aud", json!("other")), ("exp", json!(0)), ("role", json!("admin")), ("x", json!(1))] {
            let mut claims = claims.clone();
            claims[field] = value;
            forged.push(sign(Header::new(Algorithm::HS256), &claims));
        }
        for field in ["aud", "exp", "jti", "room", "name", "role"] {
            let mut claims = claims.clone();
            claims.as_object_mut().unwrap().remove(field);
            forged.push(sign(Header::new(Algorithm::HS256), &claims));
        }
        for text in forged {
            assert_eq!(tickets.check(&text, clock.now()), Err(InvalidTicket), "{text}");
        }
        assert!(tickets.check(&good, clock.now()).is_ok());
    }
}
