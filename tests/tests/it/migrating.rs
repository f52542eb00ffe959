//! docs/migrating-from-dify.md, typed in as it stands, with files as Dify exports them.

use latchkey_tests::provider::Provider;
use latchkey_tests::requirement::workspace;
use latchkey_tests::server::Setup;
use serde_json::{Value as Json, json};

use crate::documentation::{blocks, checkout, text, type_in};

/// An app as Dify exports it: without a graph, and without a key.
const SUPPORT: &str = "
app: {description: '', icon: 🤖, icon_background: '#FFEAD5', mode: chat, name: Support, use_icon_as_answer_icon: false}
kind: app
version: 0.3.0
model_config:
  agent_mode: {enabled: false, max_iteration: 5, strategy: function_call, tools: []}
  annotation_reply: {enabled: false}
  dataset_configs: {datasets: {datasets: []}, retrieval_model: multiple}
  file_upload: {image: {enabled: false}}
  model: {completion_params: {stop: []}, mode: chat, name: gpt-4o-mini, provider: langgenius/openai/openai}
  more_like_this: {enabled: false}
  opening_statement: ''
  pre_prompt: You help customers.
  prompt_type: simple
  user_input_form: []
";

#[tokio::test(flavor = "multi_thread")]
async fn a_team_moves_as_it_is_written() {
    let server = Setup::sqlite().start().await;
    let provider = Provider::start();
    checkout(&server);
    let exported = server.home().join("exported");
    std::fs::create_dir_all(&exported).unwrap();
    std::fs::write(exported.join("support.yml"), SUPPORT).unwrap();
    let graph = latchkey_tests::document::light().yaml();
    std::fs::write(exported.join("greeting.yml"), graph).unwrap();
    std::fs::write(server.home().join("key.txt"), "test-key-of-the-team").unwrap();
    let page = text(&workspace().join("docs/migrating-from-dify.md"));
    let alias = "latchkey() { target/release/latchkey \"$@\"; }\n";
    // The only differences: the server's address, and that the key leads to the scripted provider.
    let lines = format!("{alias}{}", blocks(&page).concat())
        .replace("http://127.0.0.1:8080", &server.url())
        .replace(
            "--provider openai",
            &format!("--provider openai --set base_url={}", provider.base_url()),
        );
    let said = type_in(&server, &lines);
    assert!(said.contains("app_converted"), "{said}");
    let answer: Json = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&answer["event"], &answer["mode"]),
        (&json!("message"), &json!("chat"))
    );
    assert_eq!(answer["answer"], "the quick brown fox answers");
    let chats = provider.chats();
    assert_eq!(chats.last().unwrap().key, "test-key-of-the-team");
    // A dry run stores nothing: there are the sample and what was published.
    let listed = server.client().get("/api/v1/workflows").await.expect(200);
    let names: Vec<&Json> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|workflow| &workflow["name"])
        .collect();
    assert!(
        names.contains(&&json!("Support")) && !names.contains(&&json!("light")),
        "{names:?}"
    );
}
