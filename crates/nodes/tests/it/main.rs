//! Node types as the engine meets them: built from data, run on a pool.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod agent;
mod agent_react;
mod apart;
mod assigner;
mod build;
mod code;
mod credentials;
mod files;
mod http_network;
mod http_request;
mod human_input;
mod if_else;
mod knowledge_retrieval;
mod list_operator;
mod llm;
mod mcp;
mod openapi;
mod parameter_extractor;
mod question_classifier;
mod responses;
mod template;
mod tool;
mod tools;
mod triggers;
mod world;
