//! Time, packets, and another process's CPU and memory, taken at the begin and the end of the measured window; and
//! how late this process itself was.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::time::ClockId;
use nix::unistd::Pid;

use crate::histogram::Histogram;

/// The highest process id that Linux gives.
const MAX_PID: i32 = 1 << 22;
/// How often the heartbeat wants to be woken.
const HEARTBEAT: Duration = Duration::from_millis(10);

/// Another process on this machine.
#[derive(Debug, Clone, Copy)]
pub struct Process {
    pid: u32,
    clock: ClockId,
}

impl Process {
    /// A process by its id; fails if its CPU time cannot be read.
    pub fn new(pid: u32) -> Result<Self> {
        // The clock's number is made by shifting the id: one beyond the limit would name another clock.
        let valid = i32::try_from(pid).ok().filter(|pid| (1..=MAX_PID).contains(pid));
        let clock = valid.map(Pid::from_raw).map(ClockId::pid_cpu_clock_id);
        let clock = clock.with_context(|| format!("{pid} is no process id"))?;
        let clock = clock.with_context(|| format!("there is no process {pid}"))?;
        let process = Self { pid, clock };
        process.cpu().with_context(|| format!("cannot read the CPU time of process {pid}"))?;
        Ok(process)
    }

    /// The CPU time of all its threads, those that ended too.
    pub fn cpu(&self) -> Result<Duration> {
        Ok(self.clock.now()?.into())
    }

    /// Its resident memory in bytes.
    pub fn resident(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        parse_resident(&status).context("unexpected form of /proc/PID/status")
    }
}

fn parse_resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// The CPU time of this thread.
pub(crate) fn thread_cpu() -> Result<Duration> {
    Ok(ClockId::CLOCK_THREAD_CPUTIME_ID.now()?.into())
}

/// The measured time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Window {
    server: Option<Process>,
    began: Option<(Instant, u64, Option<Duration>)>,
    /// How long it was; zero if it never began.
    pub elapsed: Duration,
    /// RTP packets that the clients received in it.
    pub packets: u64,
    /// CPU time that the server spent in it.
    pub cpu: Option<Duration>,
    /// Bytes of memory that the server had before the first client came.
    pub memory_before: Option<u64>,
    /// Bytes of memory that the server had at the end, with all clients there.
    pub memory: Option<u64>,
}

impl Window {
    /// Before the first client comes.
    pub(crate) fn new(server: Option<Process>) -> Self {
        Self { server, memory_before: server.and_then(|server| server.resident().ok()), ..Self::default() }
    }

    pub(crate) fn begin(&mut self, packets: u64) {
        let cpu = self.server.and_then(|server| server.cpu().ok());
        self.began = Some((Instant::now(), packets, cpu));
    }

    pub(crate) fn end(&mut self, packets: u64) {
        let Some((began, before, cpu)) = self.began else { return };
        self.elapsed = began.elapsed();
        self.packets = packets - before;
        let after = self.server.and_then(|server| server.cpu().ok());
        self.cpu = after.zip(cpu).map(|(after, before)| after.saturating_sub(before));
        self.memory = self.server.and_then(|server| server.resident().ok());
    }

    /// Forwarded packets per second.
    pub fn packets_per_second(&self) -> f64 {
        if self.elapsed.is_zero() { 0.0 } else { self.packets as f64 / self.elapsed.as_secs_f64() }
    }

    /// Nanoseconds of the server's CPU for each forwarded packet.
    pub fn nanoseconds_per_packet(&self) -> Option<f64> {
        let cpu = self.cpu.filter(|_| self.packets > 0)?;
        Some(cpu.as_nanos() as f64 / self.packets as f64)
    }
}

/// Notes how late this process is woken. Clients that cannot run see freezes which no server made.
pub(crate) struct Heartbeat(tokio::task::JoinHandle<()>, std::sync::Arc<std::sync::Mutex<Histogram>>);

impl Heartbeat {
    pub(crate) fn start() -> Self {
        let lateness = std::sync::Arc::new(std::sync::Mutex::new(Histogram::default()));
        let record = std::sync::Arc::clone(&lateness);
        let beat = async move {
            loop {
                let due = Instant::now() + HEARTBEAT;
                tokio::time::sleep_until(due.into()).await;
                if let Ok(mut record) = record.lock() {
                    record.record(due.elapsed());
                }
            }
        };
        Self(tokio::spawn(beat), lateness)
    }

    /// Ends it; gives how late each beat was.
    pub(crate) fn stop(self) -> Result<Histogram> {
        self.0.abort();
        let lateness = self.1.lock().map_err(|_| anyhow::anyhow!("the heartbeat failed"))?;
        ensure!(!lateness.is_empty(), "the heartbeat never ran");
        Ok(lateness.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_found() {
        assert_eq!(parse_resident("Name:\tVmRSS: x\nVmRSS:\t    1024 kB\n"), Some(1 << 20));
        assert_eq!(parse_resident("VmHWM:\t 1 kB"), None);
        assert!(Process::new(std::process::id()).unwrap().resident().unwrap() > 1 << 20);
    }

    #[test]
    fn this_process_has_cpu_time() {
        let process = Process::new(std::process::id()).unwrap();
        let (begin, own) = (process.cpu().unwrap(), thread_cpu().unwrap());
        // The clocks count what this thread burns, however long a busy machine makes it wait in between.
        while thread_cpu().unwrap() < own + Duration::from_millis(5) {}
        assert!(process.cpu().unwrap() >= begin + Duration::from_millis(5));
    }

    #[test]
    fn what_is_no_process_is_refused() {
        for pid in [0, MAX_PID as u32, MAX_PID as u32 + 1, i32::MAX as u32, u32::MAX] {
            assert!(Process::new(pid).is_err(), "{pid}");
        }
    }

    #[tokio::test]
    async fn a_blocked_process_is_noticed() {
        let heartbeat = Heartbeat::start();
        // It waits for its first beat, and then nothing runs for a while.
        tokio::task::yield_now().await;
        std::thread::sleep(Duration::from_millis(200));
        while heartbeat.1.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        assert!(heartbeat.stop().unwrap().max() > Duration::from_millis(150));
    }
}
