//! `/api/v1/search`.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{SearchResult, people, posts};
use crate::auth::Viewer;
use crate::body::Params;
use crate::error::ApiError;
use crate::id::{AccountId, PostId};
use crate::limits::{MAX_QUERY, SEARCH_ITEMS};
use crate::page::{Page, PageQuery};
use crate::posts::{Post, store};
use crate::profiles::store::Row;
use crate::profiles::{Person, view};
use crate::state::Social;

/// What to search for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// Words, or the beginnings of words, from 1 to 100 characters. Case, accents and punctuation make no difference.
    q: String,
}

/// What to search for, and which part of what is found.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchPageQuery {
    /// Words, or the beginnings of words, from 1 to 100 characters. Case, accents and punctuation make no difference.
    q: String,
    /// The `next` of the page before.
    after: Option<String>,
    /// The most items, from 1 to 100.
    limit: Option<usize>,
}

/// The best of what there is: people, posts, and rooms of the one who asks; at most 8 each.
#[utoipa::path(get, path = "/api/v1/search", tag = "search", params(SearchQuery), responses(
    (status = 200, body = SearchResult), (status = 401, description = "not_signed_in"),
    (status = 422, description = "invalid_value"), (status = 429, description = "rate_limited")))]
pub(crate) async fn everything(
    State(social): State<Social>,
    viewer: Viewer,
    Params(query): Params<SearchQuery>,
) -> Result<Json<SearchResult>, ApiError> {
    let words = check(&social, &viewer, &query.q)?;
    let page = || PageQuery::new(None, Some(SEARCH_ITEMS));
    // One after the other: nobody takes two of the few connections.
    let people = find_people(&social, viewer.account, words, &page()).await?.items;
    let posts = find_posts(&social, viewer.account, words, &page()).await?.items;
    Ok(Json(SearchResult { people, posts, rooms: social.rooms_named(viewer.account, words) }))
}

/// People by first name, last name and username, or by exactly the e-mail address of whoever wants that. Who has the name
/// comes first, then who has it as a username, each time those first whom one follows, then those whom they follow.
#[utoipa::path(get, path = "/api/v1/search/people", tag = "search", params(SearchPageQuery), responses(
    (status = 200, body = Page<Person>), (status = 401, description = "not_signed_in"),
    (status = 422, description = "invalid_value"), (status = 429, description = "rate_limited")))]
pub(crate) async fn people(
    State(social): State<Social>,
    viewer: Viewer,
    Params(SearchPageQuery { q, after, limit }): Params<SearchPageQuery>,
) -> Result<Json<Page<Person>>, ApiError> {
    let words = check(&social, &viewer, &q)?;
    Ok(Json(find_people(&social, viewer.account, words, &PageQuery::new(after, limit)).await?))
}

/// Posts that one may read, by their words, the newest first. One letter is too short, unless it is one of Chinese or the
/// like.
#[utoipa::path(get, path = "/api/v1/search/posts", tag = "search", params(SearchPageQuery), responses(
    (status = 200, body = Page<Post>), (status = 401, description = "not_signed_in"),
    (status = 422, description = "invalid_value"), (status = 429, description = "rate_limited")))]
pub(crate) async fn posts(
    State(social): State<Social>,
    viewer: Viewer,
    Params(SearchPageQuery { q, after, limit }): Params<SearchPageQuery>,
) -> Result<Json<Page<Post>>, ApiError> {
    let words = check(&social, &viewer, &q)?;
    Ok(Json(find_posts(&social, viewer.account, words, &PageQuery::new(after, limit)).await?))
}

/// The query, if it is one and the account may still search.
fn check<'a>(social: &Social, viewer: &Viewer, query: &'a str) -> Result<&'a str, ApiError> {
    let query = query.trim();
    // Bytes first: counting the characters of a huge text would be work for nothing.
    if query.is_empty() || query.len() > 4 * MAX_QUERY || query.chars().count() > MAX_QUERY {
        return Err(ApiError::invalid("q", "1 to 100 characters"));
    }
    match social.limits.searches.charge(&viewer.account, social.clock.now().at) {
        true => Ok(query),
        false => Err(ApiError::rate_limited()),
    }
}

async fn find_people(
    social: &Social,
    viewer: AccountId,
    words: &str,
    page: &PageQuery,
) -> Result<Page<Person>, ApiError> {
    let window = page.window()?;
    let found = match people::Wanted::of(words) {
        Some(wanted) => people::find(&mut social.db(), viewer, wanted, window).await?,
        None => Vec::new(),
    };
    Ok(page.page(found, Row::cursor, view::person))
}

async fn find_posts(social: &Social, viewer: AccountId, words: &str, page: &PageQuery) -> Result<Page<Post>, ApiError> {
    let window = page.window()?;
    let found = match posts::Wanted::of(words) {
        Some(wanted) => posts::find(&mut social.db(), viewer, wanted, window).await?,
        None => Vec::new(),
    };
    let Page { items, next } = page.page(found, |cursor| *cursor, |cursor| PostId(cursor.id));
    Ok(Page { items: store::by_ids(&mut social.db(), viewer, &items).await?, next })
}
