//! A throw-away Postgres of Debian's package: one cluster for all tests of this checkout, on a socket in a folder of its own,
//! with durability off. The first test starts it; it ends by itself when nobody has used it for a while.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Connection as _, PgConnection};

/// Makes an empty database and returns its URL.
pub async fn database() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let folder = tokio::task::spawn_blocking(start).await.unwrap();
    let name = format!("t{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut admin = PgConnection::connect(&url(&folder, "postgres")).await.expect("the test cluster answers");
    let sql = format!("CREATE DATABASE {name} TEMPLATE template0");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
    admin.close().await.unwrap();
    url(&folder, &name)
}

fn url(folder: &Path, database: &str) -> String {
    let socket = folder.to_str().unwrap().replace('/', "%2F");
    format!("postgres://confab@{socket}/{database}")
}

/// Removes a database that nobody uses any more; without this it goes with the cluster.
pub async fn remove(url: &str) {
    let (folder, name) = url.rsplit_once('/').unwrap();
    let mut admin = PgConnection::connect(&format!("{folder}/postgres")).await.unwrap();
    let sql = format!("DROP DATABASE {name}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
    admin.close().await.unwrap();
}

/// Every row of a database as text.
#[allow(dead_code, reason = "the bench, which uses the same cluster, asks its database by itself")]
pub fn dump(url: &str) -> String {
    let output = Command::new(bin().join("pg_dump")).args(["--data-only", "--inserts"]).arg(url).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Starts the cluster unless it runs; its folder.
fn start() -> PathBuf {
    // A socket's path has at most 107 bytes, so it cannot lie in the target folder.
    let mark =
        env!("CARGO_MANIFEST_DIR").bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    let folder = std::env::temp_dir().join(format!("confab-postgres-{mark:08x}"));
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let data = folder.join("data");
    if !is_running(&data) {
        make(&folder, &data);
    }
    folder
}

fn is_running(data: &Path) -> bool {
    let pid = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    let pid = pid.lines().next().unwrap_or("").trim().to_owned();
    !pid.is_empty() && fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.contains("postgres"))
}

fn make(folder: &Path, data: &Path) {
    let _ = fs::remove_dir_all(data);
    // Postgres refuses to run as root.
    let is_root = fs::metadata("/proc/self").is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0);
    if is_root {
        run(Command::new("chown").arg("postgres").arg(folder));
    }
    let bin = bin();
    let user = |program: &str| {
        if !is_root {
            return Command::new(bin.join(program));
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(bin.join(program));
        command
    };
    run(user("initdb").arg("-D").arg(data).args(["-U", "confab", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]));
    let settings = "listen_addresses = ''\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off\n\
         max_connections = 300\nshared_buffers = 32MB\nautovacuum = off\nlog_min_messages = fatal\n";
    let config = data.join("postgresql.conf");
    let old = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("{old}\nunix_socket_directories = '{}'\n{settings}", folder.display())).unwrap();
    run(user("pg_ctl").arg("-D").arg(data).args(["-w", "-l"]).arg(folder.join("log")).arg("start"));
    guard(data);
}

/// Ends the cluster when the last test is over: a small process that outlives the tests looks whether any, or the bench, still runs.
fn guard(data: &Path) {
    let pid = fs::read_to_string(data.join("postmaster.pid")).unwrap().lines().next().unwrap().to_owned();
    // Twenty quiet checks, a second each, and at most an hour.
    let script = "quiet=0; for i in $(seq 3600); do sleep 1; kill -0 $1 2>/dev/null || exit; \
         if ls -l /proc/[0-9]*/exe 2>/dev/null | grep -qE '/deps/(http|network|confab_social|delivery)-'; then quiet=0; else quiet=$((quiet+1)); fi; \
         [ $quiet -ge 20 ] && break; done; kill -INT $1";
    let mut command = Command::new("setsid");
    command
        .args(["--fork", "sh", "-c", script, "guard", &pid])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    assert!(command.status().unwrap().success());
}

/// Where Debian has the server's programs.
fn bin() -> PathBuf {
    let mut versions: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .expect("install Debian's package postgresql")
        .map(|entry| entry.unwrap().path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    versions.sort();
    versions.pop().expect("install Debian's package postgresql")
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().expect("the program can be started");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
