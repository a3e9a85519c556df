//! Mail to a server of the operator's, by SMTP: <https://www.rfc-editor.org/rfc/rfc5321>.

use std::fmt;
use std::net::Ipv4Addr;
use std::time::{Duration, SystemTime};

use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use url::{Host, Url};

use super::{MailError, Message, Sender, compose};

/// How long each answer of the server may take. Servers that check what they get take some seconds; RFC 5321 allows
/// minutes, for which nobody who registers waits.
const REPLY_TIMEOUT: Duration = Duration::from_secs(15);

/// How long sending one mail may take in all.
const SEND_TIMEOUT: Duration = Duration::from_secs(45);

/// Why an address is not that of a mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SmtpUrlError {
    /// Not `smtps://user:password@host:465`, `smtp://host:587?tls=required` or `smtp://127.0.0.1:2525?tls=off`.
    #[error("a mail server is smtps://user:password@host:465, or smtp:// with ?tls=required or ?tls=off")]
    Invalid,
    /// `?tls=off` and another machine: passwords and links would be readable on the way.
    #[error("only a mail server on this machine may be without TLS")]
    Unprotected,
}

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tls {
    /// From the first byte on.
    Implicit,
    /// By STARTTLS before anything else is said; a server without it gets no mail.
    Required,
    /// Not at all.
    Off,
}

/// A mail server, and who sends.
///
/// Each mail has a connection of its own: mails are few, and servers close idle connections.
#[derive(Clone)]
pub struct Smtp {
    host: String,
    tls: Tls,
    sender: Sender,
    transport: AsyncSmtpTransport<Tokio1Executor>,
    send_timeout: Duration,
}

/// Without the password; lettre's own would print it.
impl fmt::Debug for Smtp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Smtp").field("host", &self.host).field("tls", &self.tls).finish_non_exhaustive()
    }
}

impl Smtp {
    /// A mail server by its address:
    ///
    /// - `smtps://user:password@host:465`: TLS from the beginning;
    /// - `smtp://user:password@host:587?tls=required` (`tls` may be left out): STARTTLS, or no mail;
    /// - `smtp://127.0.0.1:2525?tls=off`: none, and only on this machine.
    ///
    /// User and password may be left out; in them, `%40` is `@` and so on.
    ///
    /// # Errors
    /// See [`SmtpUrlError`]; it never repeats the address, which has a password.
    pub fn new(address: &str, sender: Sender) -> Result<Self, SmtpUrlError> {
        Self::with_timeouts(address, sender, REPLY_TIMEOUT, SEND_TIMEOUT)
    }

    fn with_timeouts(
        address: &str,
        sender: Sender,
        reply_timeout: Duration,
        send_timeout: Duration,
    ) -> Result<Self, SmtpUrlError> {
        let mut url = Url::parse(address).map_err(|_| SmtpUrlError::Invalid)?;
        let tls = tls(&url)?;
        // An IPv6 address would have to be looked up without its brackets, which lettre does not: it needs a name.
        let host = url.host_str().filter(|host| !host.is_empty() && !host.starts_with('['));
        let host = host.ok_or(SmtpUrlError::Invalid)?.to_owned();
        if tls == Tls::Off && !is_this_machine(&url) {
            return Err(SmtpUrlError::Unprotected);
        }
        let extra = !matches!(url.path(), "" | "/") || url.fragment().is_some();
        if extra || url.username().is_empty() != url.password().is_none() {
            return Err(SmtpUrlError::Invalid);
        }
        // lettre reads the same addresses, but takes a missing `tls` for none.
        url.set_query((tls == Tls::Required).then_some("tls=required"));
        let hello = ClientId::Domain(sender.domain().to_owned());
        let builder =
            AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str()).map_err(|_| SmtpUrlError::Invalid)?;
        let transport = builder.timeout(Some(reply_timeout)).hello_name(hello).build();
        Ok(Self { host, tls, sender, transport, send_timeout })
    }

    /// Hands a mail to the server.
    ///
    /// # Errors
    /// See [`MailError`].
    pub async fn send(&self, message: &Message, now: SystemTime) -> Result<(), MailError> {
        let composed = compose(&self.sender, message, now)?;
        let sent = tokio::time::timeout(self.send_timeout, self.transport.send(composed)).await;
        sent.map_err(|_| MailError::TooSlow)?.map(|_| ()).map_err(|error| told(&error))
    }
}

/// What the address says of TLS.
fn tls(url: &Url) -> Result<Tls, SmtpUrlError> {
    match (url.scheme(), url.query()) {
        ("smtps", None) => Ok(Tls::Implicit),
        ("smtp", None | Some("tls=required")) => Ok(Tls::Required),
        ("smtp", Some("tls=off")) => Ok(Tls::Off),
        _ => Err(SmtpUrlError::Invalid),
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        // The host of a scheme that browsers do not know is text, whatever it looks like.
        Some(Host::Domain(name)) => {
            name.eq_ignore_ascii_case("localhost") || name.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
        }
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(_)) | None => false,
    }
}

/// What of a failure may be told: servers repeat addresses in their replies.
fn told(error: &lettre::transport::smtp::Error) -> MailError {
    let code = error.status().map(u16::from);
    match code {
        Some(code) if error.is_permanent() => MailError::Refused(code),
        Some(code) => MailError::Deferred(code),
        None if error.is_timeout() => MailError::TooSlow,
        None if error.is_client() => MailError::Unsuitable,
        None => MailError::Unreachable,
    }
}

#[cfg(test)]
mod tests;
