//! The files that a confined process can see: a root of its own with what the interpreter needs, read-only, and one empty
//! folder to write in, which dies with the process.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use rustix::mount::{
    MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_bind_recursive, mount_change,
    unmount,
};
use rustix::process::{chdir, pivot_root};

use crate::error::Refusal;
use crate::spec::{Seen, Spec};

use super::refusal::{Told as _, refusal};
use super::system::lock_root;

/// Where the new root is put up; the first that exists.
const PLACES: [&str; 4] = ["/tmp", "/var/tmp", "/mnt", "/run"];
/// Where the old root is seen while the new one is put up.
const OLD: &str = "/.old";
/// The folder to write in.
pub(super) const SCRATCH: &str = "/tmp";
/// Devices that are harmless and asked for.
pub(super) const DEVICES: [&str; 2] = ["/dev/null", "/dev/urandom"];
/// How many files a process may make.
const FILES: u32 = 1024;

/// Puts the tree up and moves into it.
pub(super) fn build(spec: &Spec) -> Result<(), Refusal> {
    let place = PLACES.iter().find(|place| Path::new(place).is_dir());
    let place = place.ok_or_else(|| refusal("there is no folder /tmp", "make it"))?;
    into_new_root(place).told("a root of its own cannot be made")?;
    fill(spec).told("the interpreter's files cannot be shown")?;
    leave_old_root().told("the machine's files cannot be hidden")?;
    let size = format!("size={},nr_inodes={FILES},mode=1777", spec.bounds.files);
    memory(Path::new(SCRATCH), &size).told("no folder to write in can be made")?;
    chdir(SCRATCH).told("no folder to write in can be made")
}

fn memory(at: &Path, options: &str) -> io::Result<()> {
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    let options = std::ffi::CString::new(options)?;
    mount("tmpfs", at, "tmpfs", flags, Some(options.as_c_str()))?;
    Ok(())
}

fn into_new_root(place: &str) -> io::Result<()> {
    // What is mounted here must not show outside.
    mount_change(
        "/",
        MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
    )?;
    mount(
        "tmpfs",
        place,
        "tmpfs",
        MountFlags::NOSUID,
        Some(c"size=1m,mode=755"),
    )?;
    chdir(place)?;
    fs::create_dir(OLD.trim_start_matches('/'))?;
    pivot_root(".", OLD.trim_start_matches('/'))?;
    chdir("/")?;
    Ok(())
}

fn fill(spec: &Spec) -> io::Result<()> {
    let tree = &spec.tree;
    for (at, said) in &tree.links {
        parent(at)?;
        // Two folders that are one, seen under both names, ask for the same link twice.
        match symlink(said, at) {
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {}
            made => made?,
        }
    }
    for folder in &tree.folders {
        fs::create_dir_all(&folder.at)?;
        show(folder)?;
    }
    let devices = DEVICES.iter().map(|path| Seen::same(PathBuf::from(path)));
    for file in tree.files.iter().cloned().chain(devices) {
        parent(&file.at)?;
        File::create(&file.at)?;
        show(&file)?;
    }
    for folder in &tree.hidden {
        memory(folder, "size=0,nr_inodes=1,mode=555")?;
    }
    fs::create_dir_all(SCRATCH)
}

fn parent(of: &Path) -> io::Result<()> {
    of.parent().map_or(Ok(()), fs::create_dir_all)
}

fn show(seen: &Seen) -> io::Result<()> {
    let from = seen.from.strip_prefix("/").unwrap_or(&seen.from);
    mount_bind_recursive(Path::new(OLD).join(from), &seen.at)?;
    Ok(())
}

fn leave_old_root() -> io::Result<()> {
    unmount(OLD, UnmountFlags::DETACH)?;
    fs::remove_dir(OLD)?;
    lock_root()
}
