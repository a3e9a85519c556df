//! `confab-bench`: loads a Confab server on this machine with synthetic clients and reports what they saw.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};
use confab_bench::measure::ProcessCpu;
use confab_bench::report::Report;
use confab_bench::scenario::Scenario;
use confab_bench::signalling::Api;
use confab_bench::swarm;

#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a scenario. Ends by itself after the scenario's time, or on Ctrl-C.
    Run {
        /// The server. Only this machine's own addresses are accepted.
        #[arg(long, default_value = "http://127.0.0.1:8080")]
        server: String,
        /// A scenario file, such as bench/scenarios/meeting.toml.
        #[arg(long)]
        scenario: PathBuf,
        /// The server's process id, to measure its CPU.
        #[arg(long)]
        server_pid: Option<u32>,
        /// Where the JSON goes [default: target/bench/<scenario>.json].
        #[arg(long)]
        output: Option<PathBuf>,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let Command::Run { server, scenario, server_pid, output } = Arguments::parse().command;
    let scenario = Scenario::read(&scenario)?;
    let api = Api::new(&server).await?;
    let cpu = server_pid.map(ProcessCpu::new).transpose()?;
    let interrupt = async { drop(tokio::signal::ctrl_c().await) };
    let outcome = swarm::run(&api, &scenario, cpu, interrupt).await?;
    let report = Report::new(&scenario, &outcome);
    let path = output.unwrap_or_else(|| PathBuf::from(format!("target/bench/{}.json", scenario.name)));
    write_json(&path, &report)?;
    write!(std::io::stdout(), "{}", report.table())?;
    let all = report.connected == scenario.clients() || report.interrupted;
    ensure!(all && report.failures.is_empty(), "not every client got through: see the failures above");
    Ok(())
}

fn write_json(path: &Path, report: &Report) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let json = serde_json::to_string_pretty(report)?;
    std::fs::write(path, json + "\n").with_context(|| format!("cannot write {}", path.display()))
}
