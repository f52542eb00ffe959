//! A question to a language model and the pieces of its answer, in no provider's own format.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use latchkey_domain::ledger::Tokens;

/// A question.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ChatRequest {
    /// The model's name at its provider. Empty: the name that the [`crate::ModelRef`] has.
    pub model: String,
    /// The messages, oldest first.
    pub messages: Vec<Message>,
    /// Completion parameters by the names that the document uses; unknown ones are passed on.
    pub parameters: Map<String, Json>,
    /// Texts at which the model stops.
    pub stop: Vec<String>,
    /// Tools that the model may call.
    pub tools: Vec<Tool>,
    /// The form that the answer must have.
    pub response_format: Option<ResponseFormat>,
    /// A label of the end user.
    pub user: Option<String>,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
    /// A tool's result.
    Tool,
}

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: Content,
    /// Tools that the model called in it.
    pub tool_calls: Vec<ToolCall>,
    /// Of a tool's result: the call that it answers.
    pub tool_call_id: Option<String>,
    /// What the answer that it repeats has [`ChatChunk::carried`].
    pub carried: Vec<Json>,
}

impl Message {
    /// A message of text.
    #[must_use]
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self {
            role,
            content: Content::Text(text.into()),
            tool_calls: Vec::new(),
            tool_call_id: None,
            carried: Vec::new(),
        }
    }

    /// A message of several parts.
    #[must_use]
    pub const fn parts(role: Role, parts: Vec<Part>) -> Self {
        Self {
            role,
            content: Content::Parts(parts),
            tool_calls: Vec::new(),
            tool_call_id: None,
            carried: Vec::new(),
        }
    }
}

/// What a message says.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Text alone.
    Text(String),
    /// Text and media.
    Parts(Vec<Part>),
}

impl Content {
    /// Its texts, joined by line feeds.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Parts(parts) => {
                let texts: Vec<&str> = parts.iter().filter_map(Part::as_text).collect();
                texts.join("\n")
            }
        }
    }
}

/// One part of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Text.
    Text(String),
    /// An image, by URL or as a data URL.
    Image {
        /// The URL.
        url: String,
        /// The MIME type, when known.
        mime_type: Option<String>,
        /// `low` or `high`.
        detail: Option<String>,
    },
    /// A document, by URL or as a data URL.
    Document {
        /// The URL.
        url: String,
        /// The MIME type, when known.
        mime_type: Option<String>,
    },
    /// Sound, by URL or as a data URL.
    Audio {
        /// The URL.
        url: String,
        /// The MIME type, when known.
        mime_type: Option<String>,
    },
    /// A film, by URL or as a data URL.
    Video {
        /// The URL.
        url: String,
        /// The MIME type, when known.
        mime_type: Option<String>,
    },
}

impl Part {
    /// The text, if it is text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Image { .. }
            | Self::Document { .. }
            | Self::Audio { .. }
            | Self::Video { .. } => None,
        }
    }
}

/// A tool that the model may call.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What it does, for the model.
    pub description: String,
    /// The JSON Schema of its arguments.
    pub parameters: Json,
}

/// A finished call of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// The call's id.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// The arguments as the model wrote them: JSON, if it did well.
    pub arguments: String,
}

/// The form that an answer must have.
#[derive(Clone, Debug, PartialEq)]
pub enum ResponseFormat {
    /// Plain text.
    Text,
    /// Any JSON object.
    JsonObject,
    /// JSON of a schema.
    JsonSchema {
        /// A name for the schema.
        name: String,
        /// The schema.
        schema: Json,
        /// Whether the provider must hold to it exactly.
        strict: bool,
    },
}

/// One piece of an answer.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ChatChunk {
    /// More text.
    pub text: String,
    /// More of what the model thinks, when the provider tells it apart.
    pub reasoning: String,
    /// More of tool calls.
    pub tool_calls: Vec<ToolCallPiece>,
    /// The structured answer, when a provider delivers it apart from the text.
    pub structured: Option<Json>,
    /// What the provider wants to get back unchanged when the conversation goes on after this answer, such as signed
    /// thoughts, in its own format: nobody else reads it.
    pub carried: Vec<Json>,
    /// Why the model stopped.
    pub finish_reason: Option<String>,
    /// What the provider counted.
    pub usage: Option<ReportedUsage>,
    /// The provider's id of the request, where it stands in the answer and not in its head.
    pub request_id: Option<String>,
}

impl ChatChunk {
    /// A piece of text.
    #[must_use]
    pub fn of_text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// Whether the model said anything in it.
    #[must_use]
    pub fn says_something(&self) -> bool {
        !self.text.is_empty()
            || !self.reasoning.is_empty()
            || !self.tool_calls.is_empty()
            || self.structured.is_some()
    }
}

/// A piece of a tool call: pieces of the same index belong together.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ToolCallPiece {
    /// Which call of the answer.
    pub index: u32,
    /// Its id, in the first piece.
    pub id: Option<String>,
    /// The tool's name, in the first piece.
    pub name: Option<String>,
    /// More of the arguments.
    pub arguments: String,
}

/// What the provider counted.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ReportedUsage {
    /// In our disjoint columns.
    pub tokens: Tokens,
    /// As the provider said it.
    pub raw: Json,
}
