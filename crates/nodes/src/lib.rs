//! The node types of Latchkey: what each of them makes of a node's data, and what it does when its turn comes.
//!
//! One module per type. Nodes read variables and answer an attempt; they know neither the graph nor each other, store
//! nothing, and reach the outside only through what the host hands in. Templates are rendered in `jinja`, JSON schemas
//! checked in `schema`.

mod aggregator;
mod answer;
mod assigner;
mod assigner_items;
mod data;
mod end;
mod host;
mod if_else;
mod jinja;
mod knowledge_retrieval;
mod llm;
mod registry;
mod schema;
mod start;
mod template_transform;

pub use crate::host::{
    AskedModel, DatasetCard, FileError, Files, Hit, Host, Knowledge, KnowledgeError,
    KnowledgeQuestion, MadeFile, NoKnowledge, NoTools, ParameterForm, RemoteFiles, TEMPLATE_LENGTH,
    ToolAnswer, ToolCall, ToolDefinition, ToolError, ToolMessage, ToolParameter, ToolRef, Tools,
};
pub use crate::knowledge_retrieval::{best, by_weights};
pub use crate::registry::{BuiltinNodes, SUPPORTED_TYPES};
