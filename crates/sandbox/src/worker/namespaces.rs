//! Namespaces of its own: files, processes, network, messages, names, and a user that is nobody outside.
//!
//! As root, the files are arranged first and by root, so that interpreters below a private home can be seen; then the process
//! becomes nobody for good, in a user namespace of its own, which has no say over those files. Anybody else gets a user
//! namespace first and arranges the files in it.

use std::fs::File;
use std::io::Write as _;
use std::os::fd::OwnedFd;

use rustix::fs::{Mode, OFlags, open, openat};
use rustix::process::{DumpableBehavior, getegid, geteuid, set_dumpable_behavior};
use rustix::thread::{UnshareFlags, set_thread_groups, set_thread_res_gid, set_thread_res_uid};
use rustix::{process::Gid, process::Uid};

use crate::error::Refusal;

use super::refusal::Told as _;
use super::system::unshare;

/// The user and group that nobody is.
const NOBODY: u32 = 65534;
/// The namespaces that are made last. The first process that is split off after that is process 1.
const LAST: UnshareFlags = UnshareFlags::NEWPID
    .union(UnshareFlags::NEWNET)
    .union(UnshareFlags::NEWIPC)
    .union(UnshareFlags::NEWUTS);

/// Enters them; `arrange` puts the files up in between.
pub(super) fn enter(arrange: impl FnOnce() -> Result<(), Refusal>) -> Result<(), Refusal> {
    let proc = open(
        "/proc",
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    );
    let proc = proc.told_with("/proc cannot be opened", "mount it")?;
    if geteuid().is_root() && unshare(UnshareFlags::NEWNS).is_ok() {
        arrange()?;
        become_nobody().told("root's rights cannot be given up")?;
        unshare(LAST.union(UnshareFlags::NEWUSER)).told("no user namespace can be made")?;
        return map(&proc, NOBODY, NOBODY);
    }
    let (user, group) = (geteuid().as_raw(), getegid().as_raw());
    unshare(UnshareFlags::NEWUSER | UnshareFlags::NEWNS).told("no user namespace can be made")?;
    map(&proc, user, group)?;
    arrange()?;
    unshare(LAST).told("no namespaces of processes and network can be made")
}

fn become_nobody() -> rustix::io::Result<()> {
    set_thread_groups(&[])?;
    let (group, user) = (Gid::from_raw(NOBODY), Uid::from_raw(NOBODY));
    set_thread_res_gid(group, group, group)?;
    set_thread_res_uid(user, user, user)?;
    // A process that has changed its user may not even describe itself, until it says that it may.
    set_dumpable_behavior(DumpableBehavior::Dumpable)
}

/// Says who the one user of the namespace is outside.
fn map(proc: &OwnedFd, user: u32, group: u32) -> Result<(), Refusal> {
    let say = |file: &str, text: String| {
        let path = format!("self/{file}");
        let opened = openat(proc, &path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty());
        let opened = opened.map_err(std::io::Error::from);
        opened
            .and_then(|file| File::from(file).write_all(text.as_bytes()))
            .told("the user namespace cannot be given its user")
    };
    say("setgroups", "deny".to_owned())?;
    say("uid_map", format!("{NOBODY} {user} 1"))?;
    say("gid_map", format!("{NOBODY} {group} 1"))
}
