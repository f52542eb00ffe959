//! Iterations and loops as clients see them: their events, the executions of their nodes, who pays inside of them.

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::document::Document;
use latchkey_tests::provider::Reply;
use serde_json::{Value as Json, json};

/// One model call for each item of `data.letters`.
fn letters(credential_name: &str) -> Document {
    Document::workflow("letters", &["tenant"])
        .object("data")
        .iteration("it", "start.data.letters", "ask.text")
        .llm("ask", "letter {{#it.item#}}", credential_name)
        .outside()
        .end("end", &[("said", "it.output")])
        .line(&["start", "it", "end"])
        .edge("itstart", "ask")
}

fn inputs(tenant: &str) -> Json {
    json!({"tenant": tenant, "data": {"letters": ["a", "b", "c"]}})
}

#[tokio::test]
async fn every_call_inside_is_in_the_ledger_with_its_round() {
    let app = TestApp::new().await.answering(Reply::words("ok"));
    app.credential("customer-acme").await;
    let document = letters("customer-{{#start.tenant#}}");
    let workflow = app.user().publish(&document, &["customer-*"]).await;
    let run = workflow.run(inputs("acme")).await;
    assert_eq!(run["outputs"], json!({"said": ["ok", "ok", "ok"]}));
    assert_eq!(run["steps"], 3);
    let id = run["id"].as_str().unwrap();
    let mut rounds: Vec<Json> = app
        .user()
        .model_calls(id)
        .await
        .into_iter()
        .map(|call| json!([call["iteration_path"], call["credential_name"]]))
        .collect();
    rounds.sort_by_key(ToString::to_string);
    let round = |index: u32| json!([[{"node_id": "it", "index": index}], "customer-acme"]);
    assert_eq!(rounds, [round(0), round(1), round(2)]);
}

#[tokio::test]
async fn the_nodes_inside_are_listed_with_their_rounds_and_the_container_sums_them_up() {
    let app = TestApp::new().await.answering(Reply::words("ok"));
    app.credential("only").await;
    let run = app.publish(&letters("only")).await.run(inputs("")).await;
    let nodes = app
        .user()
        .node_executions(run["id"].as_str().unwrap())
        .await;
    let lines: Vec<String> = nodes
        .iter()
        .map(|node| {
            let rounds: Json = node["iteration_path"]
                .as_array()
                .unwrap()
                .iter()
                .map(|step| step["index"].clone())
                .collect();
            format!(
                "{} {} {} {}",
                node["index"],
                node["node_id"].as_str().unwrap(),
                rounds,
                node["input_tokens"]
            )
        })
        .collect();
    assert_snapshot!(lines.join("\n"), @r"
    1 start [] 0
    2 it [] 6
    3 ask [0] 2
    4 ask [1] 2
    5 ask [2] 2
    6 end [] 0
    ");
    let map = &nodes[1]["process_data"]["iteration_duration_map"];
    assert_eq!(map.as_object().unwrap().len(), 3);
}

#[tokio::test]
async fn a_stream_tells_the_rounds_and_can_be_resumed_among_them() {
    let app = TestApp::new().await.answering(Reply::words("ok"));
    app.credential("only").await;
    let workflow = app.publish(&letters("only")).await;
    let one = json!({"data": {"letters": ["a"]}});
    let events = workflow.stream_to_end(one).await;
    let told: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    assert_snapshot!(told.join(" "), @"run_started node_started node_finished node_started iteration_started iteration_next node_started model_call node_finished iteration_succeeded text_chunk node_finished node_started node_finished run_finished");
    let end = events
        .iter()
        .find(|event| event.name == "iteration_succeeded")
        .unwrap();
    assert_eq!(end.data["outputs"], json!({"output": ["ok"]}));
    assert_eq!(
        (&end.data["steps"], &end.data["node_id"]),
        (&json!(1), &json!("it"))
    );
    let next = events
        .iter()
        .position(|event| event.name == "iteration_next")
        .unwrap();
    let run = events[0].data["run_id"].as_str().unwrap();
    let rest = app
        .user()
        .events(run, Some(&events[next].id))
        .await
        .rest()
        .await;
    assert_eq!(rest, events[next + 1..]);
}

#[tokio::test]
async fn the_dry_run_answers_for_the_models_inside() {
    let app = TestApp::new().await;
    app.credential("only").await;
    let workflow = app.publish(&letters("only")).await;
    let path = format!("/workflows/{}/credentials/resolve", workflow.id);
    let rows = app.user().post(&path, json!({})).await.expect(200);
    assert_eq!(rows["nodes"][0]["node_id"], "ask");
    assert_eq!(rows["nodes"][0]["outcome"], "resolved");
}

#[tokio::test]
async fn a_file_whose_container_begins_nowhere_is_not_published() {
    let app = TestApp::new().await;
    let mut document = letters("").json();
    document["workflow"]["graph"]["nodes"][1]["data"]["start_node_id"] = json!("gone");
    let document = Document::from_json(document);
    let imported = app
        .user()
        .try_import(&document.yaml(), "")
        .await
        .expect(201);
    let id = imported["workflow"]["id"].as_str().unwrap();
    let refused = app
        .user()
        .post(&format!("/workflows/{id}/publish"), json!({}))
        .await;
    let problem = refused.expect(422);
    assert_eq!(problem["errors"][0]["code"], "node_invalid");
    assert_eq!(problem["errors"][0]["node_id"], "it");
}
