//! The real binary in a process of its own, which a test can kill.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A server with its data, running or not; it ends with the test.
pub struct Process {
    data: PathBuf,
    database: Option<String>,
    child: Option<Child>,
    /// Where it listens, or did last.
    pub url: String,
}

impl Process {
    /// A server with this folder, and a database elsewhere or in it. It does not run yet.
    pub fn new(data: &Path, database: Option<String>) -> Self {
        Self { data: data.to_owned(), database, child: None, url: String::new() }
    }

    /// Fills the database with made-up people.
    pub fn demo(&self) {
        assert!(self.command().arg("demo").stdout(Stdio::null()).status().unwrap().success());
    }

    /// Starts it at a free port.
    pub fn start(&mut self) {
        self.start_at("0");
    }

    /// Kills it as a power cut does, and starts it where it was.
    pub fn restart(&mut self) {
        self.kill();
        let port = self.url.rsplit(':').next().unwrap().to_owned();
        self.start_at(&port);
    }

    /// Ends it like a power cut.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn start_at(&mut self, port: &str) {
        let mut child = self
            .command()
            .args(["--listen", &format!("127.0.0.1:{port}"), "--metrics-listen", "off"])
            .args(["--media-port", "0", "--media-workers", "1", "--rate-limit-scale", "1000000", "--dev"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let line = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        self.url = line.strip_prefix("Confab is ready: ").unwrap().trim_end_matches('/').to_owned();
        self.child = Some(child);
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_confab"));
        command.env_clear().args(["--log", "error", "--data-dir"]).arg(&self.data);
        if let Some(database) = &self.database {
            command.args(["--database-url", database]);
        }
        command
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A UUID of random bits.
pub fn uuid(random: u128) -> String {
    let hex = format!("{random:032x}");
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}
