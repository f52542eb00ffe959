//! Reproducible measurements.
