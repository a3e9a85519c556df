//! `/api/v1/events`.

use std::time::Instant;

use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, header};
use axum::response::Response;

use super::SocialEvent;
use crate::auth::Viewer;
use crate::error::{ApiError, Code};
use crate::id::AccountId;
use crate::limits::{CLOSE_TIMEOUT, DEAD_AFTER, MAX_EVENT_MESSAGE, PING_INTERVAL, SOCKETS_PER_ACCOUNT};
use crate::state::Social;

/// The close code of a session that is over.
const SIGNED_OUT: u16 = 4401;

/// Opens the event socket of a tab.
#[utoipa::path(get, path = "/api/v1/events", tag = "events", responses(
    (status = 101, description = "A WebSocket with messages of type SocialEvent"),
    (status = 401, description = "not_signed_in"),
    (status = 429, description = "rate_limited: too many tabs")))]
pub(crate) async fn connect(
    State(social): State<Social>,
    viewer: Viewer,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, ApiError> {
    // Browsers open WebSockets to other origins without asking, and send our cookie along.
    if !headers.contains_key(header::ORIGIN) {
        return Err(ApiError::new(Code::Csrf, "this request needs the header origin"));
    }
    let place = Place::take(&social, viewer.account).ok_or_else(ApiError::rate_limited)?;
    Ok(upgrade.max_message_size(MAX_EVENT_MESSAGE).on_upgrade(move |socket| async move {
        serve(socket, &social, viewer).await;
        drop(place);
    }))
}

/// One of the sockets that an account may have open.
struct Place {
    social: Social,
    account: AccountId,
}

impl Place {
    fn take(social: &Social, account: AccountId) -> Option<Self> {
        let mut open = social.sockets.entry(account).or_insert(0);
        if *open >= SOCKETS_PER_ACCOUNT {
            return None;
        }
        *open += 1;
        Some(Self { social: social.clone(), account })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.social.sockets.remove_if_mut(&self.account, |_, open| {
            *open = open.saturating_sub(1);
            *open == 0
        });
    }
}

async fn serve(mut socket: WebSocket, social: &Social, viewer: Viewer) {
    let mut watch = social.watch(viewer);
    let ended = watch.ended();
    tokio::pin!(ended);
    let mut heard = Instant::now();
    let mut pings = tokio::time::interval(PING_INTERVAL);
    loop {
        tokio::select! {
            () = &mut ended => {
                let text = serde_json::to_string(&SocialEvent::SignedOut).unwrap_or_default();
                let close = CloseFrame { code: SIGNED_OUT, reason: "signed out".into() };
                let _ = socket.send(Message::Text(text.into())).await;
                let _ = socket.send(Message::Close(Some(close))).await;
                // Hanging up on what was not read yet (an answer to a ping) would take the code back.
                let _ = tokio::time::timeout(CLOSE_TIMEOUT, async { while let Some(Ok(_)) = socket.recv().await {} }).await;
                return;
            }
            _ = pings.tick() => {
                let is_dead = heard.elapsed() > DEAD_AFTER;
                if is_dead || socket.send(Message::Ping(Vec::new().into())).await.is_err() {
                    return;
                }
            }
            message = socket.recv() => match message {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => heard = Instant::now(),
            }
        }
    }
}
