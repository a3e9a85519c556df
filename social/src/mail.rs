//! STUB until the files branch is merged.
#![allow(missing_docs, clippy::unused_async)]
pub(crate) mod jobs;
pub mod routes;
use crate::config::MailConfig;
use serde::Serialize;
#[derive(Debug, Clone)]
pub struct Message {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}
#[derive(Debug, Serialize, ts_rs::TS, utoipa::ToSchema)]
pub struct OutboxMail {
    pub id: String,
    #[ts(type = "number")]
    pub at: i64,
    pub to: String,
    pub subject: String,
    pub text: String,
}
#[derive(Debug, thiserror::Error)]
#[error("mail")]
pub struct MailError;
impl MailError {
    pub fn is_temporary(&self) -> bool {
        true
    }
}
#[derive(Debug)]
pub struct Transport(std::sync::Mutex<Vec<Message>>);
impl Transport {
    pub fn open(_: &MailConfig, _: &std::path::Path) -> Result<Self, MailError> {
        Ok(Self(Default::default()))
    }
    pub async fn send(&self, message: &Message) -> Result<(), MailError> {
        self.0.lock().map_err(|_| MailError)?.push(message.clone());
        Ok(())
    }
    pub async fn list(&self) -> Result<Vec<OutboxMail>, MailError> {
        Ok(self
            .0
            .lock()
            .map_err(|_| MailError)?
            .iter()
            .rev()
            .map(|m| OutboxMail {
                id: "x".into(),
                at: 0,
                to: m.to.clone(),
                subject: m.subject.clone(),
                text: m.text.clone(),
            })
            .collect())
    }
}
pub mod templates {
    use super::Message;
    use std::time::Duration;
    pub struct Letter<'a> {
        pub base_url: &'a str,
        pub to: &'a str,
        pub first_name: &'a str,
    }
    fn m(l: &Letter<'_>, s: &str, t: String) -> Message {
        Message { to: l.to.into(), subject: s.into(), text: t, html: String::new() }
    }
    pub fn verify(l: &Letter<'_>, token: &str, _: Duration) -> Message {
        m(l, "Verify", format!("{}/verify#{token}", l.base_url))
    }
    pub fn reset(l: &Letter<'_>, token: &str, _: Duration) -> Message {
        m(l, "Reset", format!("{}/reset#{token}", l.base_url))
    }
    pub fn already_registered(l: &Letter<'_>) -> Message {
        m(l, "Already", String::new())
    }
    pub fn password_changed(l: &Letter<'_>) -> Message {
        m(l, "Changed", String::new())
    }
    pub fn deletion_requested(l: &Letter<'_>, _: i64) -> Message {
        m(l, "Deletion", String::new())
    }
}
