//! The `confab` binary: reads the configuration, puts the parts together, and runs until it is told to stop.

mod tls;
mod tool;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use confab_sfu::core::endpoint::{Endpoint, Protocol};
use confab_signalling::config::{Action, Config, ConfigError, Listen};
use confab_signalling::{AppState, Parts, metrics_router, router, server};
use confab_social::clock::SystemClock;
use confab_social::secrets;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// What these crates log in detail has tickets, session descriptions and addresses in it; and those below the SFU (`is`
/// is str0m's ICE) warn of single datagrams, which whoever sends them could fill a disk with.
const QUIET: &str = "hyper=info,tungstenite=info,tokio_tungstenite=info,rustls=info,\
     str0m=error,is::=error,dimpl=error,sctp_proto=error";

/// How long the whole stop may take.
const EXIT_TIMEOUT: Duration = Duration::from_millis(4500);

fn main() -> ExitCode {
    // Before anything else, for whoever makes a TLS configuration.
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        eprintln!("confab: another TLS provider is installed already");
        return ExitCode::FAILURE;
    }
    let config = match Config::load(std::env::args_os()) {
        Ok(config) => config,
        Err(ConfigError::Help(text)) => return print(&text),
        Err(ConfigError::Invalid(line)) => {
            eprintln!("confab: {line}");
            return ExitCode::from(2);
        }
    };
    match run(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("confab: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(config: Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(format!("{QUIET},{}", config.log)).context("log filter")?;
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();

    if config.action != Action::Serve {
        print(&tool::run(&config).await?);
        return Ok(());
    }
    let sfu = confab_sfu::Sfu::start(&config.sfu()).context("cannot start the SFU")?;
    let rng = secrets::system_rng()?;
    let parts = Parts { config: config.clone(), clock: Arc::new(SystemClock), rng, sfu: sfu.handle() };
    let state = AppState::new(parts).await?;
    state.services.metrics.add(sfu.collector())?;

    let tls = tls::acceptor(&config).await?;
    let listener = bind(config.listen).await?;
    let address = listener.local_addr()?;
    let metrics = match config.metrics_listen {
        Listen::At(address) => Some(bind(address).await?),
        Listen::Off => None,
    };
    let metrics_address = metrics.as_ref().map(TcpListener::local_addr).transpose()?;

    let house = state.clone();
    tokio::spawn(async move { house.keep_house().await });
    if let Some(listener) = metrics {
        tokio::spawn(server::serve(listener, None, metrics_router(state.clone()), state.stopping.subscribe()));
    }
    let app = server::serve(listener, tls, router(state.clone()), state.stopping.subscribe());
    let app = tokio::spawn(app);
    // Before anybody learns that there is something to stop.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    print(&greeting(&config, address, sfu.media_addresses(), metrics_address));

    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    let stopping = async { tokio::join!(state.stop(), app) };
    let _ = tokio::time::timeout(EXIT_TIMEOUT, stopping).await;
    Ok(())
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

/// What to open, and which ports a firewall must let through.
fn greeting(config: &Config, address: SocketAddr, media: &[Endpoint], metrics: Option<SocketAddr>) -> String {
    let scheme = if config.is_tls() { "https" } else { "http" };
    let host = match address.ip() {
        ip if ip.is_unspecified() || ip.is_loopback() => "localhost".to_owned(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        ip => ip.to_string(),
    };
    let local = format!("{scheme}://{host}:{}", address.port());
    let url = config.public_url.as_deref().unwrap_or(&local);
    let ports = |protocol| {
        let addresses = media.iter().filter(|endpoint| endpoint.protocol == protocol);
        let ports: BTreeSet<_> = addresses.map(|endpoint| endpoint.address.port()).collect();
        ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let (udp, tcp) = (ports(Protocol::Udp), ports(Protocol::Tcp));
    let tcp = if tcp.is_empty() { tcp } else { format!("; TCP {tcp}") };
    let metrics = metrics.map_or_else(|| "off".to_owned(), |address| format!("http://{address}/metrics"));
    let outbox =
        if config.development { format!("  outbox      {local}/outbox (development mode)\n") } else { String::new() };
    format!(
        "Confab is ready: {url}\n  listening   {address}\n  media       UDP {udp}{tcp}\n  metrics     {metrics}\n{outbox}"
    )
}

/// The one place that writes to stdout: for people and scripts that start the program.
#[allow(clippy::print_stdout)]
fn print(text: &str) -> ExitCode {
    print!("{text}");
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_datagram_writes_to_the_log() {
        let filter = EnvFilter::new(format!("{QUIET},trace"));
        let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::sink).finish();
        tracing::subscriber::with_default(subscriber, || {
            assert!(!tracing::enabled!(target: "is::stun", tracing::Level::WARN));
            assert!(!tracing::enabled!(target: "dimpl::dtls12::engine", tracing::Level::WARN));
            assert!(!tracing::enabled!(target: "str0m::sctp", tracing::Level::WARN));
            assert!(tracing::enabled!(target: "is::stun", tracing::Level::ERROR));
            assert!(tracing::enabled!(target: "confab_sfu", tracing::Level::TRACE));
        });
    }
}
