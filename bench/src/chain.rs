//! The chain in this process, with nothing stored: what the engine and the nodes cost alone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, ensure};
use latchkey_domain::credential::{Environment, Overrides, Principal};
use latchkey_domain::document::{Document, ImportOptions};
use latchkey_domain::id::{RunId, WorkspaceId};
use latchkey_domain::journal::{Limits, StartValues};
use latchkey_domain::run::RunStatus;
use latchkey_domain::value::Value;
use latchkey_domain::workflow::Mode;
use latchkey_engine::clock::{Clock as _, SystemClock};
use latchkey_engine::node::{NodeTypes as _, RunFacts};
use latchkey_engine::plan::Plan;
use latchkey_engine::run::{Ports, execute};
use latchkey_models::ModelManager;
use latchkey_models::memory::{MemoryBook, MemorySource};
use latchkey_nodes::{BuiltinNodes, Host};
use latchkey_outbound::{Config, Outbound};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::documents;

/// How often it runs.
const RUNS: u32 = 40;

/// The time of one node.
pub(crate) async fn per_node() -> anyhow::Result<Duration> {
    let plan = Arc::new(plan()?);
    once(&plan).await?;
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let began = Instant::now();
        once(&plan).await?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    let nodes = u32::try_from(documents::CHAIN)?;
    Ok(times[times.len() / 2] / nodes)
}

fn plan() -> anyhow::Result<Plan> {
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
    let document = Document::from_json(documents::chain(), &options);
    let document = document.map_err(|problems| anyhow!("the chain is refused: {problems:?}"))?;
    Plan::build(&document, &nodes, None)
        .map_err(|problems| anyhow!("the chain has no plan: {problems:?}"))
}

async fn once(plan: &Arc<Plan>) -> anyhow::Result<()> {
    let (journal, mut records) = mpsc::channel(64);
    let (events, mut said) = mpsc::channel(64);
    let (committed, commits) = watch::channel(0);
    let ports = Ports {
        journal,
        committed: commits,
        events,
        clock: Arc::new(SystemClock),
    };
    let work = Box::pin(execute(
        Arc::clone(plan),
        Arc::new(facts()),
        values(),
        Vec::new(),
        Limits::default(),
        ports,
        CancellationToken::new(),
    ));
    let commit = async {
        while let Some(record) = records.recv().await {
            committed.send_replace(record.sequence);
        }
    };
    let listen = async { while said.recv().await.is_some() {} };
    let (finished, (), ()) = tokio::join!(work, commit, listen);
    let finished = finished.context("the chain")?;
    ensure!(
        finished.status == RunStatus::Succeeded && finished.outputs["name"] == "Ada",
        "the chain did not succeed: {finished:?}"
    );
    Ok(())
}

fn values() -> StartValues {
    StartValues {
        inputs: vec![("name".to_owned(), Value::string("Ada"))],
        system: Vec::new(),
        environment: Vec::new(),
        conversation: Vec::new(),
    }
}

fn facts() -> RunFacts {
    RunFacts {
        run: RunId::new(Uuid::now_v7()),
        workspace: WorkspaceId::new(Uuid::nil()),
        workflow: None,
        workflow_name: "chain".to_owned(),
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
