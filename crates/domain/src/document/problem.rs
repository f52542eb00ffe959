//! What is wrong with a document, and where.

use serde::{Deserialize, Serialize};

use crate::id::NodeId;

use super::place::Place;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// The document is kept; something in it will not work as it stands.
    Warning,
    /// The document is refused.
    Error,
}

/// One finding of a report: a stable code, a text, and the place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The stable code, such as `graph_cycle`.
    pub code: String,
    /// The text.
    pub message: String,
    /// The line of the file, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column of that line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The node that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<NodeId>,
    /// The field, as a path such as `data.model`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

impl Problem {
    /// A problem that refuses the document.
    #[must_use]
    pub fn error(code: &str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code: code.into(),
            message: message.into(),
            line: None,
            column: None,
            node_id: None,
            field: None,
        }
    }

    /// A problem that does not.
    #[must_use]
    pub fn warning(code: &str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message)
        }
    }

    /// Whether it refuses the document.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The same, about a node.
    #[must_use]
    pub fn at_node(mut self, node: &NodeId) -> Self {
        self.node_id = Some(node.clone());
        self
    }

    /// The same, about a field.
    #[must_use]
    pub fn in_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same, at a place of the file.
    #[must_use]
    pub fn on_line(mut self, place: Option<Place>) -> Self {
        if let Some(place) = place {
            self.line = Some(place.line);
            self.column = Some(place.column);
        }
        self
    }
}
