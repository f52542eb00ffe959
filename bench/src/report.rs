//! The table: what was measured, beside the floor of the same run and the target.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;

use crate::arguments::Plan;
use crate::cores::Cores;
use crate::figures::Figures;
use crate::workers::Throughput;

/// The table stands between these lines of the document.
const BEGIN: &str = "<!-- measured: written by `latchkey-bench --write` -->";
const END: &str = "<!-- end -->";

/// A line of the table.
struct Row {
    what: &'static str,
    floor: String,
    latchkey: String,
    beside: String,
    target: &'static str,
    is_met: bool,
}

/// What is said of the model call when the disk was not steady enough to tell.
const UNSTEADY: &str = "no figure: the commits of this run differ more than what is added";

/// The table with the line about the machine.
pub(crate) fn table(figures: &Figures, plan: &Plan, cores: Cores, machine: &str) -> String {
    let pinned = match cores {
        Cores::Apart => "what is measured has one core, load generator and provider are on another",
        Cores::Shared => {
            "**nothing is pinned to a core: `taskset` is missing or there is one core only**"
        }
    };
    let mut text = format!(
        "{machine}; {pinned}; medians of {} rounds, floors and service in turn.\n\n\
         | workload | floor | Latchkey | beside the floor | target | met |\n|---|---|---|---|---|---|\n",
        plan.rounds
    );
    for row in runs(figures)
        .into_iter()
        .chain(rest(figures))
        .chain([code(figures)])
        .chain(waiting(figures))
    {
        let met = if row.is_met { "yes" } else { "**no**" };
        // Writing to a text cannot fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {met} |",
            row.what, row.floor, row.latchkey, row.beside, row.target
        );
    }
    text
}

fn runs(f: &Figures) -> Vec<Row> {
    let (light, cpu) = (f.median("light"), f.median("light cpu"));
    let share = f.paired("light", "shared", |light, shared| light / shared);
    let single = f.paired("light", "single", |light, single| light / single);
    let times = f.paired("light cpu", "shared cpu", |light, shared| light / shared);
    let commit = f.median("commit");
    let added_one = f.paired("model, 1", "direct, 1", |model, direct| model - direct);
    let beyond = f.paired("model, 1", "commit", |model, commit| model - 2.0 * commit)
        - f.median("direct, 1");
    let told = if beyond < 0.0 {
        UNSTEADY.to_owned()
    } else {
        format!("{beyond:.2} beyond two commits")
    };
    let added_many = f.paired("model, 64", "direct, 64", |model, direct| model - direct);
    vec![
        Row {
            what: "light durable run, 64 connections, runs/s",
            floor: format!(
                "{:.0} one transaction each; {:.0} shared",
                f.median("single"),
                f.median("shared")
            ),
            latchkey: format!("{light:.0}"),
            beside: format!("{single:.2} of single, {share:.3} of shared"),
            target: "≥ 10,000 and ≥ 0.25 of shared",
            is_met: light >= 10_000.0 && share >= 0.25,
        },
        Row {
            what: "CPU for 1,000 of them, s",
            floor: format!("{:.3}", f.median("shared cpu")),
            latchkey: format!("{cpu:.3}"),
            beside: format!("{times:.1} ×"),
            target: "≤ 0.1",
            is_met: cpu <= 0.1,
        },
        Row {
            what: "one model call, 0 ms provider, 1 connection, median ms",
            floor: format!(
                "{:.2} provider itself; {commit:.2} one commit",
                f.median("direct, 1")
            ),
            latchkey: format!("{:.2}", f.median("model, 1")),
            beside: format!("+ {added_one:.2}; {told}"),
            target: "≤ 0.4 beyond two commits",
            is_met: (0.0..=0.4).contains(&beyond),
        },
        Row {
            what: "the same at 64 connections, median ms",
            floor: format!("{:.2} provider itself", f.median("direct, 64")),
            latchkey: format!(
                "{:.2} ({:.0} runs/s, {:.2} s CPU per 1,000)",
                f.median("model, 64"),
                f.median("model"),
                f.median("model cpu")
            ),
            beside: format!("+ {added_many:.2}"),
            target: "≤ 6 added",
            is_met: added_many <= 6.0,
        },
    ]
}

fn rest(f: &Figures) -> Vec<Row> {
    let (engine, durable) = (f.median("node, engine"), f.median("node, durable"));
    let item = f.median("item, engine");
    let streams = f.median("streams");
    let late = f.paired("token", "direct token", |token, direct| token - direct);
    let (idle, busy) = (f.median("memory, idle"), f.median("memory, load"));
    let start = f.median("start");
    vec![
        Row {
            what: "chain of 500 light nodes, engine alone, µs per node",
            floor: "–".to_owned(),
            latchkey: format!("{engine:.1}"),
            beside: "–".to_owned(),
            target: "≤ 10",
            is_met: engine <= 10.0,
        },
        Row {
            what: "parallel iteration over 1,000 items, engine alone, µs per node",
            floor: "–".to_owned(),
            latchkey: format!("{item:.1}"),
            beside: "–".to_owned(),
            target: "≤ 10",
            is_met: item <= 10.0,
        },
        Row {
            what: "the chain as a durable run over HTTP, µs per node",
            floor: "–".to_owned(),
            latchkey: format!("{durable:.1}"),
            beside: "–".to_owned(),
            target: "≤ 10",
            is_met: durable <= 10.0,
        },
        Row {
            what: "100 streams of 100 tokens at 20 ms, streams/s",
            floor: format!("{:.1} provider itself", f.median("direct streams")),
            latchkey: format!("{streams:.1}"),
            beside: "–".to_owned(),
            target: "50 (keeps up)",
            is_met: streams >= 49.0,
        },
        Row {
            what: "on the way per token, p99, ms",
            floor: format!("{:.2} provider itself", f.median("direct token")),
            latchkey: format!("{:.2}", f.median("token")),
            beside: format!("+ {late:.2}"),
            target: "≤ 2 added",
            is_met: late <= 2.0,
        },
        Row {
            what: "resident memory, idle / most under all of this, MB",
            floor: format!(
                "{:.0} / {:.0}",
                f.median("floor memory, idle"),
                f.median("floor memory, load")
            ),
            latchkey: format!("{idle:.0} / {busy:.0}"),
            beside: "–".to_owned(),
            target: "≤ 40 / ≤ 120",
            is_met: idle <= 40.0 && busy <= 120.0,
        },
        Row {
            what: "process start to first answer, s",
            floor: format!("{:.3}", f.median("floor start") / 1000.0),
            latchkey: format!(
                "{:.3} ({:.3} with an empty folder)",
                start / 1000.0,
                f.median("start, first") / 1000.0
            ),
            beside: "–".to_owned(),
            target: "≤ 0.2",
            is_met: start <= 200.0,
        },
    ]
}

fn code(f: &Figures) -> Row {
    let added = f.paired("python", "python, bare", |node, bare| node - bare);
    let times = f.paired("python", "python, bare", |node, bare| node / bare);
    Row {
        what: "Python code node, of 40 in a row, ms per node",
        floor: format!("{:.1} bare CPython", f.median("python, bare")),
        latchkey: format!("{:.1}", f.median("python")),
        beside: format!("{added:+.1}; {times:.2} ×"),
        target: "≤ 5 added",
        is_met: added <= 5.0,
    }
}

fn waiting(f: &Figures) -> [Row; 2] {
    let (waiting, paused) = (f.median("waiting"), f.median("paused"));
    [
        Row {
            what: "10,000 unfinished runs after kill -9, until each has asked its provider again, s (once)",
            floor: "–".to_owned(),
            latchkey: format!("{:.1}", f.median("recovery")),
            beside: "–".to_owned(),
            target: "≤ 10",
            is_met: f.median("recovery") <= 10.0,
        },
        Row {
            what: "10,000 runs that wait: memory of each, KB, for a provider / for a person (once)",
            floor: "–".to_owned(),
            latchkey: format!("{waiting:.1} / {paused:.1}"),
            beside: "–".to_owned(),
            target: "none stated",
            is_met: true,
        },
    ]
}

/// The loads on PostgreSQL, beside the same on SQLite.
pub(crate) fn on_postgres(sqlite: &Figures, postgres: &Figures) -> String {
    let mut text = "\nThe same on PostgreSQL, which waits for its disk and shares the core of the load generator:\n\n\
         | workload | SQLite | PostgreSQL | beside SQLite |\n|---|---|---|---|\n"
        .to_owned();
    for (what, name, places) in [
        ("light durable run, 64 connections, runs/s", "light", 0),
        ("CPU of the service for 1,000 of them, s", "light cpu", 3),
        ("one model call, 1 connection, median ms", "model, 1", 2),
        ("the same at 64 connections, median ms", "model, 64", 2),
        (
            "chain of 500 light nodes, durable, over HTTP, µs per node",
            "node, durable",
            1,
        ),
        (
            "100 streams of 100 tokens at 20 ms, streams/s",
            "streams",
            1,
        ),
        ("on the way per token, p99, ms", "token", 2),
    ] {
        let (one, other) = (sqlite.median(name), postgres.median(name));
        // Writing to a text cannot fail.
        let _ = writeln!(
            text,
            "| {what} | {one:.places$} | {other:.places$} | {:.2} × |",
            other / one
        );
    }
    text
}

/// What more workers bring.
pub(crate) fn workers(all: &[Throughput]) -> String {
    let Some(one) = all.first() else {
        return String::new();
    };
    let mut text = "\nRuns with one model call of 500 ms, 32 at once in each worker, PostgreSQL, one NATS, one process that answers (once):\n\n\
         | workers | runs/s | of what is possible | beside one worker |\n|---|---|---|---|\n"
        .to_owned();
    for some in all {
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.0} % | {:.2} × |",
            some.workers,
            some.per_second,
            100.0 * some.per_second / some.ideal,
            some.per_second / one.per_second
        );
    }
    text
}

/// Replaces the table of a document.
pub(crate) fn write(file: &Path, table: &str) -> anyhow::Result<()> {
    let name = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("{name} cannot be read"))?;
    let parts = text
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.with_context(|| format!("{name} has no place for the table"))?;
    let text = format!("{before}{BEGIN}\n\n{table}\n{END}{after}");
    std::fs::write(file, text).with_context(|| format!("{name} cannot be written"))
}
