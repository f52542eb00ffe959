//! Programs of the operator that talk over their standard streams: started with what the operator lists and nothing of the
//! service's own, kept within a few limits, and ended with everything that they have started when the service lets go of
//! them, or ends in whatever way.
//!
//! They are trusted, unlike jobs: they have the files, the network and the user of the service. Between the service and such
//! a program stands our own program again, which waits for the end of either.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::{Deserialize, Serialize};
use tokio::process::{Child, Command};

use crate::protocol::KEEP;

/// A program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Its file, from the root.
    pub command: PathBuf,
    /// What it is told.
    pub arguments: Vec<String>,
    /// The folder that it begins in.
    pub directory: PathBuf,
    /// How much memory each of its processes may take, in bytes.
    pub memory: u64,
    /// How many files each of them may hold open.
    pub open_files: u64,
}

impl Program {
    /// Starts it with exactly this environment; its three streams are pipes. It gets no new rights by starting anything.
    ///
    /// It ends when its input is closed: by itself within two seconds, else by a signal, else for good. A program that cannot
    /// be started ends with 127 and says why on its error stream.
    ///
    /// # Errors
    /// When the launcher cannot be started.
    pub fn start<'a>(
        &self,
        launcher: &Path,
        environment: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> io::Result<Child> {
        Command::new(launcher)
            .arg(KEEP)
            .arg(serde_json::to_string(self)?)
            .env_clear()
            .envs(environment)
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Closing its input ends it, and all that it has started; a signal would end our own half only.
            .kill_on_drop(false)
            .spawn()
    }
}
