//! Attempts to get out: each is refused with a clear message, and the next job works.

use std::path::Path;
use std::time::Duration;

use latchkey_sandbox::{Config, Limits, Sandbox};
use serde_json::{Value as Json, json};

use super::world::{World, config};

/// Raw system calls by number; the answer is the name of the error.
const CALL: &str = "import ctypes, errno\nlibc = ctypes.CDLL(None, use_errno=True)\n\
    def call(*a):\n    r = libc.syscall(*a)\n    return 'done' if r >= 0 else errno.errorcode[ctypes.get_errno()]\n";

#[tokio::test]
async fn the_machines_files_are_not_there() {
    let world = World::new();
    for path in [
        "/etc/passwd",
        "/etc/shadow",
        "/proc/self/environ",
        "/proc/1/environ",
        "/proc/self/exe",
        "/sys/kernel/notes",
        "/dev/mem",
        "/root",
        "/home",
        "/var/log/dpkg.log",
        "../../../../../../etc/passwd",
        "/.old/etc/passwd",
    ] {
        let why = world.refused(&format!("open({path:?}).read()")).await;
        assert!(why.contains("No such file"), "{path}: {why}");
    }
    let top = world
        .seen(
            "return {'top': sorted(os.listdir('/')), 'here': os.listdir('.'), 'cwd': os.getcwd()}",
        )
        .await;
    assert_eq!((&top["here"], &top["cwd"]), (&json!([]), &json!("/tmp")));
    let top: Vec<&str> = top["top"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Json::as_str)
        .collect();
    for name in ["proc", "sys", "home", "boot", "run", "var", "sbin", "opt"] {
        assert!(!top.contains(&name), "{top:?}");
    }
}

#[tokio::test]
async fn only_its_own_folder_can_be_written_to() {
    let world = World::new();
    for body in [
        "open('/here', 'w')",
        "open(os.__file__, 'w')",
        "open(os.__file__, 'a')",
        "os.remove(os.__file__)",
        "os.rename(os.__file__, '/tmp/os.py')",
        "os.chmod(os.__file__, 0o777)",
        "os.mkdir('/usr/more')",
        "os.symlink('/tmp', '/usr/more')",
        "open(sys.executable, 'r+b')",
        "os.link(os.__file__, '/tmp/os.py')",
        "os.mknod('/tmp/device', 0o20666, os.makedev(1, 1))",
        "os.mkfifo('/tmp/pipe')",
        "os.chown('/tmp', 0, 0)",
    ] {
        let why = world.refused(body).await;
        let parts = [
            "Read-only",
            "Permission denied",
            "not permitted",
            "cross-device",
        ];
        assert!(parts.iter().any(|part| why.contains(part)), "{body}: {why}");
    }
    let links = "os.symlink('/etc/passwd', 'a')\nos.symlink('/tmp/..', 'b')\nreturn {'a': os.path.exists('a'), 'b': os.path.exists('b/etc/passwd')}";
    assert_eq!(world.seen(links).await, json!({"a": false, "b": false}));
}

#[tokio::test]
async fn nothing_of_the_environment_and_nobody_else_is_seen() {
    let world = World::new();
    let seen = world.seen("return {'e': dict(os.environ), 'pid': os.getpid(), 'parent': os.getppid(), 'uid': os.getuid(), 'argv': sys.argv}").await;
    let environment = seen["e"].as_object().unwrap();
    assert!(
        environment.keys().all(|name| name == "LC_CTYPE"),
        "{environment:?}"
    );
    assert_eq!(
        (&seen["pid"], &seen["parent"], &seen["uid"]),
        (&json!(1), &json!(0), &json!(65534))
    );
    let open = "found = []\nfor n in range(60):\n    try: found.append(n if os.fstat(n) else n)\n    except OSError: pass\nreturn {'fds': found}";
    // Its three and the channel.
    assert_eq!(world.seen(open).await["fds"], json!([0, 1, 2, 3]));
    for body in [
        "os.kill(2, 9)",
        "os.kill(4242, 9)",
        &format!("os.kill({}, 9)", std::process::id()),
    ] {
        let why = world.refused(body).await;
        assert!(why.contains("No such process"), "{body}: {why}");
    }
}

#[tokio::test]
async fn there_is_no_network() {
    let world = World::new();
    for body in [
        "import socket\nsocket.socket(socket.AF_INET)",
        "import socket\nsocket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
        "import socket\nsocket.socket(socket.AF_UNIX)",
        "import socket\nsocket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "import socket\nsocket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
        "import socket\nsocket.socketpair(socket.AF_INET)",
        "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:1', timeout=2)",
    ] {
        let why = world.refused(body).await;
        assert!(why.contains("not permitted"), "{body}: {why}");
    }
}

#[tokio::test]
async fn no_process_can_be_made() {
    let world = World::new();
    for body in [
        "os.fork()",
        "while True: os.fork()",
        "import subprocess\nsubprocess.run(['/bin/sh', '-c', 'id'])",
        "import subprocess\nsubprocess.run([sys.executable, '-c', '1'])",
        "os.system('id') and [][1]",
        "import multiprocessing\nmultiprocessing.Process(target=print).start()",
        "os.posix_spawn(sys.executable, ['python'], {})",
    ] {
        let why = world.refused(body).await;
        let parts = [
            "not permitted",
            "Function not implemented",
            "index out of range",
            "No such file",
        ];
        assert!(parts.iter().any(|part| why.contains(part)), "{body}: {why}");
    }
    // Another program in its own place: there is none but the interpreter, and that has no job to answer.
    let why = world.refused("os.execv('/bin/sh', ['sh'])").await;
    assert!(why.contains("No such file"), "{why}");
    let why = world.refused("open('run', 'w').write('#!/bin/true')\nos.chmod('run', 0o755)\nos.execv('/tmp/run', ['run'])").await;
    assert!(why.contains("Permission denied"), "{why}");
    let why = world
        .refused("os.execv(sys.executable, ['python', '-c', 'pass'])")
        .await;
    assert!(why.contains("without a result"), "{why}");
}

#[tokio::test]
async fn dangerous_system_calls_are_not_permitted() {
    // Numbers of x86-64 and aarch64.
    let calls = [
        ("ptrace", 101, 117),
        ("mount", 165, 40),
        ("umount2", 166, 39),
        ("pivot_root", 155, 41),
        ("chroot", 161, 51),
        ("unshare", 272, 97),
        ("setns", 308, 268),
        ("keyctl", 250, 219),
        ("add_key", 248, 217),
        ("bpf", 321, 280),
        ("io_uring_setup", 425, 425),
        ("userfaultfd", 323, 282),
        ("perf_event_open", 298, 241),
        ("process_vm_readv", 310, 270),
        ("memfd_create", 319, 279),
        ("shmget", 29, 194),
        ("open_by_handle_at", 304, 265),
        ("setuid", 105, 146),
        ("capset", 126, 91),
        ("seccomp", 317, 277),
        ("personality", 135, 92),
        ("init_module", 175, 105),
        ("reboot", 169, 142),
        ("sethostname", 170, 161),
        ("fsopen", 430, 430),
        ("pidfd_open", 434, 434),
        ("socket", 41, 198),
    ];
    let column = |x86: i32, arm: i32| {
        if cfg!(target_arch = "x86_64") {
            x86
        } else {
            arm
        }
    };
    let numbers: Vec<String> = calls
        .iter()
        .map(|(_, x86, arm)| column(*x86, *arm).to_string())
        .collect();
    let code = format!(
        "{CALL}def main(): return {{'r': [call(n, 0, 0, 0, 0, 0) for n in [{}]]}}",
        numbers.join(", ")
    );
    let answer = World::new().python(&code, json!({})).await.unwrap();
    for ((name, _, _), said) in calls.iter().zip(answer["r"].as_array().unwrap()) {
        assert_eq!(said, "EPERM", "{name}");
    }
}

#[tokio::test]
async fn flags_of_allowed_calls_are_looked_at() {
    let (clone, prctl, ioctl, clone3) = if cfg!(target_arch = "x86_64") {
        (56, 157, 16, 435)
    } else {
        (220, 167, 29, 435)
    };
    let code = format!(
        "{CALL}def main(): return {{'user': call({clone}, 0x10000000, 0, 0, 0, 0), 'child': call({clone}, 17, 0, 0, 0, 0),
            'thread': call({clone}, 0x10000000 | 0x10100, 0, 0, 0, 0), 'newer': call({clone3}, 0, 0),
            'death': call({prctl}, 1, 0, 0, 0, 0), 'dump': call({prctl}, 4, 1, 0, 0, 0), 'sti': call({ioctl}, 0, 0x5412, 0)}}"
    );
    let answer = World::new().python(&code, json!({})).await.unwrap();
    let no = "EPERM";
    let expected = json!({"user": no, "child": no, "thread": no, "newer": "ENOSYS", "death": no, "dump": no, "sti": no});
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn a_job_leaves_nothing_for_the_next() {
    let world = World::new();
    let first = "open('left', 'w').write('x')\nopen('/dev/null', 'w').write('x')\nimport json\njson.left = 1\nreturn {}";
    world.seen(first).await;
    let next = "import json\nreturn {'files': os.listdir('/tmp'), 'module': hasattr(json, 'left')}";
    assert_eq!(
        world.seen(next).await,
        json!({"files": [], "module": false})
    );
}

#[tokio::test]
async fn no_process_of_a_job_outlives_it() {
    let mark = tempfile::tempdir().unwrap();
    let world = World(Sandbox::new(Config {
        packages: Some(mark.path().into()),
        limits: Limits {
            time: Duration::from_secs(2),
            ..Limits::default()
        },
        ..config()
    }));
    let threads = "import threading\nfor _ in range(5): threading.Thread(target=threading.Event().wait).start()\nwhile True: pass";
    let (stopped, busy) = tokio::join!(world.refused(threads), busy(mark.path()));
    assert!(stopped.contains("ran longer"), "{stopped}");
    // It waits until every process that had a job is gone.
    world.0.close().await;
    assert!(!is_alive(busy), "{busy} goes on");
}

#[tokio::test]
async fn a_job_that_nobody_waits_for_is_ended() {
    let mark = tempfile::tempdir().unwrap();
    let packages = Some(mark.path().into());
    let world = World(Sandbox::new(Config {
        packages,
        ..config()
    }));
    let code = "import threading\ndef main():\n    for _ in range(5): threading.Thread(target=threading.Event().wait).start()\n    while True: pass";
    let busy = tokio::select! {
        busy = busy(mark.path()) => busy,
        answer = world.python(code, json!({})) => panic!("{answer:?}"),
    };
    for _ in 0..1000 {
        if !is_alive(busy) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{busy} goes on");
}

/// The confined process that works for the sandbox with this folder of packages, once it has six threads.
async fn busy(mark: &Path) -> u32 {
    let mark = mark.to_str().unwrap().as_bytes();
    let find = || {
        std::fs::read_dir("/proc")
            .unwrap()
            .flatten()
            .find_map(|entry| {
                let launcher: u32 = entry.file_name().to_str()?.parse().ok()?;
                let line = std::fs::read(entry.path().join("cmdline")).ok()?;
                line.windows(mark.len())
                    .any(|part| part == mark)
                    .then_some(())?;
                let inner =
                    std::fs::read_to_string(format!("/proc/{launcher}/task/{launcher}/children"))
                        .ok()?;
                let inner: u32 = inner.trim().parse().ok()?;
                let status = std::fs::read_to_string(format!("/proc/{inner}/status")).ok()?;
                status.contains("Threads:\t6").then_some(inner)
            })
    };
    for _ in 0..1000 {
        if let Some(found) = find() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no process works");
}

fn is_alive(process: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}
