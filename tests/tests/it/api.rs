//! The API in process, a noun a file: whole answers as snapshots, and what it says to those who get it wrong.

mod containers;
mod credentials;
mod drafts;
mod events;
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
mod usage;
mod versions;
mod workflows;
