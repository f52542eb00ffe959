//! The one HTTP client: deadlines, size caps, redirects only where a request asks for them, and a guard that looks at
//! every address before it is connected to.
//!
//! It knows nothing of providers, workflows or credentials, and nothing else in Latchkey may open an HTTP connection.

mod address;
mod client;
mod error;
mod guard;
mod network;
mod proxy;
mod redirect;
mod request;
mod response;

pub use crate::address::{is_public, target, target_host};
pub use crate::client::{Config, Outbound, ScriptedTransport};
pub use crate::error::Error;
pub use crate::guard::Guard;
pub use crate::proxy::{Proxy, ProxyLimits};
pub use crate::request::{Deadlines, Method, Request};
pub use crate::response::{Body, Response, wait_of};

/// Chooses the TLS implementation of this process; call it first thing, as two could be linked in and neither is
/// then chosen. Further calls do nothing.
pub fn install_crypto() {
    // An error says that one is installed already, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
