//! Load: a number of connections that each ask, wait for the answer, and ask again.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tokio::task::JoinSet;

use crate::client::Connection;
use crate::process::Process;

/// What is asked, of whom, how often.
#[derive(Clone)]
pub(crate) struct Load {
    /// Of whom.
    pub(crate) address: SocketAddr,
    /// What.
    pub(crate) request: Arc<[u8]>,
    /// What a good answer has in it; any other ends the measurement.
    pub(crate) expected: &'static str,
    /// By how many at once.
    pub(crate) connections: usize,
    /// For how long; a quarter of it is asked before, uncounted.
    pub(crate) time: Duration,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Measured {
    /// Good answers per second.
    pub(crate) per_second: f64,
    /// The median of the time to an answer.
    pub(crate) median: Duration,
    /// Processor time of the measured process for a thousand answers, in seconds.
    pub(crate) cpu_per_thousand: f64,
}

impl Load {
    /// Puts it on a process.
    ///
    /// # Errors
    /// When any answer is not what was expected.
    pub(crate) async fn on(&self, process: Option<&Process>) -> anyhow::Result<Measured> {
        let from = Instant::now() + self.time / 4;
        let to = from + self.time;
        let mut tasks = JoinSet::new();
        for _ in 0..self.connections {
            tasks.spawn(self.clone().ask(from, to));
        }
        let cpu = || process.map_or(Ok(Duration::ZERO), Process::cpu);
        tokio::time::sleep_until(from.into()).await;
        let before = cpu()?;
        tokio::time::sleep_until(to.into()).await;
        let used = cpu()?.saturating_sub(before);
        let mut times = Vec::new();
        while let Some(done) = tasks.join_next().await {
            times.extend(done??);
        }
        times.sort_unstable();
        let median = *times.get(times.len() / 2).context("nothing was answered")?;
        let count = times.len() as f64;
        Ok(Measured {
            per_second: count / self.time.as_secs_f64(),
            median,
            cpu_per_thousand: used.as_secs_f64() * 1000.0 / count,
        })
    }

    async fn ask(self, from: Instant, to: Instant) -> anyhow::Result<Vec<Duration>> {
        let mut connection = Connection::open(self.address).await?;
        let mut times = Vec::new();
        loop {
            let asked = Instant::now();
            if asked >= to {
                return Ok(times);
            }
            let (status, body) = connection.send(&self.request).await?;
            let answered = Instant::now();
            check(status, &body, self.expected)?;
            if answered >= from && answered < to {
                times.push(answered - asked);
            }
        }
    }
}

/// Whether an answer is a good one.
pub(crate) fn check(status: u16, body: &[u8], expected: &str) -> anyhow::Result<()> {
    let found = || {
        body.windows(expected.len())
            .any(|part| part == expected.as_bytes())
    };
    ensure!(
        (200..300).contains(&status) && found(),
        "answered {status} without {expected}: {}",
        String::from_utf8_lossy(body)
    );
    Ok(())
}
