//! Runs what nobody vouches for (code of workflows, parsers of documents) in confined child processes.
//!
//! It knows nothing of workflows, nodes or credentials.

mod documents;

pub use crate::documents::{DocumentError, DocumentKind, LONGEST_TEXT, extract};
