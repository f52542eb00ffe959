//! JavaScript jobs.

use serde_json::json;

use super::world::World;

#[tokio::test]
async fn main_gets_one_object_and_answers_one() {
    let code = "function main({list, o}) { return {r: list.map(x => x * 10), o: {...o, z: null}, f: 5 / 2, i: 4 / 2} }";
    let inputs = json!({"list": [1, 2], "o": {"k": "é😀"}});
    let answer = World::new().javascript(code, inputs).await.unwrap();
    let expected = json!({"r": [10, 20], "o": {"k": "é😀", "z": null}, "f": 2.5, "i": 2});
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn nothing_stays_for_the_next_job() {
    let world = World::new();
    let code = "globalThis.count = (globalThis.count ?? 0) + 1; function main() { return {count} }";
    for _ in 0..3 {
        let answer = world.javascript(code, json!({})).await.unwrap();
        assert_eq!(answer, json!({"count": 1}));
    }
}

#[tokio::test]
async fn what_does_not_end_is_stopped() {
    let world = World::narrow();
    for (code, part) in [
        ("function main() { for (;;) {} }", "ran longer than 3 s"),
        (
            "function main() { return {r: /(a+)+b/.test('a'.repeat(64))} }",
            "ran longer than 3 s",
        ),
        (
            "function main() { let a = 'x'; for (;;) a += a }",
            "too long",
        ),
        (
            "function main() { const a = []; for (;;) a.push(new Array(1000).fill(1.5)) }",
            "memory",
        ),
        (
            "function main() { return {r: 'x'.repeat(200000)} }",
            "larger than",
        ),
        ("function main() { throw new Error('kaboom') }", "kaboom"),
    ] {
        let why = world
            .javascript(code, json!({}))
            .await
            .expect_err(code)
            .to_string();
        assert!(why.contains(part), "{code}: {why}");
        let next = world
            .javascript("function main() { return {} }", json!({}))
            .await;
        assert_eq!(next.unwrap(), json!({}));
    }
}

#[tokio::test]
async fn there_is_no_way_to_the_machine() {
    let code = "function main() { return {r: ['process', 'require', 'fetch', 'std', 'os', 'Deno', 'Worker', 'WebAssembly']
        .filter((name) => name in globalThis)} }";
    let answer = World::new().javascript(code, json!({})).await.unwrap();
    assert_eq!(answer, json!({"r": []}));
    let import = "async function main() { return {r: String(await import('/etc/passwd'))} }";
    let why = World::new()
        .javascript(import, json!({}))
        .await
        .unwrap_err();
    assert!(!why.to_string().contains("root:"), "{why}");
}
