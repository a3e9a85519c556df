//! Many clients against a real server: HTTP, WebSocket and one UDP socket each.

mod member;
mod roster;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::sync::watch;
use tokio::task::JoinSet;

pub use member::Seen;

use crate::histogram::Histogram;
use crate::measure::{Heartbeat, Process, Window};
use crate::scenario::{Group, Scenario};
use crate::signalling::Api;
use member::{Member, Plan};

/// Media flows for that long before the measured window begins.
const SETTLE: Duration = Duration::from_secs(1);
/// Time for the members to leave.
const GOODBYE: Duration = Duration::from_secs(5);

/// Counters that all members share.
#[derive(Default)]
pub(crate) struct Totals {
    received: AtomicU64,
    connected: AtomicU64,
}

impl Totals {
    fn received(&self, packets: u64) {
        self.received.fetch_add(packets, Ordering::Relaxed);
    }

    fn connected(&self) {
        self.connected.fetch_add(1, Ordering::Relaxed);
    }
}

/// What a run yielded.
#[derive(Debug)]
pub struct Outcome {
    /// One for each client that ran to the end.
    pub seen: Vec<Seen>,
    /// Why others did not.
    pub failures: Vec<String>,
    /// The measured time, without joining and leaving.
    pub window: Window,
    /// How late this process was woken in that time.
    pub lateness: Histogram,
    /// Whether Ctrl-C ended it.
    pub interrupted: bool,
}

/// Runs a scenario against a server on this machine. Ends by itself, or when `interrupt` resolves.
pub async fn run(
    api: &Api,
    scenario: &Scenario,
    server: Option<Process>,
    interrupt: impl Future<Output = ()>,
) -> Result<Outcome> {
    let totals = Arc::new(Totals::default());
    let (stop, stopped) = watch::channel(false);
    let mut members = JoinSet::new();
    let plans = plans(api, scenario).await?;
    let mut window = Window::new(server);
    let mut heartbeat = None;
    let load = async {
        for plan in plans {
            let (api, totals, stopped) = (api.clone(), Arc::clone(&totals), stopped.clone());
            members.spawn(async move { member(api, plan, totals, stopped).await });
            tokio::time::sleep(Duration::from_millis(scenario.ramp_ms)).await;
        }
        tokio::time::sleep(SETTLE).await;
        heartbeat = Some(Heartbeat::start());
        window.begin(totals.received.load(Ordering::Relaxed));
        tokio::time::sleep(Duration::from_secs(scenario.seconds)).await;
    };
    let interrupted = tokio::select! {
        () = load => false,
        () = interrupt => true,
    };
    window.end(totals.received.load(Ordering::Relaxed));
    let lateness = heartbeat.map(Heartbeat::stop).transpose()?.unwrap_or_default();
    stop.send_replace(true);
    let (seen, failures) = collect(members).await;
    ensure!(!seen.is_empty() || interrupted, "no client ran to the end: {}", failures.join("; "));
    Ok(Outcome { seen, failures, window, lateness, interrupted })
}

async fn member(api: Api, plan: Plan, totals: Arc<Totals>, mut stopped: watch::Receiver<bool>) -> Result<Seen> {
    let name = plan.name.clone();
    let stop = stopped.clone();
    let run = async {
        let member = tokio::select! {
            member = Member::join(api, plan, totals) => member?,
            _ = stopped.wait_for(|stop| *stop) => anyhow::bail!("stopped while joining"),
        };
        member.run(stop).await
    };
    run.await.with_context(|| name)
}

/// One plan for each client; publishers come first, room by room.
async fn plans(api: &Api, scenario: &Scenario) -> Result<Vec<Plan>> {
    let epoch = Instant::now();
    let mut plans = Vec::with_capacity(scenario.clients());
    for number in 0..scenario.rooms {
        let room = api.create_room(&format!("bench room {number}")).await?.id;
        let mut add = |group: &Group, publishes: bool| {
            for _ in 0..group.count {
                let sender = plans.len() as u64 + 1;
                let name = roster::name(sender);
                plans.push(Plan { room: room.clone(), name, publishes, group: group.clone(), sender, epoch });
            }
        };
        add(&scenario.publishers, true);
        add(&scenario.viewers, false);
    }
    Ok(plans)
}

async fn collect(mut members: JoinSet<Result<Seen>>) -> (Vec<Seen>, Vec<String>) {
    let (mut seen, mut failures) = (Vec::new(), Vec::new());
    let all = async {
        while let Some(done) = members.join_next().await {
            match done.map_err(anyhow::Error::from).and_then(|result| result) {
                Ok(one) => seen.push(one),
                Err(error) => failures.push(format!("{error:#}")),
            }
        }
    };
    if tokio::time::timeout(GOODBYE, all).await.is_err() {
        failures.push("some clients did not stop in time".to_owned());
    }
    (seen, failures)
}
