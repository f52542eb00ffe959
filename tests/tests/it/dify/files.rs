//! Files: uploaded for an end user, named by runs of the same one, and shown when a message has them.

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::client::Answer;
use latchkey_tests::document::Document;
use latchkey_tests::shown;
use serde_json::{Value as Json, json};

use super::{App, app};

pub(super) async fn upload(app: &App, parts: &[(&str, &str, &str)]) -> Answer {
    let mut body = String::new();
    for (name, more, content) in parts {
        body.push_str(&format!(
            "--limit\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{content}\r\n"
        ));
    }
    body.push_str("--limit--\r\n");
    let ask = app.client.request("POST", "/v1/files/upload");
    ask.body("multipart/form-data; boundary=limit", body)
        .send()
        .await
}

pub(super) const TEXT: &str = "; filename=\"a.txt\"\r\nContent-Type: text/plain";

fn reader() -> Document {
    Document::workflow("reader", &[])
        .node("name", "template-transform", json!({"template": "{{ f.filename }}", "variables": [{"variable": "f", "value_selector": ["start", "f"]}]}))
        .end("end", &[("said", "name.output"), ("file", "start.f")])
        .line(&["start", "name", "end"])
        .with(|file| {
            file["workflow"]["graph"]["nodes"][0]["data"]["variables"] = json!([{"variable": "f", "label": "f", "type": "file",
                "required": true, "allowed_file_types": ["document"], "allowed_file_upload_methods": ["local_file", "remote_url"]}]);
        })
}

#[tokio::test]
async fn an_upload_answers_as_dify_does_whatever_the_order_of_its_parts() {
    let of = TestApp::new().await;
    let app = app(&of, &reader()).await;
    let answer = upload(&app, &[("file", TEXT, "hello"), ("user", "", "ada")]).await;
    let text = shown::answer(&answer);
    let text = text.split("signature=").next().unwrap().to_owned();
    assert_snapshot!(text, @r#"
    201
    {
      "id": "<id 1>",
      "name": "a.txt",
      "size": 5,
      "extension": "txt",
      "mime_type": "text/plain",
      "created_by": "<id 2>",
      "created_at": 1767225600,
      "preview_url": null,
      "source_url": "http://<provider>/files/<id 1>/preview?expires=1767312000&
    "#);
    let other = upload(&app, &[("user", "", "ada"), ("file", TEXT, "hello")]).await;
    assert_eq!(
        other.expect(201)["created_by"],
        answer.expect(201)["created_by"]
    );
}

#[tokio::test]
async fn wrong_uploads_are_refused_with_their_codes() {
    let of = TestApp::new().await;
    let app = app(&of, &reader()).await;
    let bad_name = "; filename=\"a/b.txt\"\r\nContent-Type: text/plain";
    let long = "x".repeat((15 << 20) + 1);
    for (parts, told) in [
        (vec![("user", "", "ada")], (400, "no_file_uploaded")),
        (
            vec![("file", TEXT, "a"), ("file", TEXT, "b")],
            (400, "too_many_files"),
        ),
        (
            vec![("file", "; filename=\"a.txt\"", "a")],
            (415, "unsupported_file_type"),
        ),
        (vec![("file", bad_name, "a")], (400, "invalid_param")),
        (vec![("file", TEXT, long.as_str())], (413, "file_too_large")),
    ] {
        let answer = upload(&app, &parts).await;
        assert_eq!(
            answer.refusal(),
            (told.0, told.1.to_owned()),
            "{:.200}",
            answer.text
        );
    }
}

#[tokio::test]
async fn a_run_names_the_files_of_its_own_user_only() {
    let of = TestApp::new().await;
    let app = app(&of, &reader()).await;
    let kept = upload(&app, &[("file", TEXT, "hello"), ("user", "", "ada")])
        .await
        .expect(201);
    let app = &app;
    let run = |user: &str| {
        let file = json!({"type": "document", "transfer_method": "local_file", "upload_file_id": kept["id"]});
        let body = json!({"inputs": {"f": file}, "user": user});
        async move { app.post("/workflows/run", body).await }
    };
    let ran = run("ada").await.expect(200);
    assert_eq!(ran["data"]["outputs"]["said"], "a.txt", "{ran}");
    assert_eq!(
        ran["data"]["outputs"]["file"]["dify_model_identity"],
        "__dify__file__"
    );
    let refused = run("bob").await;
    assert_eq!(refused.refusal(), (400, "invalid_param".to_owned()));
}

#[tokio::test]
async fn a_file_is_shown_when_a_message_has_it() {
    let of = TestApp::new().await;
    let chat = Document::chat("chat", &[]).answer("say", "got it").line(&["start", "say"]).with(|file| {
        file["workflow"]["features"]["file_upload"] = json!({"enabled": true, "allowed_file_types": ["document"],
            "allowed_file_upload_methods": ["local_file"], "number_limits": 2});
    });
    let of_app = app(&of, &chat).await;
    let other = app(&of, &chat).await;
    let kept = upload(&of_app, &[("file", TEXT, "hello"), ("user", "", "ada")])
        .await
        .expect(201);
    let path = format!("/files/{}/preview", kept["id"].as_str().unwrap());
    assert_eq!(
        of_app.get(&path).await.refusal(),
        (404, "file_not_found".to_owned())
    );
    let file =
        json!({"type": "document", "transfer_method": "local_file", "upload_file_id": kept["id"]});
    let body = json!({"inputs": {}, "query": "look", "user": "ada", "files": [file], "auto_generate_name": false});
    let said = of_app.post("/chat-messages", body).await.expect(200);
    let shown = of_app.get(&path).await;
    assert_eq!((shown.status, shown.text.as_str()), (200, "hello"));
    let attached = of_app.get(&format!("{path}?as_attachment=true")).await;
    assert!(
        attached
            .header("content-disposition")
            .unwrap()
            .starts_with("attachment")
    );
    assert_eq!(
        other.get(&path).await.refusal(),
        (403, "file_access_denied".to_owned())
    );
    let list = format!(
        "/messages?user=ada&conversation_id={}",
        said["conversation_id"].as_str().unwrap()
    );
    let messages = of_app.get(&list).await.expect(200);
    let file = &messages["data"][0]["message_files"][0];
    assert_eq!(
        (
            &file["filename"],
            &file["belongs_to"],
            &file["upload_file_id"]
        ),
        (&json!("a.txt"), &json!("user"), &kept["id"])
    );
    let url = file["url"].as_str().unwrap();
    assert!(url.contains("/preview?expires="), "{url}");
    let _: &Json = file;
}
