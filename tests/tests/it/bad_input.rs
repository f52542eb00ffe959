//! What people get wrong, each with a clear answer: a code, an exit or a status; none a panic, none half-saved.

use latchkey_tests::client::Answer;
use latchkey_tests::document::{self, Document};
use latchkey_tests::provider::Provider;
use latchkey_tests::requires;
use latchkey_tests::server::{Server, Setup};
use latchkey_tests::user::User;
use serde_json::{Value as Json, json};

const API: &str = "/api/v1";
const NOBODY: &str = "01900000-0000-7000-8000-000000000000";

async fn server() -> (Server, User) {
    let server = Setup::sqlite().start().await;
    let user = User::new(server.client());
    (server, user)
}

async fn workflows(user: &User) -> usize {
    user.pages(&format!("{API}/workflows")).await.len()
}

/// The codes in a refusal: the problem's own, its errors' and its report's.
fn codes(answer: &Answer) -> Vec<String> {
    fn collect(value: &Json, into: &mut Vec<String>) {
        match value {
            Json::Object(map) => map.iter().for_each(|(name, value)| match value.as_str() {
                Some(code) if name == "code" => into.push(code.to_owned()),
                _ => collect(value, into),
            }),
            Json::Array(list) => list.iter().for_each(|value| collect(value, into)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }
    let mut codes = Vec::new();
    collect(&answer.expect(answer.status), &mut codes);
    codes
}

/// A file is refused with this status, and nothing is stored.
async fn check_refused(user: &User, what: &str, file: &str, status: u16) -> Answer {
    let before = workflows(user).await;
    let answer = user.try_import(file, "").await;
    assert_eq!(answer.status, status, "{what}: {:.500}", answer.text);
    assert!(!codes(&answer).is_empty(), "{what}: {:.500}", answer.text);
    assert_eq!(workflows(user).await, before, "{what} was half-saved");
    answer
}

#[tokio::test]
async fn broken_yaml_is_refused_with_line_and_column() {
    let (_server, user) = server().await;
    let file = "app:\n  name: x\n  mode: workflow\nworkflow:\n  graph: [1, 2\nversion: 0.1.0\n";
    let answer = check_refused(&user, "broken", file, 422).await;
    let text = &answer.text;
    assert!(
        text.contains("\"line\":") && text.contains("\"column\":"),
        "{text}"
    );
}

#[tokio::test]
async fn bombs_are_refused_quickly() {
    let (_server, user) = server().await;
    let levels = |n: usize| {
        format!(
            "a{n}: &a{n} [{}]\n",
            vec![format!("*a{}", n - 1); 10].join(", ")
        )
    };
    let aliases = (1..12).fold("a0: &a0 [x, x]\n".to_owned(), |bomb, n| bomb + &levels(n));
    let depth = "[".repeat(100_000);
    let deep_json = format!("{}{}", "{\"a\":".repeat(50_000), "}".repeat(50_000));
    for (what, bomb) in [
        ("aliases", &aliases),
        ("depth", &depth),
        ("deep JSON", &deep_json),
    ] {
        let began = std::time::Instant::now();
        check_refused(&user, what, bomb, 422).await;
        assert!(
            began.elapsed().as_secs() < 10,
            "{what} took {:?}",
            began.elapsed()
        );
    }
}

#[tokio::test]
async fn a_file_over_ten_mebibytes_is_too_large() {
    let (_server, user) = server().await;
    let padding = format!("# {}\n", "x".repeat(10 << 20));
    let answer = check_refused(&user, "large", &(padding + &document::light().yaml()), 413).await;
    assert_eq!(answer.code(), "too_large");
}

#[tokio::test]
async fn duplicate_keys_are_told() {
    let (_server, user) = server().await;
    let file = document::light().yaml() + "\nkind: app\n";
    let answer = user.try_import(&file, "?dry_run=true").await;
    assert!(answer.text.contains("duplicate"), "{:.500}", answer.text);
}

#[tokio::test]
async fn graphs_that_cannot_run_are_refused_with_their_nodes() {
    let (_server, user) = server().await;
    let cycle = document::light().edge("check:false", "greet");
    let nowhere = document::light().edge("greet", "nowhere");
    let two_starts = document::light().node("start2", "start", json!({"variables": []}));
    let twins = document::light().node(
        "greet",
        "template-transform",
        json!({"template": "x", "variables": []}),
    );
    for (what, graph, part) in [
        ("a cycle", cycle, "greet"),
        ("an edge to nowhere", nowhere, "nowhere"),
        ("two starts", two_starts, "start2"),
        ("one id twice", twins, "greet"),
    ] {
        check_graph(&user, what, &graph, part).await;
    }
}

/// A graph that cannot run is refused when it is imported, or imports with a report and is refused when it is published.
async fn check_graph(user: &User, what: &str, graph: &Document, part: &str) {
    let imported = user.try_import(&graph.yaml(), "").await;
    if imported.status == 422 {
        assert!(imported.text.contains(part), "{what}: {}", imported.text);
        return;
    }
    let workflow = user.workflow(&imported.expect(201)["workflow"]["id"]);
    let refused = user
        .client()
        .post(&workflow.path("/publish"), json!({}))
        .await;
    assert_eq!(refused.status, 422, "{what}: {}", refused.text);
    assert!(refused.text.contains(part), "{what}: {}", refused.text);
    assert!(!codes(&refused).is_empty(), "{what}: {}", refused.text);
}

#[tokio::test]
async fn unknown_ids_are_not_found() {
    let (_server, user) = server().await;
    for path in ["workflows", "runs", "credentials"] {
        let answer = user.client().get(&format!("{API}/{path}/{NOBODY}")).await;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text);
        let wrong = user
            .client()
            .get(&format!("{API}/{path}/../../etc/passwd"))
            .await;
        assert!(matches!(wrong.status, 400 | 404), "{path}: {}", wrong.text);
        let no_id = user.client().get(&format!("{API}/{path}/no-uuid")).await;
        assert!(matches!(no_id.status, 400 | 404), "{path}: {}", no_id.text);
    }
}

fn strict_inputs() -> Document {
    let variable = |name: &str, of: &str, more: Json| {
        let mut variable = json!({"variable": name, "label": name, "type": of, "required": false});
        variable
            .as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        variable
    };
    let variables = [
        variable(
            "text",
            "text-input",
            json!({"max_length": 5, "required": true}),
        ),
        variable("count", "number", json!({})),
        variable("choice", "select", json!({"options": ["a", "b"]})),
    ];
    let mut document = Document::workflow("strict", &[])
        .end("end", &[("text", "start.text")])
        .edge("start", "end")
        .json();
    document["workflow"]["graph"]["nodes"][0]["data"]["variables"] = json!(variables);
    Document::from_json(document)
}

#[tokio::test]
async fn wrong_inputs_start_no_run() {
    let (_server, user) = server().await;
    let workflow = user.publish(&strict_inputs(), &[]).await;
    for (what, inputs) in [
        ("missing", json!({})),
        ("too long", json!({"text": "123456"})),
        ("a number for a text", json!({"text": 5})),
        ("an object for a text", json!({"text": {}})),
        ("a text for a number", json!({"text": "x", "count": "many"})),
        ("no option", json!({"text": "x", "choice": "c"})),
        ("no object", json!([])),
    ] {
        let answer = workflow
            .start(json!({"inputs": inputs, "response_mode": "blocking"}))
            .await;
        assert!(
            matches!(answer.status, 400 | 422),
            "{what}: {}",
            answer.text
        );
        assert!(!answer.code().is_empty(), "{what}: {}", answer.text);
    }
    assert_eq!(user.pages(&format!("{API}/runs")).await.len(), 0);
    assert_eq!(
        workflow
            .run(json!({"text": "12345", "count": 1, "choice": "b"}))
            .await["status"],
        "succeeded"
    );
}

#[tokio::test]
async fn wrong_bodies_are_refused_by_name() {
    let (_server, user) = server().await;
    let workflow = user.publish(&document::light(), &[]).await;
    let unknown = workflow
        .start(json!({"inputs": {}, "response_mode": "blocking", "respnse": 1}))
        .await;
    assert_eq!(unknown.refusal(), (400, "unknown_field".to_owned()));
    let mode = workflow
        .start(json!({"inputs": {}, "response_mode": "later"}))
        .await;
    assert!(matches!(mode.status, 400 | 422), "{}", mode.text);
    let environment = workflow
        .start(json!({"inputs": {}, "response_mode": "blocking", "environment": "moon"}))
        .await;
    assert_eq!(environment.status, 422, "{}", environment.text);
    let path = workflow.path("/runs");
    let broken = user
        .client()
        .request("POST", &path)
        .body("application/json", "{\"inputs\": ")
        .send()
        .await;
    assert_eq!(broken.status, 400, "{}", broken.text);
    let null_byte = workflow
        .start(json!({"inputs": {"name": "a\u{0}b"}, "response_mode": "blocking"}))
        .await;
    assert!(null_byte.status < 500, "{}", null_byte.text);
}

#[tokio::test]
async fn a_draft_that_somebody_else_changed_is_not_overwritten() {
    let (_server, user) = server().await;
    let workflow = user.publish(&document::light(), &[]).await;
    let (draft, etag) = workflow.draft().await;
    let _ = workflow.put_draft(&draft, &etag).await.expect(200);
    assert_eq!(
        workflow.put_draft(&draft, &etag).await.refusal(),
        (412, "version_conflict".to_owned())
    );
}

#[tokio::test]
async fn a_node_type_that_is_not_built_is_refused_at_start() {
    let (_server, user) = server().await;
    let document = Document::workflow("code", &[])
        .node("later", "datasource-empty", json!({}))
        .end("end", &[])
        .line(&["start", "later", "end"]);
    let imported = user.try_import(&document.yaml(), "").await.expect(201);
    assert!(
        imported["report"]
            .to_string()
            .contains("node_type_unsupported"),
        "{imported}"
    );
    let workflow = user.workflow(&imported["workflow"]["id"]);
    let run = json!({"inputs": {}, "response_mode": "blocking", "version": "draft"});
    let refused = workflow.start(run).await;
    assert_eq!(refused.refusal(), (422, "node_type_unsupported".to_owned()));
    assert!(refused.text.contains("later"), "{}", refused.text);
}

#[tokio::test]
async fn a_workflow_whose_runs_choose_keys_without_a_fence_is_not_published() {
    let (_server, user) = server().await;
    let file = document::one_model("customer-{{#start.tenant#}}").yaml();
    let imported = user.try_import(&file, "").await.expect(201);
    let workflow = user.workflow(&imported["workflow"]["id"]);
    let refused = user
        .client()
        .post(&workflow.path("/publish"), json!({}))
        .await;
    assert_eq!(refused.status, 422, "{}", refused.text);
}

#[tokio::test]
async fn an_unpublished_workflow_does_not_run() {
    let (_server, user) = server().await;
    let imported = user
        .try_import(&document::light().yaml(), "")
        .await
        .expect(201);
    let workflow = user.workflow(&imported["workflow"]["id"]);
    let refused = workflow
        .start(json!({"inputs": {}, "response_mode": "blocking"}))
        .await;
    assert_eq!(
        refused.refusal(),
        (409, "workflow_not_published".to_owned())
    );
}

#[tokio::test]
async fn a_private_address_is_not_reached_unless_allowed() {
    let server = Setup::sqlite()
        .with("LATCHKEY_OUTBOUND_ALLOW", "")
        .start()
        .await;
    let user = User::new(server.client());
    let provider = Provider::start();
    let body = json!({"provider": "deepseek", "name": "only", "validate": false,
        "values": {"api_key": "test-key", "base_url": provider.base_url()}});
    let stored = user
        .client()
        .post(&format!("{API}/credentials"), body)
        .await;
    if stored.status == 201 {
        let workflow = user.publish(&document::one_model("only"), &[]).await;
        let run = workflow.run(json!({})).await;
        assert_eq!(run["status"], "failed", "{run}");
    }
    assert_eq!(provider.seen().len(), 0);
}

/// A start that ends at once says why on stderr, without a panic.
fn check_start_refused(output: &std::process::Output, part: &str) {
    let said = String::from_utf8_lossy(&output.stderr).to_lowercase();
    assert!(!output.status.success(), "{output:?}");
    assert!(said.contains(part), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}

#[tokio::test]
async fn a_wrong_master_key_stops_the_start() {
    let (mut server, user) = server().await;
    user.credential("kept", "test-key", &Provider::start())
        .await;
    server.kill();
    let other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let output = server
        .refused(|command| {
            command.env("LATCHKEY_MASTER_KEY", other);
        })
        .await;
    check_start_refused(&output, "master key");
    let broken = server
        .refused(|command| {
            command.env("LATCHKEY_MASTER_KEY", "short");
        })
        .await;
    check_start_refused(&broken, "master");
    server.start().await;
}

#[tokio::test]
async fn a_second_server_on_the_same_file_is_refused() {
    let (server, _user) = server().await;
    let output = server
        .refused(|command| {
            command.env("LATCHKEY_LISTEN", "127.0.0.1:0");
        })
        .await;
    check_start_refused(&output, "another");
    assert_eq!(server.client().get("/readyz").await.status, 200);
}

#[tokio::test]
async fn a_port_in_use_is_said() {
    let (server, _user) = server().await;
    let folder = tempfile::tempdir().unwrap();
    let output = server
        .refused(|command| {
            command.env("LATCHKEY_DATA_DIR", folder.path());
        })
        .await;
    check_start_refused(&output, &server.port().to_string());
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    use sea_orm::ConnectionTrait as _;
    let (mut server, _user) = server().await;
    server.terminate();
    assert!(server.exit().await.success());
    let files = std::fs::read_dir(server.data())
        .unwrap()
        .filter_map(|entry| Some(entry.ok()?.path()));
    let file = files
        .into_iter()
        .find(|path| std::fs::read(path).is_ok_and(|b| b.starts_with(b"SQLite format 3")));
    let database = sea_orm::Database::connect(format!("sqlite://{}", file.unwrap().display()))
        .await
        .unwrap();
    let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000000_from_the_future', 1)";
    database.execute_unprepared(newer).await.unwrap();
    database.close().await.unwrap();
    let output = server.refused(|_| {}).await;
    check_start_refused(&output, "newer");
    for command in [&["doctor"][..], &["migrate", "status"]] {
        let output = server.cli(command);
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(said.contains("from_the_future"), "{said}");
        assert!(!output.status.success(), "{said}");
    }
}

#[tokio::test]
async fn unknown_settings_and_wrong_ones_stop_the_start() {
    let (mut server, _user) = server().await;
    server.kill();
    for (name, value) in [
        ("LATCHKEY_LISTEN", "nowhere"),
        ("LATCHKEY_DATABASE_URL", "mysql://x"),
        ("LATCHKEY_SQLITE_SYNC", "perhaps"),
        ("LATCHKEY_OUTBOUND_ALLOW", "everything"),
        ("LATCHKEY_FIRST_TOKEN", "lk_short"),
        ("LATCHKEY_SQLITE_SINC", "normal"),
        ("LATCHKEY_NATS_URL", "nats://127.0.0.1:4222"),
        ("LATCHKEY_STORAGE_URL", "gs://bucket/values"),
        ("LATCHKEY_SYSTEM_CREDENTIALS", "perhaps"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = server
            .refused(|command| {
                command
                    .env("LATCHKEY_DATA_DIR", folder.path())
                    .env(name, value);
            })
            .await;
        check_start_refused(&output, &name.to_lowercase());
    }
}

#[tokio::test]
async fn the_command_line_ends_with_the_code_that_says_why() {
    let (server, _user) = server().await;
    let broken = server.home().join("broken.yml");
    std::fs::write(&broken, "app: [").unwrap();
    let broken = broken.to_str().unwrap();
    for (arguments, exit) in [
        (vec!["import", broken], 2),
        (vec!["import", "no-such-file.yml"], 2),
        (vec!["run", broken], 2),
        (vec!["no-such-command"], 2),
        (vec!["export", NOBODY], 3),
    ] {
        let output = server.cli(&arguments);
        assert_eq!(
            output.status.code(),
            Some(exit),
            "{arguments:?}: {output:?}"
        );
        assert!(!output.stderr.is_empty(), "{arguments:?} says nothing");
    }
}

#[tokio::test]
async fn control_characters_are_refused_on_postgres() {
    let postgres = requires!(postgres);
    let server = Setup::postgres(postgres).await.start().await;
    let user = User::new(server.client());
    let workflow = user.publish(&document::light(), &[]).await;
    let mut named = document::light().json();
    named["app"]["name"] = json!("a\u{0}b");
    let content = json!({"content": named.to_string()});
    let import = format!("{API}/workflows/import");
    let client = user.client();
    for (what, answer) in [
        (
            "a note",
            client
                .post(&workflow.path("/publish"), json!({"note": "a\u{0}b"}))
                .await,
        ),
        (
            "a description",
            client
                .patch(&workflow.path(""), json!({"description": "a\u{0}b"}))
                .await,
        ),
        ("an imported name", client.post(&import, content).await),
        (
            "a draft's name",
            client.put(&workflow.path("/draft"), named).await,
        ),
    ] {
        assert_eq!(answer.status, 422, "{what}: {}", answer.text);
    }
    for path in [
        "runs?end_user=a%00",
        "usage?end_user=a%00",
        "workflows?cursor=%00",
    ] {
        let answer = client.get(&format!("{API}/{path}")).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text);
    }
    let run = workflow.run(json!({"name": "a\u{0}b"})).await;
    assert_eq!(run["status"], "succeeded", "{run}");
}
