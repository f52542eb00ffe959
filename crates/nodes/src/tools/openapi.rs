//! HTTP APIs as tools: an OpenAPI 3 document becomes one tool for each of its operations.
//!
//! Parts: reading the document (`read`), the request of a call (`send`), its body (`body`), what comes back (`response`).

mod body;
mod read;
mod response;
mod send;

use std::collections::BTreeSet;

use bytes::Bytes;
use serde_json::Value as Json;

use latchkey_domain::document::read_yaml;
use latchkey_domain::tool::ToolAuth;
use latchkey_domain::value::File;

use crate::host::ToolDefinition;

/// The longest document, in bytes.
pub const LONGEST: usize = 2 << 20;
/// The most operations of a document.
pub const OPERATIONS: usize = 500;

/// An API as its document describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Api {
    /// Its title.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// How its document wants to be called by those who may.
    pub auth: ToolAuth,
    operations: Vec<Operation>,
}

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ApiProblem {
    /// The text.
    pub message: String,
    /// The place in the document, as a JSON pointer; empty for the whole.
    pub place: String,
}

/// A file that goes with a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Attached {
    /// The parameter.
    pub parameter: String,
    /// The file.
    pub file: File,
    /// Its content.
    pub content: Bytes,
}

#[derive(Clone, Debug, PartialEq)]
struct Operation {
    definition: ToolDefinition,
    method: String,
    /// Where the API is, without a slash at the end.
    server: String,
    /// With `{name}` for each parameter of the path.
    path: String,
    /// Where each parameter goes; the wire's name is the parameter's.
    places: Vec<(String, Place)>,
    body: Option<Form>,
}

/// Where a parameter goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Path,
    /// Whether each item of a list is a parameter of its own.
    Query {
        explode: bool,
    },
    Header,
    Cookie,
    Body,
}

/// How a body is written.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// JSON of this media type: an object of the parameters, or the value of the only one.
    Json { media_type: String, whole: bool },
    /// `application/x-www-form-urlencoded`.
    Fields,
    /// `multipart/form-data`.
    Parts,
    /// The only parameter, as it is, of this media type.
    Plain { media_type: String },
}

/// The parameter of a body that is no object.
const WHOLE_BODY: &str = "body";

impl Api {
    /// Reads a document in JSON or YAML.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, ApiProblem> {
        read::api(&tree(text)?)
    }

    /// Its tools, in the order of the document.
    pub fn definitions(&self) -> impl Iterator<Item = &ToolDefinition> {
        self.operations
            .iter()
            .map(|operation| &operation.definition)
    }

    /// What a tool takes.
    #[must_use]
    pub fn definition(&self, tool: &str) -> Option<&ToolDefinition> {
        self.operation(tool).map(|operation| &operation.definition)
    }

    /// Where a tool's requests go.
    #[must_use]
    pub fn server_of(&self, tool: &str) -> Option<&str> {
        self.operation(tool)
            .map(|operation| operation.server.as_str())
    }

    /// The first of its servers.
    #[must_use]
    pub fn server(&self) -> Option<&str> {
        self.operations.first().map(|first| first.server.as_str())
    }

    /// All its servers, each once: a credential of it goes nowhere else.
    pub fn servers(&self) -> impl Iterator<Item = &str> {
        let all: BTreeSet<&str> = self
            .operations
            .iter()
            .map(|of| of.server.as_str())
            .collect();
        all.into_iter()
    }

    fn operation(&self, tool: &str) -> Option<&Operation> {
        self.operations
            .iter()
            .find(|operation| operation.definition.name == tool)
    }
}

/// The document as a tree, whichever of the two it is.
fn tree(text: &str) -> Result<Json, ApiProblem> {
    let whole = |message: String| ApiProblem {
        message,
        place: String::new(),
    };
    if text.len() > LONGEST {
        return Err(whole(format!(
            "the document is longer than {LONGEST} bytes"
        )));
    }
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text)
            .map_err(|cause| whole(format!("the document is no JSON: {cause}")));
    }
    read_yaml(text).map_err(|problem| {
        let place = problem
            .line
            .map_or(String::new(), |line| format!(" (line {line})"));
        whole(format!(
            "the document is no YAML: {}{place}",
            problem.message
        ))
    })
}
