//! The rows of the floor: a run and its four nodes, with the sync mode of the service's default (FULL).

use std::path::Path;
use std::sync::mpsc;

use anyhow::{Context as _, anyhow};
use rusqlite::{Connection, params};
use tokio::sync::oneshot;
use uuid::Uuid;

/// Requests that share a transaction at most.
const BATCH: usize = 512;
/// About as long as what the service keeps of a light node.
const BODY: &str = r#"{"node_id":"greet","node_type":"template-transform","title":"greet","status":"succeeded","inputs":{"name":"Ada"},"outputs":{"output":"Hello Ada"},"started_at":0,"finished_at":0}"#;

const TABLES: &str = "CREATE TABLE runs (id blob NOT NULL PRIMARY KEY, workspace_id blob NOT NULL, status text NOT NULL, inputs text NOT NULL, outputs text NOT NULL, created_at bigint NOT NULL);
    CREATE TABLE nodes (id blob NOT NULL PRIMARY KEY, run_id blob NOT NULL, node_id text NOT NULL, position bigint NOT NULL, status text NOT NULL, body text NOT NULL);
    CREATE INDEX nodes_of_run ON nodes (run_id, position);";
const RUN: &str = "INSERT INTO runs VALUES (?, ?, 'succeeded', '{\"name\":\"Ada\"}', '{\"greeting\":\"Hello Ada\"}', ?)";
const NODE: &str = "INSERT INTO nodes VALUES (?, ?, ?, ?, 'succeeded', ?)";

/// One database, one connection.
pub(super) struct Ledger(Connection);

impl Ledger {
    pub(super) fn open(file: &Path) -> anyhow::Result<Self> {
        let connection = Connection::open(file)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(TABLES)?;
        Ok(Self(connection))
    }

    /// Writes the rows of this many runs in one transaction.
    pub(super) fn write(&mut self, runs: usize) -> anyhow::Result<()> {
        let transaction = self.0.transaction()?;
        for _ in 0..runs {
            let run = Uuid::now_v7();
            transaction.prepare_cached(RUN)?.execute(params![
                run.as_bytes(),
                Uuid::nil().as_bytes(),
                0
            ])?;
            let mut node = transaction.prepare_cached(NODE)?;
            for (position, name) in ["start", "greet", "check", "end"].into_iter().enumerate() {
                let id = Uuid::now_v7();
                node.execute(params![
                    id.as_bytes(),
                    run.as_bytes(),
                    name,
                    position as i64,
                    BODY
                ])?;
            }
        }
        Ok(transaction.commit()?)
    }
}

type Reply = oneshot::Sender<Result<(), String>>;

/// A writer thread.
pub(super) struct Shared(mpsc::Sender<Reply>);

impl Shared {
    pub(super) fn start(ledger: Ledger) -> Self {
        let (jobs, waiting) = mpsc::channel();
        std::thread::spawn(move || work(ledger, &waiting));
        Self(jobs)
    }

    /// Waits until a run's rows are committed.
    pub(super) async fn write(&self) -> anyhow::Result<()> {
        let (reply, answer) = oneshot::channel();
        self.0.send(reply).context("the writer has ended")?;
        let written = answer.await.context("the writer has ended")?;
        written.map_err(|error| anyhow!(error))
    }
}

fn work(mut ledger: Ledger, waiting: &mpsc::Receiver<Reply>) {
    while let Ok(first) = waiting.recv() {
        let mut replies = vec![first];
        replies.extend(waiting.try_iter().take(BATCH - 1));
        let written = ledger
            .write(replies.len())
            .map_err(|error| error.to_string());
        for reply in replies {
            // Whoever asked may be gone.
            let _ = reply.send(written.clone());
        }
    }
}
