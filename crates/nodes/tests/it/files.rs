//! Files: kept and read by the host in memory, shown to models, and read for their texts.

use bytes::Bytes;
use latchkey_domain::value::{File, FileType, TransferMethod, Value};
use latchkey_engine::node::Behaviour;
use latchkey_engine::pool::Pool;
use latchkey_nodes::{FileError, Files as _, MadeFile};
use serde_json::json;

use crate::world::{World, node, outcome};

fn pool_of(value: Value) -> Pool {
    let mut pool = Pool::new();
    pool.set("start", "f", value);
    pool
}

#[tokio::test]
async fn what_a_node_made_is_kept_and_read_back() {
    let world = World::saying(&[]);
    let run = world.context(Pool::new()).run;
    let made = MadeFile {
        filename: None,
        mime_type: Some("image/png".to_owned()),
        content: Bytes::from_static(b"PNG"),
    };
    let file = world.files.keep(&run, made).await.unwrap();
    assert_eq!(file.filename.as_deref(), Some("file.png"));
    assert_eq!(
        (file.file_type, file.transfer_method, file.size),
        (FileType::Image, TransferMethod::ToolFile, 3)
    );
    let read = world.files.read(&run, &file, 3).await;
    assert_eq!(read, Ok(Bytes::from_static(b"PNG")));
    let long = world.files.read(&run, &file, 2).await;
    assert_eq!(long, Err(FileError::TooLarge(2)));
    let other = File {
        reference: Some("another".to_owned()),
        ..file
    };
    let missing = world.files.read(&run, &other, 3).await;
    assert_eq!(missing, Err(FileError::NotFound("file.png".to_owned())));
}

#[tokio::test]
async fn a_picture_that_cannot_be_read_fails_the_question() {
    let world = World::saying(&["seen"]).with_credential("own");
    let vision =
        json!({"vision": {"enabled": true, "configs": {"variable_selector": ["start", "f"]}}});
    let picture = world.files.add("a.png", None, Bytes::from_static(b"PNG"));
    let asked = world.ask(vision.clone(), pool_of(Value::file(picture.clone())));
    assert!(asked.await.outcome.is_ok());
    let sent = &world.messages()[0]["content"][0]["image_url"]["url"];
    assert_eq!(*sent, "data:image/png;base64,UE5H");
    let gone = File {
        reference: Some("gone".to_owned()),
        ..picture
    };
    let huge = vec![0; (20 << 20) + 1];
    let huge = world.files.add("b.png", None, huge.into());
    for (file, part) in [(gone, "does not exist"), (huge, "longer than")] {
        let asked = world.ask(vision.clone(), pool_of(Value::file(file))).await;
        let failure = asked.outcome.unwrap_err();
        assert_eq!(&*failure.error_type, "LLMNodeError");
        assert!(failure.message.contains(part), "{}", failure.message);
    }
}

/// Why a document-extractor fails in a world that has no sandbox.
async fn refused(world: &World, value: Value) -> String {
    let data = json!({"variable_selector": ["start", "f"]});
    let spec = world.build(&node("document-extractor", data)).unwrap();
    let Behaviour::Effect(node) = spec.behaviour else {
        panic!("it reads files");
    };
    let attempt = node.run(world.context(pool_of(value))).await;
    outcome(&attempt).unwrap_err()
}

#[tokio::test]
async fn what_a_document_is_decides_its_extension_or_else_its_mime_type() {
    const NO_SANDBOX: &str = "documents cannot be read here: this host has no sandbox";
    let world = World::saying(&[]);
    let file = world.files.add("a", Some("text/csv"), "a\nb\n".into());
    let named = |extension: &str, mime_type: &str| {
        let said = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Value::file(File {
            extension: said(extension),
            mime_type: said(mime_type),
            ..file.clone()
        })
    };
    for (value, expected) in [
        (
            named("", "text/csv"),
            &*format!("Failed to extract text from CSV: {NO_SANDBOX}"),
        ),
        (
            named(".txt", "text/csv"),
            &*format!("Failed to extract text from plain text: {NO_SANDBOX}"),
        ),
        (named(".TXT", ""), "Unsupported Extension Type: .TXT"),
        (named("", "a/b"), "Unsupported MIME type: a/b"),
        (
            named("", ""),
            "Unable to determine file type: MIME type or file extension is missing",
        ),
    ] {
        assert_eq!(refused(&world, value).await, expected);
    }
}

#[test]
fn a_document_extractor_without_a_variable_is_refused() {
    let refused = crate::world::build("document-extractor", json!({})).unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("data.variable_selector"));
}
