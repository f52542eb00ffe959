//! The sandbox as its users meet it: jobs that go well, jobs that fail, and jobs that try to get out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod documents;
mod escapes;
mod functions;
mod javascript;
mod limits;
mod machine;
mod network;
mod python;
mod world;
