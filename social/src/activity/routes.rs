//! `/api/v1/me/activity`.

use axum::Json;
use axum::extract::State;

use super::store::{self, Activity};
use super::{ActivityEntry, ActivityKind};
use crate::auth::Viewer;
use crate::body::Params;
use crate::error::ApiError;
use crate::page::{Cursor, Page, PageQuery};
use crate::state::Social;

/// What the one who asks did, the newest first.
#[utoipa::path(get, path = "/api/v1/me/activity", tag = "me", params(PageQuery), responses(
    (status = 200, body = Page<ActivityEntry>), (status = 401, description = "not_signed_in")))]
pub(crate) async fn list(
    State(social): State<Social>,
    viewer: Viewer,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<ActivityEntry>>, ApiError> {
    let found = store::list(&mut social.db(), viewer.account, query.window()?).await?;
    let key = |entry: &Activity| Cursor { at: entry.at, id: entry.id.0 };
    Ok(Json(query.page(found, key, show)))
}

pub(crate) fn show(entry: Activity) -> ActivityEntry {
    let Activity { id, at, kind, detail } = entry;
    // A kind of a newer version, read by an older one during an upgrade.
    let kind = ActivityKind::parse(&kind).unwrap_or(ActivityKind::ProfileChanged);
    ActivityEntry { id: id.0, at, kind, detail }
}
