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
mod code;
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
mod knowledge_retrieval;
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
mod tool;
pub mod tools;
mod trigger_event;
mod trigger_webhook;

pub use crate::document_extractor::document_text;
pub use crate::host::{
    AskedModel, CodeLimits, DatasetCard, FileError, Files, Hit, Host, Knowledge, KnowledgeError,
    KnowledgeQuestion, MadeFile, MemoryFiles, NoKnowledge, NoTools, ParameterForm, RemoteFiles,
    TEMPLATE_LENGTH, ToolAnswer, ToolCall, ToolDefinition, ToolError, ToolMessage, ToolParameter,
    ToolProof, ToolRef, ToolRefusal, Tools,
};
pub use crate::knowledge_retrieval::{best, by_weights};
pub use crate::model_call::caller;
pub use crate::registry::{BuiltinNodes, CONFINED, SUPPORTED_TYPES};
pub use latchkey_sandbox::Sandbox;
