//! Files on the built binary: kept over a kill, on both databases, and read by `latchkey run`.

use latchkey_tests::document::Document;
use latchkey_tests::requires;
use latchkey_tests::server::Setup;
use latchkey_tests::user::User;
use serde_json::json;

/// Start → document-extractor → end, over one file of any kind.
fn extracts() -> Document {
    let data = json!({"variable_selector": ["start", "doc"]});
    let document = Document::workflow("extract", &[])
        .node("read", "document-extractor", data)
        .end("end", &[("text", "read.text")])
        .line(&["start", "read", "end"]);
    let mut raw = document.json();
    raw["workflow"]["graph"]["nodes"][0]["data"]["variables"] =
        json!([{"variable": "doc", "label": "doc", "type": "file", "required": true}]);
    Document::from_json(raw)
}

async fn check_kept(setup: Setup) {
    let mut server = setup.start().await;
    let user = User::new(server.client());
    let workflow = user.publish(&extracts(), &[]).await;
    let file = user.upload("a.md", "", "# Kept").await.expect(201);
    server.kill();
    server.start().await;
    let id = file["id"].as_str().unwrap();
    let content = user.get(&format!("/files/{id}/content")).await;
    assert_eq!(content.text, "# Kept");
    let doc = json!({"transfer_method": "local_file", "upload_file_id": id});
    let run = workflow.run(json!({"doc": doc})).await;
    assert_eq!(run["outputs"]["text"], "# Kept", "{run}");
    let address = file["url"].as_str().unwrap();
    let (_, path) = address.split_once("/files/").unwrap();
    let shown = server.client().get(&format!("/files/{path}")).await;
    assert_eq!(shown.text, "# Kept");
}

#[tokio::test]
async fn files_outlive_a_kill_on_sqlite() {
    check_kept(Setup::sqlite()).await;
}

#[tokio::test]
async fn files_outlive_a_kill_on_postgres() {
    let postgres = requires!(postgres);
    check_kept(Setup::postgres(postgres).await).await;
}

#[tokio::test]
async fn a_setting_says_how_long_an_upload_may_be_and_where_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", folder.path().join("there").display());
    let setup = Setup::sqlite()
        .with("LATCHKEY_MAX_UPLOAD_MB", "1")
        .with("LATCHKEY_STORAGE_URL", &url);
    let server = setup.start().await;
    let user = User::new(server.client());
    let fits = user.upload("a.txt", "", "x").await;
    assert_eq!(fits.status, 201);
    let long = user.upload("a.txt", "", &"x".repeat((1 << 20) + 1)).await;
    assert_eq!(long.refusal(), (413, "too_large".to_owned()));
    let kept = folder.path().join("there").read_dir().unwrap();
    assert_eq!(kept.count(), 1, "a folder for the workspace");
}

#[tokio::test]
async fn a_file_without_a_server_is_read_from_its_path() {
    let server = Setup::sqlite().start().await;
    let write = |name: &str, content: &str| {
        let path = server.home().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let flow = write("flow.yml", &extracts().yaml());
    let table = write("a.csv", "name,age\nBo,\n");
    let doc = format!("doc=@{table}");
    let output = server.cli(&["run", &flow, "-i", &doc]);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.starts_with("| name | age |\n"), "{output:?}");
    for (given, part) in [
        ("doc=@no-such-file.txt", "no-such-file.txt"),
        ("doc=text", "doc in input form must be a file"),
        (
            "doc:={\"transfer_method\": \"local_file\", \"upload_file_id\": \"x\"}",
            "does not exist",
        ),
    ] {
        let output = server.cli(&["run", &flow, "-i", given]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{given}: {said}");
        assert!(said.contains(part), "{given}: {said}");
    }
}
