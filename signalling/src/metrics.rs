//! What an operator sees. Names begin with `confab_`; docs/metrics.md explains them.

use std::time::Duration;

use prometheus::core::Collector;
use prometheus::{Encoder as _, Histogram, HistogramOpts, IntCounterVec, IntGauge, Opts, Registry, TextEncoder};
use serde::Serialize;

/// The metrics of signalling, and the registry that the SFU's are added to.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Rooms with a live state.
    pub rooms: IntGauge,
    /// Participants, reconnecting ones too.
    pub participants: IntGauge,
    /// Open WebSockets.
    pub websockets: IntGauge,
    joins: IntCounterVec,
    messages: IntCounterVec,
    errors: IntCounterVec,
    /// From the click on Join to the first decoded remote frame, as clients report it, in seconds.
    pub first_frame: Histogram,
    /// From the join call's ticket to the welcome, in seconds.
    pub welcome: Histogram,
}

impl Metrics {
    /// Metrics that all stand at zero.
    ///
    /// # Errors
    /// When a name is invalid or taken, which is a bug.
    pub fn new(started_unix: Duration) -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let gauge = |name: &str, help: &str| register(&registry, IntGauge::new(name, help)?);
        let counter = |name: &str, help: &str, label: &str| {
            register(&registry, IntCounterVec::new(Opts::new(name, help), &[label])?)
        };
        let histogram = |name: &str, help: &str, buckets: &[f64]| {
            register(&registry, Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets.to_vec()))?)
        };
        let started = gauge("confab_start_time_seconds", "When the process started, in seconds since 1970.")?;
        started.set(i64::try_from(started_unix.as_secs()).unwrap_or(i64::MAX));
        Ok(Self {
            rooms: gauge("confab_rooms", "Rooms with a live state.")?,
            participants: gauge("confab_participants", "Participants in all rooms, reconnecting ones too.")?,
            websockets: gauge("confab_websockets", "Open WebSockets.")?,
            joins: counter("confab_room_joins_total", "Attempts to join a room.", "result")?,
            messages: counter("confab_messages_total", "Messages from clients.", "type")?,
            errors: counter("confab_errors_total", "Errors sent to clients, over HTTP and WebSockets.", "code")?,
            first_frame: histogram(
                "confab_first_frame_seconds",
                "From the click on Join to the first decoded remote frame.",
                &[0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 60.0],
            )?,
            welcome: histogram(
                "confab_welcome_seconds",
                "From the ticket of the join call to the welcome.",
                &[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0],
            )?,
            registry,
        })
    }

    /// Adds somebody else's metrics: the SFU's.
    ///
    /// # Errors
    /// When a name is taken.
    pub fn add(&self, collector: Box<dyn Collector>) -> Result<(), prometheus::Error> {
        self.registry.register(collector)
    }

    /// Counts an attempt to join: `joined`, `resumed` or the code of the refusal.
    pub fn join(&self, result: &str) {
        self.joins.with_label_values(&[result]).inc();
    }

    /// Counts a message by its type.
    pub fn message(&self, kind: &str) {
        self.messages.with_label_values(&[kind]).inc();
    }

    /// Counts an error.
    pub fn error(&self, code: &impl Serialize) {
        self.errors.with_label_values(&[label(code).as_str()]).inc();
    }

    /// All metrics in Prometheus' text format.
    ///
    /// # Errors
    /// When a collector yields what the format cannot say.
    pub fn render(&self) -> Result<Vec<u8>, prometheus::Error> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

fn register<C: Collector + Clone + 'static>(registry: &Registry, collector: C) -> Result<C, prometheus::Error> {
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}

/// A protocol value's name on the wire, for a label.
pub fn label(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => "unknown".to_owned(),
    }
}
