//! Pools: made, changed, deleted, and paying.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::document::{self, Document};
use latchkey_tests::provider::{Reply, Rule};
use latchkey_tests::shown;
use latchkey_tests::user::User;
use serde_json::{Value as Json, json};

const PATH: &str = "/credential-pools";

/// A pool `team` of credentials with these names, which are stored for it.
async fn team(app: &TestApp, strategy: &str, names: &[&str]) -> Json {
    let mut members = Vec::new();
    for name in names {
        members.push(json!({"credential_id": app.credential(name).await}));
    }
    let body =
        json!({"provider": "deepseek", "name": "team", "strategy": strategy, "members": members});
    app.user().post(PATH, body).await.expect(201)
}

fn path(pool: &Json) -> String {
    format!("{PATH}/{}", pool["id"].as_str().unwrap())
}

fn why() -> Json {
    json!({"question": "why"})
}

/// The resolution of the one model node of a run.
async fn resolution(user: &User, run: &Json) -> Json {
    let nodes = user.node_executions(run["id"].as_str().unwrap()).await;
    let node = nodes.into_iter().find(|node| node["node_id"] == "ask");
    node.unwrap()["resolution"].clone()
}

#[tokio::test]
async fn a_pool_is_made_read_changed_and_deleted() {
    let app = TestApp::new().await;
    let made = team(&app, "weighted", &["one", "two"]).await;
    let read = app.user().get(&path(&made)).await;
    assert_eq!(read.expect(200), made);
    assert_snapshot!(shown::answer(&read), @r#"
    200
    {
      "id": "<id 1>",
      "provider": "deepseek",
      "name": "team",
      "strategy": "weighted",
      "members": [
        {"credential_id":"<id 2>","credential_name":"one","weight":1},
        {"credential_id":"<id 3>","credential_name":"two","weight":1}
      ],
      "created_at": "2026-01-01T00:00:00.000Z",
      "updated_at": "2026-01-01T00:00:00.000Z"
    }
    "#);
    let two = &made["members"][1]["credential_id"];
    let change = json!({"name": "squad", "members": [{"credential_id": two, "weight": 9}]});
    let changed = app.user().patch(&path(&made), change).await.expect(200);
    assert_eq!(changed["name"], "squad");
    assert_eq!(changed["strategy"], "weighted", "what is absent stays");
    assert_eq!(
        changed["members"],
        json!([{"credential_id": two, "credential_name": "two", "weight": 9}])
    );
    assert_eq!(
        app.user().pages("/api/v1/credential-pools").await,
        [changed]
    );
    let _ = app.user().delete(&path(&made)).await.expect(204);
    let gone = app.user().get(&path(&made)).await;
    assert_eq!(gone.refusal(), (404, "not_found".to_owned()));
    let again = app.user().delete(&path(&made)).await;
    assert_eq!(again.refusal(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn what_is_wrong_with_a_pool_is_told_with_its_place() {
    let app = TestApp::new().await;
    let one = app.credential("one").await;
    let of_model = json!({"provider": "deepseek", "name": "of-model", "model": "deepseek-chat", "validate": false,
        "values": {"api_key": "test-key-model"}});
    let of_model = app.user().post("/credentials", of_model).await.expect(201);
    let elsewhere = json!({"provider": "openai", "name": "elsewhere", "validate": false, "values": {"api_key": "test-key-else"}});
    let elsewhere = app.user().post("/credentials", elsewhere).await.expect(201);
    let pool = team(&app, "priority", &["two"]).await;
    let unknown = "01900000-0000-7000-8000-000000000000";
    let body = |members: Json| json!({"provider": "deepseek", "name": "other", "members": members});
    for (wrong, status, code, pointer) in [
        (body(json!([])), 422, "invalid_input", "/members"),
        (
            body(json!([{"credential_id": unknown}])),
            422,
            "credential_not_found",
            "/members/0/credential_id",
        ),
        (
            body(json!([{"credential_id": pool["id"]}])),
            422,
            "credential_not_found",
            "/members/0/credential_id",
        ),
        (
            body(json!([{"credential_id": one}, {"credential_id": one}])),
            422,
            "invalid_input",
            "/members/1/credential_id",
        ),
        (
            body(json!([{"credential_id": one, "weight": 0}])),
            422,
            "invalid_input",
            "/members/0/weight",
        ),
        (
            body(json!([{"credential_id": one, "weight": 1001}])),
            422,
            "invalid_input",
            "/members/0/weight",
        ),
        (
            body(json!([{"credential_id": elsewhere["id"]}])),
            422,
            "credential_provider_mismatch",
            "/members/0/credential_id",
        ),
        (
            body(json!([{"credential_id": of_model["id"]}])),
            422,
            "credential_provider_mismatch",
            "/members/0/credential_id",
        ),
        (
            json!({"provider": "deepseek", "name": "a bad name", "members": [{"credential_id": one}]}),
            422,
            "invalid_name",
            "/name",
        ),
        (
            json!({"provider": "nobody", "name": "x", "members": [{"credential_id": one}]}),
            422,
            "provider_unknown",
            "/provider",
        ),
    ] {
        let answer = app.user().post(PATH, wrong).await;
        assert_eq!(
            answer.refusal(),
            (status, code.to_owned()),
            "{}",
            answer.text
        );
        assert_eq!(answer.expect(status)["errors"][0]["pointer"], pointer);
    }
    let mut strategy = body(json!([{"credential_id": one}]));
    strategy["strategy"] = json!("random");
    let answer = app.user().post(PATH, strategy).await;
    assert_eq!(answer.refusal(), (422, "invalid_input".to_owned()));
    for taken in ["one", "team"] {
        let mut body = body(json!([{"credential_id": one}]));
        body["name"] = json!(taken);
        let answer = app.user().post(PATH, body).await;
        assert_eq!(answer.refusal(), (409, "conflict".to_owned()));
    }
    let named = json!({"provider": "deepseek", "name": "team", "validate": false, "values": {"api_key": "test-key-team"}});
    let answer = app.user().post("/credentials", named).await;
    assert_eq!(answer.refusal(), (409, "conflict".to_owned()));
    assert_eq!(app.user().pages("/api/v1/credential-pools").await.len(), 1);
}

#[tokio::test]
async fn in_a_round_robin_each_member_pays_in_turn() {
    let app = TestApp::new().await;
    team(&app, "round_robin", &["one", "two", "three"]).await;
    let workflow = app.paid_by("team").await;
    for _ in 0..6 {
        assert_eq!(workflow.run(why()).await["status"], "succeeded");
    }
    let keys = ["one", "two", "three"].map(|name| (format!("test-key-{name}"), 2));
    assert_eq!(app.provider().calls_by_key(), BTreeMap::from(keys));
    let seen: Vec<String> = app
        .provider()
        .chats()
        .into_iter()
        .map(|chat| chat.key)
        .collect();
    assert_eq!(seen[..3], seen[3..], "in the same order again");
}

#[tokio::test]
async fn a_heavy_member_pays_its_share() {
    let app = TestApp::new().await;
    let pool = team(&app, "weighted", &["one", "two"]).await;
    let ids = [0, 1].map(|at| pool["members"][at]["credential_id"].clone());
    let members = json!([{"credential_id": ids[0], "weight": 3}, {"credential_id": ids[1]}]);
    let change = json!({"members": members});
    let _ = app.user().patch(&path(&pool), change).await.expect(200);
    let workflow = app.paid_by("team").await;
    for _ in 0..8 {
        assert_eq!(workflow.run(why()).await["status"], "succeeded");
    }
    let expected = [
        ("test-key-one".to_owned(), 6),
        ("test-key-two".to_owned(), 2),
    ];
    assert_eq!(app.provider().calls_by_key(), BTreeMap::from(expected));
}

#[tokio::test]
async fn the_least_busy_member_is_asked() {
    let app = TestApp::new().await;
    team(&app, "least_busy", &["one", "two", "three"]).await;
    app.provider().script(Rule::always(Reply::Hangs));
    let workflow = app.paid_by("team").await;
    let mut runs = Vec::new();
    for number in 1..=3 {
        runs.push(workflow.detach(why()).await);
        app.provider().arrived(number).await;
    }
    let keys: Vec<usize> = app.provider().calls_by_key().into_values().collect();
    assert_eq!(keys, [1, 1, 1]);
    for run in runs {
        let _ = app.user().stop(&run).await.expect(202);
        app.user().run_over(&run).await;
    }
}

#[tokio::test]
async fn a_member_that_is_turned_down_for_now_leaves_the_call_to_the_next() {
    let app = TestApp::new().await;
    team(&app, "priority", &["one", "two"]).await;
    app.provider()
        .script(Rule::for_key("test-key-one", Reply::rate_limited(1)));
    let workflow = app.paid_by("team").await;
    let run = workflow.run(why()).await;
    assert_eq!(run["status"], "succeeded", "{run}");
    let resolution = resolution(app.user(), &run).await;
    assert_eq!(resolution["credential_name"], "two");
    assert_eq!(
        resolution["pool"],
        json!({"name": "team", "member": "two", "attempt": 2})
    );
    assert_eq!(resolution["selector_rendered"], "team");
    assert_eq!(resolution["skipped"][0]["credential_name"], "one");
    let calls = app.user().model_calls(run["id"].as_str().unwrap()).await;
    assert_eq!(calls.len(), 2, "each attempt has its row: {calls:?}");
}

#[tokio::test]
async fn after_the_first_piece_of_an_answer_nobody_else_is_asked() {
    let app = TestApp::new().await;
    team(&app, "priority", &["one", "two"]).await;
    let cut = Reply::Cut(
        "well".to_owned(),
        latchkey_tests::provider::Break::BetweenEvents,
    );
    app.provider().script(Rule::for_key("test-key-one", cut));
    let run = app.paid_by("team").await.run(why()).await;
    assert_eq!(run["status"], "failed", "{run}");
    let expected = [("test-key-one".to_owned(), 1)];
    assert_eq!(app.provider().calls_by_key(), BTreeMap::from(expected));
}

#[tokio::test]
async fn a_pool_may_be_bound_stated_chosen_by_variable_and_a_fallback() {
    let app = TestApp::new().await;
    team(&app, "priority", &["one"]).await;
    app.credential("spare").await;
    let bound = app.publish(&document::one_model("")).await;
    let settings = json!({"bindings": [{"provider": "deepseek", "credential_name": "team"}], "runtime_override": "named",
        "runtime_allow": ["te*"]});
    let path = bound.path("/credential-settings");
    let _ = app.user().client().put(&path, settings).await.expect(200);
    let run = bound.run(why()).await;
    assert_eq!(
        resolution(app.user(), &run).await["level"],
        "workflow_binding"
    );
    let stated =
        json!({"inputs": why(), "credential_overrides": {"deepseek": {"credential_name": "team"}}});
    let run = bound.start(stated).await.expect(200);
    assert_eq!(resolution(app.user(), &run).await["level"], "run_override");
    let by_variable = document::one_model("{{#start.tenant#}}");
    let by_variable = app.user().publish(&by_variable, &["team"]).await;
    let run = by_variable.run(json!({"tenant": "team"})).await;
    assert_eq!(resolution(app.user(), &run).await["pool"]["name"], "team");
    let rows = by_variable
        .resolve(json!({"inputs": {"tenant": "team"}}))
        .await;
    let row = &rows.expect(200)["nodes"][0];
    assert_eq!(row["resolution"]["pool"]["member"], "one");
    let mut with_fallback = document::one_model("spare").json();
    let model = &mut with_fallback["workflow"]["graph"]["nodes"][1]["data"]["model"];
    model["credential_fallback"] = json!(["team"]);
    let with_fallback = app.publish(&Document::from_json(with_fallback)).await;
    app.provider()
        .script(Rule::for_key("test-key-spare", Reply::server_error(503)));
    let run = with_fallback.run(why()).await;
    let reason = resolution(app.user(), &run).await;
    assert_eq!(
        (&reason["fallback"], &reason["credential_name"]),
        (&json!(1), &json!("one"))
    );
}

#[tokio::test]
async fn a_pool_that_is_changed_or_deleted_is_so_at_the_next_call() {
    let app = TestApp::new().await;
    let pool = team(&app, "priority", &["one"]).await;
    let two = app.credential("two").await;
    let workflow = app.paid_by("team").await;
    let change = json!({"members": [{"credential_id": two}]});
    let _ = app.user().patch(&path(&pool), change).await.expect(200);
    let run = workflow.run(why()).await;
    assert_eq!(resolution(app.user(), &run).await["credential_name"], "two");
    // The last member goes: the pool is there, and empty.
    let _ = app
        .user()
        .delete(&format!("/credentials/{two}?force=true"))
        .await;
    let left = app.user().get(&path(&pool)).await.expect(200);
    assert_eq!(left["members"], json!([]));
    let run = workflow.run(why()).await;
    assert_eq!(run["error"]["code"], "credential_forbidden", "{run}");
    let used = app.user().delete(&path(&pool)).await.expect(409);
    assert_eq!(used["code"], "pool_in_use", "{used}");
    let references = app.user().get(&format!("{}/references", path(&pool))).await;
    let references = references.expect(200);
    let named = references["data"].as_array().unwrap();
    assert_eq!(used["errors"].as_array().unwrap().len(), named.len());
    assert_eq!(
        (&named[0]["kind"], &named[0]["workflow_id"]),
        (&json!("node"), &json!(workflow.id)),
        "{references}"
    );
    let forced = format!("{}?force=true", path(&pool));
    let _ = app.user().delete(&forced).await.expect(204);
    let run = workflow.run(why()).await;
    assert_eq!(run["error"]["code"], "credential_not_found", "{run}");
}

#[tokio::test]
async fn a_tools_credential_may_come_out_of_a_pool() {
    let app = TestApp::new().await;
    let server = latchkey_tests::tool_server::ToolServer::start();
    let provider = json!({"name": "weather", "kind": "openapi", "document": server.document()});
    let _ = app
        .user()
        .post("/tool-providers", provider)
        .await
        .expect(201);
    let mut members = Vec::new();
    for name in ["one", "two"] {
        let new = json!({"provider": "tool/weather", "name": name, "values": {"api_key": format!("test-key-{name}")}});
        let made = app.user().post("/credentials", new).await.expect(201);
        members.push(json!({"credential_id": made["id"]}));
    }
    let pool = json!({"provider": "tool/weather", "name": "team", "strategy": "round_robin", "members": members});
    let _ = app.user().post(PATH, pool).await.expect(201);
    let looking = Document::workflow("looking", &["city"])
        .tool(
            "look",
            "api/weather/get_weather",
            &[("city", "{{#start.city#}}")],
        )
        .end("end", &[("text", "look.text")])
        .line(&["start", "look", "end"]);
    let mut looking = looking.json();
    looking["workflow"]["graph"]["nodes"][1]["data"]["credential_name"] = json!("team");
    let workflow = app.publish(&Document::from_json(looking)).await;
    for _ in 0..2 {
        let run = workflow.run(json!({"city": "Paris"})).await;
        assert_eq!(run["status"], "succeeded", "{run}");
    }
    let keys: Vec<String> = server.asked().into_iter().map(|asked| asked.key).collect();
    assert_eq!(keys, ["test-key-one", "test-key-two"]);
}
