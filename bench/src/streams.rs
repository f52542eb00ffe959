//! A hundred streams at once: whether they keep up with the provider's pace, and how much later each token arrives.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use tokio::task::JoinSet;

use crate::client::Connection;
use crate::provider::TOKENS;
use crate::stamp;

/// How many at once.
pub(crate) const STREAMS: usize = 100;
/// How many each connection reads, one after the other.
const EACH: usize = 2;

/// What came of it.
pub(crate) struct Streamed {
    /// Whole streams per second.
    pub(crate) per_second: f64,
    /// The time that a token was on its way; one in a hundred took longer.
    pub(crate) p99: Duration,
}

/// Reads streams. Tokens are looked for in frames that begin with or contain `frame`.
///
/// # Errors
/// When a stream is refused, or has not exactly its tokens.
pub(crate) async fn read(
    address: SocketAddr,
    request: &Arc<[u8]>,
    frame: &'static str,
) -> anyhow::Result<Streamed> {
    let mut tasks = JoinSet::new();
    let began = Instant::now();
    for _ in 0..STREAMS {
        tasks.spawn(one(address, Arc::clone(request), frame));
    }
    let mut ages = Vec::new();
    while let Some(done) = tasks.join_next().await {
        ages.extend(done??);
    }
    let elapsed = began.elapsed();
    ages.sort_unstable();
    let p99 = *ages.get(ages.len() * 99 / 100).context("no token came")?;
    Ok(Streamed {
        per_second: (STREAMS * EACH) as f64 / elapsed.as_secs_f64(),
        p99,
    })
}

async fn one(
    address: SocketAddr,
    request: Arc<[u8]>,
    frame: &'static str,
) -> anyhow::Result<Vec<Duration>> {
    let mut connection = Connection::open(address).await?;
    let mut all = Vec::new();
    for _ in 0..EACH {
        let mut ages = Vec::new();
        let mut rest = Vec::new();
        let take = |piece: &[u8]| {
            rest.extend_from_slice(piece);
            while let Some(end) = rest.windows(2).position(|part| part == b"\n\n") {
                let whole: Vec<u8> = rest.drain(..end + 2).collect();
                if String::from_utf8_lossy(&whole).contains(frame) {
                    ages.extend(stamp::ages(&whole));
                }
            }
        };
        let status = connection.exchange(&request, take).await?;
        ensure!(
            status == 200 && ages.len() == TOKENS,
            "a stream answered {status} and had {} tokens instead of {TOKENS}",
            ages.len()
        );
        all.extend(ages);
    }
    Ok(all)
}
