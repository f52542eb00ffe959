//! Models from outside: resolution as tables, calls over scripted HTTP and over a real socket.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod anthropic;
mod azure;
mod bedrock;
mod calls;
mod dry_run;
mod faults;
mod forms;
mod gemini;
mod golden;
mod house;
mod interop;
mod limits;
mod ollama;
mod openai;
mod resolution;
mod responses;
mod retrieval;
mod stage;
mod validation;
mod vertex;
mod world;
