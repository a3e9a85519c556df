//! Puts several reports into one table, a column each.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// A row: its name, where its values are in a report, and their decimals.
type Row = (&'static str, &'static [&'static str], usize);

const ROWS: [Row; 20] = [
    ("clients connected", &["/connected"], 0),
    ("join p50 / p95, ms", &["/join_ms/p50", "/join_ms/p95"], 0),
    ("first frame p50 / p95, ms", &["/first_frame_ms/p50", "/first_frame_ms/p95"], 0),
    ("video delay p50 / p99, ms", &["/video_delay_ms/p50", "/video_delay_ms/p99"], 1),
    ("audio delay p50 / p99, ms", &["/audio_delay_ms/p50", "/audio_delay_ms/p99"], 1),
    ("frames decoded", &["/frames"], 0),
    ("frames / sounds skipped", &["/frames_skipped", "/sounds_skipped"], 0),
    ("packets repaired / missing", &["/video/repaired", "/video/missing"], 0),
    ("freezes / ms", &["/freezes", "/frozen_ms"], 0),
    ("violations", &["/violations"], 0),
    ("slots / wrong", &["/slots", "/wrong_slots"], 0),
    ("failures", &["/failures"], 0),
    ("bench late p99 / worst, ms", &["/bench_late_ms/p99", "/bench_late_max_ms"], 1),
    ("forwarded packets per second", &["/forwarded_per_second"], 0),
    ("bytes of a datagram", &["/datagram_bytes"], 0),
    ("server CPU, cores", &["/server/cpu_cores"], 4),
    ("ns per forwarded packet", &["/server/cpu_ns_per_packet"], 0),
    ("  as multiple of sendto", &["/server/sendtos_per_packet"], 2),
    ("CPU µs per client and second", &["/server/cpu_us_per_client_second"], 1),
    ("memory per client, KiB", &["/server/memory_kib_per_client"], 0),
];

/// The table of the reports in these files.
pub fn of_files(paths: &[impl AsRef<Path>]) -> Result<String> {
    let read = |path: &Path| -> Result<Value> {
        let text = std::fs::read_to_string(path)?;
        Ok(serde_json::from_str(&text)?)
    };
    let reports = paths.iter().map(|path| {
        let path = path.as_ref();
        read(path).with_context(|| format!("{} is no report", path.display()))
    });
    Ok(table(&reports.collect::<Result<Vec<_>>>()?))
}

fn table(reports: &[Value]) -> String {
    let heads = reports.iter().map(|report| report.pointer("/scenario/name").and_then(Value::as_str).unwrap_or("-"));
    let mut out = line("", heads);
    for (name, pointers, decimals) in ROWS {
        let cells: Vec<_> = reports.iter().map(|report| cell(report, pointers, decimals)).collect();
        out += &line(name, cells.iter().map(String::as_str));
    }
    out
}

fn line<'a>(name: &str, cells: impl Iterator<Item = &'a str>) -> String {
    let mut line = format!("{name:<30}");
    for cell in cells {
        // Writing to a String cannot fail.
        let _ = write!(line, " {cell:>15}");
    }
    line + "\n"
}

fn cell(report: &Value, pointers: &[&str], decimals: usize) -> String {
    let one = |pointer: &&str| match report.pointer(pointer) {
        Some(Value::Array(list)) => list.len().to_string(),
        Some(Value::Number(number)) => number.as_f64().map_or_else(String::new, |value| format!("{value:.decimals$}")),
        _ => "-".to_owned(),
    };
    pointers.iter().map(one).collect::<Vec<_>>().join(" / ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reports_stand_side_by_side() {
        let report = |name: &str, p50: f64| json!({ "scenario": { "name": name }, "join_ms": { "p50": p50, "p95": null }, "failures": ["a", "b"] });
        let table = table(&[report("one", 1.4), report("two", 20.0)]);
        let row = |name: &str| table.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
        let words = |name: &str| row(name).split_whitespace().rev().take(2).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(""), ["two", "one"]);
        assert_eq!(words("failures"), ["2", "2"]);
        assert!(row("join p50").contains("1 / -") && row("join p50").contains("20 / -"), "{table}");
        let width = table.lines().next().unwrap().chars().count();
        assert!(table.lines().all(|line| line.chars().count() == width), "{table}");
    }

    #[test]
    fn what_is_no_report_is_named() {
        let error = of_files(&["/nonexistent.json"]).unwrap_err().to_string();
        assert!(error.contains("/nonexistent.json"), "{error}");
    }
}
