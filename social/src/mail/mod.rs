//! Mail: what it says ([`Templates`]) and how it leaves ([`Transport`]): by a server of the operator's ([`smtp`]), or, where
//! none is configured, into a folder ([`outbox`]).

pub(crate) mod jobs;
pub mod outbox;
pub mod routes;
pub mod smtp;
pub mod templates;

use std::fmt;
use std::path::Path;
use std::time::SystemTime;

use lettre::message::{Mailbox, MultiPart};

pub use self::outbox::{Outbox, OutboxMail};
pub use self::smtp::{Smtp, SmtpUrlError};
pub use self::templates::Templates;
use crate::config::MailConfig;

/// What the server calls itself in mails.
pub(crate) const NAME: &str = "Confab";

/// One mail to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The address, without a name.
    pub to: String,
    /// One line.
    pub subject: String,
    /// For readers that show no HTML.
    pub text: String,
    /// A whole document that loads nothing from elsewhere.
    pub html: String,
}

/// Redacted: it has an address, a name and a link that is a secret.
impl fmt::Debug for Message {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Message").finish_non_exhaustive()
    }
}

/// Why a mail has not left. It never says to whom it was to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The address or the message cannot be put into a mail.
    #[error("the message cannot be sent as mail")]
    Invalid,
    /// The server refused it for good (5xx), by this reply code.
    #[error("the mail server refused it ({0})")]
    Refused(u16),
    /// The server refused it for now (4xx), by this reply code.
    #[error("the mail server cannot take it now ({0})")]
    Deferred(u16),
    /// The server was not reached, its certificate is wrong, or the connection broke.
    #[error("the mail server cannot be reached")]
    Unreachable,
    /// The server does not offer what is needed: TLS, or a way to sign in.
    #[error("the mail server does not offer what is needed")]
    Unsuitable,
    /// The server was too slow.
    #[error("the mail server is too slow")]
    TooSlow,
    /// The folder of the outbox cannot be written.
    #[error("the outbox cannot be written")]
    Outbox,
}

impl MailError {
    /// Whether sending it again later makes sense. What needs a change of the message or of the configuration does not.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        match self {
            Self::Deferred(_) | Self::Unreachable | Self::TooSlow | Self::Outbox => true,
            Self::Invalid | Self::Refused(_) | Self::Unsuitable => false,
        }
    }
}

/// Why mail cannot be sent as configured.
#[derive(Debug, thiserror::Error)]
pub enum MailConfigError {
    /// The sender.
    #[error("mail-from: {0}")]
    Sender(#[from] InvalidSender),
    /// The server.
    #[error("smtp-url: {0}")]
    Server(#[from] SmtpUrlError),
}

/// The address cannot be that of a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a mail address")]
pub struct InvalidSender;

/// Who sends: a name and an address.
#[derive(Debug, Clone)]
pub struct Sender(Mailbox);

impl Sender {
    /// The server's name, as it is shown, and its address (`confab@example.org`).
    ///
    /// # Errors
    /// If the address is none.
    pub fn new(name: &str, address: &str) -> Result<Self, InvalidSender> {
        let address = address.parse().map_err(|_| InvalidSender)?;
        Ok(Self(Mailbox::new(Some(templates::one_line(name)), address)))
    }

    /// `Name <address>`, or an address alone.
    ///
    /// # Errors
    /// If the address is none.
    pub fn parse(text: &str) -> Result<Self, InvalidSender> {
        match text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
            Some((name, address)) => Self::new(name.trim().trim_matches('"'), address.trim()),
            None => Self::new(NAME, text.trim()),
        }
    }

    fn domain(&self) -> &str {
        self.0.email.domain()
    }
}

/// How mail leaves.
#[derive(Debug)]
pub enum Transport {
    /// Into a folder.
    Outbox(Outbox),
    /// To a mail server.
    Smtp(Box<Smtp>),
}

impl Transport {
    /// What the operator chose.
    ///
    /// # Errors
    /// When the server's URL or the sender is none.
    pub fn open(config: &MailConfig, data_dir: &Path) -> Result<Self, MailConfigError> {
        Ok(match config {
            MailConfig::Outbox => {
                Self::Outbox(Outbox::new(data_dir.join("outbox"), Sender::new(NAME, "confab@localhost")?))
            }
            MailConfig::Smtp { url, from } => Self::Smtp(Box::new(Smtp::new(&url.0, Sender::parse(from)?)?)),
        })
    }

    /// The newest mails of an outbox; none where mail is sent.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn newest(&self) -> Result<Vec<OutboxMail>, MailError> {
        match self {
            Self::Outbox(outbox) => outbox.newest().await,
            Self::Smtp(_) => Ok(Vec::new()),
        }
    }

    /// Sends a mail, dated `now`. When it returns, the server or the folder has it.
    ///
    /// # Errors
    /// See [`MailError`]; [`MailError::is_retryable`] says whether to try again.
    pub async fn send(&self, message: &Message, now: SystemTime) -> Result<(), MailError> {
        match self {
            Self::Outbox(outbox) => outbox.keep(message, now).await,
            Self::Smtp(smtp) => smtp.send(message, now).await,
        }
    }
}

/// The mail as it is sent: headers, then plain text and HTML as alternatives.
fn compose(sender: &Sender, message: &Message, now: SystemTime) -> Result<lettre::Message, MailError> {
    let to = message.to.parse().map_err(|_| MailError::Invalid)?;
    // The headers' encoding would keep line breaks out as well; but a subject with one is a mistake of ours.
    if message.subject.chars().any(char::is_control) {
        return Err(MailError::Invalid);
    }
    let body = MultiPart::alternative_plain_html(message.text.clone(), message.html.clone());
    lettre::Message::builder()
        .from(sender.0.clone())
        .to(Mailbox::new(None, to))
        .subject(message.subject.clone())
        .date(now)
        .message_id(None)
        .multipart(body)
        .map_err(|_| MailError::Invalid)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn headers_cannot_be_added() {
        let sender = Sender::new("Confab\r\nBcc: all@example.com", "confab@example.org").unwrap();
        let message = |to: &str, subject: &str| Message {
            to: to.to_owned(),
            subject: subject.to_owned(),
            text: "text".to_owned(),
            html: "<p>html</p>".to_owned(),
        };
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let wrong = [
            message("ann@example.com\r\nBcc: all@example.com", "Hello"),
            message("ann@example.com, all@example.com", "Hello"),
            message("Ann <ann@example.com>", "Hello"),
            message("ann@example.com", "Hello\r\nBcc: all@example.com"),
            message("ann@example.com", "Hello\nBcc: all@example.com"),
            message("", "Hello"),
        ];
        for message in wrong {
            let outcome = compose(&sender, &message, now).map(|mail| mail.formatted());
            assert_eq!(outcome, Err(MailError::Invalid), "{} {}", message.to, message.subject);
        }
        let mail = compose(&sender, &message("ann@example.com", "Grüße"), now).unwrap().formatted();
        let mail = String::from_utf8(mail).unwrap();
        let headers = mail.split("\r\n\r\n").next().unwrap();
        assert!(!headers.lines().any(|line| line.to_ascii_lowercase().starts_with("bcc")), "{headers}");
        assert!(headers.contains("Date: Fri, 15 Jan 2027 08:00:00 +0000"), "{headers}");
        assert!(headers.contains("To: ann@example.com"), "{headers}");
        assert_eq!(Sender::new("x", "confab@example.org\r\nBcc: a@b.c").err(), Some(InvalidSender));
        for good in ["Confab <confab@example.org>", "confab@example.org", "\"The Server\" <confab@example.org>"] {
            assert_eq!(Sender::parse(good).unwrap().domain(), "example.org");
        }
        assert!(Sender::parse("Confab").is_err() && Sender::parse("<>").is_err());
    }

    #[test]
    fn what_can_change_by_itself_is_tried_again() {
        let table = [
            (MailError::Invalid, false),
            (MailError::Refused(550), false),
            (MailError::Deferred(451), true),
            (MailError::Unreachable, true),
            (MailError::Unsuitable, false),
            (MailError::TooSlow, true),
            (MailError::Outbox, true),
        ];
        for (error, expected) in table {
            assert_eq!(error.is_retryable(), expected, "{error:?}");
        }
    }

    #[test]
    fn a_message_does_not_print_whom_it_is_for() {
        let message =
            Message { to: "ann@example.com".into(), subject: "s".into(), text: "secret".into(), html: "secret".into() };
        assert_eq!(format!("{message:?}"), "Message { .. }");
    }
}
