//! All that the server knows of somebody, for that person to take along.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use utoipa::ToSchema;

use crate::accounts::store::Account;
use crate::accounts::{Me, own};
use crate::activity::{self, ActivityEntry};
use crate::attachments::takeout::{OwnAttachment, attachments};
use crate::auth::Viewer;
use crate::connections::takeout::{self as connections, OwnConnections};
use crate::conversations::takeout::{self as conversations, OwnConversation, OwnMessage};
use crate::error::ApiError;
use crate::letters::takeout::{self as letters, OwnLetter};
use crate::limits::{MAX_EXPORTED_IMAGES, MAX_PAGE_ITEMS};
use crate::notifications::{self, Notification, NotificationSettings};
use crate::page::Cursor;
use crate::posts::takeout::{self, OwnComment, OwnLike, OwnPost};
use crate::profiles::{self, OwnProfile};
use crate::rings::takeout::{OwnRing, rings};
use crate::sessions::{self, LoginEntry, SessionInfo};
use crate::state::Social;

/// Entries of each history in an export: a year of much use.
const MOST: usize = 100 * MAX_PAGE_ITEMS;

/// The file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Export {
    /// When it was made, in milliseconds since 1970.
    exported_at: i64,
    account: Me,
    profile: OwnProfile,
    images: Vec<ExportedImage>,
    sessions: Vec<SessionInfo>,
    logins: Vec<LoginEntry>,
    activity: Vec<ActivityEntry>,
    posts: Vec<OwnPost>,
    comments: Vec<OwnComment>,
    likes: Vec<OwnLike>,
    attachments: Vec<OwnAttachment>,
    letters: Vec<OwnLetter>,
    connections: OwnConnections,
    conversations: Vec<OwnConversation>,
    messages: Vec<OwnMessage>,
    rings: Vec<OwnRing>,
    notifications: Vec<Notification>,
    notification_settings: NotificationSettings,
}

/// An image in a file of text.
#[derive(Debug, Serialize, ToSchema)]
struct ExportedImage {
    /// Its address while it is shown.
    url: String,
    /// Its bytes in base64.
    data: String,
}

/// The large images of posts, until they are too many: the rest is there by its address, as long as the account is.
async fn images_of_posts(social: &Social, posts: &[OwnPost], room: &mut usize) -> Vec<ExportedImage> {
    let mut images = Vec::new();
    for image in posts.iter().flat_map(|own| &own.post.images) {
        let Some(bytes) = profiles::read_blob(social, image.url.trim_start_matches("/media/")).await else { continue };
        let Some(left) = room.checked_sub(bytes.len()) else { break };
        *room = left;
        images.push(ExportedImage { url: image.url.clone(), data: STANDARD.encode(bytes) });
    }
    images
}

/// Collects it.
pub(crate) async fn collect(social: &Social, viewer: &Viewer, account: Account) -> Result<Export, ApiError> {
    let mut db = social.db();
    let id = account.id;
    let window = || (Cursor::NEWEST, i64::try_from(MOST).unwrap_or(i64::MAX));
    let profile = profiles::own(&mut db, id).await?.ok_or_else(ApiError::not_found)?;
    let mut images = Vec::new();
    for key in profiles::store::blob_keys(&mut db, id).await? {
        if let Some(bytes) = profiles::read_blob(social, &key).await {
            images.push(ExportedImage { url: format!("/media/{key}"), data: STANDARD.encode(bytes) });
        }
    }
    let sessions = sessions::store::of_account(&mut db, id).await?;
    let logins = sessions::store::logins(&mut db, id, window()).await?;
    let activity = activity::store::list(&mut db, id, window()).await?;
    let (_, most) = window();
    let posts = takeout::posts(&mut db, id, most).await?;
    let mut room = MAX_EXPORTED_IMAGES;
    images.extend(images_of_posts(social, &posts, &mut room).await);
    Ok(Export {
        exported_at: social.clock.now().millis(),
        account: own::describe(&mut db, account).await?,
        profile,
        images,
        sessions: sessions.into_iter().map(|session| sessions::routes::show(session, viewer.session)).collect(),
        logins: logins.into_iter().map(sessions::routes::show_login).collect(),
        activity: activity.into_iter().map(activity::routes::show).collect(),
        posts,
        comments: takeout::comments(&mut db, id, most).await?,
        likes: takeout::likes(&mut db, id, most).await?,
        attachments: attachments(social, id, most, &mut room).await?,
        letters: letters::letters(&mut db, id).await?,
        connections: connections::connections(&mut db, id, most).await?,
        conversations: conversations::conversations(&mut db, id, most).await?,
        messages: conversations::messages(&mut db, id, most).await?,
        rings: rings(&mut db, id, most).await?,
        notifications: notifications::store::list(&mut db, id, false, window()).await?,
        notification_settings: NotificationSettings { muted: notifications::store::muted(&mut db, id).await? },
    })
}
