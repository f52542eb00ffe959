//! The client from outside: which addresses it refuses, and how it behaves on a real socket.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod addresses;
mod certificates;
mod exchange;
mod hostile;
mod proxy;
