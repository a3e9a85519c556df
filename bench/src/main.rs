//! `confab-bench`: loads a Confab server on this machine with synthetic clients and reports what they saw.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::{Args, Parser, Subcommand};
use confab_bench::counters::{Counters, MetricsPage};
use confab_bench::floor::{self, Floor};
use confab_bench::measure::Process;
use confab_bench::report::Report;
use confab_bench::scenario::Scenario;
use confab_bench::signalling::Api;
use confab_bench::{summary, swarm};

/// The server brings its metrics up to date once a second.
const METRICS_INTERVAL: Duration = Duration::from_millis(1200);

/// Loads a Confab server on this machine with synthetic clients and reports what they saw.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a scenario against a server. Ends by itself after the scenario's time, or on Ctrl-C
    ///
    /// Joins the server with as many clients as the scenario says. They speak the real protocol over HTTP, WebSocket,
    /// ICE, DTLS and SRTP; their pictures and sounds carry stamps, so that each receiver knows what it should have got.
    ///
    /// Prints a table, writes a JSON report, and fails if a client did not get through, a slot carried the wrong thing
    /// or the server broke a rule that no network can excuse. Freezes and losses are figures, not failures.
    ///
    /// All clients have one address: start the server with --rate-limit-scale 1000.
    Run(RunArguments),
    /// Print reports side by side
    Summary {
        /// Files that `run` wrote.
        #[arg(required = true, value_name = "REPORT")]
        reports: Vec<PathBuf>,
    },
    /// Measure what one datagram costs this machine at least: the kernel's part and the encryption
    Floor {
        /// Bytes of a datagram.
        #[arg(long, value_name = "N", default_value_t = 1144, value_parser = clap::value_parser!(u16).range(1..=floor::MAX_BYTES as i64))]
        bytes: u16,
    },
}

#[derive(Args)]
struct RunArguments {
    /// The scenario: a file such as bench/scenarios/meeting.toml
    #[arg(long, value_name = "FILE")]
    scenario: PathBuf,
    /// The server; only this machine's own addresses are accepted
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    server: String,
    /// The server's process id, to measure its CPU and memory
    #[arg(long, value_name = "PID")]
    server_pid: Option<u32>,
    /// The server's metrics page, to tell what it dropped and why, for example http://127.0.0.1:9464/metrics
    #[arg(long, value_name = "URL")]
    metrics: Option<String>,
    /// Where the JSON goes [default: target/bench/<scenario>.json]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print nothing but failures
    #[arg(long)]
    quiet: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match Arguments::parse().command {
        Command::Run(arguments) => run(arguments).await,
        Command::Summary { reports } => print(&summary::of_files(&reports)?),
        Command::Floor { bytes } => print(&Floor::measure(usize::from(bytes))?.to_string()),
    }
}

async fn run(arguments: RunArguments) -> Result<()> {
    let RunArguments { scenario, server, server_pid, metrics, output, quiet } = arguments;
    let scenario = Scenario::read(&scenario)?;
    let api = Api::new(&server).await?;
    let process = server_pid.map(Process::new).transpose()?;
    let metrics = match metrics {
        Some(url) => Some(MetricsPage::new(&url).await?),
        None => None,
    };
    let before = counters(metrics.as_ref()).await?;
    let interrupt = async { drop(tokio::signal::ctrl_c().await) };
    let outcome = swarm::run(&api, &scenario, process, interrupt).await?;
    let mut report = Report::new(&scenario, &outcome);
    if metrics.is_some() {
        tokio::time::sleep(METRICS_INTERVAL).await;
        report.counters = counters(metrics.as_ref()).await?.since(&before);
    }
    if process.is_some() && report.forwarded_per_second > 0.0 {
        report.compare(floor::sendto(report.datagram_bytes as usize)?);
    }
    let path = output.unwrap_or_else(|| PathBuf::from(format!("target/bench/{}.json", scenario.name)));
    write_json(&path, &report)?;
    if !quiet || !report.is_sound() {
        print(&report.table())?;
    }
    ensure!(report.is_sound(), "{}: not everybody got everything; see the table above", scenario.name);
    Ok(())
}

async fn counters(page: Option<&MetricsPage>) -> Result<Counters> {
    match page {
        Some(page) => page.read().await,
        None => Ok(Counters::default()),
    }
}

fn print(text: &str) -> Result<()> {
    Ok(write!(std::io::stdout(), "{text}")?)
}

fn write_json(path: &Path, report: &Report) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let json = serde_json::to_string_pretty(report)?;
    std::fs::write(path, json + "\n").with_context(|| format!("cannot write {}", path.display()))
}
