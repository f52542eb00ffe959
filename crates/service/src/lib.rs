//! The use cases, and who may do what.
