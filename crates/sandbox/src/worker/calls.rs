//! The system calls of a confined process: a list of what interpreters need. Everything else is answered with "Operation not
//! permitted", which code sees as an ordinary error.
//!
//! What is missing on purpose: processes (threads are allowed), programs' tracing, mounts and namespaces, sockets but pairs,
//! keys, BPF, `io_uring`, shared memory and anything else that counts against no limit or has had holes.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch, apply_filter,
};

/// Calls that are allowed whatever they are given.
const ALLOWED: &[i64] = &[
    // Files: which of them, the tree and Landlock decide.
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_preadv,
    libc::SYS_pwritev,
    libc::SYS_lseek,
    libc::SYS_close,
    libc::SYS_close_range,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_fcntl,
    libc::SYS_flock,
    libc::SYS_ftruncate,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_openat,
    libc::SYS_newfstatat,
    libc::SYS_fstat,
    libc::SYS_statx,
    libc::SYS_statfs,
    libc::SYS_fstatfs,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_readlinkat,
    libc::SYS_getdents64,
    libc::SYS_getcwd,
    libc::SYS_chdir,
    libc::SYS_fchdir,
    libc::SYS_mkdirat,
    libc::SYS_unlinkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_linkat,
    libc::SYS_symlinkat,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_utimensat,
    libc::SYS_umask,
    libc::SYS_copy_file_range,
    libc::SYS_sendfile,
    // Memory.
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_msync,
    libc::SYS_membarrier,
    // Threads and time.
    libc::SYS_futex,
    libc::SYS_set_robust_list,
    libc::SYS_get_robust_list,
    libc::SYS_rseq,
    libc::SYS_set_tid_address,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_getparam,
    libc::SYS_sched_getscheduler,
    libc::SYS_sched_get_priority_max,
    libc::SYS_sched_get_priority_min,
    libc::SYS_getcpu,
    libc::SYS_nanosleep,
    libc::SYS_clock_nanosleep,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_gettimeofday,
    libc::SYS_times,
    libc::SYS_getitimer,
    libc::SYS_setitimer,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigpending,
    libc::SYS_rt_sigtimedwait,
    libc::SYS_rt_sigsuspend,
    libc::SYS_sigaltstack,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
    // Itself: there is no other process in its namespace.
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_tgkill,
    libc::SYS_wait4,
    libc::SYS_waitid,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_getppid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_getgroups,
    libc::SYS_getresuid,
    libc::SYS_getresgid,
    libc::SYS_getpgid,
    libc::SYS_getsid,
    libc::SYS_getrusage,
    libc::SYS_getpriority,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    libc::SYS_getrandom,
    // Landlock lets only the interpreter be started, and nothing is a new process.
    libc::SYS_execve,
    // Waiting, and pairs of sockets, which event loops wake themselves with.
    libc::SYS_pipe2,
    libc::SYS_eventfd2,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_shutdown,
    libc::SYS_getsockname,
    libc::SYS_getpeername,
    libc::SYS_getsockopt,
    libc::SYS_setsockopt,
];

/// The older forms that only x86-64 has.
#[cfg(target_arch = "x86_64")]
const OLDER: &[i64] = &[
    libc::SYS_open,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_readlink,
    libc::SYS_mkdir,
    libc::SYS_rmdir,
    libc::SYS_unlink,
    libc::SYS_rename,
    libc::SYS_link,
    libc::SYS_symlink,
    libc::SYS_creat,
    libc::SYS_chmod,
    libc::SYS_dup2,
    libc::SYS_pipe,
    libc::SYS_poll,
    libc::SYS_select,
    libc::SYS_epoll_wait,
    libc::SYS_epoll_create,
    libc::SYS_eventfd,
    libc::SYS_alarm,
    libc::SYS_pause,
    libc::SYS_time,
    libc::SYS_getpgrp,
    libc::SYS_arch_prctl,
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: &[i64] = &[];

/// What libraries try first and go without when the kernel does not know it; only that answer makes them go without.
const UNKNOWN: &[i64] = &[libc::SYS_clone3];

/// Options of TCP that libraries set: waiting for more or not, and when to give up.
const TCP_OPTIONS: [i32; 6] = [
    libc::TCP_NODELAY,
    libc::TCP_CORK,
    libc::TCP_KEEPIDLE,
    libc::TCP_KEEPINTVL,
    libc::TCP_KEEPCNT,
    libc::TCP_USER_TIMEOUT,
];

/// Flags of a new thread, and flags that would be namespaces.
const THREAD: u64 = (libc::CLONE_VM | libc::CLONE_THREAD) as u64;
const NAMESPACES: u64 = (libc::CLONE_NEWNS
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWCGROUP) as u64;

/// The sockets that a process may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sockets {
    /// Pairs within the process.
    Pairs,
    /// TCP over IPv4 to whoever listens, besides: in its network that is one socket.
    Streams,
}

/// Limits them, for good.
pub(super) fn limit(sockets: Sockets) -> Result<(), seccompiler::Error> {
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    let unknown = UNKNOWN.iter().map(|call| (*call, Vec::new())).collect();
    let not_there = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let forbidden = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let first = SeccompFilter::new(unknown, SeccompAction::Allow, not_there, architecture)?;
    let second = SeccompFilter::new(
        rules(sockets)?,
        forbidden,
        SeccompAction::Allow,
        architecture,
    )?;
    for filter in [first, second] {
        let program = BpfProgram::try_from(filter)?;
        apply_filter(&program)?;
    }
    Ok(())
}

fn rules(sockets: Sockets) -> Result<BTreeMap<i64, Vec<SeccompRule>>, seccompiler::Error> {
    let always = ALLOWED.iter().chain(OLDER).chain(UNKNOWN);
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        always.map(|call| (*call, Vec::new())).collect();
    rules.insert(libc::SYS_clone, vec![thread()?]);
    rules.insert(libc::SYS_socketpair, one_of(0, &[libc::AF_UNIX])?);
    // Asking for limits, not setting them.
    rules.insert(libc::SYS_prlimit64, vec![rule(2, Len::Qword, Op::Eq, 0)?]);
    rules.insert(
        libc::SYS_prctl,
        one_of(0, &[libc::PR_SET_NAME, libc::PR_GET_NAME])?,
    );
    if sockets == Sockets::Streams {
        rules.extend(streams()?);
    }
    let asked = [libc::TCGETS, libc::FIONBIO, libc::FIOCLEX, libc::FIONREAD];
    let asked: Result<Vec<_>, _> = asked
        .into_iter()
        .map(|what| rule(1, Len::Dword, Op::Eq, u64::from(what as u32)))
        .collect();
    rules.insert(libc::SYS_ioctl, asked?);
    Ok(rules)
}

/// What connecting needs: no other family, no datagrams, nothing raw, and no listening.
fn streams() -> Result<BTreeMap<i64, Vec<SeccompRule>>, seccompiler::Error> {
    let same = |argument, value: i32| {
        let value = u64::from(value.unsigned_abs());
        SeccompCondition::new(argument, Len::Dword, Op::Eq, value)
    };
    let stream = || {
        let mask = u64::from(!(libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC).cast_unsigned());
        let value = u64::from(libc::SOCK_STREAM.unsigned_abs());
        SeccompCondition::new(1, Len::Dword, Op::MaskedEq(mask), value)
    };
    let made = |family, protocol| {
        let conditions = vec![same(0, family)?, stream()?, same(2, protocol)?];
        SeccompRule::new(conditions)
    };
    let options = TCP_OPTIONS.iter().map(|option| {
        let conditions = vec![same(1, libc::IPPROTO_TCP)?, same(2, *option)?];
        SeccompRule::new(conditions)
    });
    let mut set = options.collect::<Result<Vec<_>, _>>()?;
    set.push(SeccompRule::new(vec![same(1, libc::SOL_SOCKET)?])?);
    let any = Vec::new;
    Ok(BTreeMap::from([
        (
            libc::SYS_socket,
            vec![
                made(libc::AF_INET, 0)?,
                made(libc::AF_INET, libc::IPPROTO_TCP)?,
            ],
        ),
        // A pair of datagram sockets could be connected to something else.
        (libc::SYS_socketpair, vec![made(libc::AF_UNIX, 0)?]),
        (libc::SYS_setsockopt, set),
        (libc::SYS_connect, any()),
        // Event loops write several pieces at once with it.
        (libc::SYS_sendmsg, any()),
        (libc::SYS_recvmsg, any()),
    ]))
}

/// A thread of the same process in the same namespaces.
fn thread() -> Result<SeccompRule, seccompiler::Error> {
    rule(0, Len::Qword, Op::MaskedEq(THREAD | NAMESPACES), THREAD)
}

fn one_of(argument: u8, values: &[i32]) -> Result<Vec<SeccompRule>, seccompiler::Error> {
    values
        .iter()
        .map(|value| {
            rule(
                argument,
                Len::Dword,
                Op::Eq,
                u64::from(value.unsigned_abs()),
            )
        })
        .collect()
}

fn rule(argument: u8, length: Len, op: Op, value: u64) -> Result<SeccompRule, seccompiler::Error> {
    let condition = SeccompCondition::new(argument, length, op, value)?;
    Ok(SeccompRule::new(vec![condition])?)
}
