//! Models from outside: resolution as tables, calls over scripted HTTP and over a real socket.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod calls;
mod dry_run;
mod faults;
mod forms;
mod golden;
mod house;
mod inline;
mod openai;
mod pools;
mod resolution;
mod retrieval;
mod validation;
mod world;
