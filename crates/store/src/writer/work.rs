//! The writer's task: what waits is written together, and repeated while the database is away.

use std::time::Duration;

use sea_orm::DatabaseConnection;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::{Attempt, Done, Job, Write, batch, closed};
use crate::error::StoreError;

/// Writes that share a transaction at most.
const BATCH: usize = 512;
/// How long a batch is repeated while the database is away; whoever asked waits so long. The next batch is then tried once.
const PATIENCE: Duration = Duration::from_secs(10);
/// The first pause before a repetition; every further one is twice as long, up to the longest.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn work(connection: DatabaseConnection, mut waiting: mpsc::Receiver<Option<Job>>) {
    let mut jobs = Vec::with_capacity(BATCH);
    let mut patience = PATIENCE;
    let mut ends = false;
    while !ends {
        let Some(first) = waiting.recv().await else {
            return;
        };
        // Whoever is ready to hand something over does so first: it then shares this transaction instead of waiting for the next.
        tokio::task::yield_now().await;
        let mut next = Some(first);
        while let Some(job) = next.take() {
            match job {
                Some(job) => jobs.push(job),
                None => ends = true,
            }
            if jobs.len() < BATCH {
                next = waiting.try_recv().ok();
            }
        }
        if !jobs.is_empty() {
            patience = write_all(&connection, &mut jobs, patience).await;
        }
    }
}

/// Writes jobs together; when the database refuses that, each alone, so that one that cannot be written harms no other.
/// How patient the next batch may be.
async fn write_all(
    connection: &DatabaseConnection,
    jobs: &mut Vec<Job>,
    patience: Duration,
) -> Duration {
    let writes: Vec<&Write> = jobs.iter().map(|job| &job.write).collect();
    let together = write_patiently(connection, &writes, patience).await;
    let is_away = matches!(together, Err(StoreError::Unavailable(_)));
    let results: Vec<Result<Done, StoreError>> = match together {
        Ok(done) => done.into_iter().map(Ok).collect(),
        Err(error) if is_away || writes.len() == 1 => vec![Err(error); writes.len()],
        Err(_) => {
            let mut results = Vec::with_capacity(writes.len());
            for write in writes {
                let alone = write_patiently(connection, &[write], patience).await;
                results.push(alone.and_then(|done| done.into_iter().next().ok_or_else(closed)));
            }
            results
        }
    };
    for (job, result) in jobs.drain(..).zip(results) {
        // Whoever asked may be gone.
        let _ = job.reply.send(result);
    }
    if is_away { Duration::ZERO } else { PATIENCE }
}

/// Writes, and repeats it while the database is away: what an attempt has committed unheard is then found and not written again.
async fn write_patiently(
    connection: &DatabaseConnection,
    writes: &[&Write],
    patience: Duration,
) -> Result<Vec<Done>, StoreError> {
    let deadline = Instant::now() + patience;
    let mut attempt = Attempt::First;
    let mut pause = PAUSE;
    loop {
        match batch::write(connection, writes, attempt).await {
            Err(StoreError::Unavailable(cause)) if Instant::now() + pause <= deadline => {
                tracing::warn!(%cause, writes = writes.len(), "the database is away; the write is repeated");
            }
            result => return result,
        }
        sleep(pause).await;
        attempt = Attempt::Repeated;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
