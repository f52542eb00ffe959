//! Tests of the whole: the built binary, the API in process, and the rules of the house.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod api;
mod architecture;
mod bad_input;
mod building;
mod canary;
mod catalogue;
mod cluster;
mod code;
mod code_network;
mod codes;
mod confinement;
mod conformance;
mod corpus;
mod coverage;
mod crash;
mod credentials;
mod deploy;
mod documentation;
mod files;
mod first_start;
mod harness;
mod hostile;
mod indexing;
mod isolation;
mod knowledge;
mod leaving;
mod mapping;
mod master_key;
mod mcp_programs;
mod observed;
mod outage;
mod precedence;
mod promise;
mod recipes;
mod recovery;
mod references;
mod retry;
mod rotation;
mod runs;
mod spending;
mod story;
mod surface;
mod triggers;
mod waiting;
