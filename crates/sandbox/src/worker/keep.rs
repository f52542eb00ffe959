//! Keeping a program of the operator: one half becomes the program, the other waits for its end, or for the service to let
//! go of it, and then ends whatever is left.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, Resource, Rlimit, Signal, WaitOptions, getpid, kill_process,
    kill_process_group, pidfd_open, set_child_subreaper, set_parent_process_death_signal,
    setrlimit, setsid, wait,
};
use rustix::thread::set_no_new_privs;

use crate::keeper::Program;

use super::system::{self, Half};
use super::{BY_SIGNAL, is_alone};

/// How it ends when a program cannot be started, as shells have it.
const NOT_STARTED: i32 = 127;
/// How long a program may take to end by itself once nobody talks to it any more, and then to obey a signal.
const BY_ITSELF: Duration = Duration::from_secs(2);
const OBEYING: Duration = Duration::from_secs(1);
/// The longest file that it may write, in bytes.
const LONGEST_FILE: u64 = 1 << 30;

/// Keeps the program of the argument; how this process ends then.
pub(super) fn keep(argument: Option<OsString>) -> i32 {
    system::close_inherited();
    let program = argument.and_then(|text| serde_json::from_str(text.to_str()?).ok());
    let Some(program) = program else {
        return NOT_STARTED;
    };
    // Whatever loses its parent below becomes ours, so that it is found at the end.
    if set_child_subreaper(Some(getpid())).is_err() {
        return NOT_STARTED;
    }
    let Ok((theirs, alive)) = std::io::pipe() else {
        return NOT_STARTED;
    };
    match system::split() {
        Err(_) => NOT_STARTED,
        Ok(Half::Launching(other)) => {
            drop(theirs);
            let code = watch(other);
            drop(alive);
            code
        }
        Ok(Half::Confined) => {
            drop(alive);
            let bound = bind_to_parent();
            // If the other half has gone already, its signal has been missed.
            if is_alone(&theirs).unwrap_or(true) {
                return NOT_STARTED;
            }
            become_program(&program, bound)
        }
    }
}

/// Comes back only when that fails.
fn become_program(program: &Program, bound: rustix::io::Result<()>) -> i32 {
    let ready = bound.and_then(|()| limit(program));
    let cause = match ready {
        Ok(()) => Command::new(&program.command)
            .args(&program.arguments)
            .current_dir(&program.directory)
            .exec(),
        Err(cause) => cause.into(),
    };
    // Nobody may be listening any more.
    let _ = std::io::Write::write_all(
        &mut std::io::stderr(),
        format!("{} cannot be started: {cause}\n", program.command.display()).as_bytes(),
    );
    NOT_STARTED
}

fn bind_to_parent() -> rustix::io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    setsid()?;
    set_no_new_privs(true)
}

fn limit(program: &Program) -> rustix::io::Result<()> {
    for (resource, most) in [
        // What it has written to, not what it has set aside: some runtimes set aside more than any machine has.
        (Resource::Data, program.memory),
        (Resource::Nofile, program.open_files),
        (Resource::Fsize, LONGEST_FILE),
        (Resource::Core, 0),
    ] {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}

/// Waits until the program has ended or its input is closed, and ends what is left of it.
fn watch(program: Pid) -> i32 {
    if let Ok(handle) = pidfd_open(program, PidfdFlags::empty()) {
        let input = std::io::stdin();
        let mut watched = [
            PollFd::new(&handle, PollFlags::IN),
            PollFd::new(&input, PollFlags::empty()),
        ];
        while matches!(poll(&mut watched, None), Err(Errno::INTR)) {}
        let has_ended = |wait: Duration| {
            let wait = Timespec::try_from(wait).unwrap_or_default();
            let mut watched = [PollFd::new(&handle, PollFlags::IN)];
            poll(&mut watched, Some(&wait)).is_ok_and(|ready| ready > 0)
        };
        if !has_ended(BY_ITSELF) {
            // It may just have ended.
            let _ = kill_process_group(program, Signal::TERM);
            has_ended(OBEYING);
        }
    }
    end(program)
}

/// Ends the program and everything below it; how the program has ended.
fn end(program: Pid) -> i32 {
    let mut code = NOT_STARTED;
    loop {
        // One that has ended already needs no killing.
        let _ = kill_process_group(program, Signal::KILL);
        let left = children();
        for child in &left {
            let _ = kill_process(*child, Signal::KILL);
        }
        let how = if left.is_empty() {
            WaitOptions::NOHANG
        } else {
            WaitOptions::empty()
        };
        match wait(how) {
            Ok(Some((child, status))) if child == program => {
                let signal = status.terminating_signal().map(|signal| BY_SIGNAL + signal);
                code = status.exit_status().or(signal).unwrap_or(NOT_STARTED);
            }
            Ok(Some(_)) | Err(Errno::INTR) => {}
            Ok(None) | Err(_) => return code,
        }
    }
}

/// The processes that are ours, whoever has started them.
fn children() -> Vec<Pid> {
    let own = getpid();
    let place = format!("/proc/self/task/{}/children", own.as_raw_nonzero());
    let listed = std::fs::read_to_string(place).unwrap_or_default();
    let numbers = listed.split_whitespace().filter_map(|id| id.parse().ok());
    numbers.filter_map(Pid::from_raw).collect()
}
