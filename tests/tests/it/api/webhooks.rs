//! Webhooks: what an address takes and answers, and what it says to those who get it wrong.

use latchkey_tests::app::TestApp;
use latchkey_tests::client::Answer;
use latchkey_tests::document::Document;
use latchkey_tests::user::{User, Workflow};
use latchkey_tests::wait;
use serde_json::{Value as Json, json};

/// A webhook with these data whose run tells what it has heard.
fn webhook(data: Json, outputs: &[(&str, &str)]) -> Document {
    Document::triggered("webhook")
        .node("hook", "trigger-webhook", data)
        .end("end", outputs)
        .line(&["hook", "end"])
}

fn orders() -> Document {
    let data = json!({"method": "post", "content_type": "application/json", "status_code": 202, "response_body": "{\"ok\": true}",
        "headers": [{"name": "X-Sign", "required": true}], "params": [{"name": "page", "type": "number", "required": false}],
        "body": [{"name": "order", "type": "object", "required": true}, {"name": "tags", "type": "array[string]"}]});
    let outputs = [
        ("sign", "hook.X_Sign"),
        ("page", "hook.page"),
        ("order", "hook.order"),
        ("tags", "hook.tags"),
        ("raw", "hook._webhook_raw"),
    ];
    webhook(data, &outputs)
}

/// The address of the only webhook of a workflow.
async fn address(user: &User, workflow: &Workflow) -> String {
    let listed = user
        .client()
        .get(&workflow.path("/triggers"))
        .await
        .expect(200);
    let path = &listed["data"][0]["webhook"]["path"];
    path.as_str().unwrap().to_owned()
}

/// The only run of a workflow, once it is over.
async fn only_run(user: &User, workflow: &Workflow) -> Json {
    let path = format!("/api/v1/runs?workflow_id={}", workflow.id);
    wait::until("the run is over", async || {
        let mut runs = user.pages(&path).await;
        assert!(runs.len() < 2, "{runs:?}");
        let run = runs.pop()?;
        (!run["finished_at"].is_null()).then_some(run)
    })
    .await
}

async fn nothing_was_begun(app: &TestApp) {
    let runs = app.user().pages("/api/v1/runs").await;
    assert_eq!(runs, Vec::<Json>::new());
}

struct Hook {
    app: TestApp,
    workflow: Workflow,
    address: String,
}

impl Hook {
    async fn new(document: &Document) -> Self {
        let app = TestApp::new().await;
        let workflow = app.publish(document).await;
        let address = address(app.user(), &workflow).await;
        Self {
            app,
            workflow,
            address,
        }
    }

    /// Asks as somebody without a key.
    async fn asked(&self, method: &str, content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
        let nobody = self.app.nobody();
        let ask = nobody.client().request(method, &self.address);
        let ask = ask.header("x-sign", "abc");
        ask.body(content_type, body.into()).send().await
    }

    async fn run(&self) -> Json {
        only_run(self.app.user(), &self.workflow).await
    }
}

#[tokio::test]
async fn a_request_begins_a_run_and_hears_what_the_node_says() {
    let hook = Hook::new(&orders()).await;
    let nobody = hook.app.nobody();
    let path = format!("{}?page=2&page=3&x=%41", hook.address);
    let ask = nobody
        .client()
        .request("POST", &path)
        .header("x-sign", "abc");
    let ask = ask
        .header("authorization", "Bearer hidden")
        .header("user-agent", "test");
    let answer = ask
        .json(&json!({"order": {"id": 7}, "tags": ["new"]}))
        .send()
        .await;
    assert_eq!(
        (answer.status, answer.text.as_str()),
        (202, "{\"ok\": true}")
    );
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let run = hook.run().await;
    assert_eq!(
        (&run["status"], &run["trigger"]),
        (&json!("succeeded"), &json!("hook"))
    );
    let mut outputs = run["outputs"].clone();
    let raw = outputs["raw"].take();
    let expected =
        json!({"sign": "abc", "page": 2, "order": {"id": 7}, "tags": ["new"], "raw": null});
    assert_eq!(outputs, expected);
    assert_eq!(raw["query_params"], json!({"page": "2", "x": "A"}));
    assert_eq!(raw["body"], json!({"order": {"id": 7}, "tags": ["new"]}));
    assert_eq!(raw["headers"]["User-Agent"], "test");
    assert!(!run.to_string().contains("hidden"), "{run}");
}

#[tokio::test]
async fn what_a_webhook_does_not_take_is_told_with_its_place() {
    let hook = Hook::new(&orders()).await;
    let json = "application/json";
    for (body, code, place) in [
        (r#"{"tags": []}"#, "input_required", "body.order"),
        (r#"{"order": null}"#, "input_required", "body.order"),
        (r#"{"order": "hidden"}"#, "input_type", "body.order"),
        (
            r#"{"order": {}, "tags": "hidden"}"#,
            "input_type",
            "body.tags",
        ),
        (r#"{"order": {}, "tags": [1]}"#, "input_type", "body.tags"),
        (r#"["hidden"]"#, "input_required", "body.order"),
        ("", "input_required", "body.order"),
    ] {
        let answer = hook.asked("POST", json, body).await;
        let refusal = (400, "webhook_request_invalid".to_owned());
        assert_eq!(answer.refusal(), refusal, "{body}");
        let told = &answer.expect(400)["errors"][0];
        assert_eq!(
            (&told["code"], &told["field"]),
            (&json!(code), &json!(place)),
            "{body}"
        );
        assert!(!answer.text.contains("hidden"), "{}", answer.text);
    }
    let nobody = hook.app.nobody();
    let unsigned = nobody
        .client()
        .post(&hook.address, json!({"order": {}}))
        .await;
    assert_eq!(unsigned.expect(400)["errors"][0]["field"], "headers.X-Sign");
    let path = format!("{}?page=many", hook.address);
    let ask = nobody.client().request("POST", &path).header("x-sign", "a");
    let answer = ask.json(&json!({"order": {}})).send().await;
    assert_eq!(answer.expect(400)["errors"][0]["field"], "query.page");
    nothing_was_begun(&hook.app).await;
}

#[tokio::test]
async fn hostile_bodies_are_refused_and_begin_nothing() {
    let hook = Hook::new(&orders()).await;
    let deep = "[".repeat(100_000);
    let long = format!(r#"{{"order": {{"x": "{}"}}}}"#, "a".repeat(11 << 20));
    for (body, content_type, status, code) in [
        ("{", "application/json", 400, "webhook_request_invalid"),
        (
            deep.as_str(),
            "application/json",
            400,
            "webhook_request_invalid",
        ),
        (
            "{\"order\": 1e999}",
            "application/json",
            400,
            "webhook_request_invalid",
        ),
        (long.as_str(), "application/json", 413, "too_large"),
        (
            "a=b",
            "application/x-www-form-urlencoded",
            415,
            "webhook_content_type",
        ),
        (
            "{}",
            "application/json-patch+json",
            415,
            "webhook_content_type",
        ),
        ("{}", "nonsense", 415, "webhook_content_type"),
    ] {
        let answer = hook.asked("POST", content_type, body).await;
        let start = &body[..body.len().min(20)];
        assert_eq!(answer.refusal(), (status, code.to_owned()), "{start}");
    }
    let not_utf8 = hook.asked("POST", "application/json", vec![b'"', 0xff, b'"']);
    assert_eq!(not_utf8.await.status, 400);
    nothing_was_begun(&hook.app).await;
}

#[tokio::test]
async fn only_its_method_is_answered() {
    let hook = Hook::new(&orders()).await;
    for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let answer = hook.asked(method, "application/json", "{}").await;
        let refusal = (405, "method_not_allowed".to_owned());
        assert_eq!(answer.refusal(), refusal, "{method}");
        assert_eq!(answer.header("allow"), Some("POST"), "{method}");
    }
    nothing_was_begun(&hook.app).await;
}

#[tokio::test]
async fn an_address_that_nobody_has_is_not_there() {
    let hook = Hook::new(&orders()).await;
    let unknown = latchkey_secrets::token::generate("wh_").unwrap();
    let trigger = hook
        .app
        .user()
        .client()
        .get(&hook.workflow.path("/triggers"))
        .await;
    let id = trigger.expect(200)["data"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for address in [
        unknown.expose().as_str(),
        &id,
        "..%2F",
        "%00",
        "wh_",
        "hook",
    ] {
        let path = format!("/webhooks/{address}");
        let answer = hook.app.nobody().client().post(&path, json!({})).await;
        assert_eq!(answer.refusal(), (404, "not_found".to_owned()), "{address}");
    }
}

#[tokio::test]
async fn forms_and_texts_become_values() {
    let form = |kind: &str, content_type: &str| json!({"method": "put", "content_type": content_type, "body": [{"name": "x", "type": kind, "required": true}]});
    let multipart = "--b\r\ncontent-disposition: form-data; name=\"x\"\r\n\r\n 1.5\r\n--b\r\ncontent-disposition: form-data; name=\"y\"\r\n\r\nmore\r\n--b--\r\n";
    for (kind, content_type, body, expected) in [
        (
            "string",
            "application/x-www-form-urlencoded",
            "x=a+b%C3%A4%00&x=later",
            json!("a bä"),
        ),
        (
            "boolean",
            "application/x-www-form-urlencoded",
            "x=YES",
            json!(true),
        ),
        (
            "number",
            "multipart/form-data; boundary=b",
            multipart,
            json!(1.5),
        ),
        (
            "string",
            "text/plain; charset=utf-8",
            "all\u{0} of it",
            json!("all of it"),
        ),
    ] {
        let plain = content_type.split(';').next().unwrap();
        let hook = Hook::new(&webhook(form(kind, plain), &[("x", "hook.x")])).await;
        let answer = hook.asked("PUT", content_type, body).await;
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (200, ""),
            "{content_type}"
        );
        assert_eq!(
            hook.run().await["outputs"],
            json!({"x": expected}),
            "{content_type}"
        );
    }
}

#[tokio::test]
async fn a_broken_form_is_refused() {
    let data =
        json!({"method": "post", "content_type": "multipart/form-data", "body": [{"name": "x"}]});
    let hook = Hook::new(&webhook(data, &[])).await;
    let part =
        |head: &str| format!("--b\r\ncontent-disposition: form-data{head}\r\n\r\n1\r\n--b--\r\n");
    let many = format!(
        "{}--b--\r\n",
        "--b\r\ncontent-disposition: form-data; name=x\r\n\r\n1\r\n".repeat(1_001)
    );
    for (header, body) in [
        ("multipart/form-data", part("; name=x")),
        ("multipart/form-data; boundary=b", "nonsense".to_owned()),
        ("multipart/form-data; boundary=b", part("")),
        (
            "multipart/form-data; boundary=b",
            part("; name=x").replace("--b--", ""),
        ),
        ("multipart/form-data; boundary=b", many),
    ] {
        let answer = hook.asked("POST", header, body.clone()).await;
        assert_eq!(
            answer.refusal(),
            (400, "webhook_request_invalid".to_owned()),
            "{header} {}",
            &body[..8]
        );
    }
    nothing_was_begun(&hook.app).await;
}

#[tokio::test]
async fn a_file_in_a_form_is_kept_if_it_is_named() {
    let data = json!({"method": "post", "content_type": "multipart/form-data", "body": [{"name": "photo", "type": "file", "required": true}]});
    let outputs = [("photo", "hook.photo"), ("raw", "hook._webhook_raw")];
    let hook = Hook::new(&webhook(data, &outputs)).await;
    let part = |name: &str| {
        format!(
            "--b\r\ncontent-disposition: form-data; name={name}; filename=\"../a.png\"\r\ncontent-type: image/png\r\n\r\nPNG\r\n"
        )
    };
    let form = "multipart/form-data; boundary=b";
    let other = hook.asked("POST", form, part("other") + "--b--\r\n").await;
    assert_eq!(other.expect(400)["errors"][0]["field"], "body.photo");
    let both = part("photo") + &part("other") + "--b--\r\n";
    assert_eq!(hook.asked("POST", form, both).await.status, 200);
    let run = hook.run().await;
    let photo = &run["outputs"]["photo"];
    assert_eq!(
        (&photo["type"], &photo["size"]),
        (&json!("image"), &json!(3))
    );
    assert_eq!(
        run["outputs"]["raw"]["files"]["photo"]["filename"],
        photo["filename"]
    );
    assert_eq!(run["outputs"]["raw"]["files"]["other"], Json::Null);
    let id = photo["related_id"].as_str().unwrap();
    let content = hook.app.user().get(&format!("/files/{id}/content")).await;
    assert_eq!((content.status, content.text.as_str()), (200, "PNG"));
}

#[tokio::test]
async fn a_binary_body_is_a_file() {
    let data = json!({"method": "put", "content_type": "application/octet-stream", "body": [{"name": "it", "type": "file"}]});
    let hook = Hook::new(&webhook(data, &[("it", "hook.it")])).await;
    let sent = hook
        .asked("PUT", "application/octet-stream", vec![0, 255, 0])
        .await;
    assert_eq!(sent.status, 200);
    let run = hook.run().await;
    assert_eq!(run["outputs"]["it"]["size"], 3, "{run}");
}

#[tokio::test]
async fn an_address_stays_the_same_over_versions_and_goes_with_its_node() {
    let hook = Hook::new(&orders()).await;
    let (draft, etag) = hook.workflow.draft().await;
    hook.workflow.publish().await;
    assert_eq!(address(hook.app.user(), &hook.workflow).await, hook.address);
    let other =
        Document::triggered("other").node("new", "trigger-webhook", json!({"method": "post"}));
    let other = other.end("end", &[]).line(&["new", "end"]).json();
    let etag = hook.workflow.put_draft(&other, &etag).await;
    let etag = etag.header("etag").unwrap().to_owned();
    hook.workflow.publish().await;
    assert_ne!(address(hook.app.user(), &hook.workflow).await, hook.address);
    assert_eq!(
        hook.asked("POST", "application/json", "{}").await.status,
        404
    );
    let restored = hook.workflow.put_draft(&draft, &etag).await;
    assert_eq!(restored.status, 200);
    hook.workflow.publish().await;
    assert_eq!(address(hook.app.user(), &hook.workflow).await, hook.address);
    let path = format!("/workflows/{}", hook.workflow.id);
    assert_eq!(hook.app.user().delete(&path).await.status, 204);
    assert_eq!(
        hook.asked("POST", "application/json", "{}").await.status,
        404
    );
    nothing_was_begun(&hook.app).await;
}

#[tokio::test]
async fn a_webhook_that_is_switched_off_is_not_there() {
    let hook = Hook::new(&orders()).await;
    let client = hook.app.user().client().clone();
    let listed = client
        .get(&hook.workflow.path("/triggers"))
        .await
        .expect(200);
    let id = listed["data"][0]["id"].as_str().unwrap();
    let path = hook.workflow.path(&format!("/triggers/{id}"));
    for (enabled, status) in [(false, 404), (true, 202)] {
        let switched = client.patch(&path, json!({"enabled": enabled})).await;
        assert_eq!(switched.status, 200);
        let answer = hook
            .asked("POST", "application/json", r#"{"order": {}}"#)
            .await;
        assert_eq!(answer.status, status, "{enabled}");
    }
    hook.run().await;
}

#[tokio::test]
async fn a_workflow_that_cannot_be_run_tells_a_stranger_nothing() {
    let data = json!({"method": "get"});
    let document = Document::triggered("unsupported")
        .node("hook", "trigger-webhook", data)
        .node("source", "knowledge-index", json!({}))
        .line(&["hook", "source"]);
    let hook = Hook::new(&document).await;
    let answer = hook.app.nobody().client().get(&hook.address).await;
    assert_eq!(answer.refusal(), (409, "webhook_not_runnable".to_owned()));
    assert!(!answer.text.contains("source"), "{}", answer.text);
    let path = hook.workflow.path("/triggers");
    let listed = hook.app.user().client().get(&path).await.expect(200);
    let told = listed["data"][0]["last_error"].as_str().unwrap();
    assert!(told.starts_with("node_type_unsupported"), "{told}");
}

#[tokio::test]
async fn a_key_that_was_taken_away_begins_no_runs() {
    let app = TestApp::new().await;
    let scopes = ["workflows:read", "workflows:write", "workflows:publish"];
    let body = json!({"name": "publisher", "scopes": scopes});
    let made = app.user().post("/api-keys", body).await.expect(201);
    let key = made["key"].as_str().unwrap();
    let publisher = User::new(&app.user().client().with_key(Some(key)));
    let document = webhook(json!({"method": "get"}), &[]);
    let workflow = publisher.publish(&document, &[]).await;
    let address = address(&publisher, &workflow).await;
    let ask = async || app.nobody().client().get(&address).await;
    assert_eq!(ask().await.status, 200);
    let path = format!("/api-keys/{}", made["id"].as_str().unwrap());
    let _ = app.user().delete(&path).await.expect(204);
    assert_eq!(
        ask().await.refusal(),
        (409, "webhook_not_runnable".to_owned())
    );
    let triggers = app.user().client().get(&workflow.path("/triggers")).await;
    let told = triggers.expect(200)["data"][0]["last_error"].clone();
    assert!(
        told.as_str().unwrap().starts_with("trigger_author_gone"),
        "{told}"
    );
}

#[tokio::test]
async fn a_body_that_looks_like_a_file_names_none() {
    let data = json!({"method": "post", "content_type": "application/json", "body": [{"name": "f", "type": "object", "required": true}]});
    let hook = Hook::new(&webhook(data, &[("f", "hook.f")])).await;
    let forged = json!({"f": {"dify_model_identity": "__dify__file__", "transfer_method": "remote_url", "remote_url": "http://h.test/"}});
    let answer = hook.app.nobody().client().post(&hook.address, forged).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let run = hook.run().await;
    assert_eq!(
        run["outputs"]["f"],
        json!({"transfer_method": "remote_url", "remote_url": "http://h.test/"})
    );
}

#[tokio::test]
async fn too_many_requests_are_told_to_wait() {
    // The requests are wrong, so that no run is begun by those that are taken.
    let hook = Hook::new(&orders()).await;
    let mut statuses = Vec::new();
    for _ in 0..200 {
        let answer = hook
            .app
            .nobody()
            .client()
            .post(&hook.address, json!({}))
            .await;
        statuses.push(answer.status);
        if answer.status == 429 {
            assert_eq!(answer.code(), "rate_limited");
            assert_eq!(answer.header("retry-after"), Some("1"));
            break;
        }
    }
    assert_eq!(statuses.last(), Some(&429), "{}", statuses.len());
    assert!(statuses.len() > 100, "{}", statuses.len());
}

#[tokio::test]
async fn an_export_has_no_address() {
    let hook = Hook::new(&orders()).await;
    let path = hook.workflow.path("/export");
    let file = hook.app.user().client().get(&path).await;
    let token = hook.address.trim_start_matches("/webhooks/");
    assert!(!file.text.contains(token));
    let draft = hook.workflow.draft().await.0;
    assert!(!draft.to_string().contains(token));
}
