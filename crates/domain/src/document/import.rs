//! Import: from the text of a file to a document and a report by line and node (Dify DSL reference, 1.3 and 1.4).

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::id::NodeId;
use crate::provider::ProviderId;
use crate::settings::CredentialSettings;
use crate::workflow::Mode;

use super::problem::{Problem, Severity};
use super::read::{Tree, read};
use super::{Document, Graph, GraphNode, check_selectors, graph, shape, variables};

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
    /// The tools that the file names (`provider/tool`), each once.
    pub tools: Vec<String>,
}

/// A model that a file names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedModel {
    /// The provider.
    pub provider: ProviderId,
    /// The model.
    pub model: String,
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

/// A document that is a tree already.
pub(super) fn from_tree(root: Json, options: &ImportOptions<'_>) -> Result<Document, Vec<Problem>> {
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
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let mut object: Map<String, Json> = serde_json::from_str(text).ok()?;
    match object.remove("data") {
        Some(Json::String(inner)) if !object.contains_key("app") => Some(inner),
        Some(_) | None => None,
    }
}

fn failed(version: &str, items: Vec<Problem>) -> Import {
    let report = Report {
        status: Status::Failed,
        dsl_version: version.into(),
        items,
        models: Vec::new(),
        tools: Vec::new(),
    };
    Import {
        report,
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
    const fn new(tree: Tree, options: ImportOptions<'a>) -> Self {
        Self {
            tree,
            options,
            problems: Vec::new(),
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
                            .on_line(self.tree.place("/version"))
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
                        .on_line(self.tree.place("/version"))
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
        let refuse = |code: &str, message: String, pointer: &str| {
            Err(Problem::error(code, message)
                .on_line(self.tree.place(pointer))
                .in_field(pointer[1..].replace('/', ".")))
        };
        match root.get("kind") {
            None | Some(Json::Null) => {}
            Some(Json::String(kind)) if kind == "app" || kind.is_empty() => {}
            Some(Json::String(kind)) if kind == "rag_pipeline" => {
                return refuse(
                    "unsupported_kind",
                    "Dify RAG pipeline import is inspect-only. Only apps can be imported".into(),
                    "/kind",
                );
            }
            Some(kind) => {
                return refuse(
                    "unsupported_kind",
                    format!("Unsupported DSL kind: {}", plain(kind)),
                    "/kind",
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
                "/app",
            );
        };
        match app.get("mode") {
            Some(Json::String(mode)) => match (Mode::parse(mode), mode.as_str()) {
                (Some(mode), _) => Ok(mode),
                (None, "chat" | "agent-chat" | "completion") => refuse(
                    "unsupported_mode",
                    format!("Dify {mode} app import is inspect-only. It has no graph"),
                    "/app/mode",
                ),
                (None, _) => refuse(
                    "unsupported_mode",
                    format!("Dify app mode '{mode}' is not loadable."),
                    "/app/mode",
                ),
            },
            None | Some(_) => refuse(
                "mode_missing",
                "loading an app needs app.mode, a text".into(),
                "/app/mode",
            ),
        }
    }

    fn document(mut self, mode: Mode, version: String, age: Age) -> Import {
        if !self.tree.root.get("workflow").is_some_and(Json::is_object) {
            let problem = Problem::error(
                "workflow_missing",
                "Dify workflow app DSL must contain a workflow mapping.",
            );
            return failed(
                &version,
                vec![problem.on_line(self.tree.place("/workflow"))],
            );
        }
        if !self
            .tree
            .root
            .pointer("/workflow/graph")
            .is_some_and(Json::is_object)
        {
            let problem = Problem::error(
                "graph_missing",
                "Dify workflow app DSL must contain workflow.graph.",
            );
            return failed(
                &version,
                vec![problem.on_line(self.tree.place("/workflow/graph"))],
            );
        }
        let graph = graph::graph(&self.tree, &mut self.problems);
        if graph.nodes.is_empty() {
            let problem = Problem::warning(
                "graph_empty",
                "the graph has no nodes: it can be edited, not run",
            );
            self.problems
                .push(problem.on_line(self.tree.place("/workflow/graph")));
        }
        self.shapes(&graph);
        let environment =
            variables::variables(&self.tree, "environment_variables", &mut self.problems);
        let conversation =
            variables::variables(&self.tree, "conversation_variables", &mut self.problems);
        let credentials = self.credentials();
        let text = |pointer: &str| {
            self.tree
                .root
                .pointer(pointer)
                .and_then(Json::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let features = self
            .tree
            .root
            .pointer("/workflow/features")
            .and_then(Json::as_object)
            .cloned()
            .unwrap_or_default();
        let (name, description) = (text("/app/name"), text("/app/description"));
        let raw = std::mem::take(&mut self.tree.root);
        let document = Document {
            raw,
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
        self.finish(document, age)
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
                        .on_line(self.tree.place("/workflow/credentials"))
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
            self.problems
                .push(problem.on_line(node.line.map(|line| (line, 1))));
        }
    }

    fn finish(mut self, document: Document, age: Age) -> Import {
        if age == Age::Newer || age == Age::OtherMajor {
            let message = format!(
                "the file is of version {}, the newest known is {CURRENT_VERSION}",
                document.version
            );
            self.problems
                .push(Problem::warning("version_newer", message).in_field("version"));
        }
        self.problems
            .sort_by_key(|problem| std::cmp::Reverse(problem.severity));
        let worst = self.problems.first().map(|problem| problem.severity);
        let status = match (worst, age) {
            (Some(Severity::Error), _) => Status::Failed,
            (_, Age::Newer | Age::OtherMajor) if !self.options.confirm_newer => Status::Pending,
            (Some(Severity::Warning), _) | (_, Age::Older) => Status::CompletedWithWarnings,
            (Some(Severity::Info) | None, _) => Status::Completed,
        };
        let (models, tools) = (models(&document), tools(&document));
        let report = Report {
            status,
            dsl_version: document.version.clone(),
            items: self.problems,
            models,
            tools,
        };
        Import {
            report,
            document: (status != Status::Failed).then_some(document),
        }
    }
}

/// The nodes that a run could reach, the insides of containers with them.
fn reached(graph: &Graph, supported: &dyn Fn(&str) -> bool) -> HashSet<NodeId> {
    let is_entry = |node: &&GraphNode| {
        supported(&node.node_type)
            && (node.node_type == "start" || node.node_type.starts_with("trigger-"))
    };
    let mut open: Vec<&NodeId> = graph
        .nodes
        .iter()
        .filter(is_entry)
        .map(|node| &node.id)
        .collect();
    let mut seen: HashSet<NodeId> = HashSet::new();
    while let Some(id) = open.pop() {
        if seen.insert(id.clone()) {
            open.extend(
                graph
                    .edges
                    .iter()
                    .filter(|edge| edge.source == *id)
                    .map(|edge| &edge.target),
            );
            open.extend(
                graph
                    .nodes
                    .iter()
                    .filter(|node| node.container.as_ref() == Some(id))
                    .map(|node| &node.id),
            );
        }
    }
    seen
}

fn models(document: &Document) -> Vec<ReportedModel> {
    let mut seen = HashSet::new();
    let places = document.model_places().into_iter();
    places
        .filter(|place| seen.insert((place.provider.clone(), place.model.clone())))
        .map(|place| ReportedModel {
            provider: place.provider,
            model: place.model,
        })
        .collect()
}

fn tools(document: &Document) -> Vec<String> {
    let mut tools: Vec<String> = Vec::new();
    for node in document
        .graph
        .nodes
        .iter()
        .filter(|node| node.node_type == "tool")
    {
        let text = |key: &str| {
            node.data
                .get(key)
                .and_then(Json::as_str)
                .unwrap_or_default()
        };
        let tool = format!("{}/{}", text("provider_id"), text("tool_name"));
        if !tools.contains(&tool) {
            tools.push(tool);
        }
    }
    tools
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
