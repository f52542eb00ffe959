//! Reproducible measurements: the service beside the floor of a bare handler, in one run, as ratios. `docs/benchmarks.md` says what
//! each row means.
//!
//! Nothing is estimated: a request that fails, a run that did not succeed or a token that is missing ends the measurement.

mod alone;
mod arguments;
mod client;
mod cores;
mod documents;
mod figures;
mod floor;
mod load;
mod machine;
mod process;
mod provider;
mod python;
mod report;
mod round;
mod service;
mod stamp;
mod streams;
mod waiting;
mod workers;

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, ensure};
use latchkey_tests::postgres::{Disk, Postgres};

use crate::arguments::{Plan, Task};
use crate::cores::Cores;
use crate::figures::Figures;
use crate::provider::Provider;

fn main() -> anyhow::Result<()> {
    match Task::read(std::env::args().skip(1))? {
        Task::Floor { port, folder } => floor::serve(port, &folder),
        Task::Measure(plan) => {
            let cores = Cores::part();
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(measure(&plan, cores))
        }
    }
}

async fn measure(plan: &Plan, cores: Cores) -> anyhow::Result<()> {
    let own = std::env::current_exe().context("a process knows its executable")?;
    // Beside the binary, because a temporary folder may be memory, where a commit costs nothing.
    let place: &Path = own.parent().context("an executable lies in a folder")?;
    let binary = place.join("latchkey");
    ensure!(
        binary.exists(),
        "there is no latchkey beside this binary: `make bench` builds both"
    );
    let (mut figures, mut shared) = (Figures::default(), Figures::default());
    let postgres = Postgres::private(Disk::Waited);
    for round in 1..=plan.rounds {
        say(&format!("round {round} of {}", plan.rounds))?;
        round::measure(plan, cores, &binary, place, &mut figures).await?;
        if let Some(server) = &postgres {
            let on_postgres =
                round::measure_on_postgres(plan, cores, &binary, place, server, &mut shared);
            on_postgres.await.context("on PostgreSQL")?;
        }
    }
    say("10,000 runs that wait")?;
    let provider = Provider::start().await?;
    waiting::measure(cores, &binary, place, &provider, &mut figures).await?;
    let throughput = match &postgres {
        Some(server) => workers::measure(server).await.context("the workers")?,
        None => Vec::new(),
    };
    let machine = machine::describe(place);
    let mut tables = report::table(&figures, plan, cores, &machine);
    if postgres.is_some() {
        tables.push_str(&report::on_postgres(&figures, &shared));
    }
    tables.push_str(&report::workers(&throughput));
    write!(std::io::stdout(), "{tables}")?;
    match &plan.write {
        Some(file) => report::write(file, &tables),
        None => Ok(()),
    }
}

fn say(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stderr(), "{text}")?)
}
