//! Runs what nobody vouches for (code of workflows, parsers of documents) in confined child processes.
//!
//! A [`Sandbox`] keeps processes ready, each of which does one job and dies: it has no network (or only what a [`Network`]
//! of the sandbox's owner carries), no file of the machine but the interpreter's, no environment, no other process beside it, and limits on time, memory, output, files and threads.
//! Where the machine cannot confine a process, every job is refused with the reason; nothing ever runs unconfined.
//!
//! Beside that it keeps [`Program`]s of the operator, which are trusted: started, bounded, and ended without a trace.
//!
//! The process is this crate's own program: whoever offers a [`Config::launcher`] calls [`worker::main_if_asked`] first thing
//! in its `main`. It knows nothing of workflows, nodes or credentials.

mod config;
mod documents;
mod elf;
mod error;
mod job;
mod keeper;
mod network;
mod pool;
mod process;
mod protocol;
mod python;
mod sandbox;
mod spec;
pub mod worker;

pub use crate::config::{Config, Limits};
pub use crate::documents::{DocumentKind, LONGEST_TEXT};
pub use crate::error::{Refusal, SandboxError};
pub use crate::job::{Job, Language, Output};
pub use crate::keeper::Program;
pub use crate::network::Network;
pub use crate::sandbox::{Confinement, Sandbox};
