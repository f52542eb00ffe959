//! What no safe library offers: splitting the process, closing what was inherited, locking a tree of mounts, raising the
//! loopback interface. The process has one thread, which is what makes these sound.

use std::io;

use rustix::process::Pid;
use rustix::thread::UnshareFlags;

/// Which half of a split process this is.
pub(super) enum Half {
    /// The one that was there before, with the id of the other.
    Launching(Pid),
    /// The new one.
    Confined,
}

/// Splits the process.
#[expect(
    unsafe_code,
    reason = "there is no safe way; the process has one thread"
)]
pub(super) fn split() -> io::Result<Half> {
    // SAFETY: the process has one thread, so the new half may do what any process may.
    let id = unsafe { libc::fork() };
    match Pid::from_raw(id) {
        Some(other) if id > 0 => Ok(Half::Launching(other)),
        Some(_) => Err(io::Error::last_os_error()),
        None => Ok(Half::Confined),
    }
}

/// Closes every descriptor but the first three, whatever the sandbox's process had open.
#[expect(unsafe_code, reason = "nothing in this process owns a descriptor yet")]
pub(super) fn close_inherited() {
    // SAFETY: called first in `main`: no value of this program holds a descriptor above 2.
    unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0) };
}

/// Leaves namespaces for new ones.
#[expect(
    unsafe_code,
    reason = "unsafe only for shared descriptor tables, which are not asked for"
)]
pub(super) fn unshare(flags: UnshareFlags) -> io::Result<()> {
    // SAFETY: `FILES` is never among the flags.
    unsafe { rustix::thread::unshare_unsafe(flags - UnshareFlags::FILES) }?;
    Ok(())
}

/// Makes everything that is mounted at the root, and below it, read-only and free of programs with rights of their own.
#[expect(unsafe_code, reason = "the library has no call for it")]
pub(super) fn lock_root() -> io::Result<()> {
    let wanted = libc::mount_attr {
        attr_set: libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID,
        attr_clr: 0,
        propagation: 0,
        userns_fd: 0,
    };
    // SAFETY: the path ends with a zero, and the structure lives as long as the call and has the size that is told.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            c"/".as_ptr(),
            libc::AT_RECURSIVE,
            &raw const wanted,
            size_of::<libc::mount_attr>(),
        )
    };
    if done == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Switches the loopback interface of this process's network on.
#[expect(unsafe_code, reason = "the library has no call for it")]
pub(super) fn raise_loopback() -> io::Result<()> {
    let socket = std::net::UdpSocket::bind((std::net::Ipv4Addr::UNSPECIFIED, 0))?;
    let mut name = [0; libc::IFNAMSIZ];
    for (place, byte) in name.iter_mut().zip(c"lo".to_bytes()) {
        *place = byte.cast_signed();
    }
    let flags = libc::c_short::try_from(libc::IFF_UP | libc::IFF_RUNNING);
    let wanted = libc::ifreq {
        ifr_name: name,
        ifr_ifru: libc::__c_anonymous_ifr_ifru {
            ifru_flags: flags.map_err(io::Error::other)?,
        },
    };
    // SAFETY: the descriptor is open, and the structure lives as long as the call and is what this request reads.
    let done = unsafe {
        libc::ioctl(
            std::os::fd::AsRawFd::as_raw_fd(&socket),
            libc::SIOCSIFFLAGS as _,
            &raw const wanted,
        )
    };
    if done == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
