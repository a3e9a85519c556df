//! Time, packets and another process's CPU, taken at the begin and the end of the measured window.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// Clock ticks per second in `/proc/PID/stat`: Linux fixes it to 100 for user space on every architecture in use.
const TICKS: u64 = 100;

/// Reads the CPU time of another process, all its threads included, those that ended too.
#[derive(Debug, Clone, Copy)]
pub struct ProcessCpu {
    pid: u32,
}

impl ProcessCpu {
    /// A process by its id; fails if its CPU time cannot be read.
    pub fn new(pid: u32) -> Result<Self> {
        let process = Self { pid };
        process.read().with_context(|| format!("cannot read the CPU time of process {pid}"))?;
        Ok(process)
    }

    fn read(self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid))?;
        parse(&stat).context("unexpected form of /proc/PID/stat")
    }
}

/// utime and stime are fields 14 and 15; the command's name before them may contain blanks and parentheses.
fn parse(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    let sum = ticks()? + ticks()?;
    Some(Duration::from_millis(sum * 1000 / TICKS))
}

/// The measured time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Window {
    cpu_clock: Option<ProcessCpu>,
    began: Option<(Instant, u64, Option<Duration>)>,
    /// How long it was; zero if it never began.
    pub elapsed: Duration,
    /// RTP packets that the clients received in it.
    pub packets: u64,
    /// CPU time that the server spent in it.
    pub cpu: Option<Duration>,
}

impl Window {
    pub(crate) fn begin(cpu_clock: Option<ProcessCpu>, packets: u64) -> Self {
        let cpu = cpu_clock.and_then(|clock| clock.read().ok());
        Self { cpu_clock, began: Some((Instant::now(), packets, cpu)), ..Self::default() }
    }

    pub(crate) fn end(&mut self, packets: u64) {
        let Some((began, before, cpu)) = self.began else { return };
        self.elapsed = began.elapsed();
        self.packets = packets - before;
        let after = self.cpu_clock.and_then(|clock| clock.read().ok());
        self.cpu = after.zip(cpu).map(|(after, before)| after.saturating_sub(before));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_may_contain_anything() {
        let stat = "42 (a) b (c d) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0 1000 1 1";
        assert_eq!(parse(stat), Some(Duration::from_secs(3)));
        assert_eq!(parse("42 (short) S 1"), None);
    }

    #[test]
    fn this_process_has_cpu_time() {
        let cpu = ProcessCpu::new(std::process::id()).unwrap();
        let begin = cpu.read().unwrap();
        // A busy machine may give this process its first 10 ms late.
        let until = Instant::now() + Duration::from_secs(20);
        while cpu.read().unwrap() == begin && Instant::now() < until {}
        assert!(cpu.read().unwrap() > begin);
        assert!(ProcessCpu::new(0).is_err());
    }
}
