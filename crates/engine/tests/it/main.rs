//! The engine at its border: graphs and scripted node results go in, events come out.

#![expect(
    clippy::unwrap_used,
    reason = "a test that unwraps says what it expects"
)]

mod asking;
mod containers;
mod dispatcher;
mod graph;
mod iteration;
mod loops;
mod machine;
mod plan;
mod pool;
mod random;
mod selector;
mod stream;
mod takeover;
mod template;
mod world;
