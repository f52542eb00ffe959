//! Indexing from the outside: who pays for it, what goes wrong, and what a crash leaves.

use latchkey_tests::app::TestApp;
use latchkey_tests::provider::{Provider, Reply, Rule};
use latchkey_tests::requires;
use latchkey_tests::server::Setup;
use latchkey_tests::user::User;
use latchkey_tests::wait;
use serde_json::{Value as Json, json};

use crate::knowledge::{PASSWORDS, add, asking, dataset, indexed, scripted, search, settled};

#[tokio::test]
async fn the_datasets_choice_pays_for_indexing_and_for_questions() {
    let app = TestApp::new().await;
    let user = app.user();
    app.credential("house").await;
    app.credential("library").await;
    let default = json!({"credential_id": app.credential("default").await});
    let _ = user
        .put("/providers/deepseek/default", default)
        .await
        .expect(200);
    let dataset = scripted(user, Some("library")).await;
    indexed(user, &dataset, PASSWORDS).await;
    let workflow = app.publish(&asking(&[&dataset], json!({}))).await;
    let run = workflow.run(json!({"question": "reset password"})).await;
    assert_eq!(run["status"], "succeeded", "{run}");
    let rows = user.pages("/api/v1/model-calls").await;
    let told = |row: &Json| {
        let fields = [
            "run_id",
            "credential_name",
            "model_type",
            "outcome",
            "usage_source",
            "level",
        ];
        fields.map(|field| row[field].clone())
    };
    let told: Vec<_> = rows.iter().map(told).collect();
    let row = |run: Json| {
        [
            run,
            json!("library"),
            json!("text-embedding"),
            json!("succeeded"),
            json!("reported"),
            json!("node"),
        ]
    };
    assert_eq!(told, [row(run["id"].clone()), row(Json::Null)]);
    let keys: Vec<String> = app
        .provider()
        .embeddings()
        .into_iter()
        .map(|seen| seen.key)
        .collect();
    assert_eq!(keys, ["test-key-library"; 2]);
    let tokens: u64 = app
        .provider()
        .embeddings()
        .iter()
        .map(|seen| seen.input_tokens)
        .sum();
    let booked: u64 = rows
        .iter()
        .map(|row| row["input_tokens"].as_u64().unwrap())
        .sum();
    assert_eq!(booked, tokens);
    assert_eq!(run["usage"]["input_tokens"], rows[0]["input_tokens"]);
}

#[tokio::test]
async fn a_dataset_that_chooses_nobody_is_paid_by_the_default() {
    let app = TestApp::new().await;
    let user = app.user();
    let default = json!({"credential_id": app.credential("default").await});
    let dataset = scripted(user, None).await;
    let document = add(user, &dataset, json!({"name": "help", "text": PASSWORDS})).await;
    let failed = settled(user, &document).await;
    assert_eq!(failed["error"]["code"], "credential_missing", "{failed}");
    let _ = user
        .put("/providers/deepseek/default", default)
        .await
        .expect(200);
    let _ = user
        .post(&format!("{document}/retry"), json!({}))
        .await
        .expect(202);
    assert_eq!(settled(user, &document).await["status"], "completed");
    let rows = user.pages("/api/v1/model-calls").await;
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row["outcome"].as_str().unwrap(), row["level"].as_str()))
        .collect();
    assert_eq!(
        told,
        [("succeeded", Some("workspace_default")), ("refused", None)]
    );
}

#[tokio::test]
async fn a_provider_that_answers_nonsense_fails_the_document_and_says_why() {
    let app = TestApp::new().await;
    let user = app.user();
    app.credential("library").await;
    let dataset = scripted(user, Some("library")).await;
    let vector = |numbers: &[f32]| json!({"embedding": numbers});
    for (mark, answer, told) in [
        (
            "few",
            json!({"data": [vector(&[1.0])]}).to_string(),
            "2 vectors were asked for, 1 came",
        ),
        (
            "uneven",
            json!({"data": [vector(&[1.0]), vector(&[1.0, 2.0])]}).to_string(),
            "not of one length",
        ),
        ("broken", "{\"data\": [".to_owned(), "no vectors"),
        (
            "zeros",
            json!({"data": [vector(&[0.0, 0.0]), vector(&[1.0, 0.0])]}).to_string(),
            "vector of zeros",
        ),
    ] {
        app.provider()
            .script(Rule::for_prompt(mark, Reply::Garbage(answer)));
        let body = json!({"name": mark, "text": format!("{mark} one\n\n{mark} two")});
        let document = settled(user, &add(user, &dataset, body).await).await;
        assert_eq!(
            (&document["status"], &document["segments"]),
            (&json!("error"), &json!(0))
        );
        let message = document["error"]["message"].as_str().unwrap();
        assert!(message.contains(told), "{mark}: {message}");
    }
    indexed(user, &dataset, PASSWORDS).await;
    let other = json!({"data": [vector(&[1.0, 2.0])]}).to_string();
    app.provider()
        .script(Rule::for_prompt("dimension", Reply::Garbage(other)));
    let body = json!({"name": "other", "text": "dimension"});
    let document = settled(user, &add(user, &dataset, body).await).await;
    assert_eq!(document["error"]["code"], "embedding_dimension_changed");
    let path = format!("/datasets/{dataset}/search");
    for (query, told) in [("broken", "no vectors"), ("dimension", "2 numbers now")] {
        let refused = user.post(&path, json!({"query": query})).await;
        assert_eq!(refused.refusal(), (422, "model_call_failed".to_owned()));
        assert!(refused.text.contains(told), "{}", refused.text);
    }
}

#[tokio::test]
async fn a_provider_that_is_busy_is_asked_again() {
    let app = TestApp::new().await;
    let user = app.user();
    app.credential("library").await;
    app.provider()
        .script(Rule::always(Reply::rate_limited(0)).times(2));
    let dataset = scripted(user, Some("library")).await;
    indexed(user, &dataset, PASSWORDS).await;
    let rows = user.pages("/api/v1/model-calls").await;
    let outcomes: Vec<&str> = rows
        .iter()
        .map(|row| row["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["succeeded", "failed", "failed"]);
}

#[tokio::test]
async fn a_document_that_is_deleted_while_it_is_indexed_is_gone() {
    let app = TestApp::new().await;
    let user = app.user();
    app.credential("library").await;
    let dataset = scripted(user, Some("library")).await;
    app.provider()
        .script(Rule::for_prompt("slow", Reply::Hangs));
    let document = add(user, &dataset, json!({"name": "slow", "text": "slow"})).await;
    app.provider().arrived(1).await;
    assert_eq!(user.delete(&document).await.status, 204);
    assert_eq!(user.get(&document).await.status, 404);
    let path = format!("/datasets/{dataset}");
    assert_eq!(user.delete(&path).await.status, 204);
    assert_eq!(user.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_big_document_is_cut_into_segments_of_bounded_size() {
    let app = TestApp::new().await;
    let user = app.user();
    let dataset = dataset(user, json!({"name": "big"})).await;
    let sentence = "The quick brown fox jumps over the lazy dog again and again. ";
    let text = sentence.repeat(5000) + "The needle is here.";
    let document = indexed(user, &dataset, &text).await;
    assert!(document["segments"].as_u64().unwrap() > 300, "{document}");
    let found = search(user, &dataset, json!({"query": "needle", "top_k": 1})).await;
    assert!(found[0].contains("needle") && found[0].chars().count() <= 1024);
    let tiny = json!({"name": "many", "text": "x\n\n".repeat(30_000)});
    let document = settled(user, &add(user, &dataset, tiny).await).await;
    assert_eq!(document["error"]["code"], "document_too_many_segments");
}

#[tokio::test]
async fn a_server_that_is_killed_while_it_indexes_goes_on_where_it_was() {
    killed(Setup::sqlite()).await;
    let postgres = requires!(postgres);
    killed(Setup::postgres(postgres).await).await;
}

async fn killed(setup: Setup) {
    let provider = Provider::start();
    let mut server = setup
        .with("LATCHKEY_OUTBOUND_ALLOW", "127.0.0.0/8")
        .start()
        .await;
    let user = User::new(server.client());
    user.credential("library", "test-key-library", &provider)
        .await;
    let dataset = scripted(&user, Some("library")).await;
    // Three batches of 32; the second hangs until the server is gone.
    provider.script(Rule::for_prompt("passage-40.", Reply::Hangs).times(1));
    let text: Vec<String> = (1..=80)
        .map(|number| format!("This is passage-{number}."))
        .collect();
    let document = add(
        &user,
        &dataset,
        json!({"name": "long", "text": text.join("\n\n")}),
    )
    .await;
    wait::until("the second batch hangs", async || {
        (provider.embeddings().len() == 2).then_some(())
    })
    .await;
    server.kill();
    server.start().await;
    let user = User::new(server.client());
    let settled = settled(&user, &document).await;
    assert_eq!(
        (&settled["status"], &settled["segments"]),
        (&json!("completed"), &json!(80))
    );
    let segments = user.pages(&format!("/api/v1{document}/segments")).await;
    let contents: Vec<&str> = segments
        .iter()
        .map(|one| one["content"].as_str().unwrap())
        .collect();
    assert_eq!(contents, text, "each once and in order");
    let rows = user.pages("/api/v1/model-calls").await;
    let mut outcomes: Vec<&str> = rows
        .iter()
        .map(|row| row["outcome"].as_str().unwrap())
        .collect();
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["lost", "succeeded", "succeeded", "succeeded"]);
    assert_eq!(
        provider.embeddings().len(),
        4,
        "the first batch is not paid for twice"
    );
}
