//! The accept loop: TLS, HTTP/1.1 with a time limit on everything that a client may dawdle over, bounded connections.
//!
//! HTTP/1.1 only: browsers open WebSockets over it anyway, and the app is a handful of files.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use dashmap::DashMap;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::limits::{CONNECTION_LIFETIME, HTTP_BUFFER, MAX_CONNECTIONS, REQUEST_TIMEOUT, STOP_TIMEOUT};
use confab_social::rate::network;

/// Serves `app` until `stopping` turns true; what is under way then gets a while to end.
pub async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, app: Router, stopping: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut until = stopping.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut until) => break,
        };
        let (Ok((stream, peer)), Ok(place)) = (accepted, Arc::clone(&places).acquire_owned().await) else {
            // Mostly too many open files: without a pause this would spin.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        };
        let (tls, app, stopping) = (tls.clone(), app.clone(), stopping.clone());
        tokio::spawn(async move {
            // What goes wrong here is the client's affair, and it may do so a million times: not even logged.
            let _ = connection(stream, peer, tls, app, stopping).await;
            drop(place);
        });
    }
    drop(listener);
    let all = u32::try_from(MAX_CONNECTIONS).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(STOP_TIMEOUT, places.acquire_many(all)).await;
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    app: Router,
    stopping: watch::Receiver<bool>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    match tls {
        None => http(stream, peer, app, stopping).await,
        Some(tls) => {
            let stream = tokio::time::timeout(REQUEST_TIMEOUT, tls.accept(stream)).await??;
            http(stream, peer, app, stopping).await
        }
    }
}

async fn http<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    peer: SocketAddr,
    app: Router,
    mut stopping: watch::Receiver<bool>,
) -> io::Result<()> {
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let app = app.clone();
        async move { Ok::<_, Infallible>(app.oneshot(request).await.unwrap_or_else(|never| match never {})) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(REQUEST_TIMEOUT)
        .max_buf_size(HTTP_BUFFER)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    tokio::select! {
        done = &mut connection => return done.map_err(io::Error::other),
        () = stopped(&mut stopping) => {}
        () = tokio::time::sleep(CONNECTION_LIFETIME) => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::time::timeout(REQUEST_TIMEOUT, connection).await?.map_err(io::Error::other)
}

/// Resolves when the server stops.
pub async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // It fails only when the state is gone, which is the same.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// Places for WebSockets: so many for each address, and a count of all.
#[derive(Debug)]
pub struct Places {
    most: usize,
    taken: DashMap<IpAddr, usize>,
    total: watch::Sender<usize>,
}

impl Places {
    /// `most` places for each address.
    pub fn new(most: usize) -> Self {
        Self { most, taken: DashMap::new(), total: watch::Sender::new(0) }
    }

    /// Takes a place for `address`, if there is one. It must be given back by [`Places::free`].
    pub fn take(&self, address: IpAddr) -> bool {
        let mut taken = self.taken.entry(network(address)).or_insert(0);
        if *taken >= self.most {
            return false;
        }
        *taken += 1;
        self.total.send_modify(|total| *total += 1);
        true
    }

    /// Gives a place back.
    pub fn free(&self, address: IpAddr) {
        let address = network(address);
        if let Some(mut taken) = self.taken.get_mut(&address) {
            *taken = taken.saturating_sub(1);
        }
        self.taken.remove_if(&address, |_, taken| *taken == 0);
        self.total.send_modify(|total| *total = total.saturating_sub(1));
    }

    /// Resolves when no place is taken.
    pub async fn all_free(&self) {
        // It fails only when the sender is gone, which is here.
        let _ = self.total.subscribe().wait_for(|total| *total == 0).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn places_are_counted_for_each_address() {
        let places = Places::new(2);
        let [one, other] = [IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2])];
        assert!(places.take(one) && places.take(one) && !places.take(one) && places.take(other));
        places.free(one);
        assert!(places.take(one));
        [one, one, other].into_iter().for_each(|address| places.free(address));
        places.all_free().await;
        assert!(places.taken.is_empty());
    }
}
