//! The store at its border, on real databases: every test runs on SQLite and on PostgreSQL.

#![expect(
    clippy::unwrap_used,
    reason = "a test that unwraps says what it expects"
)]

mod api_keys;
mod audit;
mod calls;
mod conversations;
mod credential_versions;
mod credentials;
mod data_keys;
mod defaults;
mod files;
mod forms;
mod glance;
mod health;
mod idempotency;
mod knowledge;
mod large;
mod members;
mod migrations;
mod paging;
mod pools;
mod prices;
mod pruning;
mod room;
mod run_secrets;
mod runs;
mod samples;
mod search;
mod tenancy;
mod tools;
mod triggers;
mod usage;
mod workers;
mod workflows;
mod workspaces;
mod world;
mod writer;
