//! Import: from the text of a file to a document and a report by line and node (Dify DSL reference, 1.3 and 1.4).

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value as Json;

use crate::id::NodeId;
use crate::settings::CredentialSettings;
use crate::workflow::Mode;

use super::budget::Budget;
use super::place::{Place, Spot, Tree};
use super::problem::{Problem, Severity};
use super::read::read;
use super::report::{self, Report, Status};
use super::{Document, Graph, check_selectors, graph, shape, variables};

/// The newest DSL version that is known.
pub const CURRENT_VERSION: &str = "0.7.0";
/// The longest file, in bytes (Dify: 10 MiB).
pub const MAX_BYTES: usize = 10 * 1024 * 1024;
/// The version of a file that states none.
const OLDEST_VERSION: &str = "0.1.0";

/// What an import needs to know.
#[derive(Clone, Copy)]
pub struct ImportOptions<'a> {
    /// Whether a file of a newer version than [`CURRENT_VERSION`] is taken without asking.
    pub confirm_newer: bool,
    /// Whether a node type can run.
    pub supported: &'a dyn Fn(&str) -> bool,
}

/// What came of an import.
#[derive(Clone, Debug)]
pub struct Import {
    /// What was found.
    pub report: Report,
    /// The document, unless the status is `failed`.
    pub document: Option<Document>,
}

/// Reads the text of a file.
#[must_use]
pub fn import(text: &str, options: &ImportOptions<'_>) -> Import {
    let tree = if text.len() > MAX_BYTES {
        Err(Problem::error(
            "too_large",
            "File size exceeds the limit of 10MB",
        ))
    } else {
        match unwrapped(text) {
            Some(inner) => read(&inner),
            None => read(text.strip_prefix('\u{feff}').unwrap_or(text)),
        }
    };
    match tree {
        Ok(tree) => Importer::new(tree, *options).import(),
        Err(problem) => failed(OLDEST_VERSION, vec![problem]),
    }
}

/// A document that is a tree already. It has to fit into the limits of a file: it will be written as one.
pub(super) fn from_tree(root: Json, options: &ImportOptions<'_>) -> Result<Document, Vec<Problem>> {
    if let Err(problem) = Budget::default().spend_tree(&root, 0) {
        return Err(vec![problem]);
    }
    let Import { report, document } = Importer::new(Tree::from_json(root), *options).import();
    document.ok_or_else(|| {
        report
            .items
            .into_iter()
            .filter(|problem| problem.severity == Severity::Error)
            .collect()
    })
}

/// The answer of an export call, saved as it came: one JSON object whose `data` is the file.
fn unwrapped(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Wrapped {
        data: String,
        app: Option<IgnoredAny>,
    }
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let wrapped: Wrapped = serde_json::from_str(text).ok()?;
    wrapped.app.is_none().then_some(wrapped.data)
}

fn failed(version: &str, items: Vec<Problem>) -> Import {
    Import {
        report: report::failed(version, items),
        document: None,
    }
}

struct Importer<'a> {
    tree: Tree,
    options: ImportOptions<'a>,
    problems: Vec<Problem>,
}

/// Which way a version differs from ours.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Age {
    Newer,
    OtherMajor,
    Older,
    Same,
}

impl<'a> Importer<'a> {
    fn new(mut tree: Tree, options: ImportOptions<'a>) -> Self {
        Self {
            problems: std::mem::take(&mut tree.notes),
            tree,
            options,
        }
    }

    fn import(self) -> Import {
        let Some(root) = self.tree.root.as_object() else {
            return failed(
                OLDEST_VERSION,
                vec![Problem::error(
                    "not_a_mapping",
                    "DSL content must be a mapping.",
                )],
            );
        };
        let stated = root
            .get("version")
            .filter(|version| !version.is_null() && version.as_str() != Some(""));
        let version = match stated {
            None => OLDEST_VERSION.to_owned(),
            Some(Json::String(version)) => version.clone(),
            Some(other) => {
                let problem = Problem::error(
                    "version_invalid",
                    format!("version must be a text, not {other}: write it in quotes"),
                );
                return failed(
                    OLDEST_VERSION,
                    vec![
                        problem
                            .on_line(self.tree.place("version"))
                            .in_field("version"),
                    ],
                );
            }
        };
        let Some(age) = age(&version) else {
            let problem = Problem::error("version_invalid", format!("{version:?} is no version"));
            return failed(
                &version,
                vec![
                    problem
                        .on_line(self.tree.place("version"))
                        .in_field("version"),
                ],
            );
        };
        match self.mode() {
            Ok(mode) => self.document(mode, version, age),
            Err(problem) => failed(&version, vec![problem]),
        }
    }

    fn mode(&self) -> Result<Mode, Problem> {
        let root = &self.tree.root;
        let refuse = |code: &str, message: String, field: &str| {
            Err(Problem::error(code, message)
                .on_line(self.tree.place(field))
                .in_field(field))
        };
        match root.get("kind") {
            None | Some(Json::Null) => {}
            Some(Json::String(kind)) if kind == "app" || kind.is_empty() => {}
            Some(Json::String(kind)) if kind == "rag_pipeline" => {
                return refuse(
                    "unsupported_kind",
                    "Dify RAG pipeline import is inspect-only. Only apps can be imported".into(),
                    "kind",
                );
            }
            Some(kind) => {
                return refuse(
                    "unsupported_kind",
                    format!("Unsupported DSL kind: {}", plain(kind)),
                    "kind",
                );
            }
        }
        let Some(app) = root
            .get("app")
            .and_then(Json::as_object)
            .filter(|app| !app.is_empty())
        else {
            return refuse(
                "app_missing",
                "Missing app data: the file has no app".into(),
                "app",
            );
        };
        match app.get("mode") {
            Some(Json::String(mode)) => match (Mode::parse(mode), mode.as_str()) {
                (Some(mode), _) => Ok(mode),
                (None, "chat" | "agent-chat" | "completion") => refuse(
                    "unsupported_mode",
                    format!("Dify {mode} app import is inspect-only. It has no graph"),
                    "app.mode",
                ),
                (None, _) => refuse(
                    "unsupported_mode",
                    format!("Dify app mode '{mode}' is not loadable."),
                    "app.mode",
                ),
            },
            None | Some(_) => refuse(
                "mode_missing",
                "loading an app needs app.mode, a text".into(),
                "app.mode",
            ),
        }
    }

    fn document(mut self, mode: Mode, version: String, age: Age) -> Import {
        let missing = |code, message, field| {
            let problem = Problem::error(code, message).in_field(field);
            failed(&version, vec![problem.on_line(self.tree.place(field))])
        };
        let workflow = self.tree.spot().key("workflow");
        let Some(workflow) = workflow.filter(|workflow| workflow.value.is_object()) else {
            let message = "Dify workflow app DSL must contain a workflow mapping.";
            return missing("workflow_missing", message, "workflow");
        };
        let raw_graph = workflow.key("graph");
        let Some(raw_graph) = raw_graph.filter(|graph| graph.value.is_object()) else {
            let message = "Dify workflow app DSL must contain workflow.graph.";
            return missing("graph_missing", message, "workflow.graph");
        };
        let graph = graph::graph(raw_graph, &mut self.problems);
        if graph.nodes.is_empty() && self.problems.iter().all(|problem| !problem.is_error()) {
            let message = "the graph has no nodes: it can be edited, not run";
            let problem = Problem::warning("graph_empty", message);
            self.problems.push(problem.on_line(raw_graph.place));
        }
        self.shapes(&graph);
        let environment =
            variables::variables(&self.tree, "environment_variables", &mut self.problems);
        let conversation =
            variables::variables(&self.tree, "conversation_variables", &mut self.problems);
        let credentials = self.credentials();
        let features = self.features();
        let text = |field: &str| {
            let found = self.tree.root.get("app").and_then(|app| app.get(field));
            found.and_then(Json::as_str).unwrap_or_default().to_owned()
        };
        let (name, description) = (text("name"), text("description"));
        let newer = self.tree.place("version");
        let document = Document {
            raw: std::mem::take(&mut self.tree.root),
            mode,
            name,
            description,
            version,
            graph,
            environment,
            conversation,
            features,
            credentials,
        };
        self.problems.extend(check_selectors(&document));
        self.unsupported(&document);
        self.finish(document, age, newer)
    }

    /// The app's features. What is no mapping switches nothing on, here as in Dify, and is told.
    fn features(&mut self) -> serde_json::Map<String, Json> {
        let (found, keys) = self.tree.spot().nearest("workflow.features");
        match found.value {
            _ if keys < 2 => serde_json::Map::new(),
            Json::Null => serde_json::Map::new(),
            Json::Object(features) => features.clone(),
            Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
                let message = "workflow.features is no mapping; no feature is on";
                let problem = Problem::warning("features_invalid", message);
                let problem = problem.on_line(found.place).in_field("workflow.features");
                self.problems.push(problem);
                serde_json::Map::new()
            }
        }
    }

    /// Nodes without their required fields refuse the file, as in Dify; those that no runnable entry reaches are only named,
    /// because nothing could run them anyway (files whose trigger needs a plugin).
    fn shapes(&mut self, graph: &Graph) {
        let reached = reached(graph, self.options.supported);
        for node in &graph.nodes {
            let from = self.problems.len();
            shape::check(node, &mut self.problems);
            if !reached.contains(&node.id) {
                self.problems[from..]
                    .iter_mut()
                    .for_each(|problem| problem.severity = Severity::Warning);
            }
        }
    }

    /// The `workflow.credentials` block; one that cannot be read is refused rather than half understood.
    fn credentials(&mut self) -> Option<CredentialSettings> {
        let raw = self
            .tree
            .root
            .pointer("/workflow/credentials")
            .filter(|raw| !raw.is_null())?;
        match serde_json::from_value(raw.clone()) {
            Ok(settings) => Some(settings),
            Err(error) => {
                let problem = Problem::error(
                    "credential_settings_invalid",
                    format!("workflow.credentials cannot be read: {error}"),
                );
                self.problems.push(
                    problem
                        .on_line(self.tree.place("workflow.credentials"))
                        .in_field("workflow.credentials"),
                );
                None
            }
        }
    }

    fn unsupported(&mut self, document: &Document) {
        for node in document
            .graph
            .nodes
            .iter()
            .filter(|node| !(self.options.supported)(&node.node_type))
        {
            let message = format!(
                "nodes of the type {} do not run yet; a run that could reach it is refused",
                node.node_type
            );
            let problem = Problem::warning("node_type_unsupported", message)
                .at_node(&node.id)
                .in_field("data.type");
            self.problems.push(problem.on_line(node.place));
        }
    }

    fn finish(mut self, document: Document, age: Age, version: Option<Place>) -> Import {
        if age == Age::Newer || age == Age::OtherMajor {
            let message = format!(
                "the file is of version {}, the newest known is {CURRENT_VERSION}",
                document.version
            );
            let problem = Problem::warning("version_newer", message).in_field("version");
            self.problems.push(problem.on_line(version));
        }
        if age == Age::Older && !self.problems.iter().any(Problem::is_error) {
            // Dify warns in its status; there is nothing to be done about it.
            let message = format!(
                "the file is of the older version {}; it is read as Dify reads it",
                document.version
            );
            let problem = Problem {
                severity: Severity::Info,
                ..Problem::warning("version_older", message).in_field("version")
            };
            self.problems.push(problem.on_line(version));
        }
        report::locate(
            &mut self.problems,
            Spot::root(&document.raw, &self.tree.places),
        );
        let items = report::sorted(self.problems);
        let status = match (items.first().map(|problem| problem.severity), age) {
            (Some(Severity::Error), _) => Status::Failed,
            (_, Age::Newer | Age::OtherMajor) if !self.options.confirm_newer => Status::Pending,
            (Some(Severity::Warning), _) | (_, Age::Older) => Status::CompletedWithWarnings,
            (Some(Severity::Info) | None, _) => Status::Completed,
        };
        let report = Report {
            status,
            dsl_version: document.version.clone(),
            items,
            models: report::models(&document),
            tools: report::tools(&document),
        };
        Import {
            report,
            document: (status != Status::Failed).then_some(document),
        }
    }
}

/// The nodes that a run could reach, the insides of containers with them.
fn reached<'a>(graph: &'a Graph, supported: &dyn Fn(&str) -> bool) -> HashSet<&'a NodeId> {
    let mut after: HashMap<&NodeId, Vec<&NodeId>> = HashMap::new();
    for edge in &graph.edges {
        after.entry(&edge.source).or_default().push(&edge.target);
    }
    let mut open = Vec::new();
    for node in &graph.nodes {
        if let Some(container) = &node.container {
            after.entry(container).or_default().push(&node.id);
        }
        let is_entry = node.node_type == "start" || node.node_type.starts_with("trigger-");
        if is_entry && supported(&node.node_type) {
            open.push(&node.id);
        }
    }
    let mut seen = HashSet::new();
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            open.extend(after.get(id).into_iter().flatten());
        }
    }
    seen
}

fn plain(value: &Json) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// How a version compares with ours; `None` when it is none.
fn age(version: &str) -> Option<Age> {
    let numbers = |version: &str| {
        let core = version
            .trim()
            .trim_start_matches('v')
            .split(['-', '+'])
            .next()
            .unwrap_or_default()
            .to_owned();
        let parts: Option<Vec<u32>> = core.split('.').map(|part| part.parse().ok()).collect();
        parts.map(|mut parts| {
            parts.resize(parts.len().max(3), 0);
            parts
        })
    };
    let (theirs, ours) = (numbers(version)?, numbers(CURRENT_VERSION)?);
    Some(match theirs.cmp(&ours) {
        std::cmp::Ordering::Greater => Age::Newer,
        std::cmp::Ordering::Less if theirs[0] < ours[0] => Age::OtherMajor,
        std::cmp::Ordering::Less if theirs[1] < ours[1] => Age::Older,
        std::cmp::Ordering::Less | std::cmp::Ordering::Equal => Age::Same,
    })
}
