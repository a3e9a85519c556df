//! `/api/v1/letters`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::store::{self, LetterRow};
use super::write::{self, Draft};
use super::{Letter, LetterSummary, LetterThread, UnreadLetters, rules};
use crate::auth::Viewer;
use crate::body::{JsonBody, Params, Segment};
use crate::db::DbError;
use crate::error::ApiError;
use crate::id::{AccountId, LetterId};
use crate::limits::MAX_LETTER_BODY;
use crate::page::{Page, PageQuery};
use crate::state::Social;

/// A letter to be sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewLetter {
    /// Made up by the client; sent again, it makes no second letter.
    client_id: Uuid,
    /// The username of the person for whom it is.
    #[schema(max_length = 30)]
    to: String,
    #[schema(min_length = 1, max_length = 200)]
    subject: String,
    #[schema(min_length = 1, max_length = 20000)]
    text: String,
    /// The letter that it answers: one between the same two, which the one who asks has.
    reply_to: Option<Uuid>,
}

/// Which letters of the inbox.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct InboxQuery {
    /// The `next` of the page before.
    after: Option<String>,
    /// The most items, from 1 to 100.
    limit: Option<usize>,
    /// Only those that are unread.
    #[serde(default)]
    unread: bool,
}

/// Sends a letter. Sent again with the same `client_id` it answers with the letter that there is, by 200.
#[utoipa::path(post, path = "/api/v1/letters", tag = "letters", request_body = NewLetter, responses(
    (status = 201, body = Letter), (status = 200, body = Letter), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found: there is nobody of this name to be written to"),
    (status = 409, description = "limit_reached: a mailbox is full; with `field` `to` it is the other's"),
    (status = 422, description = "invalid_value"), (status = 429, description = "rate_limited")))]
pub(crate) async fn send(
    State(social): State<Social>,
    viewer: Viewer,
    JsonBody(new): JsonBody<NewLetter, MAX_LETTER_BODY>,
) -> Result<(StatusCode, Json<Letter>), ApiError> {
    let NewLetter { client_id, to, subject, text, reply_to } = new;
    let (subject, text) = (rules::subject(&subject)?, rules::text(&text)?);
    let draft = Draft { client_id, to: rules::addressee(&to)?, subject, text, reply_to: reply_to.map(LetterId) };
    let mut db = social.db();
    let mut made = None;
    let known = store::by_client_id(&mut db, viewer.account, client_id).await?;
    if known.is_none() {
        if !social.limits.letters.charge(&viewer.account, social.clock.now().at) {
            return Err(ApiError::rate_limited());
        }
        made = write::send(&social, &viewer, &draft).await?;
    }
    let (status, id) = match (known, made) {
        (None, Some(id)) => (StatusCode::CREATED, Some(id)),
        (Some(id), _) => (StatusCode::OK, Some(id)),
        // The same was sent twice at once, and the other one was quicker.
        (None, None) => (StatusCode::OK, store::by_client_id(&mut db, viewer.account, client_id).await?),
    };
    let row = find(&social, viewer.account, id.ok_or_else(ApiError::not_found)?).await?;
    Ok((status, Json(row.show(&store::own(&mut db, viewer.account).await?))))
}

async fn find(social: &Social, viewer: AccountId, id: LetterId) -> Result<LetterRow, ApiError> {
    store::find(&mut social.db(), viewer, id).await?.ok_or_else(ApiError::not_found)
}

/// The letters that the one who asks has received, the last first.
#[utoipa::path(get, path = "/api/v1/letters/inbox", tag = "letters", params(InboxQuery), responses(
    (status = 200, body = Page<LetterSummary>), (status = 401, description = "not_signed_in")))]
pub(crate) async fn inbox(
    State(social): State<Social>,
    viewer: Viewer,
    Params(InboxQuery { after, limit, unread }): Params<InboxQuery>,
) -> Result<Json<Page<LetterSummary>>, ApiError> {
    let query = PageQuery::new(after, limit);
    let (mut db, window) = (social.db(), query.window()?);
    let found = match unread {
        true => store::list_unread(&mut db, viewer.account, window).await?,
        false => store::list(&mut db, viewer.account, false, window).await?,
    };
    Ok(Json(page(&social, viewer.account, &query, found).await?))
}

/// The letters that the one who asks has sent, the last first.
#[utoipa::path(get, path = "/api/v1/letters/sent", tag = "letters", params(PageQuery), responses(
    (status = 200, body = Page<LetterSummary>), (status = 401, description = "not_signed_in")))]
pub(crate) async fn sent(
    State(social): State<Social>,
    viewer: Viewer,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<LetterSummary>>, ApiError> {
    let found = store::list(&mut social.db(), viewer.account, true, query.window()?).await?;
    Ok(Json(page(&social, viewer.account, &query, found).await?))
}

async fn page(
    social: &Social,
    viewer: AccountId,
    query: &PageQuery,
    found: Vec<LetterRow>,
) -> Result<Page<LetterSummary>, DbError> {
    let me = store::own(&mut social.db(), viewer).await?;
    Ok(query.page(found, LetterRow::cursor, |row| row.summary(&me)))
}

/// How many letters are unread.
#[utoipa::path(get, path = "/api/v1/letters/unread", tag = "letters", responses(
    (status = 200, body = UnreadLetters), (status = 401, description = "not_signed_in")))]
pub(crate) async fn unread(State(social): State<Social>, viewer: Viewer) -> Result<Json<UnreadLetters>, ApiError> {
    Ok(Json(UnreadLetters { unread: store::unread(&mut social.db(), viewer.account).await? }))
}

/// A letter that the one who asks has, and what was written before it. It stays unread until that is said.
#[utoipa::path(get, path = "/api/v1/letters/{id}", tag = "letters", params(("id" = Uuid, Path)), responses(
    (status = 200, body = LetterThread), (status = 401, description = "not_signed_in"),
    (status = 404, description = "not_found")))]
pub(crate) async fn show(
    State(social): State<Social>,
    viewer: Viewer,
    id: Segment,
) -> Result<Json<LetterThread>, ApiError> {
    let row = find(&social, viewer.account, LetterId(id.id()?)).await?;
    let mut db = social.db();
    let me = store::own(&mut db, viewer.account).await?;
    let earlier = store::earlier(&mut db, viewer.account, (row.thread_id, row.id)).await?;
    let earlier = earlier.into_iter().map(|row| row.summary(&me)).collect();
    Ok(Json(LetterThread { letter: row.show(&me), earlier }))
}

/// Marks a letter as read.
#[utoipa::path(put, path = "/api/v1/letters/{id}/read", tag = "letters", params(("id" = Uuid, Path)), responses(
    (status = 204), (status = 401, description = "not_signed_in"), (status = 404, description = "not_found"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn read(State(social): State<Social>, viewer: Viewer, id: Segment) -> Result<StatusCode, ApiError> {
    charge(&social, &viewer)?;
    write::read(&social, &viewer, LetterId(id.id()?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a letter from the mailbox of the one who asks. The other keeps it.
#[utoipa::path(delete, path = "/api/v1/letters/{id}", tag = "letters", params(("id" = Uuid, Path)), responses(
    (status = 204), (status = 401, description = "not_signed_in"), (status = 404, description = "not_found"),
    (status = 429, description = "rate_limited")))]
pub(crate) async fn remove(State(social): State<Social>, viewer: Viewer, id: Segment) -> Result<StatusCode, ApiError> {
    charge(&social, &viewer)?;
    write::remove(&social, &viewer, LetterId(id.id()?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn charge(social: &Social, viewer: &Viewer) -> Result<(), ApiError> {
    match social.limits.marks.charge(&viewer.account, social.clock.now().at) {
        true => Ok(()),
        false => Err(ApiError::rate_limited()),
    }
}
