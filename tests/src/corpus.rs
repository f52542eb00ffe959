//! The published files as a table: which of their nodes are executed by the cases in `tests/corpus`, and what comes of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use serde_json::Value as Json;

use crate::conformance::{Outcome, files, run_all};
use crate::requirement::{self, workspace};

/// One file.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Its number.
    pub number: String,
    /// Its nodes, without notes.
    pub nodes: usize,
    /// Why it is not run.
    pub reason: Option<String>,
    /// Its cases.
    pub cases: Vec<Case>,
}

/// What came of one case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// How many nodes were executed.
    pub executed: usize,
    /// The run's status, or `rejected`.
    pub status: String,
    /// Node types that it waits for.
    pub unbuilt: Vec<String>,
    /// What is not as it must be, and what the case does not tell.
    pub wrong: Vec<String>,
}

/// The folder of the cases.
#[must_use]
pub fn folder() -> PathBuf {
    workspace().join("tests/corpus")
}

/// Runs everything; none without the corpus.
///
/// # Errors
/// When a file cannot be read.
pub async fn rows() -> Result<Option<Vec<Row>>> {
    let Some(shared) = requirement::shared() else {
        return Ok(None);
    };
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for entry in std::fs::read_dir(shared.join("corpus"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "yml") {
            let row = row(&path)?;
            rows.insert(row.number.clone(), row);
        }
    }
    let reasons = std::fs::read_to_string(folder().join("not-run.txt"))?;
    for line in reasons.lines().filter(|line| !line.starts_with('#')) {
        let (number, reason) = line.split_once(' ').context("a number and a reason")?;
        let row = rows.get_mut(number);
        row.with_context(|| format!("no file {number}"))?.reason = Some(reason.to_owned());
    }
    for outcome in run_all(&files(&[folder()])?).await {
        let case = case(&outcome)?;
        let number: String = case.name.chars().take(3).collect();
        let row = rows.get_mut(&number);
        row.with_context(|| format!("no file {number}"))?
            .cases
            .push(case);
    }
    Ok(Some(rows.into_values().collect()))
}

fn row(path: &std::path::Path) -> Result<Row> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let text = std::fs::read_to_string(path)?;
    let tree: Json = serde_yaml::from_str(&text).unwrap_or_default();
    let nodes = tree.pointer("/workflow/graph/nodes");
    let is_node = |node: &&Json| node["type"] != "custom-note";
    let nodes = nodes.and_then(Json::as_array).into_iter().flatten();
    Ok(Row {
        number: name.chars().take(3).collect(),
        nodes: nodes.filter(is_node).count(),
        ..Row::default()
    })
}

fn case(outcome: &Outcome) -> Result<Case> {
    let text = std::fs::read_to_string(&outcome.file)?;
    let written: Json = serde_yaml::from_str(&text)?;
    let seen = outcome.seen.as_ref();
    let nodes = seen.and_then(|seen| seen.get("nodes")?.as_object());
    let mut wrong: Vec<String> = outcome
        .diff
        .iter()
        .map(|difference| difference.to_json().to_string())
        .collect();
    if outcome.unbuilt.is_empty() {
        let told = &written["expect"]["nodes"];
        let untold = nodes.into_iter().flatten().filter(|(id, seen)| {
            let (told, status) = (&told[id.as_str()], &seen["status"]);
            let has_outputs = *status != "failed" && *status != "paused";
            has_outputs && told.get("outputs").is_none() && told.get("each").is_none()
        });
        wrong.extend(untold.map(|(id, _)| format!("the outputs of {id} are not told")));
        let omitted = written["omit"].as_array().into_iter().flatten();
        let of_nodes = omitted.filter_map(Json::as_str);
        let of_nodes = of_nodes.filter(|path| path.starts_with("nodes"));
        wrong.extend(of_nodes.map(|path| format!("{path} is left out")));
    }
    Ok(Case {
        name: written["name"].as_str().unwrap_or_default().to_owned(),
        executed: nodes.map_or(0, serde_json::Map::len),
        status: seen
            .and_then(|seen| seen.get("status")?.as_str())
            .unwrap_or("not tried")
            .to_owned(),
        unbuilt: outcome.unbuilt.clone(),
        wrong,
    })
}

/// The table, a line for each case or reason.
#[must_use]
pub fn table(rows: &[Row]) -> String {
    let mut table = String::from("file  case   nodes executed  result\n");
    for row in rows {
        let number = &row.number;
        if let Some(reason) = &row.reason {
            table += &format!(
                "{number}   {:6} {:>5} -         not run: {reason}\n",
                "", row.nodes
            );
        }
        for case in &row.cases {
            let result = match (case.wrong.is_empty(), case.unbuilt.is_empty()) {
                (true, _) => case.status.clone(),
                (false, false) => format!("waits for {}", case.unbuilt.join(", ")),
                (false, true) => format!("WRONG, {}: {}", case.status, case.wrong[0]),
            };
            let (nodes, executed) = (row.nodes, case.executed);
            table += &format!(
                "{number}   {:6} {nodes:>5} {executed:<9} {result}\n",
                case.name
            );
        }
    }
    table
}
