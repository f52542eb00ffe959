//! Light nodes in this process, with nothing stored: what the engine and the nodes cost alone, one after another in a chain
//! and side by side in an iteration.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, ensure};
use latchkey_domain::credential::{Environment, Overrides, Principal};
use latchkey_domain::document::{Document, ImportOptions};
use latchkey_domain::id::{RunId, WorkspaceId};
use latchkey_domain::journal::{Limits, StartValues};
use latchkey_domain::run::RunStatus;
use latchkey_domain::value::{ArrayKind, Value};
use latchkey_domain::workflow::Mode;
use latchkey_engine::clock::{Clock as _, SystemClock};
use latchkey_engine::node::{NodeTypes as _, RunFacts};
use latchkey_engine::plan::Plan;
use latchkey_engine::run::{Outcome, Ports, execute};
use latchkey_models::ModelManager;
use latchkey_models::memory::{MemoryBook, MemorySource};
use latchkey_nodes::{BuiltinNodes, Host};
use latchkey_outbound::{Config, Outbound};
use serde_json::Value as Json;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::documents;

/// How often it runs.
const RUNS: u32 = 40;

/// What is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Templates, each over the one before.
    Chain,
    /// One template for each item of a parallel iteration.
    Items,
}

impl Work {
    /// The nodes that run.
    const fn nodes(self) -> usize {
        match self {
            Self::Chain => documents::CHAIN,
            Self::Items => documents::ITEMS + 3,
        }
    }

    fn document(self) -> Json {
        match self {
            Self::Chain => documents::chain(),
            Self::Items => documents::items(),
        }
    }

    fn values(self) -> StartValues {
        let value = match self {
            Self::Chain => Value::string("Ada"),
            Self::Items => {
                let items = (0..documents::ITEMS).map(|at| Json::from(format!("item {at}")));
                Value::array(ArrayKind::String, items.collect())
            }
        };
        StartValues {
            inputs: vec![("name".to_owned(), value)],
            ..StartValues::default()
        }
    }

    fn is_right(self, output: &Json) -> bool {
        match self {
            Self::Chain => output == "Ada",
            Self::Items => {
                let last = format!("item {}", documents::ITEMS - 1);
                let items = output.as_array();
                items.is_some_and(|items| {
                    items.len() == documents::ITEMS && items.ends_with(&[last.into()])
                })
            }
        }
    }
}

/// The time of one node.
pub(crate) async fn per_node(work: Work) -> anyhow::Result<Duration> {
    let plan = Arc::new(plan(work)?);
    once(work, &plan).await?;
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let began = Instant::now();
        once(work, &plan).await?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    Ok(times[times.len() / 2] / u32::try_from(work.nodes())?)
}

fn plan(work: Work) -> anyhow::Result<Plan> {
    let clock = SystemClock;
    let source = Arc::new(MemorySource::new(Arc::new(move || clock.now())));
    let book = Arc::new(MemoryBook::default());
    let outbound = Outbound::new(Config::default())?;
    let models = Arc::new(ModelManager::new(source, book, outbound.clone()));
    let nodes = BuiltinNodes::new(Host::new(models, outbound));
    let supported = |node_type: &str| nodes.supports(node_type);
    let options = ImportOptions {
        confirm_newer: true,
        supported: &supported,
    };
    let document = Document::from_json(work.document(), &options);
    let document = document.map_err(|problems| anyhow!("the file is refused: {problems:?}"))?;
    Plan::build(&document, &nodes, None)
        .map_err(|problems| anyhow!("the file has no plan: {problems:?}"))
}

async fn once(work: Work, plan: &Arc<Plan>) -> anyhow::Result<()> {
    let (journal, mut records) = mpsc::channel(64);
    let (events, mut said) = mpsc::channel(64);
    let (committed, commits) = watch::channel(0);
    let ports = Ports {
        journal,
        committed: commits,
        events,
        clock: Arc::new(SystemClock),
        lease: None,
    };
    let run = Box::pin(execute(
        Arc::clone(plan),
        Arc::new(facts()),
        work.values(),
        Vec::new(),
        Limits {
            max_steps: 10_000,
            ..Limits::default()
        },
        ports,
        CancellationToken::new(),
    ));
    let commit = async {
        while let Some(record) = records.recv().await {
            committed.send_replace(record.sequence);
        }
    };
    let listen = async { while said.recv().await.is_some() {} };
    let (finished, (), ()) = tokio::join!(run, commit, listen);
    let Outcome::Finished(finished) = finished.context("the run")? else {
        anyhow::bail!("nothing in it asks anybody");
    };
    ensure!(
        finished.status == RunStatus::Succeeded && work.is_right(&finished.outputs["name"]),
        "the run did not succeed: {finished:?}"
    );
    Ok(())
}

fn facts() -> RunFacts {
    RunFacts {
        run: RunId::new(Uuid::now_v7()),
        workspace: WorkspaceId::new(Uuid::nil()),
        workflow: None,
        workflow_name: "alone".to_owned(),
        version: None,
        author: Principal::Operator,
        caller: Principal::Operator,
        environment: Environment("development".to_owned()),
        end_user: None,
        overrides: Overrides::new(),
        mode: Mode::Workflow,
        epoch: 1,
        history: Vec::new(),
    }
}
