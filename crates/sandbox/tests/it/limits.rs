//! Limits: whatever code uses up, it is stopped and the next job works.

use std::time::Duration;

use latchkey_sandbox::{Job, Language, SandboxError};
use serde_json::json;

use super::world::World;

#[tokio::test]
async fn what_code_uses_up_is_limited() {
    let world = World::narrow();
    for (body, part) in [
        ("while True: pass", "ran longer than 3 s"),
        ("import time\ntime.sleep(60)", "ran longer than 3 s"),
        ("x = 'x' * (1 << 30)", "MemoryError"),
        (
            "x = []\nwhile True: x.append(bytearray(1 << 20))",
            "MemoryError",
        ),
        (
            "while True: print('x' * 1000)",
            "printed more than 100000 bytes",
        ),
        (
            "while True: sys.stderr.write('x' * 1000)",
            "printed more than 100000 bytes",
        ),
        ("return {'r': 'x' * 200000}", "larger than 100000 bytes"),
        (
            "open('big', 'wb').write(b'x' * (2 << 20))",
            "File too large",
        ),
        (
            "for n in range(3): open(str(n), 'wb').write(b'x' * 900000)",
            "No space left",
        ),
        ("for n in range(5000): open(str(n), 'w')", "No space left"),
        (
            "kept = [open('/dev/null') for _ in range(100)]",
            "Too many open files",
        ),
        (
            "import threading, time\nfor _ in range(100): threading.Thread(target=time.sleep, args=(9,)).start()",
            "start new thread",
        ),
        (
            "import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
            "not allowed",
        ),
    ] {
        let why = world.refused(body).await;
        assert!(why.contains(part), "{body}: {why}");
    }
}

#[tokio::test]
async fn a_job_may_have_less_time_than_others() {
    let world = World::narrow();
    let job = Job::Code {
        language: Language::Python,
        code: "def main():\n    while True: pass".to_owned(),
        inputs: serde_json::Map::new(),
    };
    let why = world
        .0
        .run_within(job, Duration::from_millis(300))
        .await
        .unwrap_err();
    assert!(
        matches!(why, SandboxError::TimedOut(time) if time.as_millis() == 300),
        "{why}"
    );
}

#[tokio::test]
async fn an_input_has_a_limit() {
    let inputs = json!({"x": "x".repeat(200_001)});
    let why = World::narrow()
        .python("def main(x): return {}", inputs)
        .await
        .unwrap_err();
    assert!(matches!(why, SandboxError::InputTooLarge(200_000)), "{why}");
}
