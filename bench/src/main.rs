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
mod recovery;
mod report;
mod round;
mod service;
mod stamp;
mod streams;

use std::path::Path;

use anyhow::{Context as _, ensure};

use crate::arguments::{Plan, Task};
use crate::cores::Cores;
use crate::figures::Figures;

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
    let mut figures = Figures::default();
    for round in 1..=plan.rounds {
        say(
            &mut std::io::stderr(),
            &format!("round {round} of {}\n", plan.rounds),
        )?;
        round::measure(plan, cores, &binary, place, &mut figures).await?;
    }
    let table = report::table(&figures, plan, cores, &machine::describe(place));
    say(&mut std::io::stdout(), &table)?;
    match &plan.write {
        Some(file) => report::write(file, &table),
        None => Ok(()),
    }
}

fn say(to: &mut impl std::io::Write, text: &str) -> anyhow::Result<()> {
    Ok(to.write_all(text.as_bytes())?)
}
