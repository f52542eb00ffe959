//! The harness itself: a scripted provider that lies would make every other test worthless.

use latchkey_tests::app::TestApp;
use latchkey_tests::client::Client;
use latchkey_tests::document;
use latchkey_tests::provider::{Break, Provider, Reply, Rule};
use latchkey_tests::requirement;
use latchkey_tests::requires;
use serde_json::{Value as Json, json};

const CHAT: &str = "/v1/chat/completions";

fn ask(prompt: &str, stream: bool) -> Json {
    json!({"model": "m", "stream": stream, "stream_options": {"include_usage": true},
        "messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": [{"type": "text", "text": prompt}]}]})
}

fn client(provider: &Provider, key: &str) -> Client {
    Client::new(&format!("http://{}", provider.host()), Some(key))
}

#[tokio::test]
async fn the_provider_remembers_which_key_sent_which_prompt() {
    let provider = Provider::start();
    let (one, two) = (
        client(&provider, "test-key-one"),
        client(&provider, "test-key-two"),
    );
    let _ = one.post(CHAT, ask("mark=a", false)).await.expect(200);
    let _ = two.post(CHAT, ask("mark=b", false)).await.expect(200);
    let seen: Vec<_> = provider
        .chats()
        .into_iter()
        .map(|s| (s.key, s.prompt, s.status))
        .collect();
    let expected = |key: &str, mark: &str| (key.to_owned(), format!("be brief\n{mark}"), 200);
    assert_eq!(
        seen,
        [
            expected("test-key-one", "mark=a"),
            expected("test-key-two", "mark=b")
        ]
    );
}

#[tokio::test]
async fn the_provider_counts_words_and_streams_the_same_text() {
    let provider = Provider::start();
    provider.script(Rule::always(Reply::words("one two three")));
    let client = client(&provider, "test-key");
    let whole = client.post(CHAT, ask("a b", false)).await.expect(200);
    let events = client
        .request("POST", CHAT)
        .json(&ask("a b", true))
        .events()
        .await
        .rest()
        .await;
    let delta = |e: &latchkey_tests::sse::Event| {
        e.data["choices"][0]["delta"]["content"]
            .as_str()
            .map(str::to_owned)
    };
    let text: String = events.iter().filter_map(delta).collect();
    assert_eq!(whole["choices"][0]["message"]["content"], json!(text));
    let usage = json!({"prompt_tokens": 4, "completion_tokens": 3, "total_tokens": 7});
    assert_eq!(
        (&whole["usage"], &events[events.len() - 2].data["usage"]),
        (&usage, &usage)
    );
}

#[tokio::test]
async fn the_provider_refuses_one_key_a_number_of_times() {
    let provider = Provider::start();
    provider.script(Rule::for_key("bad", Reply::unauthorized()).times(1));
    provider.script(Rule::for_key("busy", Reply::rate_limited(7)));
    let bad = client(&provider, "bad");
    assert!(
        bad.post(CHAT, ask("x", true))
            .await
            .text
            .contains("provided: bad.")
    );
    assert_eq!(bad.post(CHAT, ask("x", true)).await.status, 200);
    let busy = client(&provider, "busy").post(CHAT, ask("x", true)).await;
    assert_eq!((busy.status, busy.header("retry-after")), (429, Some("7")));
}

#[tokio::test]
async fn a_hanging_request_is_open_until_its_caller_leaves() {
    let provider = Provider::start();
    provider.script(Rule::always(Reply::HangsAfter("some words".to_owned())));
    let mut events = client(&provider, "k")
        .request("POST", CHAT)
        .json(&ask("x", true))
        .events()
        .await;
    assert!(events.next().await.is_some());
    drop(events);
    provider.is_quiet().await;
}

#[tokio::test]
async fn a_cut_stream_ends_without_done() {
    for at in [
        Break::BetweenEvents,
        Break::InsideEvent,
        Break::InsideCharacter,
    ] {
        let provider = Provider::start();
        provider.script(Rule::always(Reply::Cut("two words".to_owned(), at)));
        let client = client(&provider, "k");
        let events = client
            .request("POST", CHAT)
            .json(&ask("x", true))
            .events()
            .await
            .rest()
            .await;
        assert_eq!(events.len(), 2, "{at:?}");
    }
}

#[test]
fn documents_are_built_as_dify_writes_them() {
    let document = document::one_model("customer-{{#start.tenant#}}").json();
    let model = &document["workflow"]["graph"]["nodes"][1]["data"]["model"];
    assert_eq!(model["credential_name"], "customer-{{#start.tenant#}}");
    assert_eq!(
        document["workflow"]["graph"]["edges"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn each_test_gets_a_postgres_database_of_its_own() {
    let postgres = requires!(postgres);
    assert_ne!(postgres.database().await, postgres.database().await);
}

#[test]
fn what_did_not_run_is_said() {
    requirement::report(&requirement::workspace().join("tests/tests/it"));
}

#[tokio::test]
async fn an_app_tells_what_a_test_has_left_over() {
    let app = TestApp::new().await.answering(Reply::Hangs);
    app.credential("only").await;
    let run = app.paid_by("only").await.detach(json!({})).await;
    app.provider().arrived(1).await;
    let left = [
        format!("run {run} is not over"),
        "1 runs had to be given up".to_owned(),
    ];
    assert_eq!(app.leftovers(), left);
}

#[tokio::test]
async fn an_app_runs_on_a_postgres_database_of_its_own() {
    let app = TestApp::on_postgres(requires!(postgres)).await;
    let workflow = app.publish(&document::light()).await;
    let run = workflow.run(json!({"name": "Ada"})).await;
    assert_eq!(run["outputs"]["greeting"], "Hello Ada");
    assert_eq!(
        app.stranger().get("/workflows").await.expect(200)["data"],
        json!([])
    );
}
