//! Somebody who may edit workflows but not use a credential reaches it by no path: not by choosing it, by a file, a template, a
//! pool, a workflow inside, a run's parameter, a tool, a copy of a node, a default or a dataset (class K of what went wrong
//! elsewhere).
//!
//! The credential is `secret`: its scope is its owner. Eve may do everything in the workspace but write credentials.

use latchkey_domain::access::Permission;
use latchkey_tests::app::TestApp;
use latchkey_tests::document::{self, Document};
use latchkey_tests::tool_server::ToolServer;
use latchkey_tests::user::{User, Workflow};
use serde_json::{Value as Json, json};

use crate::knowledge::{add, asking, dataset, scripted, settled};

const FORBIDDEN: &str = "credential_forbidden";
const KEY: &str = "test-key-secret";

struct World {
    app: TestApp,
    eve: User,
    /// The id of the credential.
    secret: String,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let secret = app.credential("secret").await;
        let keep = json!({"scope": {"principals": [owner(app.user()).await]}});
        let path = format!("/credentials/{secret}");
        let _ = app.user().patch(&path, keep).await.expect(200);
        let may: Vec<Permission> = Permission::ALL
            .into_iter()
            .filter(|one| *one != Permission::CredentialsWrite)
            .collect();
        let eve = app.user_who_may(&may).await;
        Self { app, eve, secret }
    }

    /// Stores what its owner wants, whatever it is.
    async fn own(&self, path: &str, body: Json) -> Json {
        self.app.user().post(path, body).await.expect(201)
    }

    /// The key was sent to nobody.
    fn kept(&self, what: &str) {
        let keys = self.app.provider().calls_by_key();
        assert!(!keys.contains_key(KEY), "{what}: {keys:?}");
    }
}

/// Whoever owns the workspace, as scopes name them.
async fn owner(user: &User) -> Json {
    let keys = user.pages("/api/v1/api-keys").await;
    let owner = keys.iter().find(|key| key["name"] == "Owner").unwrap();
    json!({"kind": "api_key", "id": owner["id"]})
}

/// The code with which a run of eve's came to its end, or was refused.
async fn outcome(workflow: &Workflow, more: Json) -> String {
    let mut body =
        json!({"inputs": {"tenant": "secret", "question": "why"}, "response_mode": "blocking"});
    let more = more.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    let answer = workflow.start(body).await;
    if answer.status != 200 {
        return answer.code();
    }
    let run = answer.expect(200);
    run["error"]["code"].as_str().unwrap_or_default().to_owned()
}

fn edited(document: &Document, edit: impl FnOnce(&mut Json)) -> Document {
    let mut json = document.json();
    edit(&mut json["workflow"]);
    Document::from_json(json)
}

fn model(workflow: &mut Json) -> &mut Json {
    &mut workflow["graph"]["nodes"][1]["data"]["model"]
}

/// What eve puts into a document, the settings that she gives it, and what her runs state.
fn paths(secret: &str) -> Vec<(&'static str, Document, Json, Json)> {
    let (plain, none) = (document::one_model(""), json!({}));
    let allow = json!({"runtime_allow": ["*"], "runtime_override": "named"});
    let by_id = edited(&plain, |it| model(it)["credential_id"] = json!(secret));
    let by_env = edited(&document::one_model("{{#env.which#}}"), |it| {
        it["environment_variables"] =
            json!([{"id": "w", "name": "which", "value": "secret", "value_type": "string"}]);
    });
    let beside = edited(&plain, |it| {
        it["graph"]["nodes"][1]["data"]["credential_name"] = json!("secret");
    });
    let inner = edited(&plain, |it| {
        model(it)["credential_override"] = json!({"credential_name": "secret"});
    });
    let fallback = edited(&document::one_model("off"), |it| {
        model(it)["credential_fallback"] = json!(["secret"]);
    });
    let binding = |choice: Json| {
        let mut binding = json!({"provider": "deepseek"});
        binding
            .as_object_mut()
            .unwrap()
            .extend(choice.as_object().unwrap().clone());
        json!({"bindings": [binding]})
    };
    let named = json!({"credential_name": "secret"});
    let stated = |choice: &Json, key: &str| json!({"credential_overrides": {key: choice}});
    vec![
        (
            "by name",
            document::one_model("secret"),
            none.clone(),
            none.clone(),
        ),
        ("by id", by_id, none.clone(), none.clone()),
        ("beside the model", beside, none.clone(), none.clone()),
        ("inside the model", inner, none.clone(), none.clone()),
        (
            "by a variable",
            document::one_model("{{#start.tenant#}}"),
            allow.clone(),
            none.clone(),
        ),
        (
            "by an environment variable",
            by_env,
            none.clone(),
            none.clone(),
        ),
        ("as a fallback", fallback, none.clone(), none.clone()),
        (
            "out of a pool",
            document::one_model("team"),
            none.clone(),
            none.clone(),
        ),
        (
            "out of a pool as a fallback",
            edited(&document::one_model("off"), |it| {
                model(it)["credential_fallback"] = json!(["team"]);
            }),
            none.clone(),
            none.clone(),
        ),
        (
            "bound by name",
            plain.clone(),
            binding(named.clone()),
            none.clone(),
        ),
        (
            "bound by id",
            plain.clone(),
            binding(json!({"credential_id": secret})),
            none.clone(),
        ),
        (
            "bound as a pool",
            plain.clone(),
            binding(json!({"credential_name": "team"})),
            none.clone(),
        ),
        (
            "stated by a run",
            plain.clone(),
            allow.clone(),
            stated(&named, "deepseek"),
        ),
        (
            "stated by id",
            plain.clone(),
            allow.clone(),
            stated(&json!({"credential_id": secret}), "deepseek"),
        ),
        (
            "stated for the model",
            plain.clone(),
            allow.clone(),
            stated(&named, "deepseek:deepseek-chat"),
        ),
        (
            "stated as a pool",
            plain.clone(),
            allow.clone(),
            stated(&json!({"credential_name": "team"}), "deepseek"),
        ),
        ("by default", plain, none.clone(), none),
    ]
}

#[tokio::test]
async fn no_document_no_setting_and_no_run_reaches_it() {
    let world = World::new().await;
    let off = world.app.credential("off").await;
    let disabled = json!({"state": "disabled"});
    let path = format!("/credentials/{off}");
    let _ = world.app.user().patch(&path, disabled).await.expect(200);
    let members = json!([{"credential_id": world.secret}]);
    let team = json!({"provider": "deepseek", "name": "team", "members": members});
    world.own("/credential-pools", team).await;
    let default = json!({"credential_id": world.secret});
    let path = "/providers/deepseek/default";
    let _ = world.app.user().put(path, default).await.expect(200);
    for (what, document, settings, body) in paths(&world.secret) {
        let imported = world.eve.try_import(&document.yaml(), "").await.expect(201);
        let workflow = world.eve.workflow(&imported["workflow"]["id"]);
        let path = workflow.path("/credential-settings");
        let _ = world.eve.client().put(&path, settings).await.expect(200);
        // As a draft, and as a version.
        let mut draft = body.clone();
        draft["version"] = json!("draft");
        draft["environment"] = json!("production");
        assert_eq!(
            outcome(&workflow, draft).await,
            FORBIDDEN,
            "{what}, as a draft"
        );
        workflow.publish().await;
        assert_eq!(outcome(&workflow, body).await, FORBIDDEN, "{what}");
        world.kept(what);
    }
}

#[tokio::test]
async fn a_file_that_binds_it_binds_it_for_nobody_else() {
    let world = World::new().await;
    let proposals = json!({"bindings": [{"provider": "deepseek", "credential_name": "secret"}]});
    let document = document::one_model("").credentials(proposals);
    let query = "?publish=true&bind=true";
    let imported = world
        .eve
        .try_import(&document.yaml(), query)
        .await
        .expect(201);
    let workflow = world.eve.workflow(&imported["workflow"]["id"]);
    assert_eq!(outcome(&workflow, json!({})).await, FORBIDDEN);
    world.kept("bound by a file");
}

#[tokio::test]
async fn what_its_owner_has_made_does_not_carry_it_to_others() {
    let world = World::new().await;
    let theirs = world.app.paid_by("secret").await;
    let run = theirs.run(json!({"question": "why"})).await;
    assert_eq!(run["status"], "succeeded", "its owner reaches it: {run}");
    world.app.provider().forget();
    // The caller has to be in its scope, not only the author.
    let as_eve = world.eve.workflow(&json!(theirs.id));
    assert_eq!(
        outcome(&as_eve, json!({})).await,
        FORBIDDEN,
        "their version"
    );
    // A copy of the node, by way of an export.
    let file = world.eve.client().get(&as_eve.path("/export")).await;
    let copied = world.eve.try_import(&file.text, "?publish=true").await;
    let copy = world.eve.workflow(&copied.expect(201)["workflow"]["id"]);
    assert_eq!(outcome(&copy, json!({})).await, FORBIDDEN, "a copy");
    // The version of their own, restored and published by eve, has her for an author, whoever runs it.
    let path = as_eve.path("/versions/1/restore");
    let _ = world.eve.client().post(&path, json!({})).await.expect(200);
    let draft = json!({"version": "draft", "environment": "production"});
    assert_eq!(outcome(&as_eve, draft).await, FORBIDDEN, "their draft");
    as_eve.publish().await;
    assert_eq!(
        outcome(&theirs, json!({})).await,
        FORBIDDEN,
        "eve is the author"
    );
    world.kept("what its owner has made");
}

#[tokio::test]
async fn a_workflow_inside_has_the_caller_of_the_outermost_run() {
    let world = World::new().await;
    let theirs = world.app.paid_by("secret").await;
    let tool = json!({"name": "inner", "kind": "workflow", "workflow_id": theirs.id});
    world.own("/tool-providers", tool).await;
    let document = Document::workflow("outer", &["tenant", "question"])
        .tool(
            "use",
            "workflow/inner/inner",
            &[("question", "{{#start.question#}}")],
        )
        .end("end", &[("answer", "use.answer")])
        .line(&["start", "use", "end"]);
    let outer = world.eve.publish(&document, &[]).await;
    let run = outer.run(json!({"question": "why"})).await;
    let message = run["error"]["message"].as_str().unwrap();
    assert!(message.ends_with(FORBIDDEN), "{message}");
    world.kept("a workflow inside");
}

#[tokio::test]
async fn whoever_answers_a_form_or_calls_a_webhook_is_not_the_caller() {
    let world = World::new().await;
    let actions = json!([{"id": "approve", "title": "Approve"}]);
    let ask = json!({"form_content": "?", "inputs": [], "user_actions": actions});
    let document = Document::workflow("approved", &["question"])
        .node("check", "human-input", ask)
        .llm("ask", "{{#start.question#}}", "secret")
        .end("end", &[("answer", "ask.text")])
        .line(&["start", "check"])
        .edge("check:approve", "ask")
        .edge("ask", "end");
    let workflow = world.eve.publish(&document, &[]).await;
    let run = workflow.run(json!({"question": "why"})).await;
    let run = run["id"].as_str().unwrap();
    let owner = world.app.user();
    let forms = owner.pages(&format!("/api/v1/runs/{run}/forms")).await;
    let form = format!("/runs/{run}/forms/{}", forms[0]["id"].as_str().unwrap());
    let _ = owner
        .post(&form, json!({"action": "approve"}))
        .await
        .expect(200);
    let over = owner.run_over(run).await;
    assert_eq!(over["error"]["code"], FORBIDDEN, "{over}");
    let hooked = Document::triggered("hooked")
        .node("hook", "trigger-webhook", json!({"method": "post"}))
        .llm("ask", "why", "secret")
        .end("end", &[("answer", "ask.text")])
        .line(&["hook", "ask", "end"]);
    let hooked = world.eve.publish(&hooked, &[]).await;
    let listed = world
        .eve
        .client()
        .get(&hooked.path("/triggers"))
        .await
        .expect(200);
    let address = listed["data"][0]["webhook"]["path"].as_str().unwrap();
    let _ = owner.client().post(address, json!({})).await;
    let of_hook = format!("/api/v1/runs?workflow_id={}", hooked.id);
    let runs = owner.pages(&of_hook).await;
    let over = owner.run_over(runs[0]["id"].as_str().unwrap()).await;
    assert_eq!(over["error"]["code"], FORBIDDEN, "{over}");
    world.kept("forms and webhooks");
}

#[tokio::test]
async fn nobody_puts_it_into_a_pool_who_may_not_use_it() {
    let world = World::new().await;
    let mallory = world.app.user_who_may(&Permission::ALL).await;
    let harmless = world.app.credential("harmless").await;
    let members =
        |ids: &[&str]| -> Json { ids.iter().map(|id| json!({"credential_id": id})).collect() };
    let pool =
        |ids: &[&str]| json!({"provider": "deepseek", "name": "team", "members": members(ids)});
    let refused = mallory
        .post("/credential-pools", pool(&[&harmless, &world.secret]))
        .await;
    assert_eq!(refused.refusal(), (422, FORBIDDEN.to_owned()));
    assert_eq!(
        refused.expect(422)["errors"][0]["pointer"],
        "/members/1/credential_id"
    );
    let made = mallory
        .post("/credential-pools", pool(&[&harmless]))
        .await
        .expect(201);
    let path = format!("/credential-pools/{}", made["id"].as_str().unwrap());
    let change = json!({"members": members(&[&harmless, &world.secret])});
    let refused = mallory.patch(&path, change.clone()).await;
    assert_eq!(refused.refusal(), (422, FORBIDDEN.to_owned()));
    // Its owner may; then others may change the pool, and still do not reach the member.
    let _ = world.app.user().patch(&path, change).await.expect(200);
    let first = json!({"strategy": "priority", "members": members(&[&world.secret, &harmless])});
    let _ = mallory.patch(&path, first).await.expect(200);
    let workflow = mallory.publish(&document::one_model("team"), &[]).await;
    let run = workflow.run(json!({"question": "why"})).await;
    assert_eq!(run["status"], "succeeded", "{run}");
    world.kept("a pool");
}

#[tokio::test]
async fn a_tools_credential_is_kept_the_same_way() {
    let world = World::new().await;
    let server = ToolServer::start();
    let provider = json!({"name": "weather", "kind": "openapi", "document": server.document()});
    world.own("/tool-providers", provider).await;
    let scope = json!({"principals": [owner(world.app.user()).await]});
    let credential = json!({"provider": "tool/weather", "name": "secret", "values": {"api_key": KEY}, "scope": scope, "default": true});
    world.own("/credentials", credential).await;
    for (name, allow) in [
        ("secret", vec![]),
        ("{{#start.tenant#}}", vec!["*"]),
        ("", vec![]),
    ] {
        let looking = Document::workflow("looking", &["tenant", "question"])
            .tool("look", "api/weather/get_weather", &[("city", "Paris")])
            .end("end", &[("text", "look.text")])
            .line(&["start", "look", "end"]);
        let looking = edited(&looking, |it| {
            if !name.is_empty() {
                it["graph"]["nodes"][1]["data"]["credential_name"] = json!(name);
            }
        });
        let workflow = world.eve.publish(&looking, &allow).await;
        assert_eq!(outcome(&workflow, json!({})).await, FORBIDDEN, "{name}");
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_dataset_is_searched_and_filled_with_the_rights_of_who_asks() {
    let world = World::new().await;
    let theirs = scripted(world.app.user(), Some("secret")).await;
    let text = json!({"name": "help", "text": "To reset a password open the settings."});
    let document = add(world.app.user(), &theirs, text.clone()).await;
    let document = settled(world.app.user(), &document).await;
    assert_eq!(
        document["status"], "completed",
        "its owner fills it: {document}"
    );
    world.app.provider().forget();
    let search = format!("/datasets/{theirs}/search");
    let found = world.eve.post(&search, json!({"query": "password"})).await;
    assert_eq!(
        found.refusal(),
        (422, FORBIDDEN.to_owned()),
        "{}",
        found.text
    );
    let model = json!({"provider": "deepseek", "name": "embedder"});
    let own = json!({"name": "own", "embedding_model": model, "credential_name": "secret"});
    let own = dataset(&world.eve, own).await;
    for dataset in [&theirs, &own] {
        let document = add(&world.eve, dataset, text.clone()).await;
        let document = settled(&world.eve, &document).await;
        assert_eq!(document["status"], "error", "{document}");
    }
    let workflow = world.eve.publish(&asking(&[&theirs], json!({})), &[]).await;
    let run = workflow.run(json!({"question": "password"})).await;
    assert_eq!(run["error"]["code"], FORBIDDEN, "{run}");
    world.kept("a dataset");
}

#[tokio::test]
async fn every_kind_of_node_that_names_a_model_is_confined() {
    let world = World::new().await;
    let model = json!({"provider": "deepseek", "name": "deepseek-chat", "mode": "chat", "completion_params": {}, "credential_name": "secret"});
    let plain = scripted(world.app.user(), None).await;
    let rerank = json!({"reranking_provider_name": "deepseek", "reranking_model_name": "ranker", "credential_name": "secret"});
    let query = json!(["start", "question"]);
    let nodes = [
        (
            "parameter-extractor",
            json!({"model": model, "query": query, "parameters": [{"name": "p", "type": "string", "description": "p", "required": true}],
            "reasoning_mode": "prompt", "instruction": ""}),
        ),
        (
            "question-classifier",
            json!({"model": model, "query_variable_selector": query, "classes": [{"id": "1", "name": "one"}, {"id": "2", "name": "two"}]}),
        ),
        (
            "agent",
            json!({"agent_strategy_provider_name": "langgenius/agent/agent", "agent_strategy_name": "function_calling", "agent_strategy_label": "f",
            "agent_parameters": {"model": {"type": "constant", "value": {"provider": "deepseek", "model": "deepseek-chat", "model_type": "llm", "mode": "chat",
                "completion_params": {}, "credential_name": "secret"}}, "query": {"type": "constant", "value": "why"}, "instruction": {"type": "constant", "value": "x"},
                "maximum_iterations": {"type": "constant", "value": 1}, "tools": {"type": "constant", "value": []}}}),
        ),
        (
            "knowledge-retrieval",
            json!({"query_variable_selector": query, "dataset_ids": [plain], "retrieval_mode": "multiple",
            "multiple_retrieval_config": {"top_k": 1, "score_threshold": null, "reranking_enable": true, "reranking_mode": "reranking_model", "reranking_model": rerank}}),
        ),
        (
            "knowledge-retrieval",
            json!({"query_variable_selector": query, "dataset_ids": [plain], "retrieval_mode": "single",
            "single_retrieval_config": {"model": model}}),
        ),
    ];
    for (kind, data) in nodes {
        let document = Document::workflow("confined", &["tenant", "question"])
            .node("ask", kind, data)
            .end("end", &[])
            .edge("start", "ask")
            .edge("ask", "end");
        let workflow = world.eve.publish(&document, &[]).await;
        let rows = workflow.resolve(json!({})).await.expect(200);
        assert_eq!(rows["nodes"][0]["code"], FORBIDDEN, "{kind}: {rows}");
        if kind != "knowledge-retrieval" {
            assert_eq!(outcome(&workflow, json!({})).await, FORBIDDEN, "{kind}");
        }
        world.kept(kind);
    }
}
