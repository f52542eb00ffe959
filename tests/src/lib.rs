//! The harness of the tests that see the whole: a scripted provider, servers to talk to, documents to run.
//!
//! What one crate can test alone is tested there; here is what needs several of them, the built binary, or both databases.

pub mod app;
pub mod bucket;
pub mod canary;
pub mod client;
pub mod cluster;
pub mod collector;
pub mod conformance;
pub mod contract;
pub mod corpus;
pub mod crash;
pub mod database;
pub mod document;
pub mod far;
pub mod mcp_program;
pub mod nats;
pub mod peers;
pub mod postgres;
pub mod provider;
pub mod proxy;
pub mod requirement;
pub mod sandbox;
pub mod schema;
pub mod server;
pub mod shown;
pub mod sse;
pub mod tool_server;
pub mod user;
pub mod vault;
pub mod wait;
