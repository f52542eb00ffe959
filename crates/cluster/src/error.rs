//! What can be wrong with the way to other processes.

/// Why there is no way to other processes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The address is none.
    #[error("the address of NATS cannot be used: {0}")]
    Address(String),
}
