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
    accounts, activity, attachments, comments, connections, conversations, events, letters, messages, notifications,
    posts, profiles, push, rings, search, sessions,
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
        .merge(of_accounts())
        .merge(of_people())
        .merge(of_posts())
        .merge(of_conversations())
        .merge(of_files())
        .merge(of_events())
        .split_for_parts();
    let description = api.clone();
    let router = router
        .route("/api/openapi.json", axum::routing::get(move || async move { Json(description) }))
        .layer(middleware::from_fn(csrf::check))
        .with_state(social.clone());
    (router, api)
}

/// One's own account, and signing in.
fn of_accounts() -> OpenApiRouter<Social> {
    OpenApiRouter::new()
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
}

/// Who there is, and who is connected with whom.
fn of_people() -> OpenApiRouter<Social> {
    OpenApiRouter::new()
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
        .routes(routes!(search::routes::everything))
        .routes(routes!(search::routes::people))
        .routes(routes!(search::routes::posts))
}

/// Posts and comments.
fn of_posts() -> OpenApiRouter<Social> {
    OpenApiRouter::new()
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
}

/// Conversations, rooms and messages; calls; letters.
fn of_conversations() -> OpenApiRouter<Social> {
    OpenApiRouter::new()
        .routes(routes!(conversations::routes::list, conversations::routes::create))
        .routes(routes!(conversations::routes::direct))
        .routes(routes!(conversations::rooms::list, conversations::rooms::create))
        .routes(routes!(conversations::rooms::join))
        .routes(routes!(conversations::routes::unread))
        .routes(routes!(conversations::routes::show, conversations::routes::change))
        .routes(routes!(conversations::membership::list))
        .routes(routes!(
            conversations::membership::invite,
            conversations::membership::remove,
            conversations::membership::set_role
        ))
        .routes(routes!(conversations::membership::accept, conversations::membership::leave))
        .routes(routes!(messages::routes::list, messages::routes::create, messages::routes::clear))
        .routes(routes!(messages::routes::changes))
        .routes(routes!(messages::routes::search))
        .routes(routes!(messages::routes::read))
        .routes(routes!(messages::routes::change, messages::routes::remove))
        .routes(routes!(messages::routes::hide))
        .routes(routes!(rings::routes::start))
        .routes(routes!(rings::routes::list))
        .routes(routes!(rings::routes::show, rings::routes::stop))
        .routes(routes!(rings::routes::answer))
        .routes(routes!(letters::routes::send))
        .routes(routes!(letters::routes::inbox))
        .routes(routes!(letters::routes::sent))
        .routes(routes!(letters::routes::unread))
        .routes(routes!(letters::routes::show, letters::routes::remove))
        .routes(routes!(letters::routes::read))
}

/// What is told, and how.
fn of_events() -> OpenApiRouter<Social> {
    OpenApiRouter::new()
        .routes(routes!(notifications::routes::list, notifications::routes::delete_all))
        .routes(routes!(notifications::routes::unread))
        .routes(routes!(notifications::routes::read_all))
        .routes(routes!(notifications::routes::delete))
        .routes(routes!(notifications::routes::read))
        .routes(routes!(notifications::routes::settings, notifications::routes::change_settings))
        .routes(routes!(push::routes::info, push::routes::subscribe, push::routes::unsubscribe))
        .routes(routes!(events::routes::connect))
        .routes(routes!(mail::routes::outbox))
}

/// Attachments, and files of every kind on their way out.
fn of_files() -> OpenApiRouter<Social> {
    OpenApiRouter::new()
        .routes(routes!(attachments::routes::begin))
        .routes(routes!(attachments::routes::append, attachments::routes::show, attachments::routes::discard))
        .routes(routes!(profiles::images::media))
        .routes(routes!(attachments::serve::file))
        .routes(routes!(attachments::serve::preview))
}

/// What this server offers.
#[utoipa::path(get, path = "/api/v1/server", tag = "server", responses((status = 200, body = ServerInfo)))]
async fn server(State(social): State<Social>) -> Json<ServerInfo> {
    let config = &social.config;
    let deletion_grace_days = config.deletion_grace.as_secs_f64() / 86_400.0;
    Json(ServerInfo { registration: config.registration, development: config.development, deletion_grace_days })
}
