//! The document at its border: published files, hostile files, round trips.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may fail by panicking and says what did not run"
)]

mod corpus;
mod documents;
mod exports;
mod files;
mod limits;
mod places;
mod selectors;
mod shared;
