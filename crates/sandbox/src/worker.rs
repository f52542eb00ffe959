//! The confined side: a small program that shuts itself in and then does one job.
//!
//! It has one thread from start to end. The launching half makes the namespaces and the tree of files, splits off the half that
//! will be process 1 of them, and waits for it; that one puts up the remaining walls (`walls`, `calls`) before it reads
//! its job. If any wall cannot be put up, the answer is a refusal and nothing is run.

mod calls;
mod channel;
mod document;
mod function;
mod javascript;
mod keep;
mod namespaces;
mod network;
mod refusal;
mod system;
mod tree;
mod walls;

use std::ffi::{OsStr, OsString};
use std::io::PipeReader;
use std::os::fd::AsFd as _;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitOptions, kill_process, pidfd_open,
    set_parent_process_death_signal, waitpid,
};

use crate::error::Refusal;
use crate::protocol::{KEEP, REFUSED, WORD};
use crate::python::SERVE;
use crate::spec::{Engine, Spec};

use self::channel::Channel;
pub use self::function::Function;
use self::refusal::{Told as _, refusal};
use self::system::Half;

/// How the launching half ends when the other was ended by a signal: this and the signal's number.
const BY_SIGNAL: i32 = 128;

/// Does the work of a confined process, or of one that keeps a program, and ends, if that is what this process was started for; else does nothing.
///
/// It belongs first into `main`: before any thread, any file and any setting. The functions are what a
/// [`Job::Function`](crate::Job::Function) may name.
pub fn main_if_asked(functions: &[Function]) {
    let mut arguments = std::env::args_os().skip(1);
    let word = arguments.next();
    if word.as_deref() == Some(OsStr::new(WORD)) {
        std::process::exit(begin(arguments.next(), functions));
    }
    if word.as_deref() == Some(OsStr::new(KEEP)) {
        std::process::exit(keep::keep(arguments.next()));
    }
}

fn begin(argument: Option<OsString>, functions: &[Function]) -> i32 {
    system::close_inherited();
    let Ok(mut channel) = Channel::of_stdin() else {
        return REFUSED;
    };
    let spec = argument.and_then(|text| serde_json::from_str(text.to_str()?).ok());
    let Some(spec) = spec else {
        let text = "the process was started without being told what for";
        return channel.refuse(&refusal(text, "start it through a sandbox"));
    };
    match launch(&spec, &mut channel, functions) {
        Ok(code) => code,
        Err(refusal) => channel.refuse(&refusal),
    }
}

fn launch(spec: &Spec, channel: &mut Channel, functions: &[Function]) -> Result<i32, Refusal> {
    namespaces::enter(|| tree::build(spec))?;
    let port = match &spec.way_out {
        Some(_) => Some(network::open(channel)?),
        None => None,
    };
    let (theirs, alive) = std::io::pipe().told("a pipe cannot be made")?;
    match system::split().told("a process cannot be made")? {
        Half::Launching(other) => {
            drop(theirs);
            let code = watch(other, channel);
            drop(alive);
            Ok(code)
        }
        Half::Confined => {
            drop(alive);
            follow(&theirs)?;
            walls::raise(spec, port)?;
            work(spec, port, channel, functions)
        }
    }
}

/// The confined half must not outlive the launching one, however that ends.
fn follow(alive: &PipeReader) -> Result<(), Refusal> {
    set_parent_process_death_signal(Some(Signal::KILL)).told("no end can be agreed on")?;
    if is_alone(alive).told("no end can be agreed on")? {
        std::process::exit(REFUSED);
    }
    Ok(())
}

/// Whether the launching half is gone already, so that its signal has been missed: then its end of the pipe is closed.
fn is_alone(alive: &PipeReader) -> rustix::io::Result<bool> {
    let mut watched = [PollFd::new(alive, PollFlags::IN)];
    let at_once = Timespec::default();
    poll(&mut watched, Some(&at_once))?;
    Ok(watched[0].revents().contains(PollFlags::HUP))
}

/// Waits for the end of the confined half, and ends it when the sandbox has gone.
fn watch(other: Pid, channel: &Channel) -> i32 {
    if let Ok(handle) = pidfd_open(other, PidfdFlags::empty()) {
        loop {
            let mut watched = [
                PollFd::new(&handle, PollFlags::IN),
                PollFd::from_borrowed_fd(channel.as_fd(), PollFlags::empty()),
            ];
            match poll(&mut watched, None) {
                Err(rustix::io::Errno::INTR) => {}
                Ok(_) | Err(_) => break,
            }
        }
    }
    // Whatever woke us: a confined half that has ended needs no killing, and one whose sandbox has gone does.
    let is_over = waitpid(Some(other), WaitOptions::NOHANG);
    let ended = match is_over {
        Ok(Some((_, status))) => Some(status),
        Ok(None) | Err(_) => {
            // It may just have ended.
            let _ = kill_process(other, Signal::KILL);
            let waited = waitpid(Some(other), WaitOptions::empty());
            waited.ok().flatten().map(|(_, status)| status)
        }
    };
    ended.map_or(REFUSED, |status| {
        let signal = status.terminating_signal().map(|signal| BY_SIGNAL + signal);
        status.exit_status().or(signal).unwrap_or(REFUSED)
    })
}

fn work(
    spec: &Spec,
    port: Option<u16>,
    channel: &mut Channel,
    functions: &[Function],
) -> Result<i32, Refusal> {
    match spec.engine {
        Engine::Python => Err(interpret(spec, port)),
        Engine::JavaScript => Ok(channel.serve(spec, |code, inputs| {
            javascript::run(code, inputs, spec.bounds.memory)
        })),
        Engine::Document => Ok(channel.serve(spec, document::text)),
        Engine::Function => {
            Ok(channel.serve(spec, |name, input| function::call(functions, name, input)))
        }
    }
}

/// Becomes the interpreter; comes back only when that fails.
fn interpret(spec: &Spec, port: Option<u16>) -> Refusal {
    let Some(program) = &spec.program else {
        return refusal("there is no interpreter", "install Python 3");
    };
    let mut interpreter = Command::new(program);
    interpreter
        .args(["-I", "-S", "-B", "-X", "utf8", "-c", SERVE])
        .args(&spec.packages)
        .env_clear();
    if let Some(port) = port {
        let way_out = spec.way_out.as_ref();
        let certificates = way_out.and_then(|way| way.certificates.as_deref());
        network::tell(&mut interpreter, port, certificates);
    }
    let cause = interpreter.exec();
    let what = format!("{} cannot be started: {cause}", program.display());
    refusal(&what, "reinstall Python 3, or name another interpreter")
}
