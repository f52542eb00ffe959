//! The built-in node types and their registry.
