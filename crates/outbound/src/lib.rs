//! Fenced HTTP: the one client through which everything leaves.
