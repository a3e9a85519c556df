//! The map of the routes, and its description: one list makes both, so that neither can lack what the other has.

use axum::extract::State;
use axum::{Json, Router, middleware};
use serde::Serialize;
use ts_rs::TS;
use utoipa::openapi::OpenApi;
use utoipa::{OpenApi as _, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::csrf;
use crate::error::ErrorBody;
use crate::mail;
use crate::state::Social;
use crate::{
    accounts, activity, comments, connections, events, letters, notifications, posts, profiles, push, search, sessions,
};

/// What a page should know before anybody signs in.
#[derive(Debug, Serialize, TS, ToSchema)]
pub struct ServerInfo {
    /// Whether people may register.
    registration: bool,
    /// Whether the outbox is shown to browsers on this machine.
    development: bool,
    /// For how many days a deleted account can be restored.
    deletion_grace_days: f64,
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Confab",
        description = "Accounts and people. Whatever is no GET needs the header `x-confab: 1` and, \
        with it, an `Origin` of this server. The session is a cookie. Errors are `{error: {code, message, field?}}`."
    ),
    components(schemas(ErrorBody))
)]
struct Description;

/// All routes of this part, and their description.
pub fn routes<S>(social: &Social) -> (Router<S>, OpenApi)
where
    S: Clone + Send + Sync + 'static,
{
    let (router, api) = OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(server))
        .routes(routes!(accounts::routes::register))
        .routes(routes!(accounts::routes::resend))
        .routes(routes!(accounts::routes::verify))
        .routes(routes!(accounts::routes::forgot))
        .routes(routes!(accounts::routes::reset))
        .routes(routes!(sessions::routes::login))
        .routes(routes!(sessions::routes::restore))
        .routes(routes!(sessions::routes::logout))
        .routes(routes!(accounts::own::me))
        .routes(routes!(accounts::own::change_password))
        .routes(routes!(accounts::own::export))
        .routes(routes!(accounts::own::delete))
        .routes(routes!(sessions::routes::list, sessions::routes::revoke_others))
        .routes(routes!(sessions::routes::revoke))
        .routes(routes!(sessions::routes::logins))
        .routes(routes!(activity::routes::list))
        .routes(routes!(profiles::routes::show, profiles::routes::change))
        .routes(routes!(profiles::images::put_picture, profiles::images::delete_picture))
        .routes(routes!(profiles::images::put_cover, profiles::images::delete_cover))
        .routes(routes!(profiles::directory::list))
        .routes(routes!(profiles::directory::show))
        .routes(routes!(connections::changes::follow, connections::changes::unfollow))
        .routes(routes!(connections::changes::befriend, connections::changes::unfriend))
        .routes(routes!(connections::changes::block, connections::changes::unblock))
        .routes(routes!(connections::lists::followers))
        .routes(routes!(connections::lists::following))
        .routes(routes!(connections::lists::friends))
        .routes(routes!(connections::lists::received))
        .routes(routes!(connections::lists::sent))
        .routes(routes!(connections::lists::blocks))
        .routes(routes!(connections::suggestions::list))
        .routes(routes!(profiles::images::media))
        .routes(routes!(search::routes::everything))
        .routes(routes!(search::routes::people))
        .routes(routes!(search::routes::posts))
        .routes(routes!(posts::images::upload))
        .routes(routes!(posts::images::remove))
        .routes(routes!(posts::routes::create))
        .routes(routes!(posts::routes::show, posts::routes::change, posts::routes::remove))
        .routes(routes!(posts::routes::history))
        .routes(routes!(posts::likes::like, posts::likes::unlike))
        .routes(routes!(posts::likes::list))
        .routes(routes!(posts::feed::home))
        .routes(routes!(posts::feed::home_new))
        .routes(routes!(posts::feed::discover))
        .routes(routes!(posts::feed::discover_new))
        .routes(routes!(posts::feed::by_person))
        .routes(routes!(comments::routes::list, comments::routes::create))
        .routes(routes!(comments::routes::show, comments::routes::change, comments::routes::remove))
        .routes(routes!(comments::routes::replies))
        .routes(routes!(comments::likes::like, comments::likes::unlike))
        .routes(routes!(comments::likes::list))
        .merge(news())
        .routes(routes!(mail::routes::outbox))
        .split_for_parts();
    let description = api.clone();
    let router = router
        .route("/api/openapi.json", axum::routing::get(move || async move { Json(description) }))
        .layer(middleware::from_fn(csrf::check))
        .with_state(social.clone());
    (router, api)
}

/// What reaches somebody: notifications, letters, and how tabs and browsers hear of both.
fn news() -> OpenApiRouter<Social> {
    OpenApiRouter::new()
        .routes(routes!(notifications::routes::list, notifications::routes::delete_all))
        .routes(routes!(notifications::routes::unread))
        .routes(routes!(notifications::routes::read_all))
        .routes(routes!(notifications::routes::delete))
        .routes(routes!(notifications::routes::read))
        .routes(routes!(notifications::routes::settings, notifications::routes::change_settings))
        .routes(routes!(letters::routes::send))
        .routes(routes!(letters::routes::inbox))
        .routes(routes!(letters::routes::sent))
        .routes(routes!(letters::routes::unread))
        .routes(routes!(letters::routes::show, letters::routes::remove))
        .routes(routes!(letters::routes::read))
        .routes(routes!(push::routes::info, push::routes::subscribe, push::routes::unsubscribe))
        .routes(routes!(events::routes::connect))
}

/// What this server offers.
#[utoipa::path(get, path = "/api/v1/server", tag = "server", responses((status = 200, body = ServerInfo)))]
async fn server(State(social): State<Social>) -> Json<ServerInfo> {
    let config = &social.config;
    let deletion_grace_days = config.deletion_grace.as_secs_f64() / 86_400.0;
    Json(ServerInfo { registration: config.registration, development: config.development, deletion_grace_days })
}
