//! Node types as the engine meets them: built from data, run on a pool.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod assigner;
mod build;
mod credentials;
mod if_else;
mod knowledge_retrieval;
mod llm;
mod responses;
mod template;
mod world;
