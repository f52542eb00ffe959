//! Documents: bytes in, text out.

use latchkey_sandbox::{Job, SandboxError};

use super::world::World;

async fn read(world: &World, kind: &str, bytes: Vec<u8>) -> Result<String, SandboxError> {
    let kind = kind.to_owned();
    world
        .0
        .run(Job::Document { kind, bytes })
        .await
        .map(|output| output.text)
}

#[tokio::test]
async fn a_text_comes_back_as_it_is() {
    let text = "é😀\0\n".repeat(20_000);
    let answer = read(&World::new(), "text", text.clone().into_bytes()).await;
    assert_eq!(answer.unwrap(), text);
}

#[tokio::test]
async fn what_cannot_be_read_is_told() {
    let world = World::new();
    let broken = read(&world, "text", vec![0xff, 0xfe]).await.unwrap_err();
    assert!(broken.to_string().contains("utf-8"), "{broken}");
    let unknown = read(&world, "hologram", Vec::new()).await.unwrap_err();
    assert!(
        unknown.to_string().contains("no reader for hologram"),
        "{unknown}"
    );
}
