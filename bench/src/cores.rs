//! Which core does what: what is measured has one for itself, everything else runs on another.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

/// The core of what is measured.
const MEASURED: &str = "0";

/// How processes are put on cores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cores {
    /// One core for what is measured, another for everything else.
    Apart,
    /// As the system likes: `taskset` is missing, or there is one core only.
    Shared,
}

impl Cores {
    /// Moves this process away from the core of what is measured. To be called before threads are made: they inherit it.
    pub(crate) fn part() -> Self {
        let count = std::thread::available_parallelism().map_or(1, usize::from);
        if count < 2 {
            return Self::Shared;
        }
        let moved = Command::new("taskset")
            .args(["-cp", "1", &std::process::id().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        match moved {
            Ok(status) if status.success() => Self::Apart,
            Ok(_) | Err(_) => Self::Shared,
        }
    }

    /// The command of a process that is measured.
    pub(crate) fn measured(self, program: impl AsRef<OsStr>) -> Command {
        match self {
            Self::Shared => Command::new(program),
            Self::Apart => {
                let mut command = Command::new("taskset");
                command.args(["-c", MEASURED]).arg(program);
                command
            }
        }
    }
}
