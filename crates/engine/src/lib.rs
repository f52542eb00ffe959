//! Runs workflow documents: the plan, the run's state machine, the dispatcher, the variable pool.
//!
//! [`plan`] turns a document into an immutable, shared [`plan::Plan`]; [`state`] is the pure machine that decides
//! everything about one run; [`run`] is the one task per run that feeds it. Node types implement the traits of
//! [`node`] in another crate. The engine never touches a database, a socket or a credential's value.

pub mod clock;
pub mod node;
pub mod plan;
pub mod pool;
pub mod run;
pub mod selector;
pub mod state;
pub mod template;
