//! The API in process, a noun a file: whole answers as snapshots, and what it says to those who get it wrong.

mod asking;
mod containers;
mod credentials;
mod drafts;
mod events;
mod file_inputs;
mod files;
mod forms;
mod import;
mod keys;
mod lists;
mod providers;
mod resolve;
mod runs;
mod settings;
mod starts;
mod states;
mod telling;
mod tool_bindings;
mod tool_providers;
mod tool_runs;
mod triggers;
mod usage;
mod versions;
mod webhooks;
mod workflows;
