//! A private PostgreSQL server for the tests of one process, or the one that `LATCHKEY_TEST_POSTGRES` names.
//!
//! The private one lives in a temporary folder and listens on a free loopback port. It cannot outlive the tests: a shell
//! waits for the end of its input, which comes with the end of this process however that ends, and shuts it down.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, ensure};
use sea_orm::ConnectionTrait as _;

use crate::requirement::environment;

/// A server on which tests make databases of their own.
pub struct Postgres {
    /// `postgres://user@host:port`, without a database.
    server: String,
    /// Keeps the private server alive; its input ends with this process.
    guard: Option<Guard>,
}

/// The shell that a private server ends with.
struct Guard {
    shell: Child,
    said: BufReader<ChildStdout>,
}

impl Guard {
    /// Waits until the server is said to be started.
    fn started(&mut self) -> anyhow::Result<()> {
        let mut said = String::new();
        self.said.read_line(&mut said)?;
        ensure!(said.trim() == "started", "PostgreSQL does not start");
        Ok(())
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // It ends with its input.
        let _ = self.shell.wait();
    }
}

/// Whether commits wait for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// They do, as they do where it counts.
    Waited,
    /// They do not: tests are many.
    Hoped,
}

/// The server of this process; `None` where there is neither a setting nor the programs.
pub fn shared() -> Option<&'static Postgres> {
    static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
    SERVER.get_or_init(find).as_ref()
}

fn find() -> Option<Postgres> {
    if let Some(url) = environment("LATCHKEY_TEST_POSTGRES") {
        let server = url.trim_end_matches('/').to_owned();
        return Some(Postgres {
            server: without_database(&server),
            guard: None,
        });
    }
    let programs = programs()?;
    Some(start(&programs, Disk::Hoped).expect("the private PostgreSQL starts"))
}

/// `postgres://u@h:1/db` → `postgres://u@h:1`.
fn without_database(url: &str) -> String {
    match url.split_once("://").and_then(|(_, rest)| rest.find('/')) {
        Some(at) => {
            url[..url.len() - (url.split_once("://").map_or("", |(_, r)| r).len() - at)].to_owned()
        }
        None => url.to_owned(),
    }
}

/// The folder with `initdb` and `postgres`, newest version first.
fn programs() -> Option<PathBuf> {
    let on_path = environment("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&on_path).collect();
    let installed = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    folders.extend(installed.filter_map(|entry| Some(entry.ok()?.path().join("bin"))));
    folders.sort();
    folders.into_iter().rev().find(|folder| {
        ["initdb", "postgres"]
            .iter()
            .all(|p| folder.join(p).is_file())
    })
}

fn start(programs: &Path, disk: Disk) -> anyhow::Result<Postgres> {
    let folder = tempfile::Builder::new()
        .prefix("latchkey-postgres-")
        .tempdir()?
        .keep();
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    // PostgreSQL refuses to run as root: there, another user owns the folder and the processes.
    let user = (std::fs::metadata("/proc/self")?.uid() == 0)
        .then(unprivileged)
        .transpose()?;
    if let Some((uid, gid)) = user {
        chown(&folder, Some(uid), Some(gid))?;
    }
    let script = r#"
        cd "$2"
        "$1/initdb" -D "$2/data" -U latchkey -A trust -E UTF8 --locale=C --no-sync >"$2/log" 2>&1 || { echo failed; exit 1; }
        begin() {
            "$1/postgres" -D "$2/data" -h 127.0.0.1 -p "$3" -k "" -c fsync="$4" -c max_connections=300 >>"$2/log" 2>&1 &
            echo started
        }
        begin "$@"
        while read -r _; do
            kill -INT $!
            wait $!
            begin "$@"
        done
        kill -INT $!
        wait $!
        rm -rf "$2"
    "#;
    let fsync = match disk {
        Disk::Waited => "on",
        Disk::Hoped => "off",
    };
    let mut command = Command::new("sh");
    command
        .args(["-c", script, "sh"])
        .arg(programs)
        .arg(&folder)
        .arg(port.to_string())
        .arg(fsync);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0);
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    let mut shell = command.spawn().context("start PostgreSQL")?;
    let said = shell.stdout.take().context("the shell has an output")?;
    let mut guard = Guard {
        shell,
        said: BufReader::new(said),
    };
    guard
        .started()
        .with_context(|| folder.join("log").display().to_string())?;
    await_port(port)?;
    Ok(Postgres {
        server: format!("postgres://latchkey@127.0.0.1:{port}"),
        guard: Some(guard),
    })
}

/// The user `postgres` if the machine has one, else `nobody`.
fn unprivileged() -> anyhow::Result<(u32, u32)> {
    let users = std::fs::read_to_string("/etc/passwd")?;
    let find = |name: &str| {
        let line = users
            .lines()
            .find(|line| line.split(':').next() == Some(name))?;
        let mut ids = line.split(':').skip(2).map(str::parse);
        Some((ids.next()?.ok()?, ids.next()?.ok()?))
    };
    find("postgres")
        .or_else(|| find("nobody"))
        .context("no unprivileged user")
}

fn await_port(port: u16) -> anyhow::Result<()> {
    let began = std::time::Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        ensure!(
            began.elapsed() < crate::wait::DEADLINE,
            "PostgreSQL does not listen"
        );
        std::thread::yield_now();
    }
    Ok(())
}

impl Postgres {
    /// Starts one for whoever asks, where there are the programs.
    ///
    /// # Panics
    /// If it does not start.
    #[must_use]
    pub fn private(disk: Disk) -> Option<Self> {
        let programs = programs()?;
        Some(start(&programs, disk).expect("the private PostgreSQL starts"))
    }

    /// Ends a private server, with all its connections, and starts it again on the same data.
    ///
    /// # Panics
    /// If it is not a private one, or does not start.
    pub fn restart(&mut self) {
        let guard = self.guard.as_mut().expect("the server is a private one");
        let input = guard.shell.stdin.as_mut().expect("the shell has an input");
        writeln!(input, "again").expect("the shell reads");
        guard.started().expect("PostgreSQL starts again");
    }

    /// Makes an empty database and answers its URL.
    ///
    /// # Panics
    /// If the server refuses.
    pub async fn database(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("latchkey_{}_{number}", std::process::id());
        let maintenance = format!("{}/postgres", self.server);
        let made = crate::wait::until("PostgreSQL accepts connections", async || {
            let connection = sea_orm::Database::connect(&maintenance).await.ok()?;
            let made = connection
                .execute_unprepared(&format!("CREATE DATABASE {name}"))
                .await;
            Some(made)
        });
        made.await.expect("a database can be made");
        format!("{}/{name}", self.server)
    }
}
