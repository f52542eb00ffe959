//! Models: which credential pays, and the providers that are paid.
