//! The server's own counters, from its metrics page: what it dropped and why tells more than what is missing.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};

use crate::local::LocalAddresses;

/// Begins the names of the counters that matter here.
const PREFIX: &str = "confab_sfu_";

/// Counters by name, with labels as Prometheus writes them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters(BTreeMap<String, u64>);

/// A metrics page on this machine.
#[derive(Debug, Clone)]
pub struct MetricsPage {
    url: reqwest::Url,
    http: reqwest::Client,
}

impl MetricsPage {
    /// A page by its URL (`http://…`). Refuses any that is not on this machine.
    pub async fn new(url: &str) -> Result<Self> {
        let url = reqwest::Url::parse(url).with_context(|| format!("{url} is not a URL"))?;
        ensure!(url.scheme() == "http", "metrics are read over plain http only, not {}", url.scheme());
        let host = url.host_str().context("the URL has no host")?.to_owned();
        let addresses = LocalAddresses::read()?.resolve(&host, url.port_or_known_default().unwrap_or(80)).await?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .resolve_to_addrs(&host, &addresses)
            .build()?;
        Ok(Self { url, http })
    }

    /// The counters now; the server brings them up to date once a second.
    pub async fn read(&self) -> Result<Counters> {
        let response = self.http.get(self.url.clone()).send().await.context("reading the metrics")?;
        Ok(Counters::parse(&response.error_for_status()?.text().await?))
    }
}

impl Counters {
    fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| line.starts_with(PREFIX));
        let values = lines.filter_map(|line| line.rsplit_once(' '));
        let counters = values.filter(|(name, _)| name.split('{').next().is_some_and(|name| name.ends_with("_total")));
        Self(counters.filter_map(|(name, value)| Some((short(name), value.parse().ok()?))).collect())
    }

    /// What was counted since `before`, without what stood still.
    pub fn since(&self, before: &Self) -> BTreeMap<String, u64> {
        let grown = self
            .0
            .iter()
            .map(|(name, value)| (name.clone(), value.saturating_sub(before.0.get(name).copied().unwrap_or(0))));
        grown.filter(|(_, value)| *value > 0).collect()
    }
}

/// `confab_sfu_packets_dropped_total{reason="replay"}` becomes `packets_dropped.replay`.
fn short(name: &str) -> String {
    let name = name.strip_prefix(PREFIX).unwrap_or(name);
    let (name, labels) = name.split_once('{').unwrap_or((name, ""));
    let name = name.strip_suffix("_total").unwrap_or(name);
    match labels.split('"').nth(1) {
        Some(label) => format!("{name}.{label}"),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_read_and_subtracted() {
        let page = "# HELP confab_sfu_peers Peers\nconfab_sfu_peers 3\nconfab_rooms_total 9\n\
                    confab_sfu_datagrams_sent_total 5\nconfab_sfu_packets_dropped_total{reason=\"replay\"} 2\n";
        let before = Counters::parse(page);
        let after = Counters::parse(&page.replace("total 5", "total 12"));
        assert_eq!(after.since(&before), BTreeMap::from([("datagrams_sent".to_owned(), 7)]));
        assert_eq!(before.since(&Counters::default()).get("packets_dropped.replay"), Some(&2));
        assert_eq!(before.since(&Counters::default()).len(), 2, "no gauges, no others' counters");
    }

    #[tokio::test]
    async fn other_machines_are_refused() {
        for url in ["http://192.0.2.1/metrics", "https://127.0.0.1/metrics", "metrics"] {
            assert!(MetricsPage::new(url).await.is_err(), "{url}");
        }
    }
}
