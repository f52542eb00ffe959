//! How many runs are worked at, how many wait, and for how long.

use std::time::Duration;

use latchkey_service::WorkLimits;

use super::error::Error;
use super::layers::Layers;

/// How long running work gets to end after the process was told to stop, in seconds, unless said otherwise.
const DRAIN: u64 = 30;
/// The longest that may be said for it: the process is cut off some time after.
const LONGEST_DRAIN: u64 = 3600;
/// The longest run and the longest wait that may be said: 30 days.
const LONGEST: u64 = 30 * 24 * 3600;
/// The most runs that may be said.
const MOST: usize = 1_000_000;

/// The bounds of the work at runs.
pub(super) fn read(layers: &Layers) -> Result<WorkLimits, Error> {
    let usual = WorkLimits::default();
    Ok(WorkLimits {
        per_process: layers.parse("runs_per_process", number, || usual.per_process)?,
        per_workspace: layers.parse("runs_per_workspace", number, || usual.per_workspace)?,
        per_workflow: layers.parse("runs_per_workflow", number, || usual.per_workflow)?,
        waiting_per_workspace: layers.parse("queue_per_workspace", number, || {
            usual.waiting_per_workspace
        })?,
        longest_wait: layers.parse("queue_timeout_seconds", seconds, || usual.longest_wait)?,
        longest_run: layers.parse("run_timeout_seconds", seconds, || usual.longest_run)?,
    })
}

/// How long running work gets to end.
pub(super) fn drain(layers: &Layers) -> Result<Duration, Error> {
    let parse = |text: &str| {
        let number = text.parse().ok().filter(|it| *it <= LONGEST_DRAIN);
        let number = number
            .ok_or_else(|| format!("a number of seconds is needed, from 0 to {LONGEST_DRAIN}"));
        Ok(Duration::from_secs(number?))
    };
    layers.parse("drain_seconds", parse, || Duration::from_secs(DRAIN))
}

/// Every setting of the work with its value.
pub(super) fn shown(limits: &WorkLimits, drain: Duration) -> [(&'static str, Option<String>); 7] {
    let seconds = |time: Duration| Some(time.as_secs().to_string());
    [
        ("runs_per_process", Some(limits.per_process.to_string())),
        ("runs_per_workspace", Some(limits.per_workspace.to_string())),
        ("runs_per_workflow", Some(limits.per_workflow.to_string())),
        (
            "queue_per_workspace",
            Some(limits.waiting_per_workspace.to_string()),
        ),
        ("queue_timeout_seconds", seconds(limits.longest_wait)),
        ("run_timeout_seconds", seconds(limits.longest_run)),
        ("drain_seconds", seconds(drain)),
    ]
}

fn number(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|it| (1..=MOST).contains(it));
    number.ok_or_else(|| format!("a number of runs is needed, from 1 to {MOST}"))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.parse().ok().filter(|it| (1..=LONGEST).contains(it));
    let number =
        number.ok_or_else(|| format!("a number of seconds is needed, from 1 to {LONGEST}"));
    Ok(Duration::from_secs(number?))
}
