//! A child process that is measured: its start, its processor time, its memory. It is killed when this is dropped.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::client::{Connection, get};

/// How long a start may take.
const START: Duration = Duration::from_secs(30);
/// What the kernel counts processor time in: a hundredth of a second on every Linux that Rust runs on.
const TICK: Duration = Duration::from_millis(10);

/// A running process that answers HTTP.
pub(crate) struct Process {
    child: Child,
    /// Where it answers.
    pub(crate) address: SocketAddr,
    /// From its start to its first answer.
    pub(crate) started_in: Duration,
}

impl Process {
    /// Starts a process and waits until `path` is answered with 200.
    pub(crate) async fn start(
        mut command: Command,
        address: SocketAddr,
        path: &str,
    ) -> anyhow::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let began = Instant::now();
        let child = command.spawn().context("the process cannot be started")?;
        let mut process = Self {
            child,
            address,
            started_in: Duration::ZERO,
        };
        let request = get(path, address);
        loop {
            if let Some(status) = process.child.try_wait()? {
                bail!("the process ended with {status} before it answered");
            }
            if answers(address, &request).await {
                process.started_in = began.elapsed();
                return Ok(process);
            }
            if began.elapsed() > START {
                bail!("the process does not answer");
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// The processor time that it has used.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = self.read("stat")?;
        // The name in parentheses may hold anything; what follows is numbers.
        let (_, rest) = stat.rsplit_once(')').context("no process state")?;
        let ticks = rest
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(str::parse::<u32>);
        let ticks: u32 = ticks.sum::<Result<_, _>>().context("no processor time")?;
        Ok(TICK * ticks)
    }

    /// Its resident memory now, in bytes.
    pub(crate) fn memory(&self) -> anyhow::Result<u64> {
        self.status("VmRSS:")
    }

    /// The most resident memory that it has had, in bytes.
    pub(crate) fn memory_peak(&self) -> anyhow::Result<u64> {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> anyhow::Result<u64> {
        let status = self.read("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        let kilobytes: u64 = kilobytes.context("no memory")?.parse()?;
        Ok(kilobytes * 1024)
    }

    fn read(&self, file: &str) -> anyhow::Result<String> {
        let path = PathBuf::from(format!("/proc/{}/{file}", self.child.id()));
        std::fs::read_to_string(path).context("the process has died, or this is no Linux")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn answers(address: SocketAddr, request: &[u8]) -> bool {
    let Ok(mut connection) = Connection::open(address).await else {
        return false;
    };
    matches!(connection.send(request).await, Ok((200, _)))
}

/// A loopback port that is free.
pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    Ok(listener.local_addr()?)
}
