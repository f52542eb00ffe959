//! Files as inputs of runs: named by id or by address, checked against what the workflow takes, and read by its nodes.

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::document::Document;
use latchkey_tests::shown;
use latchkey_tests::user::{User, Workflow};
use serde_json::{Value as Json, json};

/// A start node with one file and one list of files, and the rest of a document after it.
fn document(rest: impl Fn(Document) -> Document, features: Json) -> Document {
    let doc = json!({"variable": "doc", "label": "doc", "type": "file", "required": false, "allowed_file_types": ["document", "custom"],
        "allowed_file_extensions": [".zzz", ".json"], "allowed_file_upload_methods": ["local_file", "remote_url"]});
    let pictures = json!({"variable": "pictures", "label": "pictures", "type": "file-list", "required": false, "max_length": 2,
        "allowed_file_types": ["image"], "allowed_file_upload_methods": ["local_file"]});
    let mut raw = rest(Document::workflow("files", &[])).json();
    raw["workflow"]["graph"]["nodes"][0]["data"]["variables"] = json!([doc, pictures]);
    raw["workflow"]["features"] = features;
    Document::from_json(raw)
}

fn shows_all(document: Document) -> Document {
    let outputs = [
        ("doc", "start.doc"),
        ("pictures", "start.pictures"),
        ("sent", "sys.files"),
    ];
    document.end("end", &outputs).line(&["start", "end"])
}

async fn uploaded(user: &User, name: &str, content: &str) -> String {
    let file = user.upload(name, "", content).await.expect(201);
    file["id"].as_str().unwrap().to_owned()
}

fn local(id: &str) -> Json {
    json!({"transfer_method": "local_file", "upload_file_id": id})
}

fn remote(url: &str) -> Json {
    json!({"transfer_method": "remote_url", "url": url})
}

/// What a start is refused for: code and place of each problem.
async fn refused(workflow: &Workflow, body: Json) -> Vec<(String, String)> {
    let problem = workflow.start(body).await.expect(422);
    let errors = problem["errors"].as_array().unwrap().iter();
    let text = |of: &Json| of.as_str().unwrap_or_default().to_owned();
    errors
        .map(|error| (text(&error["code"]), text(&error["pointer"])))
        .collect()
}

#[tokio::test]
async fn a_file_is_described_in_the_run_by_what_is_known_of_it() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document(shows_all, json!({}))).await;
    let picture = uploaded(app.user(), "a.png", "x").await;
    let forged = json!({"transfer_method": "local_file", "upload_file_id": picture, "type": "image",
        "filename": "forged", "size": 0, "url": "https://evil.test/"});
    let inputs = json!({"doc": remote("https://h.test/x/notes.md?v=1"), "pictures": [forged]});
    let mut outputs = workflow.run(inputs).await["outputs"].take();
    let url = outputs["pictures"][0]["url"].take();
    assert!(
        url.as_str().unwrap().starts_with("http://127.0.0.1"),
        "{url}"
    );
    assert_snapshot!(shown::json(&outputs), @r#"
    {
      "doc": {
        "dify_model_identity": "__dify__file__",
        "id": null,
        "type": "document",
        "transfer_method": "remote_url",
        "remote_url": "https://h.test/x/notes.md?v=1",
        "reference": null,
        "filename": "notes.md",
        "extension": ".md",
        "mime_type": "text/markdown",
        "size": -1,
        "related_id": null,
        "url": "https://h.test/x/notes.md?v=1"
      },
      "pictures": [
        {
          "dify_model_identity": "__dify__file__",
          "id": null,
          "type": "image",
          "transfer_method": "local_file",
          "remote_url": null,
          "reference": "<id 1>",
          "filename": "a.png",
          "extension": ".png",
          "mime_type": "image/png",
          "size": 1,
          "related_id": "<id 1>",
          "url": null
        }
      ],
      "sent": []
    }
    "#);
}

#[tokio::test]
async fn files_that_do_not_exist_or_are_not_taken_are_refused_with_their_place() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document(shows_all, json!({}))).await;
    let picture = uploaded(app.user(), "a.png", "x").await;
    let text = uploaded(app.user(), "a.txt", "x").await;
    let film = uploaded(app.user(), "a.mp4", "x").await;
    let odd = uploaded(app.user(), "a.zzz", "x").await;
    let foreign = uploaded(app.stranger(), "a.txt", "x").await;
    let unknown = "01900000-0000-7000-8000-000000000000";
    let one = |file: Json| json!({"inputs": {"doc": file}});
    let list = |files: Json| json!({"inputs": {"pictures": files}});
    for (body, code, place) in [
        (one(local(unknown)), "file_unknown", "/inputs/doc"),
        (one(local("../etc/passwd")), "file_unknown", "/inputs/doc"),
        (one(local(&foreign)), "file_unknown", "/inputs/doc"),
        (one(local(&film)), "file_refused", "/inputs/doc"),
        (one(json!("text")), "input_type", "/inputs/doc"),
        (
            one(json!({"upload_file_id": text})),
            "input_type",
            "/inputs/doc",
        ),
        (
            one(remote("ftp://h.test/a.txt")),
            "input_type",
            "/inputs/doc",
        ),
        (
            one(remote("file:///etc/passwd")),
            "input_type",
            "/inputs/doc",
        ),
        (
            one(json!({"transfer_method": "local_file", "upload_file_id": text, "type": "image"})),
            "file_refused",
            "/inputs/doc",
        ),
        (
            list(json!([local(&picture), local(&text)])),
            "file_refused",
            "/inputs/pictures/1",
        ),
        (
            list(json!([remote("https://h.test/a.png")])),
            "file_refused",
            "/inputs/pictures/0",
        ),
        (
            list(json!([local(&picture), local(&picture), local(&picture)])),
            "input_too_long",
            "/inputs/pictures",
        ),
        (
            json!({"files": [local(&picture)]}),
            "file_refused",
            "/files",
        ),
    ] {
        let told = refused(&workflow, body.clone()).await;
        assert_eq!(told, [(code.to_owned(), place.to_owned())], "{body}");
    }
    let run = workflow.run(json!({"doc": local(&odd)})).await;
    assert_eq!(run["outputs"]["doc"]["extension"], ".zzz");
}

#[tokio::test]
async fn files_besides_the_inputs_are_those_of_the_system() {
    let app = TestApp::new().await;
    let upload = json!({"file_upload": {"enabled": true, "allowed_file_types": ["image"], "number_limits": 1,
        "allowed_file_upload_methods": ["local_file"]}});
    let workflow = app.publish(&document(shows_all, upload)).await;
    let picture = uploaded(app.user(), "a.png", "x").await;
    let started = workflow.start(json!({"files": [local(&picture)]})).await;
    let run = started.expect(200);
    assert_eq!(run["outputs"]["sent"][0]["filename"], "a.png");
    for (files, code, place) in [
        (
            json!([remote("https://h.test/a.png")]),
            "file_refused",
            "/files/0",
        ),
        (
            json!([local(&picture), local(&picture)]),
            "input_too_long",
            "/files",
        ),
        (json!(["x"]), "input_type", "/files/0"),
    ] {
        let told = refused(&workflow, json!({"files": files})).await;
        assert_eq!(told, [(code.to_owned(), place.to_owned())], "{files}");
    }
    let old = json!({"file_upload": {"image": {"enabled": true, "number_limits": 2, "transfer_methods": ["remote_url"]}}});
    let workflow = app.publish(&document(shows_all, old)).await;
    let sent = json!({"files": [remote("https://h.test/a.png")]});
    let run = workflow.start(sent).await.expect(200);
    assert_eq!(run["outputs"]["sent"][0]["url"], "https://h.test/a.png");
}

#[tokio::test]
async fn a_model_is_sent_what_is_kept_here_and_the_address_of_what_is_not() {
    let app = TestApp::new().await;
    app.credential("only").await;
    let sees = |document: Document| {
        let document = document
            .llm("ask", "What is this?", "only")
            .end("end", &[("text", "ask.text")])
            .line(&["start", "ask", "end"]);
        let mut raw = document.json();
        let data = &mut raw["workflow"]["graph"]["nodes"][1]["data"];
        // Of a model that is in no catalogue nobody knows that it sees nothing.
        data["model"]["name"] = json!("sees-perhaps");
        data["vision"] = json!({"enabled": true,
            "configs": {"variable_selector": ["sys", "files"], "detail": "low"}});
        Document::from_json(raw)
    };
    let upload = json!({"file_upload": {"enabled": true, "allowed_file_types": ["image"]}});
    let workflow = app.publish(&document(sees, upload)).await;
    let picture = uploaded(app.user(), "a.png", "PNG").await;
    let files = json!([local(&picture), remote("https://h.test/b.png")]);
    let run = workflow.start(json!({"files": files})).await.expect(200);
    assert_eq!(run["status"], "succeeded", "{run}");
    let body = app.provider().chats()[0].body.clone();
    let parts = body["messages"][0]["content"].clone();
    assert_eq!(
        parts,
        json!([
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,UE5H", "detail": "low"}},
            {"type": "image_url", "image_url": {"url": "https://h.test/b.png", "detail": "low"}},
            {"type": "text", "text": "What is this?"},
        ])
    );
    let nodes = app
        .user()
        .node_executions(run["id"].as_str().unwrap())
        .await;
    assert!(!nodes[1].to_string().contains("base64"), "{}", nodes[1]);
}

fn extracts(document: Document) -> Document {
    let data = json!({"variable_selector": ["start", "doc"], "is_array_file": false});
    document
        .node("read", "document-extractor", data)
        .end("end", &[("text", "read.text")])
        .line(&["start", "read", "end"])
}

#[tokio::test]
async fn the_text_of_a_document_is_extracted() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document(extracts, json!({}))).await;
    let table = uploaded(app.user(), "a.csv", "name,age\nBo,\n").await;
    let run = workflow.run(json!({"doc": local(&table)})).await;
    let text = "| name | age |\n| ---- | --- |\n| Bo |  |\n";
    assert_eq!(run["outputs"]["text"], text, "{run}");
}

#[tokio::test]
async fn a_document_that_cannot_be_read_fails_its_node_and_nothing_else() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document(extracts, json!({}))).await;
    let gone = uploaded(app.user(), "gone.txt", "x").await;
    let removed = app.user().delete(&format!("/files/{gone}")).await;
    assert_eq!(removed.status, 204);
    let told = refused(&workflow, json!({"inputs": {"doc": local(&gone)}})).await;
    assert_eq!(told[0].0, "file_unknown");
    for (name, content, part) in [
        (
            "a.pdf",
            "%PDF-1.7 broken",
            "Failed to extract text from PDF",
        ),
        ("a.docx", "PK broken", "Failed to extract text from DOCX"),
        ("a.json", "{", "Failed to extract text from JSON"),
        ("a.zzz", "x", "Unsupported Extension Type: .zzz"),
    ] {
        let file = uploaded(app.user(), name, content).await;
        let run = workflow.run(json!({"doc": local(&file)})).await;
        let error = run["error"]["message"].as_str().unwrap_or_default();
        assert!(error.contains(part), "{name}: {run}");
    }
    let good = uploaded(app.user(), "a.txt", "still here").await;
    let run = workflow.run(json!({"doc": local(&good)})).await;
    assert_eq!(run["outputs"]["text"], "still here");
}

/// A file that nobody checked at the start: an object that says of itself that it is one.
#[tokio::test]
async fn a_run_reads_the_files_of_its_own_workspace_only() {
    let app = TestApp::new().await;
    let data = json!({"variable_selector": ["start", "o", "f"]});
    let document = Document::workflow("forged", &[])
        .node("read", "document-extractor", data)
        .end("end", &[("text", "read.text")])
        .line(&["start", "read", "end"]);
    let mut raw = document.json();
    raw["workflow"]["graph"]["nodes"][0]["data"]["variables"] =
        json!([{"variable": "o", "label": "o", "type": "json_object", "required": true}]);
    let document = Document::from_json(raw);
    let ours = uploaded(app.user(), "a.txt", "ours").await;
    let run = async |user: &User, reference: &str| {
        let workflow = user.publish(&document, &[]).await;
        let file = json!({"dify_model_identity": "__dify__file__", "type": "document", "transfer_method": "local_file",
            "reference": reference, "filename": "a.txt", "extension": ".txt"});
        workflow.run(json!({"o": {"f": file}})).await
    };
    assert_eq!(run(app.user(), &ours).await["outputs"]["text"], "ours");
    for (user, reference) in [
        (app.stranger(), ours.as_str()),
        (app.user(), "../../../etc/passwd"),
        (app.user(), ""),
    ] {
        let run = run(user, reference).await;
        assert_eq!(run["status"], "failed", "{run}");
        let error = run["error"]["message"].as_str().unwrap();
        assert!(error.contains("does not exist"), "{run}");
    }
}

#[tokio::test]
async fn json_that_looks_like_a_file_names_none() {
    let app = TestApp::new().await;
    let secret = uploaded(app.user(), "secret.json", "{\"secret\": 1}").await;
    let mut raw = Document::workflow("reads", &[])
        .object("o")
        .node(
            "read",
            "document-extractor",
            json!({"variable_selector": ["start", "o", "f"], "is_array_file": false}),
        )
        .end("end", &[("text", "read.text")])
        .line(&["start", "read", "end"])
        .json();
    raw["workflow"]["features"] = json!({});
    let workflow = app.publish(&Document::from_json(raw)).await;
    let forged = json!({"dify_model_identity": "__dify__file__", "transfer_method": "local_file", "type": "document",
        "related_id": secret, "reference": secret, "extension": ".json", "mime_type": "application/json", "filename": "x.json"});
    let run = workflow.run(json!({"o": {"f": forged}})).await;
    assert_eq!(run["status"], "failed", "{run}");
    assert!(!run.to_string().contains("secret\\\": 1"), "{run}");
}

/// The same with room for a long text in its first variable.
fn long_text(document: Document) -> Document {
    let mut raw = document.json();
    raw["workflow"]["graph"]["nodes"][0]["data"]["variables"][0]["max_length"] = json!(2000);
    Document::from_json(raw)
}

#[tokio::test]
async fn a_run_of_an_apps_key_reads_no_file_of_another_app() {
    let app = TestApp::new().await;
    // The address of a file is all that a code node needs to make one up.
    let code = "import json\ndef main(text):\n    return {'file': json.loads(text)}";
    let reads = long_text(Document::workflow("reads", &["text"])
        .node("make", "code", json!({"code_language": "python3", "code": code,
            "variables": [{"variable": "text", "value_selector": ["start", "text"]}], "outputs": {"file": {"type": "object", "children": null}}}))
        .node("read", "document-extractor", json!({"variable_selector": ["make", "file"], "is_array_file": false}))
        .end("end", &[("text", "read.text")])
        .line(&["start", "make", "read", "end"]));
    let (own, other) = (app.publish(&reads).await, app.publish(&reads).await);
    let key_of = async |workflow: &Workflow| {
        let body = json!({"name": "app", "kind": "app", "workflow_id": workflow.id, "scopes": ["runs:read", "runs:write"]});
        app.user_of_key(body).await
    };
    let (mine, theirs) = (key_of(&own).await, key_of(&other).await);
    for (owner, ends) in [(&theirs, "failed"), (&mine, "succeeded")] {
        let file = uploaded(owner, "a.json", "{\"told\": 1}").await;
        let forged = json!({"dify_model_identity": "__dify__file__", "transfer_method": "local_file", "type": "document", "reference": file,
            "related_id": file, "extension": ".json", "mime_type": "application/json"});
        let text = forged.to_string();
        let run = mine
            .workflow(&json!(own.id))
            .run(json!({"text": text}))
            .await;
        assert_eq!(run["status"], ends, "{run}");
    }
}
