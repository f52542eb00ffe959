//! One round: the floors and the service, one after the other, each in a fresh process on an empty folder.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use latchkey_tests::postgres::Postgres;

use crate::alone::{self, Work};
use crate::arguments::Plan;
use crate::cores::Cores;
use crate::documents::{CHAIN, PYTHON};
use crate::figures::Figures;
use crate::floor::{self, Floor, Handler};
use crate::load::{Load, Measured};
use crate::process::Process;
use crate::provider::{ANSWER, PACED, Provider};
use crate::python;
use crate::service::{Ask, SUCCEEDED, Service};
use crate::streams;

/// The connections of a load.
const MANY: usize = 64;

/// Measures everything once.
pub(crate) async fn measure(
    plan: &Plan,
    cores: Cores,
    binary: &Path,
    place: &Path,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let provider = Provider::start().await?;
    let floor = Floor::start(cores, place).await?;
    floors(plan, &floor, figures).await.context("the floor")?;
    direct(plan, &provider, figures)
        .await
        .context("the provider itself")?;
    let service = Service::start(cores, binary, place, provider.address).await?;
    figures.keep_time("start, first", service.first_start);
    figures.keep_time("start", service.process.started_in);
    figures.keep_size("memory, idle", service.idle_memory);
    loads(plan, &service, &floor, figures).await?;
    figures.keep_size("memory, load", service.process.memory_peak()?);
    code(plan, cores, &service, figures)
        .await
        .context("the code nodes")?;
    drop((service, floor));
    for (name, work) in [("node, engine", Work::Chain), ("item, engine", Work::Items)] {
        let node = alone::per_node(work).await?;
        figures.keep(name, node.as_secs_f64() * 1e6);
    }
    Ok(())
}

/// The same loads on a PostgreSQL that waits for its disk, and runs where the load generator does.
pub(crate) async fn measure_on_postgres(
    plan: &Plan,
    cores: Cores,
    binary: &Path,
    place: &Path,
    server: &Postgres,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let provider = Provider::start().await?;
    let floor = Floor::start(cores, place).await?;
    direct(plan, &provider, figures).await?;
    let url = server.database().await;
    let service = Service::start_on(cores, binary, place, provider.address, Some(url)).await?;
    loads(plan, &service, &floor, figures).await
}

async fn loads(
    plan: &Plan,
    service: &Service,
    floor: &Floor,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    light(plan, service, figures)
        .await
        .context("the light run")?;
    model(plan, service, floor, figures)
        .await
        .context("the model call")?;
    durable_chain(plan, service, figures)
        .await
        .context("the chain")?;
    let request = service.request(Ask::Paced);
    let streamed = streams::read(service.process.address, &request, "event: text_chunk")
        .await
        .context("the streams")?;
    figures.keep("streams", streamed.per_second);
    figures.keep_time("token", streamed.p99);
    Ok(())
}

async fn floors(plan: &Plan, floor: &Floor, figures: &mut Figures) -> anyhow::Result<()> {
    figures.keep_time("floor start", floor.process.started_in);
    figures.keep_size("floor memory, idle", floor.process.memory()?);
    let single = ask_floor(floor, Handler::Single, MANY, plan.load).await?;
    figures.keep_load("single", "single cpu", &single);
    let shared = ask_floor(floor, Handler::Shared, MANY, plan.load).await?;
    figures.keep_load("shared", "shared cpu", &shared);
    figures.keep_size("floor memory, load", floor.process.memory_peak()?);
    Ok(())
}

/// The time of a commit now: what a floor request with one takes longer than one without.
async fn commit(plan: &Plan, floor: &Floor) -> anyhow::Result<Duration> {
    let empty = ask_floor(floor, Handler::Empty, 1, plan.load / 6).await?;
    let single = ask_floor(floor, Handler::Single, 1, plan.load / 6).await?;
    Ok(single.median.saturating_sub(empty.median))
}

async fn ask_floor(
    floor: &Floor,
    handler: Handler,
    connections: usize,
    time: Duration,
) -> anyhow::Result<Measured> {
    let load = Load {
        address: floor.process.address,
        request: floor.request(handler),
        expected: floor::DONE,
        connections,
        time,
    };
    load.on(Some(&floor.process)).await
}

async fn direct(plan: &Plan, provider: &Provider, figures: &mut Figures) -> anyhow::Result<()> {
    let address = provider.address;
    for (name, connections) in [("direct, 1", 1), ("direct, 64", MANY)] {
        let load = Load {
            address,
            request: floor::chat(address, "what is it"),
            expected: ANSWER,
            connections,
            time: plan.load / 3,
        };
        figures.keep_time(name, load.on(None).await?.median);
    }
    let request = floor::chat(address, PACED);
    let streamed = streams::read(address, &request, "data: ").await?;
    figures.keep("direct streams", streamed.per_second);
    figures.keep_time("direct token", streamed.p99);
    Ok(())
}

async fn light(plan: &Plan, service: &Service, figures: &mut Figures) -> anyhow::Result<()> {
    let many = load(service, Ask::Light, MANY, plan.load).await?;
    figures.keep_load("light", "light cpu", &many);
    let one = load(service, Ask::Light, 1, plan.load / 3).await?;
    figures.keep_time("light, 1", one.median);
    Ok(())
}

async fn model(
    plan: &Plan,
    service: &Service,
    floor: &Floor,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    // Disks have moods: a commit is measured right before and right after.
    let before = commit(plan, floor).await?;
    let one = load(service, Ask::Model, 1, plan.load / 3).await?;
    let after = commit(plan, floor).await?;
    figures.keep_time("model, 1", one.median);
    figures.keep_time("commit", (before + after) / 2);
    let many = load(service, Ask::Model, MANY, plan.load).await?;
    figures.keep_time("model, 64", many.median);
    figures.keep_load("model", "model cpu", &many);
    Ok(())
}

async fn durable_chain(
    plan: &Plan,
    service: &Service,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let run = load(service, Ask::Chain, 1, plan.load / 2).await?;
    let node = run.median.as_secs_f64() / CHAIN as f64;
    figures.keep("node, durable", node * 1e6);
    Ok(())
}

/// Forty code nodes in a row beside as many starts of the bare interpreter.
async fn code(
    plan: &Plan,
    cores: Cores,
    service: &Service,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    figures.keep_time("python, bare", python::bare(cores)?);
    let run = load(service, Ask::Python, 1, plan.load).await?;
    let node = run.median.as_secs_f64() / PYTHON as f64;
    figures.keep("python", node * 1000.0);
    Ok(())
}

async fn load(
    service: &Service,
    ask: Ask,
    connections: usize,
    time: Duration,
) -> anyhow::Result<Measured> {
    let process: &Process = &service.process;
    let load = Load {
        address: process.address,
        request: service.request(ask),
        expected: SUCCEEDED,
        connections,
        time,
    };
    load.on(Some(process)).await
}
