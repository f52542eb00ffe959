//! Runs conformance cases: `conformance [--json|--seen] DIR|FILE…`. Exits with 1 when a case fails. `--seen` prints what was seen
//! of each case, in the form of its `expect`.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use serde_json::json;

use latchkey_tests::conformance::{Difference, Outcome, files, run_all};

/// How much of a value is shown, in characters.
const SHOWN: usize = 240;
/// How many differences of one case are shown.
const MANY: usize = 6;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let (mut as_json, mut as_seen) = (false, false);
    let mut paths = Vec::new();
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--json" => as_json = true,
            "--seen" => as_seen = true,
            path => paths.push(PathBuf::from(path)),
        }
    }
    ensure!(
        !paths.is_empty(),
        "usage: conformance [--json|--seen] DIR|FILE…"
    );
    let outcomes = run_all(&files(&paths)?).await;
    let passed = outcomes.iter().filter(|outcome| outcome.passed()).count();
    if as_seen {
        let mut out = io::stdout().lock();
        for outcome in &outcomes {
            writeln!(
                out,
                "{}",
                json!({"file": outcome.file, "seen": outcome.seen})
            )?;
        }
    } else if as_json {
        print_json(&outcomes, passed)?;
    } else {
        print_text(&outcomes, passed)?;
    }
    Ok(if passed == outcomes.len() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn print_json(outcomes: &[Outcome], passed: usize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for outcome in outcomes {
        writeln!(out, "{}", outcome.to_json())?;
    }
    let warnings: usize = outcomes.iter().map(|outcome| outcome.warnings.len()).sum();
    let failed = outcomes.len() - passed;
    let (good, built) = of_built(outcomes);
    let last = json!({
        "passed": passed,
        "failed": failed,
        "warnings": warnings,
        "built": {"passed": good, "cases": built},
    });
    writeln!(out, "{last}")
}

fn print_text(outcomes: &[Outcome], passed: usize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for outcome in outcomes {
        let file = outcome.file.display();
        if !outcome.passed() {
            writeln!(out, "FAILED {file}")?;
            for difference in outcome.diff.iter().take(MANY) {
                writeln!(out, "    {}", line(difference))?;
            }
        }
        for difference in outcome.warnings.iter().take(MANY) {
            writeln!(out, "warning {file} {}", line(difference))?;
        }
    }
    let (good, built) = of_built(outcomes);
    let share = good as f64 * 100.0 / built.max(1) as f64;
    writeln!(
        out,
        "{good} of {built} cases whose node types are all built pass ({share:.1} %)"
    )?;
    writeln!(out, "{passed} passed, {} failed", outcomes.len() - passed)
}

/// How many cases need only node types that exist: those that pass, and all.
fn of_built(outcomes: &[Outcome]) -> (usize, usize) {
    let built = outcomes.iter().filter(|it| it.unbuilt.is_empty());
    let good = built.clone().filter(|it| it.passed());
    (good.count(), built.count())
}

fn line(difference: &Difference) -> String {
    let short = |value: &serde_json::Value| -> String {
        let text = value.to_string();
        if text.chars().count() <= SHOWN {
            return text;
        }
        text.chars().take(SHOWN).chain(['…']).collect()
    };
    format!(
        "{}: expected {}, actual {}",
        difference.path,
        short(&difference.expected),
        short(&difference.actual)
    )
}
