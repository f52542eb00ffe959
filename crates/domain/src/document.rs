//! The workflow document (Dify DSL 0.1.0 to 0.7.0): one tolerant reader, a lossless writer, the graph as the engine reads it.
//!
//! The raw tree is never changed by reading it, so that writing it gives the same document. What reading repairs
//! (sticky notes, old iterations, old type names) is repaired in the [`Graph`] only.

mod budget;
mod credentials;
mod export;
mod graph;
mod import;
mod mapping;
mod place;
mod problem;
mod read;
mod report;
mod scalar;
mod selectors;
mod shape;
mod tools;
mod variables;
mod write;

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::id::NodeId;
use crate::settings::CredentialSettings;
use crate::value::{Value, ValueKind};
use crate::workflow::Mode;

pub use self::credentials::ModelPlace;
pub use self::import::{CURRENT_VERSION, Import, ImportOptions, MAX_BYTES, import};
pub use self::mapping::{CredentialMap, MappedCredential, map_credentials};
pub use self::place::Place;
pub use self::problem::{Problem, Severity};
pub use self::read::read_yaml;
pub use self::report::{Report, ReportedModel, ReportedTool, Status};
pub use self::selectors::check_selectors;
pub use self::tools::ToolPlace;

/// What the names of secret conversation variables begin with where those of both lists stand side by side.
pub const CONVERSATION: &str = "conversation.";

/// A workflow document that can be kept: its raw tree and what was read out of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    raw: Json,
    mode: Mode,
    name: String,
    description: String,
    version: String,
    graph: Graph,
    environment: Vec<Variable>,
    conversation: Vec<Variable>,
    features: Map<String, Json>,
    credentials: Option<CredentialSettings>,
}

/// An environment or conversation variable of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its id; its name when the file has none.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its declared type, such as `string`, `secret`, `array[number]`.
    pub value_type: String,
    /// Its value.
    pub value: Json,
}

impl Variable {
    /// Its value under its declared type: an empty list declared as `array[string]` is one. A value that is of another
    /// type, which import has reported, keeps its own.
    #[must_use]
    pub fn typed(&self) -> Value {
        ValueKind::parse(&self.value_type)
            .and_then(|kind| Value::typed(kind, self.value.clone()).ok())
            .unwrap_or_else(|| Value::infer(self.value.clone()))
    }

    /// Whether its value must not be seen.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.value_type == "secret"
    }
}

impl Document {
    /// Reads a document that is JSON already (a draft), with the same checks as an import.
    ///
    /// # Errors
    /// Every problem of severity error.
    pub fn from_json(raw: Json, options: &ImportOptions<'_>) -> Result<Self, Vec<Problem>> {
        import::from_tree(raw, options)
    }

    /// The mode of the app.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// The app's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The app's description.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The DSL version that the file states; `0.1.0` when it states none.
    #[must_use]
    pub fn dsl_version(&self) -> &str {
        &self.version
    }

    /// The graph as the engine reads it.
    #[must_use]
    pub const fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The environment variables; exported secrets have the value `""`.
    #[must_use]
    pub fn environment_variables(&self) -> &[Variable] {
        &self.environment
    }

    /// The conversation variables.
    #[must_use]
    pub fn conversation_variables(&self) -> &[Variable] {
        &self.conversation
    }

    /// The app's features, such as `opening_statement`.
    #[must_use]
    pub const fn features(&self) -> &Map<String, Json> {
        &self.features
    }

    /// The `workflow.credentials` block: proposals for the live settings.
    #[must_use]
    pub const fn credentials(&self) -> Option<&CredentialSettings> {
        self.credentials.as_ref()
    }

    /// Every place that names a model, with what it says about its credential.
    #[must_use]
    pub fn model_places(&self) -> Vec<ModelPlace> {
        self.graph
            .nodes
            .iter()
            .flat_map(GraphNode::model_places)
            .collect()
    }

    /// Every place that names a tool, with what it says about the tool's credential.
    #[must_use]
    pub fn tool_places(&self) -> Vec<ToolPlace> {
        self.graph.nodes.iter().flat_map(tools::places_of).collect()
    }

    /// The raw tree.
    #[must_use]
    pub const fn to_json(&self) -> &Json {
        &self.raw
    }

    /// The document as YAML: read again, it is the same document.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        write::yaml(&self.raw)
    }

    /// The document as YAML for others: selectors in their canonical place, credential ids replaced by names (removed when
    /// `name_of` knows none), values of secret variables blanked, credential ids of tools removed, and what belongs to one
    /// installation blanked as Dify does: addresses of webhooks, subscriptions, schedules, uploaded files.
    #[must_use]
    pub fn export(&self, name_of: &dyn Fn(&str) -> Option<String>) -> String {
        write::yaml(&export::exported(&self.raw, name_of))
    }

    /// The secret variables of both lists; the name of one of the conversation has [`CONVERSATION`] before it.
    pub fn secret_variables(&self) -> impl Iterator<Item = (String, &Variable)> {
        let environment = self.environment.iter().map(|variable| ("", variable));
        let conversation = self.conversation.iter();
        environment
            .chain(conversation.map(|variable| (CONVERSATION, variable)))
            .filter(|(_, variable)| variable.is_secret())
            .map(|(before, variable)| (format!("{before}{}", variable.name), variable))
    }

    /// The same document with the values of its secret variables taken out, and those values by the names of
    /// [`Document::secret_variables`].
    #[must_use]
    pub fn without_secrets(&self) -> (Self, Vec<(String, String)>) {
        let mut kept = self.clone();
        let mut secrets = Vec::new();
        for (name, variable) in self.secret_variables() {
            if let Some(value) = variable.value.as_str().filter(|value| !value.is_empty()) {
                secrets.push((name, value.to_owned()));
            }
        }
        let variables = kept.environment.iter_mut().chain(&mut kept.conversation);
        for variable in variables.filter(|variable| variable.is_secret()) {
            variable.value = Json::String(String::new());
        }
        export::blank_secrets(&mut kept.raw);
        (kept, secrets)
    }
}

/// The nodes and edges of a document: sticky notes are gone, old forms are repaired.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Graph {
    /// In file order.
    pub nodes: Vec<GraphNode>,
    /// In file order.
    pub edges: Vec<Edge>,
}

/// One node.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphNode {
    /// Its id, unique in the graph.
    pub id: NodeId,
    /// `data.type`, old names replaced by today's.
    pub node_type: String,
    /// `data.version`; `"1"` when absent.
    pub version: String,
    /// `data.title`.
    pub title: String,
    /// Everything that the file says about it.
    pub data: Arc<Map<String, Json>>,
    /// The iteration or loop that it is inside of.
    pub container: Option<NodeId>,
    /// Where it begins in the file.
    pub place: Option<Place>,
}

impl GraphNode {
    /// Every place of this node that names a model, with what it says about its credential.
    #[must_use]
    pub fn model_places(&self) -> Vec<ModelPlace> {
        credentials::places_of(self)
    }

    /// Every place of this node that names a tool.
    #[must_use]
    pub fn tool_places(&self) -> Vec<ToolPlace> {
        tools::places_of(self)
    }
}

/// One edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Where it leaves.
    pub source: NodeId,
    /// Where it arrives.
    pub target: NodeId,
    /// The branch that it belongs to; `source` when the file says nothing.
    pub handle: String,
}
