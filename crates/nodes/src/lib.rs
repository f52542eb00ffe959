//! The node types of Latchkey: what each of them makes of a node's data, and what it does when its turn comes.
//!
//! One module per type. Nodes read variables and answer an attempt; they know neither the graph nor each other, store
//! nothing, and reach the outside only through what the host hands in. Templates are rendered in `jinja`, JSON schemas
//! checked in `schema`.

mod agent;
mod aggregator;
mod answer;
mod assigner;
mod assigner_items;
mod data;
mod document_extractor;
mod end;
mod host;
mod http_request;
mod human_input;
mod if_else;
mod iteration;
mod jinja;
mod json_repair;
mod json_text;
mod list_operator;
mod llm;
mod loops;
mod model_call;
mod number;
mod parameter_extractor;
mod question_classifier;
mod registry;
mod schema;
mod start;
mod template_transform;
mod trigger_event;
mod trigger_webhook;

pub use crate::host::{
    FileError, Files, Host, MadeFile, MemoryFiles, NoTools, ParameterForm, RemoteFiles,
    TEMPLATE_LENGTH, ToolAnswer, ToolCall, ToolDefinition, ToolError, ToolMessage, ToolParameter,
    ToolRef, Tools,
};
pub use crate::registry::{BuiltinNodes, SUPPORTED_TYPES};
