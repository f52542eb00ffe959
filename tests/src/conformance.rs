//! Conformance cases: a document, what goes in, what the world answers, and what must come out.
//!
//! A case runs through the same path as a run of the server (import, plan, dispatcher), with the journal in memory and
//! a scripted provider in the place of models and a scripted network. The format is described in `tests/conformance/README.md`.

mod case;
mod compare;
mod files;
mod http;
mod knowledge;
mod observe;
mod run;
mod script;
mod text;
mod tools;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use futures::StreamExt as _;
use latchkey_sandbox::Sandbox;
use serde_json::{Map, Value as Json, json};

use crate::sandbox::sandbox;

pub use self::compare::Difference;

/// How many cases run at the same time.
const PARALLEL: usize = 4;

/// What came of one case.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The case's file.
    pub file: PathBuf,
    /// Its name.
    pub name: String,
    /// What differs and must not.
    pub diff: Vec<Difference>,
    /// What differs and should not.
    pub warnings: Vec<Difference>,
    /// Node types of the case that cannot run yet.
    pub unbuilt: Vec<String>,
    /// What was seen, in the form of `expect`; none when nothing ran.
    pub seen: Option<Map<String, Json>>,
    /// How long it took.
    pub millis: u64,
}

impl Outcome {
    /// Whether everything is as it must be.
    #[must_use]
    pub const fn passed(&self) -> bool {
        self.diff.is_empty()
    }

    /// One line of the runner's JSON output.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let shown = |found: &[Difference]| found.iter().map(Difference::to_json).collect::<Json>();
        json!({
            "file": self.file,
            "name": self.name,
            "passed": self.passed(),
            "not_built": self.unbuilt,
            "millis": self.millis,
            "diff": shown(&self.diff),
            "warnings": shown(&self.warnings),
        })
    }
}

/// The case files under some paths, sorted.
///
/// # Errors
/// When a path cannot be read.
pub fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = paths.to_vec();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            for entry in entries {
                open.push(entry?.path());
            }
        } else if path.extension().is_some_and(|end| end == "yml") || paths.contains(&path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Runs cases, some at the same time, and answers in their order.
pub async fn run_all(files: &[PathBuf]) -> Vec<Outcome> {
    let sandbox = sandbox();
    futures::stream::iter(files)
        .map(|file| run_one(file, &sandbox))
        .buffered(PARALLEL)
        .collect()
        .await
}

async fn run_one(file: &Path, sandbox: &Arc<Sandbox>) -> Outcome {
    let started = tokio::time::Instant::now();
    let mut outcome = Outcome {
        file: file.to_owned(),
        name: file
            .file_stem()
            .map_or_else(String::new, |stem| stem.to_string_lossy().into()),
        diff: Vec::new(),
        warnings: Vec::new(),
        unbuilt: Vec::new(),
        seen: None,
        millis: 0,
    };
    match judge(file, sandbox, &mut outcome).await {
        Ok(()) => {}
        Err(cause) => outcome.diff.push(Difference::broken(&cause)),
    }
    outcome.millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    outcome
}

async fn judge(file: &Path, sandbox: &Arc<Sandbox>, outcome: &mut Outcome) -> Result<()> {
    let case = case::Case::read(file)?;
    outcome.name.clone_from(&case.name);
    let actual = run::run(&case, sandbox).await?;
    outcome.unbuilt = actual.unbuilt;
    outcome.diff.extend(actual.replayed);
    match actual.seen {
        Some(seen) => {
            compare::judge(&case, &seen, outcome);
            outcome.seen = Some(seen);
        }
        None => outcome.diff.push(Difference::not_built(&outcome.unbuilt)),
    }
    Ok(())
}
