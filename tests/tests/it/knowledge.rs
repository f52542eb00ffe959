//! Knowledge from the outside: datasets that are filled, and searched by people and by nodes.

use latchkey_tests::app::TestApp;
use latchkey_tests::document::Document;
use latchkey_tests::provider::{Provider, Reply, Rule};
use latchkey_tests::requires;
use latchkey_tests::user::User;
use latchkey_tests::wait;
use serde_json::{Value as Json, json};

pub(crate) const PASSWORDS: &str =
    "To reset a password open the settings.\n\nA cake needs flour and eggs.";

/// A dataset; its id.
pub(crate) async fn dataset(user: &User, body: Json) -> String {
    let made = user.post("/datasets", body).await.expect(201);
    made["id"].as_str().unwrap().to_owned()
}

/// A dataset whose vectors need no key.
pub(crate) async fn simulated(user: &User, name: &str) -> String {
    let model = json!({"provider": "simulated", "name": "simulated-embedding"});
    dataset(user, json!({"name": name, "embedding_model": model})).await
}

/// A dataset whose vectors `deepseek`'s scripted stand-in makes, paid by a credential.
pub(crate) async fn scripted(user: &User, credential: Option<&str>) -> String {
    let model = json!({"provider": "deepseek", "name": "embedder"});
    let mut body = json!({"name": "scripted", "embedding_model": model});
    if let Some(credential) = credential {
        body["credential_name"] = json!(credential);
    }
    dataset(user, body).await
}

/// Adds a document; its path.
pub(crate) async fn add(user: &User, dataset: &str, body: Json) -> String {
    let path = format!("/datasets/{dataset}/documents");
    let made = user.post(&path, body).await.expect(201);
    assert_eq!(made["status"], "waiting");
    format!("{path}/{}", made["id"].as_str().unwrap())
}

/// Waits until a document is indexed or cannot be.
pub(crate) async fn settled(user: &User, document: &str) -> Json {
    wait::until("the document is settled", async || {
        let document = user.get(document).await.expect(200);
        let over = ["completed", "error"].contains(&document["status"].as_str()?);
        over.then_some(document)
    })
    .await
}

pub(crate) async fn indexed(user: &User, dataset: &str, text: &str) -> Json {
    let document = add(user, dataset, json!({"name": "help", "text": text})).await;
    let settled = settled(user, &document).await;
    assert_eq!(settled["status"], "completed", "{settled}");
    settled
}

/// The contents that a search finds.
pub(crate) async fn search(user: &User, dataset: &str, body: Json) -> Vec<String> {
    let found = user
        .post(&format!("/datasets/{dataset}/search"), body)
        .await
        .expect(200);
    let hits = found["data"].as_array().unwrap().iter();
    hits.map(|hit| hit["content"].as_str().unwrap().to_owned())
        .collect()
}

/// Start → knowledge retrieval → end, and an LLM node in between if wanted.
pub(crate) fn asking(datasets: &[&str], retrieval: Json) -> Document {
    let mut data = json!({"query_variable_selector": ["start", "question"], "dataset_ids": datasets,
        "retrieval_mode": "multiple", "multiple_retrieval_config": {"top_k": 1, "score_threshold": null, "reranking_enable": false}});
    data.as_object_mut()
        .unwrap()
        .extend(retrieval.as_object().unwrap().clone());
    Document::workflow("asking", &["question"])
        .node("find", "knowledge-retrieval", data)
        .end("end", &[("found", "find.result")])
        .line(&["start", "find", "end"])
}

#[tokio::test]
async fn a_newcomer_fills_a_dataset_and_asks_it_without_a_key() {
    let app = TestApp::new().await;
    let user = app.user();
    let dataset = simulated(user, "manual").await;
    let document = indexed(user, &dataset, PASSWORDS).await;
    assert_eq!(
        (&document["segments"], &document["characters"]),
        (&json!(2), &json!(66))
    );
    for method in ["semantic", "full_text", "hybrid"] {
        let body =
            json!({"query": "How do I reset my password?", "top_k": 1, "search_method": method});
        let found = search(user, &dataset, body).await;
        assert_eq!(
            found,
            ["To reset a password open the settings."],
            "{method}"
        );
    }
    let workflow = app.publish(&asking(&[&dataset], json!({}))).await;
    let run = workflow.run(json!({"question": "cake with eggs"})).await;
    let item = &run["outputs"]["found"][0];
    assert_eq!(item["content"], "A cake needs flour and eggs.", "{run}");
    assert_eq!(item["metadata"]["dataset_name"], "manual");
    assert_eq!(item["metadata"]["position"], 1);
    let calls = user.model_calls(run["id"].as_str().unwrap()).await;
    assert_eq!(
        (calls.len(), &calls[0]["model"]),
        (1, &json!("simulated-embedding"))
    );
    let path = format!(
        "/datasets/{dataset}/documents/{}/segments",
        document["id"].as_str().unwrap()
    );
    let segments = user.get(&path).await.expect(200);
    let hits: Vec<&Json> = segments["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["hits"])
        .collect();
    assert_eq!(hits, [&json!(0), &json!(1)]);
}

#[tokio::test]
async fn what_is_found_reaches_the_prompt_of_an_llm_node() {
    let app = TestApp::new().await;
    let dataset = simulated(app.user(), "manual").await;
    indexed(app.user(), &dataset, PASSWORDS).await;
    let data = json!({"query_variable_selector": ["start", "question"], "dataset_ids": ["manual"], "retrieval_mode": "multiple",
        "multiple_retrieval_config": {"top_k": 1}});
    let model = json!({"provider": "simulated", "name": "simulated-echo", "mode": "chat", "completion_params": {}});
    let llm = json!({"model": model, "prompt_template": [{"role": "user", "text": "Use: {{#context#}}", "id": "p"}],
        "context": {"enabled": true, "variable_selector": ["find", "result"]}, "vision": {"enabled": false}});
    let document = Document::workflow("rag", &["question"])
        .node("find", "knowledge-retrieval", data)
        .node("ask", "llm", llm)
        .end("end", &[("answer", "ask.text")])
        .line(&["start", "find", "ask", "end"]);
    let run = app
        .publish(&document)
        .await
        .run(json!({"question": "reset password"}))
        .await;
    assert_eq!(
        run["outputs"]["answer"],
        "[simulated] Use: To reset a password open the settings."
    );
}

#[tokio::test]
async fn an_economy_dataset_needs_no_model_and_finds_chinese() {
    let app = TestApp::new().await;
    let user = app.user();
    let dataset = dataset(user, json!({"name": "手册"})).await;
    indexed(user, &dataset, "如何重置您的密码\n\n蛋糕需要面粉和鸡蛋").await;
    assert_eq!(
        search(user, &dataset, json!({"query": "密码", "top_k": 1})).await,
        ["如何重置您的密码"]
    );
    assert!(
        search(user, &dataset, json!({"query": "天气"}))
            .await
            .is_empty()
    );
    let rows = user.pages("/api/v1/model-calls").await;
    assert!(rows.is_empty(), "{rows:?}");
}

#[tokio::test]
async fn pairs_are_searched_by_their_question_and_found_with_their_answer() {
    let app = TestApp::new().await;
    let user = app.user();
    let dataset = simulated(user, "faq").await;
    let pairs = json!([{"question": "How do I pay?", "answer": "By card."}, {"question": "Who are you?", "answer": "We."}]);
    let document = add(user, &dataset, json!({"name": "faq", "pairs": pairs})).await;
    assert_eq!(settled(user, &document).await["form"], "qa");
    let found = search(user, &dataset, json!({"query": "pay", "top_k": 1})).await;
    assert_eq!(found, ["question:How do I pay? \nanswer:By card."]);
}

#[tokio::test]
async fn a_search_is_narrowed_by_facts_and_ordered_by_a_model() {
    let app = TestApp::new().await;
    let user = app.user();
    app.credential("library").await;
    let dataset = simulated(user, "manual").await;
    for (year, text) in [
        (2024, "password of old"),
        (2025, "the new password is longer"),
    ] {
        let body = json!({"name": "help", "text": text, "metadata": {"year": year}});
        settled(user, &add(user, &dataset, body).await).await;
    }
    let condition = json!({"name": "year", "comparison_operator": ">", "value": 2024});
    let body = json!({"query": "password", "filters": {"conditions": [condition]}});
    assert_eq!(
        search(user, &dataset, body).await,
        ["the new password is longer"]
    );
    let rerank = json!({"provider": "deepseek", "model": "ranker", "credential_name": "library"});
    let body = json!({"query": "longer new password", "rerank": rerank});
    let found = search(user, &dataset, body).await;
    assert_eq!(found, ["the new password is longer", "password of old"]);
    let rows = user.pages("/api/v1/model-calls").await;
    assert_eq!(
        (&rows[0]["model_type"], &rows[0]["credential_name"]),
        (&json!("rerank"), &json!("library"))
    );
}

#[tokio::test]
async fn somebody_elses_knowledge_is_searched_with_its_own_key() {
    let app = TestApp::new().await;
    let user = app.user();
    let theirs = Provider::start();
    let record = json!({"content": "from elsewhere", "score": 0.8, "title": "their page", "metadata": {"path": "/x"}});
    theirs.script(Rule::always(Reply::Garbage(
        json!({"records": [record]}).to_string(),
    )));
    let body = json!({"provider": "tool/external-knowledge", "name": "theirs", "hosts": [theirs.host()],
        "values": {"api_key": "test-key-theirs", "base_url": theirs.base_url()}});
    let _ = user.post("/credentials", body).await.expect(201);
    let body = json!({"name": "elsewhere", "external": {"knowledge_id": "k-1"}, "credential_name": "theirs"});
    let dataset = dataset(user, body).await;
    assert_eq!(
        search(user, &dataset, json!({"query": "why"})).await,
        ["from elsewhere"]
    );
    let run = app
        .publish(&asking(&["elsewhere"], json!({})))
        .await
        .run(json!({"question": "why"}))
        .await;
    let metadata = &run["outputs"]["found"][0]["metadata"];
    assert_eq!(
        (&metadata["data_source_type"], &metadata["document_name"]),
        (&json!("external"), &json!("their page"))
    );
    let seen = theirs.seen();
    let asked = seen.last().unwrap();
    assert_eq!(
        (asked.path.as_str(), asked.key.as_str()),
        ("/v1/retrieval", "test-key-theirs")
    );
    assert_eq!(asked.body["knowledge_id"], "k-1");
    let path = format!("/datasets/{dataset}/documents");
    let refused = user.post(&path, json!({"name": "x", "text": "y"})).await;
    assert_eq!(refused.refusal(), (422, "dataset_external".to_owned()));
}

#[tokio::test]
async fn an_import_tells_of_datasets_that_are_not_here_until_one_has_the_alias() {
    let app = TestApp::new().await;
    let user = app.user();
    let dataset = simulated(user, "manual").await;
    indexed(user, &dataset, PASSWORDS).await;
    let file = asking(&["bm90LWhlcmU=", "manual"], json!({})).yaml();
    let told = async || {
        let imported = user.try_import(&file, "?publish=true").await.expect(201);
        let items = imported["report"]["items"].as_array().unwrap().clone();
        let missing = items
            .into_iter()
            .filter(|item| item["code"] == "dataset_missing");
        (
            imported["workflow"]["id"].clone(),
            missing.collect::<Vec<Json>>(),
        )
    };
    let (workflow, missing) = told().await;
    assert_eq!(missing.len(), 1, "{missing:?}");
    assert_eq!(
        (&missing[0]["node_id"], &missing[0]["field"]),
        (&json!("find"), &json!("data.dataset_ids"))
    );
    assert!(
        missing[0]["message"]
            .as_str()
            .unwrap()
            .contains("bm90LWhlcmU=")
    );
    let run = user
        .workflow(&workflow)
        .run(json!({"question": "cake"}))
        .await;
    assert_eq!(
        run["status"], "succeeded",
        "what is not here is not searched: {run}"
    );
    let alias = json!({"aliases": ["bm90LWhlcmU="]});
    let _ = user
        .patch(&format!("/datasets/{dataset}"), alias)
        .await
        .expect(200);
    assert_eq!(told().await.1, Vec::<Json>::new());
}

#[tokio::test]
async fn another_workspaces_datasets_are_not_there() {
    let app = TestApp::new().await;
    let ours = simulated(app.user(), "manual").await;
    indexed(app.user(), &ours, PASSWORDS).await;
    let stranger = app.stranger();
    let refused = stranger
        .post(&format!("/datasets/{ours}/search"), json!({"query": "x"}))
        .await;
    assert_eq!(refused.status, 404);
    let theirs = simulated(stranger, "manual").await;
    indexed(stranger, &theirs, "Their own text about a password.").await;
    let workflow = stranger
        .publish(&asking(&[&ours, "manual"], json!({})), &[])
        .await;
    let run = workflow.run(json!({"question": "password"})).await;
    assert_eq!(
        run["outputs"]["found"][0]["content"], "Their own text about a password.",
        "{run}"
    );
    let document = asking(&[&ours], json!({}));
    let run = stranger
        .publish(&document, &[])
        .await
        .run(json!({"question": "password"}))
        .await;
    assert_eq!(run["outputs"]["found"], json!([]), "{run}");
}

#[tokio::test]
async fn what_is_wrong_with_a_dataset_or_a_document_is_said_with_its_place() {
    let app = TestApp::new().await;
    let user = app.user();
    let dataset = simulated(user, "manual").await;
    let model = json!({"provider": "simulated", "name": "simulated-embedding"});
    for (body, code, pointer) in [
        (json!({"name": ""}), "invalid_name", "/name"),
        (
            json!({"name": "x", "technique": "high_quality"}),
            "embedding_model_missing",
            "/embedding_model",
        ),
        (
            json!({"name": "x", "technique": "economy", "embedding_model": model}),
            "invalid_input",
            "/embedding_model",
        ),
        (
            json!({"name": "x", "embedding_model": {"provider": "nobody", "name": "y"}}),
            "provider_unknown",
            "/embedding_model/provider",
        ),
        (
            json!({"name": "x", "embedding_model": {"provider": "deepseek", "name": "y"}, "credential_name": "gone"}),
            "credential_not_found",
            "/credential_name",
        ),
        (
            json!({"name": "x", "credential_name": "gone"}),
            "invalid_input",
            "/credential_name",
        ),
        (
            json!({"name": "x", "retrieval": {"top_k": 0}}),
            "invalid_input",
            "/top_k",
        ),
        (
            json!({"name": "x", "chunking": {"max_tokens": 5}}),
            "invalid_input",
            "/chunking/max_tokens",
        ),
        (
            json!({"name": "x", "chunking": {"max_tokens": 50, "max_characters": 50}}),
            "invalid_input",
            "/chunking/max_tokens",
        ),
        (
            json!({"name": "x", "chunking": {"max_characters": 100, "overlap": 51}}),
            "invalid_input",
            "/chunking/overlap",
        ),
        (
            json!({"name": "x", "aliases": ["a", "a"]}),
            "invalid_input",
            "/aliases/1",
        ),
    ] {
        let refused = user.post("/datasets", body.clone()).await;
        let problem = refused.expect(422);
        assert_eq!(
            (&problem["code"], &problem["errors"][0]["pointer"]),
            (&json!(code), &json!(pointer)),
            "{body}"
        );
    }
    let taken = user.post("/datasets", json!({"name": "manual"})).await;
    assert_eq!(taken.refusal(), (409, "conflict".to_owned()));
    for (body, pointer) in [
        (json!({"name": "x"}), "/text"),
        (json!({"name": "x", "text": " "}), "/text"),
        (json!({"name": "x", "text": "a", "pairs": []}), "/text"),
        (
            json!({"name": "x", "pairs": [{"question": "a", "answer": ""}]}),
            "/pairs/0/answer",
        ),
        (
            json!({"name": "x", "text": "a", "metadata": {"a/b": []}}),
            "/metadata/a~1b",
        ),
    ] {
        let refused = user
            .post(&format!("/datasets/{dataset}/documents"), body.clone())
            .await;
        assert_eq!(
            refused.expect(422)["errors"][0]["pointer"],
            pointer,
            "{body}"
        );
    }
    let path = format!("/datasets/{dataset}");
    indexed(user, &dataset, "text").await;
    let other = json!({"embedding_model": {"provider": "simulated", "name": "another"}});
    assert_eq!(
        user.patch(&path, other).await.refusal(),
        (422, "embedding_model_fixed".to_owned())
    );
}

#[tokio::test]
async fn a_plain_text_is_a_document_and_an_empty_one_is_none() {
    let app = TestApp::new().await;
    let user = app.user();
    let dataset = dataset(user, json!({"name": "manual", "chunking": {"max_characters": 50, "overlap": 0, "separator": "##"}})).await;
    let path = format!("/api/v1/datasets/{dataset}/documents?name=notes.txt");
    let send = async |path: &str, text: &str| {
        user.client()
            .request("POST", path)
            .body("text/plain", text.to_owned())
            .send()
            .await
    };
    let made = send(&path, "one##two").await.expect(201);
    let document = format!(
        "/datasets/{dataset}/documents/{}",
        made["id"].as_str().unwrap()
    );
    assert_eq!(settled(user, &document).await["segments"], 2);
    let made = send(&path, "## ##").await.expect(201);
    let document = format!(
        "/datasets/{dataset}/documents/{}",
        made["id"].as_str().unwrap()
    );
    assert_eq!(
        settled(user, &document).await["error"]["code"],
        "document_empty"
    );
    let nameless = send(&format!("/api/v1/datasets/{dataset}/documents"), "x").await;
    assert_eq!(nameless.refusal(), (400, "malformed".to_owned()));
}

#[tokio::test]
async fn an_uploaded_file_becomes_a_document_of_its_text() {
    let app = TestApp::new().await;
    let user = app.user();
    let kept = async |user: &User, name: &str, kind: &str, content: &str| {
        let kept = user.upload(name, kind, content).await.expect(201);
        kept["id"].as_str().unwrap().to_owned()
    };
    let notes = kept(user, "notes.csv", "text/csv", "cake,flour\n1,2\n").await;
    let dataset = simulated(user, "files").await;
    let path = format!("/datasets/{dataset}/documents");
    let document = add(user, &dataset, json!({"file_id": notes})).await;
    let settled = settled(user, &document).await;
    assert_eq!(
        (&settled["status"], &settled["name"]),
        (&json!("completed"), &json!("notes.csv"))
    );
    let found = search(user, &dataset, json!({"query": "cake"})).await;
    assert!(found[0].contains("| cake | flour |"), "{found:?}");
    let picture = kept(user, "p.png", "image/png", "no text").await;
    let blank = kept(user, "blank.txt", "text/plain", " ").await;
    let theirs = kept(app.stranger(), "x.txt", "text/plain", "x").await;
    for (body, status, code) in [
        (json!({"file_id": picture}), 422, "document_unreadable"),
        (json!({"file_id": blank}), 422, "document_unreadable"),
        (json!({"file_id": theirs}), 404, "not_found"),
        (json!({"file_id": "x"}), 422, "invalid_input"),
        (json!({"file_id": notes, "text": "x"}), 422, "invalid_input"),
        (json!({"text": "x"}), 422, "required"),
    ] {
        let refused = user.post(&path, body.clone()).await.expect(status);
        assert_eq!(refused["code"], code, "{body}: {refused}");
    }
}

#[tokio::test]
async fn a_nul_in_a_text_is_left_out_on_postgres() {
    let app = TestApp::on_postgres(requires!(postgres)).await;
    let user = app.user();
    let dataset = dataset(user, json!({"name": "manual"})).await;
    let path = format!("/datasets/{dataset}/documents");
    let made = user
        .post(&path, json!({"name": "a", "text": "one\u{0}two"}))
        .await;
    let made = made.expect(201);
    let document = format!("{path}/{}", made["id"].as_str().unwrap());
    assert_eq!(settled(user, &document).await["status"], "completed");
    let empty = user
        .post(&path, json!({"name": "b", "text": "\u{0}"}))
        .await;
    assert_eq!(empty.status, 422);
}
