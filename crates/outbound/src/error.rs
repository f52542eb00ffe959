//! What can go wrong with a request.

use std::time::Duration;

/// Why there is no answer, or no more of it. No text in it repeats a header or a body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The URL is none that can be sent to.
    #[error("not a usable URL: {0}")]
    Url(String),
    /// A header's name or value has bytes that HTTP does not carry.
    #[error("the header {0} cannot be sent")]
    Header(String),
    /// The address belongs to a private, local or otherwise special range that the operator has not allowed.
    #[error("the address {0} is private or local and not allowed by the operator")]
    Refused(String),
    /// The name has no address.
    #[error("the host {0} was not found")]
    NotFound(String),
    /// No connection could be made: nothing was sent.
    #[error("no connection could be made: {0}")]
    Unreachable(String),
    /// The connection broke: nobody knows what arrived.
    #[error("the connection failed: {0}")]
    Connection(String),
    /// A deadline passed.
    #[error("no answer within {}", describe(.0))]
    Timeout(Duration),
    /// The body is longer than allowed.
    #[error("the answer is longer than {0} bytes")]
    TooLarge(u64),
    /// The answers led from one address to the next without end.
    #[error("more than {0} redirects")]
    Redirects(u8),
    /// The client itself could not be made.
    #[error("the HTTP client cannot be made: {0}")]
    Client(String),
}

impl Error {
    /// Whether the other side may have seen the request.
    #[must_use]
    pub const fn may_have_arrived(&self) -> bool {
        match self {
            Self::Url(_)
            | Self::Header(_)
            | Self::Refused(_)
            | Self::NotFound(_)
            | Self::Unreachable(_)
            | Self::Client(_) => false,
            Self::Connection(_) | Self::Timeout(_) | Self::TooLarge(_) | Self::Redirects(_) => true,
        }
    }
}

pub(crate) fn describe(limit: &Duration) -> String {
    if limit.as_millis() < 1000 {
        format!("{} ms", limit.as_millis())
    } else {
        format!("{} s", limit.as_secs_f32())
    }
}
