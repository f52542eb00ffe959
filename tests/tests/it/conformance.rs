//! All conformance cases: those of what is built must pass, those of what is not must be listed.
