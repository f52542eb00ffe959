//! What the machine offers, and what is said when it does not.

use latchkey_sandbox::{Config, Sandbox, SandboxError};
use serde_json::json;

use super::world::{World, config};

#[tokio::test]
async fn a_machine_that_can_confine_says_so() {
    let found = World::new().0.check().await;
    assert_eq!(found.walls, Ok(()));
    assert!(found.python.unwrap().starts_with("3."));
}

#[tokio::test]
async fn without_a_launcher_nothing_runs() {
    let world = World(Sandbox::new(Config {
        launcher: "/no/such/program".into(),
        ..config()
    }));
    let why = world
        .javascript("function main() { return {} }", json!({}))
        .await
        .unwrap_err();
    assert!(matches!(why, SandboxError::Start(_)), "{why}");
    // A program that is no launcher of ours confines nothing, and so gets no job.
    let world = World(Sandbox::new(Config {
        launcher: "/bin/true".into(),
        ..config()
    }));
    let why = world
        .javascript("function main() { return {} }", json!({}))
        .await
        .unwrap_err();
    assert!(matches!(why, SandboxError::Start(_)), "{why}");
}

#[tokio::test]
async fn without_python_the_rest_works() {
    let world = World(Sandbox::new(Config {
        python: Some("/no/such/python".into()),
        ..config()
    }));
    let why = world
        .python("def main(): return {}", json!({}))
        .await
        .unwrap_err();
    assert!(matches!(why, SandboxError::NoPython(_)), "{why}");
    let answer = world
        .javascript("function main() { return {} }", json!({}))
        .await;
    assert_eq!(answer.unwrap(), json!({}));
    assert!(world.0.check().await.python.is_err());
}
