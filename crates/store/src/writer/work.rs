//! The writer's task: what waits is written together, and repeated while the database is away.

use std::future::Future;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::{Attempt, Done, Job, Write, batch, closed};
use crate::durable::Durable;
use crate::error::StoreError;

/// Writes that share a transaction at most.
const BATCH: usize = 512;
/// How long a batch is repeated while the database is away; whoever asked waits so long. The next batch is then tried once.
const PATIENCE: Duration = Duration::from_secs(10);
/// The first pause before a repetition; every further one is twice as long, up to the longest.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn work(connection: Durable, mut waiting: mpsc::Receiver<Option<Job>>) {
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

/// Where writes go: all of them in one transaction, or none.
trait Writes {
    fn write(
        &self,
        writes: &[&Write],
        attempt: Attempt,
    ) -> impl Future<Output = Result<Vec<Done>, StoreError>> + Send;
}

impl Writes for Durable {
    async fn write(&self, writes: &[&Write], attempt: Attempt) -> Result<Vec<Done>, StoreError> {
        batch::write(self, writes, attempt).await
    }
}

/// Writes jobs together; when the database refuses that, each alone, so that one that cannot be written harms no other.
/// How patient the next batch may be.
async fn write_all(
    database: &impl Writes,
    jobs: &mut Vec<Job>,
    mut patience: Duration,
) -> Duration {
    let writes: Vec<&Write> = jobs.iter().map(|job| &job.write).collect();
    let mut attempt = Attempt::First;
    let together = write_patiently(database, &writes, patience, &mut attempt).await;
    let mut is_away = is_away(&together);
    let results: Vec<Result<Done, StoreError>> = match together {
        Ok(done) => done.into_iter().map(Ok).collect(),
        Err(error) if is_away || writes.len() == 1 => vec![Err(error); writes.len()],
        Err(_) => {
            let mut results = Vec::with_capacity(writes.len());
            for write in writes {
                // What the batch has committed unheard is there for each of its writes.
                let mut attempt = attempt;
                let alone = write_patiently(database, &[write], patience, &mut attempt).await;
                if self::is_away(&alone) {
                    // Whoever waits behind this one is not kept as long once more.
                    is_away = true;
                    patience = Duration::ZERO;
                }
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

const fn is_away(result: &Result<Vec<Done>, StoreError>) -> bool {
    matches!(result, Err(StoreError::Unavailable(_)))
}

/// Writes, and repeats it while the database is away: what an attempt has committed unheard is then found and not written again.
async fn write_patiently(
    database: &impl Writes,
    writes: &[&Write],
    patience: Duration,
    attempt: &mut Attempt,
) -> Result<Vec<Done>, StoreError> {
    let deadline = Instant::now() + patience;
    let mut pause = PAUSE;
    loop {
        match database.write(writes, *attempt).await {
            Err(StoreError::Unavailable(cause)) if Instant::now() + pause <= deadline => {
                tracing::warn!(%cause, writes = writes.len(), "the database is away; the write is repeated");
            }
            result => return result,
        }
        sleep(pause).await;
        *attempt = Attempt::Repeated;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Mutex;
    use std::time::Duration;

    use latchkey_domain::id::RunId;
    use tokio::sync::oneshot;

    use super::{Writes, write_all};
    use crate::error::StoreError;
    use crate::writer::{Attempt, Done, Job, Write};

    /// Answers as the script says, and after that always that it is away.
    struct Script {
        answers: Mutex<VecDeque<Result<(), StoreError>>>,
        asked: Mutex<Vec<(usize, Attempt)>>,
    }

    impl Writes for Script {
        async fn write(
            &self,
            writes: &[&Write],
            attempt: Attempt,
        ) -> Result<Vec<Done>, StoreError> {
            self.asked.lock().unwrap().push((writes.len(), attempt));
            let answer = self.answers.lock().unwrap().pop_front();
            answer.unwrap_or_else(|| Err(away()))?;
            Ok(vec![Done::Written; writes.len()])
        }
    }

    fn away() -> StoreError {
        StoreError::Unavailable("away".to_owned())
    }

    fn refused() -> StoreError {
        StoreError::Failed("refused".to_owned())
    }

    /// Writes three things: what was asked, with the size and the attempt of each, and the patience that is left.
    async fn written(answers: Vec<Result<(), StoreError>>) -> (Vec<(usize, Attempt)>, Duration) {
        let script = Script {
            answers: Mutex::new(answers.into()),
            asked: Mutex::default(),
        };
        let mut jobs: Vec<Job> = [(); 3]
            .map(|()| Job {
                write: Write::Seize(RunId::new(uuid::Uuid::nil()), None),
                reply: oneshot::channel().0,
            })
            .into();
        let patience = write_all(&script, &mut jobs, Duration::from_millis(60)).await;
        (script.asked.into_inner().unwrap(), patience)
    }

    #[tokio::test]
    async fn only_the_first_of_several_waits_for_a_database_that_is_away() {
        let (asked, patience) = written(vec![Err(refused())]).await;
        let (first, again) = (Attempt::First, Attempt::Repeated);
        let expected = [(3, first), (1, first), (1, again), (1, first), (1, first)];
        assert_eq!((&asked[..], patience), (&expected[..], Duration::ZERO));
    }

    #[tokio::test]
    async fn what_a_repeated_batch_may_have_written_is_looked_for_one_by_one() {
        let answers = vec![Err(away()), Err(refused()), Ok(()), Ok(()), Ok(())];
        let (asked, patience) = written(answers).await;
        let again = Attempt::Repeated;
        let expected = [
            (3, Attempt::First),
            (3, again),
            (1, again),
            (1, again),
            (1, again),
        ];
        assert_eq!(asked, expected);
        assert!(!patience.is_zero());
    }
}
