//! Python jobs: what goes in, what comes out, and what is told when nothing does.

use latchkey_sandbox::{Config, Sandbox, SandboxError};
use serde_json::json;

use super::world::{World, config};

#[tokio::test]
async fn values_go_in_and_out_with_their_types() {
    let inputs = json!({"s": "é😀\u{0}", "i": 1, "f": 1.0, "b": true, "n": null, "l": [1, 2.5], "o": {"k": []}});
    let code =
        "def main(**all):\n    return {**all, 'kinds': [type(v).__name__ for v in all.values()]}";
    let answer = World::new().python(code, inputs.clone()).await.unwrap();
    for (name, value) in inputs.as_object().unwrap() {
        assert_eq!(&answer[name], value);
    }
    let kinds = json!(["str", "int", "float", "bool", "NoneType", "list", "dict"]);
    assert_eq!(answer["kinds"], kinds);
}

#[tokio::test]
async fn the_standard_library_is_there() {
    let code = "
import asyncio, base64, collections, dataclasses, datetime, decimal, hashlib, io, itertools, json, math, random, re, sqlite3, ssl
import statistics, string, tempfile, threading, typing, urllib.parse, uuid, xml.etree.ElementTree, zlib, zoneinfo
@dataclasses.dataclass
class Point:
    x: int
async def later():
    await asyncio.sleep(0)
    return 5
def main(data):
    found = []
    thread = threading.Thread(target=lambda: found.append(Point(7).x))
    thread.start(); thread.join()
    with tempfile.TemporaryFile('w+') as file:
        file.write('kept'); file.seek(0); text = file.read()
    rows = sqlite3.connect(':memory:').execute('select 1+1').fetchall()
    zone = datetime.datetime(2024, 7, 1, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin')).isoformat()
    return {'later': asyncio.run(later()), 'found': found, 'text': text, 'rows': rows, 'zone': zone,
            'digest': hashlib.sha256(data.encode()).hexdigest()[:8], 'name': __name__, 'exp': str(decimal.Decimal('1.10'))}
";
    let answer = World::new()
        .python(code, json!({"data": "x"}))
        .await
        .unwrap();
    let expected = json!({"later": 5, "found": [7], "text": "kept", "rows": [[2]], "zone": "2024-07-01T00:00:00+02:00",
        "digest": "2d711642", "name": "__main__", "exp": "1.10"});
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn a_failure_tells_the_line_of_the_code() {
    let world = World::new();
    for (code, parts) in [
        (
            "def main():\n    raise ValueError('boom')",
            vec!["line 2, in main", "raise ValueError", "boom"],
        ),
        ("def main()\n    return {}", vec!["SyntaxError", "line 1"]),
        ("def main(other): return {}", vec!["TypeError", "other"]),
        ("x = 1", vec!["main"]),
        (
            "import numpy\ndef main(): return {}",
            vec!["ModuleNotFoundError", "numpy"],
        ),
        ("import sys\ndef main(): sys.exit(3)", vec!["SystemExit: 3"]),
        (
            "def main(): return [1]",
            vec!["must return a dict, not list"],
        ),
        (
            "def main(): return None",
            vec!["must return a dict, not NoneType"],
        ),
        (
            "def main(): return {'r': {1}}",
            vec!["not JSON serializable"],
        ),
        (
            "def main(): return {'r': float('nan')}",
            vec!["not JSON compliant"],
        ),
        (
            "def main(): return {'r': float('inf')}",
            vec!["not JSON compliant"],
        ),
        (
            "def main():\n    a = []\n    a.append(a)\n    return {'r': a}",
            vec!["Circular reference"],
        ),
        ("def main(): return main()", vec!["RecursionError"]),
    ] {
        let why = world
            .python(code, json!({}))
            .await
            .expect_err(code)
            .to_string();
        for part in parts {
            assert!(why.contains(part), "{code}: {why}");
        }
        assert!(!why.contains("serve"), "our own frames are no help: {why}");
    }
}

#[tokio::test]
async fn printing_closing_and_redefining_spoil_nothing() {
    let world = World::new();
    for body in [
        "print('noise')\nsys.stderr.write('more')\nreturn {'r': 1}",
        "os.close(1)\nos.close(2)\nreturn {'r': 1}",
        "os.close(0)\nreturn {'r': 1}",
        "import json\njson.dumps = json.loads = None\nos.write = os._exit = json.encoder.c_make_encoder = None\nreturn {'r': 1}",
        "import builtins\nbuiltins.print = builtins.open = None\nreturn {'r': 1}",
        "import threading\nthreading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=True).start()\nreturn {'r': 1}",
        "import atexit\natexit.register(lambda: os.write(1, b'late'))\nreturn {'r': 1}",
    ] {
        assert_eq!(world.seen(body).await, json!({"r": 1}), "{body}");
    }
}

#[tokio::test]
async fn a_process_that_ends_by_itself_is_told_as_such() {
    let world = World::new();
    for (body, part) in [
        ("os._exit(3)", "exit code 3"),
        ("os.closerange(0, 60)", "exit code 1"),
        ("import ctypes\nctypes.string_at(0)", "signal"),
        ("os.abort()", "signal"),
    ] {
        let why = world.refused(body).await;
        assert!(why.contains("ended without a result"), "{body}: {why}");
        assert!(why.contains(part), "{body}: {why}");
    }
}

#[tokio::test]
async fn a_forged_answer_is_only_that_jobs_answer() {
    let forge = |frame: &str| {
        format!(
            "for fd in range(3, 10):\n    try: os.write(fd, {frame})\n    except OSError: pass\nos._exit(0)"
        )
    };
    let world = World::new();
    for (frame, part) in [
        ("b'?????'", "no answer"),
        ("b'O' + b'\\xff' * 4", "larger than"),
        ("b'O\\x02\\0\\0\\0{'", "without a result"),
        ("b'O\\x01\\0\\0\\0{'", "cannot be read"),
        ("b'O\\x01\\0\\0\\0\\xff'", "UTF-8"),
        ("b'R\\0\\0\\0\\0'", "no answer to a job"),
        ("b'E\\x03\\0\\0\\0bad'", "bad"),
    ] {
        let why = world.refused(&forge(frame)).await;
        assert!(why.contains(part), "{frame}: {why}");
    }
}

#[tokio::test]
async fn half_a_surrogate_pair_is_told() {
    let answer = World::new()
        .python("def main(): return {'r': '\\ud800'}", json!({}))
        .await;
    assert!(
        matches!(answer, Err(SandboxError::Garbled(_))),
        "{answer:?}"
    );
}

#[tokio::test]
async fn many_jobs_at_once_each_get_their_own_answer() {
    let world = World(Sandbox::new(Config {
        jobs_at_once: 3,
        ..config()
    }));
    let code = "def main(n): return {'r': n * n}";
    let (a, b, c, d, e) = tokio::join!(
        world.python(code, json!({"n": 1})),
        world.python(code, json!({"n": 2})),
        world.python(code, json!({"n": 3})),
        world.python(code, json!({"n": 4})),
        world.python(code, json!({"n": 5})),
    );
    let answers: Vec<_> = [a, b, c, d, e]
        .into_iter()
        .map(|answer| answer.unwrap()["r"].clone())
        .collect();
    assert_eq!(
        answers,
        [json!(1), json!(4), json!(9), json!(16), json!(25)]
    );
    world.0.close().await;
}

#[tokio::test]
async fn packages_of_the_operator_can_be_imported_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ours.py"), "def greet(): return 'hi'").unwrap();
    let world = World(Sandbox::new(Config {
        packages: Some(folder.path().into()),
        ..config()
    }));
    let code = "import ours\ndef main(): return {'r': ours.greet(), 'at': ours.__file__}";
    let answer = world.python(code, json!({})).await.unwrap();
    assert_eq!(answer, json!({"r": "hi", "at": "/packages/ours.py"}));
    let why = world.refused("open('/packages/ours.py', 'w')").await;
    assert!(
        why.contains("Read-only") || why.contains("Permission"),
        "{why}"
    );
}
