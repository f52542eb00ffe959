//! Files that an answer holds: in streams, at its end and in its message.

use latchkey_tests::app::TestApp;
use latchkey_tests::document::Document;
use serde_json::{Value as Json, json};

use super::files::{TEXT, upload};
use super::{App, app};

/// An app that answers with what it was sent; one that had no graph if `converted_from` says which mode it had.
fn gives_back(converted_from: Option<&str>) -> Document {
    Document::chat("chat", &[])
        .answer("say", "here: {{#sys.files#}}")
        .line(&["start", "say"])
        .with(|file| {
            file["workflow"]["features"]["file_upload"] = json!({"enabled": true, "allowed_file_types": ["document"],
                "allowed_file_upload_methods": ["local_file"], "number_limits": 2});
            if let Some(mode) = converted_from {
                file["app"]["converted_from"] = json!(mode);
            }
        })
}

/// What the stream of an answer says, and the message afterwards.
async fn asked(app: &App) -> (Vec<Json>, Json) {
    let kept = upload(app, &[("file", TEXT, "hello"), ("user", "", "ada")]).await;
    let id = kept.expect(201)["id"].clone();
    let file = json!({"type": "document", "transfer_method": "local_file", "upload_file_id": id});
    let body = json!({"inputs": {}, "query": "look", "user": "ada", "files": [file], "auto_generate_name": false, "response_mode": "streaming"});
    let events = app.stream("/chat-messages", body).await.rest().await;
    let said: Vec<Json> = events.into_iter().map(|event| event.data).collect();
    let conversation = said[0]["conversation_id"].as_str().unwrap();
    let list = format!("/messages?user=ada&conversation_id={conversation}");
    let messages = app.get(&list).await.expect(200);
    (said, messages["data"][0].clone())
}

fn check_message(message: &Json) {
    let files = message["message_files"].as_array().unwrap();
    let of = |file: &Json| (file["belongs_to"].clone(), file["filename"].clone());
    let files: Vec<_> = files.iter().map(of).collect();
    let of = |whose: &str| (json!(whose), json!("a.txt"));
    assert_eq!(files, [of("user"), of("assistant")], "{message}");
}

#[tokio::test]
async fn an_app_that_had_no_graph_tells_each_file_before_its_end() {
    let of = TestApp::new().await;
    let app = app(&of, &gives_back(Some("chat"))).await;
    let (said, message) = asked(&app).await;
    let names: Vec<&Json> = said.iter().map(|event| &event["event"]).collect();
    assert_eq!(names[names.len() - 2..], ["message_file", "message_end"]);
    let told = &said[said.len() - 2];
    assert_eq!(
        (&told["type"], &told["belongs_to"]),
        (&json!("document"), &json!("assistant"))
    );
    assert!(
        told["url"].as_str().unwrap().contains("/preview?expires="),
        "{told}"
    );
    for key in ["id", "task_id", "message_id", "conversation_id"] {
        assert!(told[key].is_string(), "{key}: {told}");
    }
    check_message(&message);
}

#[tokio::test]
async fn a_chatflow_tells_its_files_at_the_end() {
    let of = TestApp::new().await;
    let app = app(&of, &gives_back(None)).await;
    let (said, message) = asked(&app).await;
    assert!(said.iter().all(|event| event["event"] != "message_file"));
    let end = said
        .iter()
        .find(|event| event["event"] == "message_end")
        .unwrap();
    assert_eq!(end["files"][0]["filename"], "a.txt", "{end}");
    check_message(&message);
}
