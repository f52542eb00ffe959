//! The floor of a Python code node: the same program, started by itself.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::cores::Cores;
use crate::documents::{FIBONACCI, PYTHON};

/// The time of one start of the machine's Python that runs the program of the measured nodes, the median of as many as there
/// are nodes, one after the other on the core of what is measured.
pub(crate) fn bare(cores: Cores) -> anyhow::Result<Duration> {
    let program = format!("{FIBONACCI}import json\nprint(json.dumps(main(10)))\n");
    let mut times = Vec::new();
    for _ in 0..PYTHON {
        let began = Instant::now();
        let mut command = cores.measured("python3");
        let done = command
            .args(["-c", &program])
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .stdin(Stdio::null())
            .output()
            .context("python3 cannot be started")?;
        ensure!(done.stdout == b"{\"r\": 55}\n", "python3 does not work");
        times.push(began.elapsed());
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}
