//! Starts the real server for a test and stops it afterwards.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

const READY: &str = "Confab is ready: ";
const PATIENCE: Duration = Duration::from_secs(30);

/// A running `confab`, with a folder of its own for its data.
pub(crate) struct Server {
    child: Child,
    folder: PathBuf,
    /// Where it listens: `http://127.0.0.1:PORT`.
    pub(crate) url: String,
}

impl Server {
    pub(crate) fn start(flags: &[&str]) -> Self {
        let program = program();
        let folder = std::env::temp_dir().join(format!("confab-second-stack-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mut child = Command::new(&program)
            .args(["--listen", "127.0.0.1:0", "--media-port", "0", "--metrics-listen", "127.0.0.1:0", "--data-dir"])
            .arg(&folder)
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {}: {error}", program.display()));
        let stdout = child.stdout.take().unwrap();
        let mut server = Self { child, folder, url: String::new() };
        let (found, url) = mpsc::channel();
        // Reads to the end, so that the server never blocks on a full pipe.
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if let Some((_, rest)) = line.split_once(READY) {
                    let _ = found.send(rest.split_whitespace().next().unwrap_or_default().to_owned());
                }
            }
        });
        server.url = url.recv_timeout(PATIENCE).expect("the server did not say that it is ready");
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// `CONFAB_BIN`, or `confab` of the same build: the test is `<target>/debug/deps/second_stack-…`.
fn program() -> PathBuf {
    let beside = || std::env::current_exe().ok()?.parent()?.parent().map(|folder| folder.join("confab"));
    let program = std::env::var_os("CONFAB_BIN").map(PathBuf::from).or_else(beside).unwrap_or_default();
    assert!(program.is_file(), "{} is missing. build it first: cargo build -p confab-signalling", program.display());
    program
}
