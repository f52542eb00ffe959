//! What a process is told when it is started, before it has a job: what it will run, and what it may see and use.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::config::Limits;

/// What a process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Engine {
    /// The machine's interpreter.
    Python,
    /// The engine in our own program.
    JavaScript,
    /// A reader in our own program.
    Document,
    /// A function that our own program offers.
    Function,
}

impl Engine {
    pub(crate) const ALL: [Self; 4] = [
        Self::Python,
        Self::JavaScript,
        Self::Document,
        Self::Function,
    ];
}

/// What a process is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Spec {
    pub(crate) engine: Engine,
    /// The interpreter inside the tree; for [`Engine::Python`].
    pub(crate) program: Option<PathBuf>,
    /// The folder of additional packages inside the tree.
    pub(crate) packages: Option<PathBuf>,
    pub(crate) tree: Tree,
    pub(crate) bounds: Bounds,
    /// The way out, if there is one.
    pub(crate) way_out: Option<WayOut>,
}

/// What a process with a network needs beside its one socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WayOut {
    /// The machine's trusted certificates, if it has any.
    pub(crate) certificates: Option<PathBuf>,
}

/// The files that a process can see, all read-only. Paths of the machine are canonical: no symbolic link in them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tree {
    pub(crate) folders: Vec<Seen>,
    pub(crate) files: Vec<Seen>,
    /// Symbolic links: where, and what it says.
    pub(crate) links: Vec<(PathBuf, PathBuf)>,
    /// Folders inside of `folders` that look empty.
    pub(crate) hidden: Vec<PathBuf>,
    /// Files that may be started as a program.
    pub(crate) programs: Vec<PathBuf>,
}

/// A file or folder of the machine, and where the process sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) from: PathBuf,
    pub(crate) at: PathBuf,
}

impl Seen {
    /// Where it is on the machine.
    pub(crate) fn same(path: PathBuf) -> Self {
        Self {
            at: path.clone(),
            from: path,
        }
    }
}

/// The limits that the system holds a process to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bounds {
    /// Seconds of processor time.
    pub(crate) seconds: u64,
    /// Bytes of memory.
    pub(crate) memory: u64,
    /// Bytes in files of its own.
    pub(crate) files: u64,
    pub(crate) open_files: u64,
    pub(crate) threads: u64,
    /// Bytes of a job.
    pub(crate) input: u64,
    /// Bytes of a result.
    pub(crate) result: u64,
}

impl Bounds {
    pub(crate) const fn of(engine: Engine, limits: &Limits) -> Self {
        let (time, memory) = match engine {
            Engine::Python | Engine::JavaScript | Engine::Function => (limits.time, limits.memory),
            Engine::Document => (limits.document_time, limits.document_memory),
        };
        Self {
            // The clock stops it first; this is for what the clock misses.
            seconds: time.as_secs() + 2,
            memory,
            files: limits.files,
            open_files: limits.open_files,
            threads: limits.threads,
            input: limits.input,
            result: limits.result,
        }
    }
}
