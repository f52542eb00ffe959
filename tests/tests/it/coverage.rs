//! The description of the API against the API: every operation of it is asked as its owner, as nobody, as a stranger, as
//! somebody without permission, and about things that are not there. A new operation fails here until it is in [`requests`].

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use latchkey_domain::access::Permission;
use latchkey_domain::member::Role;
use latchkey_tests::app::TestApp;
use latchkey_tests::client::Answer;
use latchkey_tests::contract::{Contract, Operation};
use latchkey_tests::document;
use latchkey_tests::requirement::workspace;
use latchkey_tests::tool_server::ToolServer;
use latchkey_tests::user::User;
use serde_json::{Value as Json, json};

/// Operations that answer without a key.
const PUBLIC: [&str; 12] = [
    "GET /api/v1/setup",
    "POST /api/v1/setup",
    "POST /api/v1/session",
    "GET /api/v1/invitations/by-token",
    "POST /api/v1/invitations/accept",
    "GET /healthz",
    "GET /readyz",
    "DELETE /webhooks/{address}",
    "GET /webhooks/{address}",
    "PATCH /webhooks/{address}",
    "POST /webhooks/{address}",
    "PUT /webhooks/{address}",
];
/// Operations that answer to a signature: they have tests of their own.
const SIGNED: [&str; 1] = ["GET /files/{id}/preview"];
/// The operation whose body is a form.
const UPLOAD: &str = "POST /api/v1/files";
const UNKNOWN: &str = "01900000-0000-7000-8000-000000000000";

/// What each operation is asked by somebody who does everything right, with the status of its answer.
fn requests() -> BTreeMap<&'static str, (Json, u16)> {
    let key = json!({"name": "another", "scopes": ["runs:read"]});
    let credential = json!({"provider": "simulated", "name": "other", "values": {}});
    let inputs = json!({"inputs": {"tenant": "acme", "question": "why"}});
    let api = "openapi: 3.0.0\nservers: [{url: 'https://x.test'}]\npaths: {/a: {get: {}}}";
    let tools = json!({"name": "another", "kind": "openapi", "document": api});
    let pool =
        json!({"provider": "simulated", "name": "team", "members": [{"credential_id": UNKNOWN}]});
    let nothing = json!(null);
    BTreeMap::from([
        ("GET /api/v1/api-keys", (nothing.clone(), 200)),
        ("POST /api/v1/api-keys", (key, 201)),
        ("DELETE /api/v1/api-keys/{id}", (nothing.clone(), 204)),
        ("GET /api/v1/credentials", (nothing.clone(), 200)),
        ("POST /api/v1/credentials", (credential, 201)),
        ("GET /api/v1/credentials/{id}", (nothing.clone(), 200)),
        (
            "PATCH /api/v1/credentials/{id}",
            (json!({"expires_at": null}), 200),
        ),
        ("DELETE /api/v1/credentials/{id}", (nothing.clone(), 204)),
        (
            "GET /api/v1/credentials/{id}/references",
            (nothing.clone(), 200),
        ),
        ("GET /api/v1/credential-pools", (nothing.clone(), 200)),
        // Nothing in this table knows the id of a credential.
        ("POST /api/v1/credential-pools", (pool, 422)),
        ("GET /api/v1/credential-pools/{id}", (nothing.clone(), 200)),
        (
            "PATCH /api/v1/credential-pools/{id}",
            (json!({"strategy": "round_robin"}), 200),
        ),
        (
            "DELETE /api/v1/credential-pools/{id}",
            (nothing.clone(), 204),
        ),
        (
            "GET /api/v1/credential-pools/{id}/references",
            (nothing.clone(), 200),
        ),
        (
            "POST /api/v1/runs/{id}/retry",
            (json!({"from": "failed"}), 201),
        ),
        ("GET /api/v1/credentials/{id}/usage", (nothing.clone(), 200)),
        (
            "POST /api/v1/credentials/{id}/reset-health",
            (json!({}), 200),
        ),
        ("GET /api/v1/budget-events", (nothing.clone(), 200)),
        ("GET /api/v1/budget-webhook", (nothing.clone(), 200)),
        (
            "PUT /api/v1/budget-webhook",
            (json!({"url": "https://x.test/hook"}), 200),
        ),
        ("DELETE /api/v1/budget-webhook", (nothing.clone(), 204)),
        ("GET /api/v1/workflows/{id}/app", (nothing.clone(), 200)),
        (
            "PATCH /api/v1/workflows/{id}/app",
            (json!({"mcp_enabled": true}), 200),
        ),
        ("GET /api/v1/workflows/{id}/limits", (nothing.clone(), 200)),
        (
            "PUT /api/v1/workflows/{id}/limits",
            (json!({"limits": {"concurrent_calls": 5}}), 200),
        ),
        ("POST /api/v1/credentials/{id}/validate", (json!({}), 200)),
        (
            "POST /api/v1/credentials/{id}/rotate",
            (json!({"values": {"api_key": "test-key-rotated"}}), 200),
        ),
        ("POST /api/v1/credentials/{id}/rollback", (json!({}), 200)),
        (
            "GET /api/v1/credentials/{id}/versions",
            (nothing.clone(), 200),
        ),
        (UPLOAD, (nothing.clone(), 201)),
        ("GET /api/v1/files/{id}", (nothing.clone(), 200)),
        ("GET /api/v1/files/{id}/content", (nothing.clone(), 200)),
        ("DELETE /api/v1/files/{id}", (nothing.clone(), 204)),
        ("GET /api/v1/status", (nothing.clone(), 200)),
        ("GET /api/v1/run-counts", (nothing.clone(), 200)),
        ("PATCH /api/v1/workspace", (json!({"name": "other"}), 200)),
        // The app has two workspaces and no token of its operator: tests of their own read it.
        ("GET /metrics", (nothing.clone(), 403)),
        ("GET /api/v1/audit", (nothing.clone(), 200)),
        ("GET /api/v1/setup", (nothing.clone(), 200)),
        ("POST /api/v1/setup", (json!({}), 422)),
        ("POST /api/v1/session", (json!({}), 422)),
        ("GET /api/v1/session", (nothing.clone(), 200)),
        // A key is nobody's account.
        ("PATCH /api/v1/session", (json!({"name": "other"}), 403)),
        ("DELETE /api/v1/session", (nothing.clone(), 204)),
        ("GET /api/v1/members", (nothing.clone(), 200)),
        (
            "PATCH /api/v1/members/{id}",
            (json!({"role": "viewer"}), 200),
        ),
        ("DELETE /api/v1/members/{id}", (nothing.clone(), 204)),
        ("GET /api/v1/invitations", (nothing.clone(), 200)),
        (
            "POST /api/v1/invitations",
            (
                json!({"email": "another@example.com", "role": "viewer"}),
                201,
            ),
        ),
        ("DELETE /api/v1/invitations/{id}", (nothing.clone(), 204)),
        ("GET /api/v1/invitations/by-token", (nothing.clone(), 404)),
        ("POST /api/v1/invitations/accept", (json!({}), 422)),
        ("GET /api/v1/prices", (nothing.clone(), 200)),
        (
            "PUT /api/v1/prices",
            (
                json!({"provider": "openai", "model": "m", "currency": "USD", "input": "1"}),
                200,
            ),
        ),
        ("DELETE /api/v1/prices/{id}", (nothing.clone(), 204)),
        ("GET /api/v1/datasets", (nothing.clone(), 200)),
        ("POST /api/v1/datasets", (json!({"name": "another"}), 201)),
        ("GET /api/v1/datasets/{id}", (nothing.clone(), 200)),
        (
            "PATCH /api/v1/datasets/{id}",
            (json!({"description": "changed"}), 200),
        ),
        ("DELETE /api/v1/datasets/{id}", (nothing.clone(), 204)),
        (
            "POST /api/v1/datasets/{id}/search",
            (json!({"query": "why"}), 200),
        ),
        (
            "GET /api/v1/datasets/{id}/documents",
            (nothing.clone(), 200),
        ),
        (
            "POST /api/v1/datasets/{id}/documents",
            (json!({"name": "another", "text": "text"}), 201),
        ),
        (
            "GET /api/v1/datasets/{id}/documents/{document_id}",
            (nothing.clone(), 200),
        ),
        (
            "DELETE /api/v1/datasets/{id}/documents/{document_id}",
            (nothing.clone(), 204),
        ),
        (
            "POST /api/v1/datasets/{id}/documents/{document_id}/retry",
            (json!({}), 202),
        ),
        (
            "GET /api/v1/datasets/{id}/documents/{document_id}/segments",
            (nothing.clone(), 200),
        ),
        ("GET /api/v1/master-key", (nothing.clone(), 200)),
        // Only who has the master key can give an order: tests of their own do.
        (
            "POST /api/v1/master-key/rotate",
            (json!({"order": "AAAA"}), 422),
        ),
        (
            "POST /api/v1/master-key/reencrypt",
            (json!({"order": "AAAA"}), 422),
        ),
        ("GET /api/v1/model-calls", (nothing.clone(), 200)),
        ("GET /api/v1/providers", (nothing.clone(), 200)),
        ("GET /api/v1/providers/{provider}", (nothing.clone(), 200)),
        (
            "PUT /api/v1/providers/{provider}/default",
            (json!({"credential_id": null}), 200),
        ),
        ("GET /api/v1/runs", (nothing.clone(), 200)),
        ("GET /api/v1/runs/{id}", (nothing.clone(), 200)),
        ("GET /api/v1/runs/{id}/events", (nothing.clone(), 200)),
        ("GET /api/v1/runs/{id}/forms", (nothing.clone(), 200)),
        (
            "POST /api/v1/runs/{id}/forms/{form_id}",
            (json!({"action": "approve"}), 200),
        ),
        ("GET /api/v1/runs/{id}/model-calls", (nothing.clone(), 200)),
        (
            "GET /api/v1/runs/{id}/node-executions",
            (nothing.clone(), 200),
        ),
        ("POST /api/v1/runs/{id}/stop", (json!({}), 202)),
        ("GET /api/v1/tool-bindings", (nothing.clone(), 200)),
        (
            "PUT /api/v1/tool-bindings",
            (
                json!({"bindings": [{"provider": "p", "target": {"provider": "time"}}]}),
                200,
            ),
        ),
        ("GET /api/v1/tool-providers", (nothing.clone(), 200)),
        ("POST /api/v1/tool-providers", (tools, 201)),
        ("GET /api/v1/tool-providers/{id}", (nothing.clone(), 200)),
        (
            "PATCH /api/v1/tool-providers/{id}",
            (json!({"description": "changed"}), 200),
        ),
        ("DELETE /api/v1/tool-providers/{id}", (nothing.clone(), 204)),
        ("POST /api/v1/tool-providers/{id}/refresh", (json!({}), 200)),
        (
            "GET /api/v1/tool-providers/{id}/tools",
            (nothing.clone(), 200),
        ),
        ("GET /api/v1/usage", (nothing.clone(), 200)),
        ("GET /api/v1/workflows", (nothing.clone(), 200)),
        ("POST /api/v1/workflows", (json!({"name": "new"}), 201)),
        (
            "POST /api/v1/workflows/import",
            (json!({"content": document::light().yaml()}), 201),
        ),
        ("GET /api/v1/workflows/{id}", (nothing.clone(), 200)),
        (
            "PATCH /api/v1/workflows/{id}",
            (json!({"description": "changed"}), 200),
        ),
        ("DELETE /api/v1/workflows/{id}", (nothing.clone(), 204)),
        (
            "GET /api/v1/workflows/{id}/credential-settings",
            (nothing.clone(), 200),
        ),
        (
            "PUT /api/v1/workflows/{id}/credential-settings",
            (json!({"runtime_allow": ["only"]}), 200),
        ),
        (
            "POST /api/v1/workflows/{id}/credentials/resolve",
            (inputs.clone(), 200),
        ),
        ("GET /api/v1/workflows/{id}/draft", (nothing.clone(), 200)),
        (
            "PUT /api/v1/workflows/{id}/draft",
            (document::one_model("only").json(), 200),
        ),
        ("GET /api/v1/workflows/{id}/export", (nothing.clone(), 200)),
        (
            "POST /api/v1/workflows/{id}/publish",
            (json!({"note": "again"}), 201),
        ),
        ("POST /api/v1/workflows/{id}/runs", (inputs, 200)),
        (
            "POST /api/v1/workflows/{id}/nodes/{node_id}/run",
            (json!({"inputs": {"start.question": "why"}}), 200),
        ),
        (
            "GET /api/v1/workflows/{id}/triggers",
            (nothing.clone(), 200),
        ),
        (
            "PATCH /api/v1/workflows/{id}/triggers/{trigger_id}",
            (json!({"enabled": false}), 200),
        ),
        (
            "GET /api/v1/workflows/{id}/versions",
            (nothing.clone(), 200),
        ),
        (
            "POST /api/v1/workflows/{id}/versions/{number}/restore",
            (json!({}), 200),
        ),
        ("DELETE /webhooks/{address}", (nothing.clone(), 404)),
        ("GET /webhooks/{address}", (nothing.clone(), 404)),
        ("PATCH /webhooks/{address}", (nothing.clone(), 404)),
        ("POST /webhooks/{address}", (nothing.clone(), 404)),
        ("PUT /webhooks/{address}", (nothing.clone(), 404)),
        ("GET /healthz", (nothing.clone(), 200)),
        ("GET /readyz", (nothing, 200)),
    ])
}

/// An app whose first workspace has one of each kind.
struct World {
    app: TestApp,
    _tools: ToolServer,
    contract: Contract,
    ids: BTreeMap<&'static str, String>,
    /// A workflow with a trigger, and the trigger.
    triggered: [String; 2],
    document: String,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let credential = app.credential("only").await;
        let workflow = app.paid_by("only").await;
        workflow.run(json!({"question": "why"})).await;
        // So that there is something to go back to.
        let rotate = format!("/credentials/{credential}/rotate");
        let new = json!({"values": {"api_key": "test-key-second"}});
        let _ = app.user().post(&rotate, new).await.expect(200);
        // One that waits, so that there is something to answer and to stop.
        let run = app
            .publish(&document::approval())
            .await
            .run(json!({}))
            .await;
        let forms = format!("/api/v1/runs/{}/forms", run["id"].as_str().unwrap());
        let forms = app.user().pages(&forms).await;
        let key = json!({"name": "one of each kind", "scopes": ["runs:read"]});
        let key = app.user().post("/api-keys", key).await.expect(201);
        let file = app.user().upload("a.txt", "text/plain", "x").await;
        let file = file.expect(201);
        let server = ToolServer::start();
        let tools = json!({"name": "sums", "kind": "mcp", "url": server.url("/mcp")});
        let tools = app.user().post("/tool-providers", tools).await.expect(201);
        let text = |id: &Json| id.as_str().unwrap().to_owned();
        let dataset = app.user().post("/datasets", json!({"name": "one"})).await;
        let dataset = text(&dataset.expect(201)["id"]);
        let path = format!("/datasets/{dataset}/documents");
        let document = json!({"name": "one", "text": "text"});
        let document = app.user().post(&path, document).await.expect(201);
        let document = text(&document["id"]);
        let pool = json!({"provider": "deepseek", "name": "team", "members": [{"credential_id": credential}]});
        let pool = app.user().post("/credential-pools", pool).await;
        let pool = text(&pool.expect(201)["id"]);
        let price = json!({"provider": "deepseek", "model": "m", "currency": "USD", "input": "1"});
        let price = app.user().put("/prices", price).await.expect(200);
        let _ = app.member("colleague", "editor").await;
        let members = app.user().pages("/api/v1/members").await;
        let invited = json!({"email": "guest@example.com", "role": "viewer"});
        let invited = app.user().post("/invitations", invited).await;
        let ids = BTreeMap::from([
            ("members", text(&members[0]["id"])),
            ("invitations", text(&invited.expect(201)["id"])),
            ("prices", text(&price["id"])),
            ("files", text(&file["id"])),
            ("credentials", credential),
            ("workflows", workflow.id.clone()),
            ("runs", text(&run["id"])),
            ("forms", text(&forms[0]["id"])),
            ("api-keys", text(&key["id"])),
            ("tool-providers", text(&tools["id"])),
            ("datasets", dataset),
            ("credential-pools", pool),
        ]);
        let hook = document::Document::triggered("triggered")
            .node("hook", "trigger-webhook", json!({}))
            .end("end", &[])
            .line(&["hook", "end"]);
        let triggered = app.publish(&hook).await;
        let path = triggered.path("/triggers");
        let listed = app.user().client().get(&path).await.expect(200);
        Self {
            triggered: [triggered.id.clone(), text(&listed["data"][0]["id"])],
            app,
            _tools: server,
            contract: Contract::load(),
            ids,
            document,
        }
    }

    /// Operations that need a key; those that remove something come last.
    fn operations(&self) -> Vec<Operation<'_>> {
        let mut all = self.contract.operations();
        let has_key = |name: &str| !PUBLIC.contains(&name) && !SIGNED.contains(&name);
        all.retain(|one| has_key(&one.name()));
        // A part before the whole, and leaving last of all.
        let leaves = |one: &Operation<'_>| one.name() == "DELETE /api/v1/session";
        let removes = |one: &Operation<'_>| one.method == "DELETE";
        all.sort_by_key(|one| (leaves(one), removes(one), Reverse(one.path.len())));
        all
    }

    /// Operations about one thing of the workspace.
    fn about_one(&self) -> Vec<Operation<'_>> {
        let mut all = self.operations();
        all.retain(|one| one.path.contains("{id}"));
        all
    }

    /// The path of an operation about the thing of its kind in the first workspace.
    fn path(&self, operation: &Operation<'_>) -> String {
        if operation.path.contains("{trigger_id}") {
            return self.path_to(operation, &self.triggered[0]);
        }
        let kind = operation.path.split('/').nth(3).unwrap_or_default();
        self.path_to(operation, self.ids.get(kind).map_or("", String::as_str))
    }

    fn path_to(&self, operation: &Operation<'_>, id: &str) -> String {
        let path = operation.path.replace("{id}", id).replace("{number}", "1");
        let path = path.replace("{trigger_id}", &self.triggered[1]);
        let path = path.replace("{form_id}", &self.ids["forms"]);
        let path = path.replace("{document_id}", &self.document);
        let path = path.replace("{node_id}", "ask");
        let path = path.replace("{provider}", "deepseek");
        // A node names it.
        match operation.name().as_str() {
            "DELETE /api/v1/credentials/{id}" => path + "?force=true",
            _ => path,
        }
    }
}

/// Asks as [`requests`] says.
async fn ask(user: &User, operation: &Operation<'_>, path: &str) -> Answer {
    let name = operation.name();
    if name == UPLOAD {
        return user.upload("a.txt", "text/plain", "x").await;
    }
    let requests = requests();
    let (body, _) = requests
        .get(name.as_str())
        .unwrap_or_else(|| panic!("{name} is not in the table of requests"));
    let ask = user.client().request(operation.method, path);
    if body.is_null() {
        ask.send().await
    } else {
        ask.json(body).send().await
    }
}

#[tokio::test]
async fn every_operation_answers_its_owner_as_described() {
    let world = World::new().await;
    let everything = requests();
    for operation in world.operations() {
        let name = operation.name();
        let answer = ask(world.app.user(), &operation, &world.path(&operation)).await;
        assert_eq!(
            answer.status,
            everything[name.as_str()].1,
            "{name}: {}",
            answer.text
        );
    }
    let described: BTreeSet<_> = world
        .contract
        .operations()
        .iter()
        .map(Operation::name)
        .filter(|name| !SIGNED.contains(&name.as_str()))
        .collect();
    let asked: BTreeSet<_> = everything.keys().map(|name| (*name).to_owned()).collect();
    assert_eq!(asked, described);
}

#[tokio::test]
async fn every_operation_answers_401_without_a_good_key() {
    let world = World::new().await;
    let unknown = latchkey_secrets::token::generate("lk_").unwrap();
    let somebody = world.app.user().client().with_key(Some(unknown.expose()));
    let malformed = somebody.with_key(Some("lk_nonsense"));
    for user in [
        world.app.nobody(),
        User::new(&somebody),
        User::new(&malformed),
    ] {
        for operation in world.operations() {
            let answer = ask(&user, &operation, &world.path(&operation)).await;
            assert_eq!(
                answer.refusal(),
                (401, "unauthenticated".to_owned()),
                "{}",
                operation.name()
            );
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
    for name in ["GET /healthz", "GET /readyz"] {
        let path = name.trim_start_matches("GET ");
        assert_eq!(
            world.app.nobody().client().get(path).await.status,
            200,
            "{name}"
        );
    }
}

#[tokio::test]
async fn every_operation_answers_404_about_a_strangers_things() {
    let world = World::new().await;
    for operation in world.about_one() {
        let answer = ask(world.app.stranger(), &operation, &world.path(&operation)).await;
        assert_eq!(
            answer.refusal(),
            (404, "not_found".to_owned()),
            "{}: {}",
            operation.name(),
            answer.text
        );
    }
    let lists = ["api-keys", "forms", "prices", "members", "invitations"];
    let alone = |kind: &str| !lists.contains(&kind);
    for (kind, id) in world.ids.iter().filter(|(kind, _)| alone(kind)) {
        let kept = world.app.user().get(&format!("/{kind}/{id}")).await;
        assert_eq!(kept.status, 200, "a stranger has changed {kind}");
    }
}

#[tokio::test]
async fn every_operation_answers_404_about_what_is_not_there() {
    let world = World::new().await;
    for operation in world.about_one() {
        for id in [
            UNKNOWN,
            "no-id",
            "%00",
            "..%2F..",
            "%F0%9F%94%91",
            &"9".repeat(300),
        ] {
            let answer = ask(world.app.user(), &operation, &world.path_to(&operation, id)).await;
            let is_right = answer.status == 404 || (id != UNKNOWN && answer.status == 400);
            assert!(
                is_right && !answer.code().is_empty(),
                "{} of {id}: {} {}",
                operation.name(),
                answer.status,
                answer.text
            );
        }
    }
}

#[tokio::test]
async fn every_operation_answers_403_to_a_key_that_may_not() {
    let world = World::new().await;
    // No key may nothing at all, so that what reads the ledger is asked with one that may do something else.
    let reads_the_ledger = world.app.user_who_may(&[Permission::UsageRead]).await;
    let publishes = world
        .app
        .user_who_may(&[Permission::WorkflowsPublish])
        .await;
    let mut all = world.operations();
    all.retain(|one| !needs(one).is_empty());
    for operation in all {
        let is_of_the_ledger = operation.said["tags"][0] == "usage";
        let powerless = if is_of_the_ledger {
            &publishes
        } else {
            &reads_the_ledger
        };
        let answer = ask(powerless, &operation, &world.path(&operation)).await;
        assert_eq!(
            answer.refusal(),
            (403, "forbidden".to_owned()),
            "{}: {}",
            operation.name(),
            answer.text
        );
    }
}

/// What an operation says that it needs.
fn needs(operation: &Operation<'_>) -> Vec<Permission> {
    let name = operation.name();
    let said = operation.said["x-permissions"].as_array();
    let said = said.unwrap_or_else(|| panic!("{name} does not say what it needs"));
    let read = |word: &Json| Permission::parse(word.as_str().unwrap()).unwrap();
    said.iter().map(read).collect()
}

/// Every role is tried on every operation, against the table of roles and what the operation says that it needs.
async fn check_role(role: Role) {
    let world = World::new().await;
    let member = world.app.member("tester", role.as_str()).await;
    let requests = requests();
    let mut all = world.operations();
    // It answers to keys only: what reads it is no browser.
    all.retain(|one| one.name() != "GET /metrics");
    for operation in all {
        let name = operation.name();
        let may = needs(&operation).into_iter().all(|one| role.may(one));
        let expected = match name.as_str() {
            _ if !may => 403,
            // Only a member has an account.
            "PATCH /api/v1/session" => 200,
            name => requests[name].1,
        };
        let answer = ask(&member, &operation, &world.path(&operation)).await;
        let told = format!("{name} as {}: {}", role.as_str(), answer.text);
        assert_eq!(answer.status, expected, "{told}");
        if !may {
            assert_eq!(answer.code(), "forbidden", "{told}");
        }
    }
}

#[tokio::test]
async fn an_owner_may_do_what_the_table_of_roles_says() {
    check_role(Role::Owner).await;
}

#[tokio::test]
async fn an_admin_may_do_what_the_table_of_roles_says() {
    check_role(Role::Admin).await;
}

#[tokio::test]
async fn an_editor_may_do_what_the_table_of_roles_says() {
    check_role(Role::Editor).await;
}

#[tokio::test]
async fn a_viewer_may_do_what_the_table_of_roles_says() {
    check_role(Role::Viewer).await;
}

#[test]
fn what_answers_without_a_caller_is_listed_and_says_so() {
    let contract = Contract::load();
    for operation in contract.operations() {
        let name = operation.name();
        let is_open = PUBLIC.contains(&name.as_str()) || SIGNED.contains(&name.as_str());
        assert_eq!(operation.said["security"] == json!([{}]), is_open, "{name}");
        assert_eq!(
            operation.said.get("x-permissions").is_none(),
            is_open,
            "{name}"
        );
    }
}

#[test]
fn every_operation_is_described_in_words() {
    let contract = Contract::load();
    let tags: BTreeSet<_> = [
        "workflows",
        "triggers",
        "runs",
        "files",
        "credentials",
        "providers",
        "tools",
        "usage",
        "audit",
        "keys",
        "members",
        "datasets",
        "server",
    ]
    .into();
    for operation in contract.operations() {
        let (name, said) = (operation.name(), operation.said);
        let summary = said["summary"].as_str().unwrap_or_default();
        assert!(
            summary.ends_with('.') && summary.len() < 120,
            "{name}: {summary:?}"
        );
        let own = said["tags"].as_array().into_iter().flatten();
        let own: Vec<_> = own.filter_map(Json::as_str).collect();
        assert!(own.len() == 1 && tags.contains(own[0]), "{name}: {own:?}");
        for (status, response) in said["responses"].as_object().unwrap() {
            let words = response["description"].as_str().unwrap_or_default();
            assert!(!words.is_empty(), "{name}: {status} is not described");
        }
    }
}

/// The route table and the description are written side by side in the code, so they can differ.
#[test]
fn every_route_is_described() {
    let file = workspace().join("crates/api/src/routes.rs");
    let routes = std::fs::read_to_string(file).unwrap();
    let handler = |part: &str| part.split_once(')').map(|(name, _)| name.to_owned());
    let handlers = routes.split(".to(").skip(1).filter_map(handler);
    let routed: BTreeSet<_> = handlers.filter(|name| name != "no_such_method").collect();
    let contract = Contract::load();
    let operations = contract.operations().into_iter();
    let described = operations.filter(|one| {
        let name = one.name();
        // Beside the pages, with a key of its operator's.
        let is_page = name == "GET /metrics" || PUBLIC.contains(&name.as_str());
        !is_page && !SIGNED.contains(&name.as_str())
    });
    let described: BTreeSet<_> = described
        .map(|one| one.said["operationId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(routed, described);
}

#[test]
fn the_description_that_is_checked_in_is_the_generated_one() {
    let kept = std::fs::read_to_string(workspace().join("api-spec/openapi.json")).unwrap();
    let generated = latchkey_api::document();
    if kept != generated {
        let beside = workspace().join("target/openapi.json");
        std::fs::write(&beside, generated).unwrap();
        panic!(
            "`make api-spec` rewrites api-spec/openapi.json; target/openapi.json is the generated one"
        );
    }
}
