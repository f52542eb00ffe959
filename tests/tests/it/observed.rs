//! What operators are told by the built binary: counts, traces, how it stands, and what is no longer kept. Never what users say.

use std::time::Duration;

use latchkey_tests::bucket::{BucketServer, KEY_ID};
use latchkey_tests::collector::{Collector, said};
use latchkey_tests::document;
use latchkey_tests::provider::{Provider, Reply, Rule};
use latchkey_tests::requires;
use latchkey_tests::server::{Server, Setup};
use latchkey_tests::user::{User, Workflow};
use latchkey_tests::wait;
use serde_json::json;

const KEY: &str = "test-key-observed";
const PROMPT: &str = "what-nobody-is-told";
const TOKEN: &str = "operator-token-of-a-test";

/// A server with a workflow whose one model node is paid by [`KEY`].
async fn paid(setup: Setup, provider: &Provider) -> (Server, Workflow) {
    let server = setup.start().await;
    let user = User::new(server.client());
    user.credential("only", KEY, provider).await;
    let workflow = user.publish(&document::one_model("only"), &["only"]).await;
    (server, workflow)
}

#[tokio::test]
async fn a_run_is_a_trace_without_anything_that_was_said_in_it() {
    let (collector, provider) = (Collector::start(), Provider::start());
    let setup = Setup::sqlite()
        .with("LATCHKEY_OTLP_URL", &collector.url())
        .with(
            "LATCHKEY_OTLP_HEADERS",
            "x-collector-key=test-key-collector",
        );
    let (server, workflow) = paid(setup, &provider).await;
    let run = workflow
        .run(json!({"tenant": "acme", "question": PROMPT}))
        .await;
    let trace = run["id"].as_str().unwrap().replace('-', "");
    let trace: Vec<u8> = (0..32)
        .step_by(2)
        .map(|at| u8::from_str_radix(&trace[at..at + 2], 16).unwrap())
        .collect();
    let spans = wait::until("the trace is whole", async || {
        let mut spans = collector.spans();
        spans.retain(|span| span.trace_id == trace);
        // Three nodes, one call and the run itself.
        (spans.len() == 5).then_some(spans)
    })
    .await;
    let named = |name: &str| {
        spans
            .iter()
            .find(|span| span.name.starts_with(name))
            .unwrap()
    };
    let (root, node, call) = (named("invoke_workflow"), named("node llm"), named("chat"));
    assert_eq!(root.name, "invoke_workflow one model");
    assert_eq!(
        said(root, "gen_ai.operation.name").unwrap(),
        "invoke_workflow"
    );
    assert_eq!(said(root, "latchkey.status").unwrap(), "succeeded");
    assert_eq!(root.parent_span_id, Vec::<u8>::new());
    assert_eq!(node.parent_span_id, root.span_id);
    assert_eq!(call.parent_span_id, node.span_id);
    assert_eq!(said(call, "gen_ai.operation.name").unwrap(), "chat");
    assert_eq!(said(call, "gen_ai.provider.name").unwrap(), "deepseek");
    assert_eq!(said(call, "latchkey.credential.level").unwrap(), "node");
    let calls = User::new(server.client())
        .model_calls(run["id"].as_str().unwrap())
        .await;
    let counted = calls[0]["usage"]["output_tokens"].as_u64();
    let counted = counted.or_else(|| calls[0]["output_tokens"].as_u64());
    assert_eq!(
        said(call, "gen_ai.usage.output_tokens"),
        counted.map(|count| count.to_string())
    );
    assert!(root.start_time_unix_nano <= call.start_time_unix_nano);
    assert!(call.end_time_unix_nano <= root.end_time_unix_nano);
    assert!(
        collector
            .keys()
            .iter()
            .all(|key| key == "test-key-collector")
    );
    let raw = String::from_utf8_lossy(&collector.raw()).into_owned();
    for secret in [KEY, PROMPT, "acme"] {
        assert!(!raw.contains(secret), "{secret} is in a trace");
    }
    let printed = server.printed();
    assert!(!printed.contains("test-key-collector"));
}

#[tokio::test]
async fn runs_go_on_when_no_collector_is_there() {
    let provider = Provider::start();
    let setup = Setup::sqlite().with("LATCHKEY_OTLP_URL", "http://127.0.0.1:9");
    let (_server, workflow) = paid(setup, &provider).await;
    for _ in 0..3 {
        let run = workflow
            .run(json!({"tenant": "acme", "question": "why"}))
            .await;
        assert_eq!(run["status"], "succeeded");
    }
}

/// The number after a line's name.
fn number(text: &str, name: &str) -> Option<f64> {
    let line = text
        .lines()
        .find(|line| line.starts_with(&format!("{name} ")))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[tokio::test]
async fn counts_are_for_the_operator_and_name_no_user() {
    let provider = Provider::start();
    let setup = Setup::sqlite().with("LATCHKEY_METRICS_TOKEN", TOKEN);
    let (server, workflow) = paid(setup, &provider).await;
    workflow
        .run(json!({"tenant": "acme", "question": PROMPT}))
        .await;
    let client = server.client();
    assert_eq!(client.get("/metrics").await.status, 401);
    let nobody = client.with_key(None).get("/metrics").await;
    assert_eq!(nobody.status, 401);
    let operator = client.with_key(Some(TOKEN));
    let answer = operator.request("GET", "/metrics").send().await;
    assert_eq!(answer.status, 200);
    let text = answer.text.clone();
    for (name, least) in [
        ("latchkey_runs_started_total", 1.0),
        ("latchkey_runs_ended_total{status=\"succeeded\"}", 1.0),
        (
            "latchkey_model_calls_total{provider=\"deepseek\",outcome=\"succeeded\"}",
            1.0,
        ),
        ("latchkey_workers_alive", 1.0),
        ("latchkey_journal_commit_seconds_count", 1.0),
    ] {
        let found = number(&text, name);
        assert!(
            found.is_some_and(|found| found >= least),
            "{name}: {found:?}\n{text}"
        );
    }
    let route = "route=\"/api/v1/workflows/{id}/runs\"";
    assert!(text.contains(route), "{text}");
    for said in ["acme", PROMPT, KEY, &workflow.id] {
        assert!(!text.contains(said), "{said} is in a metric");
    }
}

#[tokio::test]
async fn without_a_token_the_owner_of_the_only_workspace_reads_the_counts() {
    let server = Setup::sqlite().start().await;
    let user = User::new(server.client());
    let narrow = json!({"name": "narrow", "scopes": ["runs:read"]});
    let narrow = user.post("/api-keys", narrow).await.expect(201);
    let owner = server.client().get("/metrics").await;
    assert_eq!(owner.status, 200);
    let narrow = server.client().with_key(narrow["key"].as_str());
    assert_eq!(narrow.get("/metrics").await.status, 403);
    let status = user.get("/status").await.expect(200);
    assert_eq!(status["banner"], json!(null));
    assert_eq!(status["workers"], 1);
}

#[tokio::test]
async fn what_is_older_than_it_is_to_be_kept_goes_after_the_next_start() {
    let mut server = Setup::sqlite()
        .with("LATCHKEY_RETENTION_EVENTS", "1s")
        .with("LATCHKEY_RETENTION_NODES", "off")
        .start()
        .await;
    let user = User::new(server.client());
    let workflow = user.publish(&document::light(), &[]).await;
    let run = workflow.run(json!({"name": "you"})).await;
    let id = run["id"].as_str().unwrap().to_owned();
    let waits = user.publish(&document::approval(), &[]).await;
    let waits = waits.run(json!({"what": "May it"})).await;
    // The run has to be older than a second.
    let long = Duration::from_millis(1100);
    tokio::time::sleep(long).await;
    server.terminate();
    server.exit().await;
    server.start().await;
    let user = User::new(server.client());
    let path = format!("/runs/{id}/events");
    wait::until("the events are gone", async || {
        let answer = user.get(&path).await;
        (answer.status == 404 && answer.code() == "events_removed").then_some(())
    })
    .await;
    assert_eq!(user.run(&id).await["outputs"], run["outputs"]);
    assert_eq!(user.node_executions(&id).await.len(), 4);
    // What has not ended keeps everything.
    let waits = waits["id"].as_str().unwrap();
    let forms = user.pages(&format!("/api/v1/runs/{waits}/forms")).await;
    assert_eq!(forms.len(), 1);
    assert_eq!(user.run(waits).await["status"], "paused");
}

#[tokio::test]
async fn large_values_of_a_run_lie_in_a_bucket_and_are_read_back() {
    let postgres = requires!(postgres);
    let bucket = BucketServer::start();
    let url = format!(
        "s3://{KEY_ID}:test-key-bucket@acme/files?endpoint={}",
        bucket.endpoint()
    );
    let setup = Setup::postgres(postgres)
        .await
        .with("LATCHKEY_STORAGE_URL", &url);
    let provider = Provider::start();
    let said = "long ".repeat(20_000);
    provider.script(Rule::for_prompt("say much", Reply::words(&said)));
    let (mut server, workflow) = paid(setup, &provider).await;
    let run = workflow
        .run(json!({"tenant": "acme", "question": "say much"}))
        .await;
    let id = run["id"].as_str().unwrap().to_owned();
    let said = run["outputs"]["answer"].as_str().unwrap().to_owned();
    assert!(said.len() > 90_000, "{} bytes", said.len());
    let under_run = format!("/runs/{id}/");
    let names = bucket.names();
    assert!(
        names.iter().any(|name| name.contains(&under_run)),
        "{names:?}"
    );
    server.kill();
    server.start().await;
    let user = User::new(server.client());
    let read = user.run(&id).await;
    assert_eq!(
        (&read["inputs"], &read["outputs"]),
        (&run["inputs"], &run["outputs"])
    );
    let events = user.events(&id, None).await.rest().await;
    assert_eq!(events.last().unwrap().name, "run_finished");
    let nodes = user.node_executions(&id).await;
    assert!(nodes.iter().any(|node| node["outputs"]["text"] == said));
    assert!(!server.printed().contains("test-key-bucket"));
}
