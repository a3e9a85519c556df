//! What people attach to messages: images, sound, video and any other file.
//!
//! An upload is begun with its name and size, arrives in chunks that can be resumed after any cut ([`write`]), is looked at
//! when it is whole ([`sniff`]), waits a day for its message, and goes with it ([`store`]). [`serve`] sends it out, so that
//! nothing of it runs anywhere.

pub mod routes;
pub(crate) mod rules;
pub(crate) mod serve;
mod sniff;
pub(crate) mod store;
pub(crate) mod takeout;
#[cfg(test)]
mod tests;
mod turns;
mod write;

use serde::Serialize;
use ts_rs::TS;
use utoipa::ToSchema;
use uuid::Uuid;

pub(crate) use self::turns::Turns;
pub(crate) use self::write::{Files, forget, sweep, sweep_files};

/// What an attachment is, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentKind {
    /// A picture, drawn anew, with a preview.
    Image,
    /// Sound that browsers play.
    Audio,
    /// Video that browsers play.
    Video,
    /// Anything else: to be kept, and never shown by the browser.
    File,
}

impl AttachmentKind {
    /// Its name in the database.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::File => "file",
        }
    }

    /// What a name in the database means; what an older version does not know is a file.
    pub(crate) fn parse(name: &str) -> Self {
        match name {
            "image" => Self::Image,
            "audio" => Self::Audio,
            "video" => Self::Video,
            _ => Self::File,
        }
    }
}

/// A file that is attached to a message, or waits for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct Attachment {
    /// Its id, by which a message that is being written names it.
    #[ts(type = "string")]
    pub id: Uuid,
    /// What it is.
    pub kind: AttachmentKind,
    /// Its name, for people; at most 255 characters.
    pub name: String,
    /// Its media type, by its content.
    pub media_type: String,
    /// Bytes.
    #[ts(type = "number")]
    pub size: i64,
    /// Pixels of an image.
    #[ts(type = "number | null")]
    pub width: Option<i64>,
    /// Pixels of an image.
    #[ts(type = "number | null")]
    pub height: Option<i64>,
    /// Where it is.
    pub url: String,
    /// Where a smaller picture of an image is.
    pub preview_url: Option<String>,
}

/// How far an upload is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, ToSchema)]
pub struct UploadState {
    /// The id of the upload, and then of the attachment.
    #[ts(type = "string")]
    pub id: Uuid,
    /// Bytes that it will have.
    #[ts(type = "number")]
    pub size: i64,
    /// Bytes that have arrived and will not be lost: where the next chunk begins.
    #[ts(type = "number")]
    pub received: i64,
    /// The outcome, once all has arrived and was looked at.
    pub attachment: Option<Attachment>,
}
