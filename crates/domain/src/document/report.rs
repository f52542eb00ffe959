//! The report of an import: how it went, what was found, what the file needs.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::id::NodeId;
use crate::provider::ProviderId;
use crate::tool::{NamedTool, ToolTarget};

use super::Document;
use super::graph::id_text;
use super::place::{Place, Spot};
use super::problem::{Problem, Severity};

/// The most findings of a report; what is left out is counted.
const MAX_ITEMS: usize = 1_000;

/// The report of an import.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// How it went.
    pub status: Status,
    /// The file's DSL version.
    pub dsl_version: String,
    /// Findings, errors first.
    pub items: Vec<Problem>,
    /// The models that the file names, each once.
    pub models: Vec<ReportedModel>,
    /// The tools that the file names, each once.
    pub tools: Vec<ReportedTool>,
}

/// A model that a file names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedModel {
    /// The provider.
    pub provider: ProviderId,
    /// The model.
    pub model: String,
    /// The nodes that name it.
    pub node_ids: Vec<NodeId>,
    /// The line where the first of them begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// A tool that a file names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedTool {
    /// `provider/tool`.
    pub name: String,
    /// The tool, as the file names it.
    pub tool: NamedTool,
    /// What it runs here; the reader of a file does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound_to: Option<ToolTarget>,
    /// The nodes that name it.
    pub node_ids: Vec<NodeId>,
    /// The line where the first of them begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// How an import went (Dify DSL reference, 1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Everything is understood.
    Completed,
    /// Understood; something will not work as it stands, or the file is older.
    CompletedWithWarnings,
    /// The file is newer and must be confirmed.
    Pending,
    /// Refused; nothing may be stored.
    Failed,
}

/// The report of a file that is refused before its graph is looked at.
pub(super) fn failed(version: &str, items: Vec<Problem>) -> Report {
    Report {
        status: Status::Failed,
        dsl_version: version.into(),
        items,
        models: Vec::new(),
        tools: Vec::new(),
    }
}

/// Findings, errors first and no more than people read.
pub(super) fn sorted(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|problem| std::cmp::Reverse(problem.severity));
    let more = problems.len().saturating_sub(MAX_ITEMS);
    problems.truncate(MAX_ITEMS);
    if more > 0 {
        problems.push(Problem {
            severity: Severity::Info,
            ..Problem::warning("report_shortened", format!("and {more} more findings"))
        });
    }
    problems
}

/// Moves findings about a field of a node from where the node begins to where the field stands.
pub(super) fn locate(problems: &mut [Problem], root: Spot<'_>) {
    if problems.iter().all(|problem| problem.node_id.is_none()) {
        return;
    }
    let (nodes, keys) = root.nearest("workflow.graph.nodes");
    let nodes = nodes.items().filter(|_| keys == 3).into_iter().flatten();
    let mut by_id: HashMap<String, Spot<'_>> = HashMap::new();
    for node in nodes {
        let id = id_text(node.value.get("id"));
        if let Some(id) = id {
            by_id.entry(id).or_insert(node);
        }
    }
    for problem in problems {
        let (Some(id), Some(field)) = (&problem.node_id, &problem.field) else {
            continue;
        };
        let Some((found, keys)) = by_id.get(id.as_str()).map(|node| node.nearest(field)) else {
            continue;
        };
        if let Some(place) = found.place.filter(|_| keys > 1) {
            problem.line = Some(place.line);
            problem.column = Some(place.column);
        }
    }
}

/// The models of a document, each once.
pub(super) fn models(document: &Document) -> Vec<ReportedModel> {
    let named = document.model_places().into_iter().map(|place| {
        let key = (place.provider, place.model);
        (key, place.node_id, place.place)
    });
    let models = grouped(named).into_iter();
    models
        .map(|((provider, model), node_ids, line)| ReportedModel {
            provider,
            model,
            node_ids,
            line,
        })
        .collect()
}

/// The tools of a document, each once.
pub(super) fn tools(document: &Document) -> Vec<ReportedTool> {
    let places = document.tool_places().into_iter();
    let named = places.map(|place| (place.tool, place.node_id, place.place));
    let tools = grouped(named).into_iter();
    tools
        .map(|(tool, node_ids, line)| ReportedTool {
            name: format!("{}/{}", tool.provider, tool.tool),
            tool,
            bound_to: None,
            node_ids,
            line,
        })
        .collect()
}

/// Each key once, in order, with its nodes and the line of the first.
fn grouped<K: Clone + Eq + std::hash::Hash>(
    named: impl Iterator<Item = (K, NodeId, Option<Place>)>,
) -> Vec<(K, Vec<NodeId>, Option<u32>)> {
    let mut at: HashMap<K, usize> = HashMap::new();
    let mut groups: Vec<(K, Vec<NodeId>, Option<u32>)> = Vec::new();
    for (key, node, place) in named {
        let group = *at.entry(key.clone()).or_insert_with(|| {
            groups.push((key, Vec::new(), place.map(|place| place.line)));
            groups.len() - 1
        });
        groups[group].1.push(node);
    }
    groups
}
