//! What tools do: the built-in ones, the operations of HTTP APIs, the tools of MCP servers.
//!
//! Which of them a tool of a document is, and with which credential it is used, is decided by the implementation of the
//! port ([`crate::Tools`]): over a database in a server, [`BuiltinTools`] without one. Everything here reaches the network
//! through `outbound` only, and no text of it holds a credential's value.

mod answer;
mod arguments;
mod auth;
mod builtin;
mod builtins;
mod kinds;
pub mod mcp;
pub mod openapi;

pub use self::answer::Answered;
pub use self::arguments::prepare;
pub use self::auth::Sending;
pub(crate) use self::builtin::FUNCTION;
pub use self::builtin::{Builtin, Reach};
pub use self::builtins::BuiltinTools;
