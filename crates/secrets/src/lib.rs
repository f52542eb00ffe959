//! Secrets: values that cannot be printed, and their sealing.
