//! Functions of the launcher: called by name, and whatever they use up, the next one works.

use std::time::{Duration, Instant};

use latchkey_sandbox::{Config, Job, Sandbox, SandboxError};

use super::world::{World, config};

async fn call(world: &World, name: &str, input: &[u8]) -> Result<String, SandboxError> {
    let job = Job::Function {
        name: name.to_owned(),
        input: input.to_vec(),
    };
    world.0.run(job).await.map(|output| output.text)
}

#[tokio::test]
async fn a_function_answers_with_a_text() {
    let world = World::new();
    let text = "é😀".repeat(10_000);
    let answer = call(&world, "echo", text.as_bytes()).await;
    assert_eq!(answer.unwrap(), text);
    let refused = call(&world, "echo", &[0xff]).await.unwrap_err();
    assert!(matches!(refused, SandboxError::Failed(_)), "{refused:?}");
}

#[tokio::test]
async fn a_function_that_is_not_offered_is_told() {
    let refused = call(&World::new(), "other", b"").await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the launcher has no function \"other\""
    );
}

#[tokio::test]
async fn what_a_function_uses_up_is_limited() {
    let world = World::narrow();
    for (name, part) in [
        ("spin", "ran longer than 3 s"),
        ("hoard", "ended without a result"),
        ("fall", "ended without a result"),
    ] {
        let why = call(&world, name, b"x").await.unwrap_err().to_string();
        assert!(why.contains(part), "{name}: {why}");
        assert_eq!(call(&world, "echo", b"next").await.unwrap(), "next");
    }
    let much = call(&world, "echo", &[b'x'; 150_000]).await.unwrap_err();
    assert_eq!(much.to_string(), "the result is larger than 100000 bytes");
}

#[tokio::test]
async fn a_caller_who_gives_up_ends_the_function() {
    let world = World(Sandbox::new(Config {
        jobs_at_once: 1,
        ..config()
    }));
    let begun = Instant::now();
    let given_up = tokio::time::timeout(Duration::from_secs(1), call(&world, "spin", b"")).await;
    assert!(given_up.is_err());
    // There is room for one only: this one runs because the other is gone, long before its time was over.
    assert_eq!(call(&world, "echo", b"next").await.unwrap(), "next");
    assert!(begun.elapsed() < Duration::from_secs(12));
}

#[tokio::test]
async fn nothing_is_called_where_nothing_can_be_confined() {
    let world = World(Sandbox::new(Config {
        launcher: "/bin/false".into(),
        ..config()
    }));
    let refused = call(&world, "echo", b"x").await.unwrap_err();
    assert!(matches!(refused, SandboxError::Start(_)), "{refused:?}");
}
