//! What a sandbox may use of the machine. It reads nothing from the environment: the server hands it in.

use std::path::PathBuf;
use std::time::Duration;

/// One mebibyte.
const MIB: u64 = 1024 * 1024;

/// How a sandbox is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The program whose `main` calls [`crate::worker::main_if_asked`] first; by default the running one.
    pub launcher: PathBuf,
    /// The Python interpreter, or anything that starts it (a virtual environment, a shim); else the first usual place that has
    /// one.
    pub python: Option<PathBuf>,
    /// A folder of additional Python packages that every job may read.
    pub packages: Option<PathBuf>,
    /// How many jobs run at once; others wait.
    pub jobs_at_once: usize,
    /// How many processes of a kind wait for their job, once that kind was used.
    pub kept_ready: usize,
    /// What one job may use.
    pub limits: Limits,
}

/// What one job may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long code may run.
    pub time: Duration,
    /// How much memory code may take, in bytes.
    pub memory: u64,
    /// How long reading a document may take.
    pub document_time: Duration,
    /// How much memory reading a document may take, in bytes.
    pub document_memory: u64,
    /// How much a job may be given, in bytes.
    pub input: u64,
    /// How long its result may be, in bytes.
    pub result: u64,
    /// How much it may print, in bytes.
    pub printed: u64,
    /// How much it may keep in files of its own, in bytes.
    pub files: u64,
    /// How many files it may hold open.
    pub open_files: u64,
    /// How many threads it may have.
    pub threads: u64,
}

impl Default for Config {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            launcher: PathBuf::from("/proc/self/exe"),
            python: None,
            packages: None,
            jobs_at_once: 2 * processors,
            kept_ready: 2,
            limits: Limits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(15),
            memory: 512 * MIB,
            document_time: Duration::from_secs(60),
            document_memory: 1024 * MIB,
            input: 64 * MIB,
            result: 16 * MIB,
            printed: MIB,
            files: 16 * MIB,
            open_files: 64,
            threads: 32,
        }
    }
}
