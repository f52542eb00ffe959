//! The surfaces as people meet them: imports and their dry runs, pages, changes of nothing, starts that are refused.

use std::collections::BTreeSet;

use latchkey_tests::document;
use latchkey_tests::provider::Provider;
use latchkey_tests::requirement::workspace;
use latchkey_tests::server::Setup;
use latchkey_tests::user::User;
use serde_json::{Value as Json, json};

const API: &str = "/api/v1";

#[tokio::test]
async fn a_refused_import_carries_its_report() {
    let server = Setup::sqlite().start().await;
    let user = User::new(server.client());
    let file = document::light().edge("greet", "nowhere").yaml();
    let refused = user.try_import(&file, "").await.expect(422);
    assert_eq!(refused["report"]["status"], "failed", "{refused}");
    let severities: BTreeSet<_> = refused["report"]["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["severity"].as_str())
        .collect();
    assert!(severities.contains(&Some("error")), "{refused}");
    let only_errors = refused["errors"].as_array().unwrap();
    assert_eq!(only_errors[0]["code"], refused["code"], "{refused}");
}

#[tokio::test]
async fn a_dry_run_says_what_the_import_would_say() {
    let server = Setup::sqlite().start().await;
    let user = User::new(server.client());
    let nobody = "01900000-0000-7000-8000-000000000000";
    let fenced = document::one_model("customer-{{#start.tenant#}}").yaml();
    let light = document::light().yaml();
    for (file, query) in [
        (&fenced, "publish=true".to_owned()),
        (&light, format!("workflow_id={nobody}")),
        (&light, "publish=true".to_owned()),
    ] {
        let dry = user
            .try_import(file, &format!("?dry_run=true&{query}"))
            .await;
        let real = user.try_import(file, &format!("?{query}")).await;
        assert_eq!(dry.code(), real.code(), "{query}");
        assert_eq!(dry.status >= 400, real.status >= 400, "{query}");
    }
}

#[tokio::test]
async fn a_model_that_nobody_pays_for_is_told_at_the_import() {
    let server = Setup::sqlite().start().await;
    let user = User::new(server.client());
    let provider = Provider::start();
    let mut silent = document::one_model("only").json();
    for node in silent["workflow"]["graph"]["nodes"].as_array_mut().unwrap() {
        if let Some(model) = node["data"]["model"].as_object_mut() {
            model.remove("credential_name");
        }
    }
    let yaml = document::Document::from_json(silent).yaml();
    let report = |imported: Json| imported["report"].clone();
    let told = report(user.try_import(&yaml, "?dry_run=true").await.expect(200));
    assert_eq!(told["credentials"][0]["state"], "missing", "{told}");
    assert!(
        told["items"].to_string().contains("credential_missing"),
        "{told}"
    );
    let id = user.credential("team", "test-key", &provider).await;
    let default = format!("{API}/providers/deepseek/default");
    let set = user
        .client()
        .put(&default, json!({"credential_id": id}))
        .await;
    let _ = set.expect(200);
    let told = report(user.try_import(&yaml, "?dry_run=true").await.expect(200));
    assert_eq!(told["credentials"][0]["state"], "found", "{told}");
}

#[tokio::test]
async fn nothing_of_the_pages_is_loaded_from_elsewhere() {
    let server = Setup::sqlite().start().await;
    for path in ["/", "/docs/", "/docs/swagger-initializer.js"] {
        let page = server.client().get(path).await;
        assert_eq!(page.status, 200, "{path}");
        let foreign = page.text.split(['"', '\'']).filter(|part| {
            part.starts_with("http")
                && !part.starts_with("http://127.0.0.1")
                && !part.contains("w3.org")
        });
        assert_eq!(foreign.count(), 0, "{path}: {}", page.text);
    }
    let docs = server
        .client()
        .get("/docs/swagger-initializer.js")
        .await
        .text;
    assert!(docs.contains("\"validatorUrl\": \"none\""), "{docs}");
    let head = server.client().request("HEAD", "/healthz").send().await;
    assert_eq!(head.status, 200);
    let post = server.client().post("/healthz", json!({})).await;
    assert_eq!(
        (post.refusal(), post.header("allow")),
        ((405, "method_not_allowed".to_owned()), Some("GET, HEAD"))
    );
}

/// With or without a built studio: the first page runs nothing but files of its own.
#[tokio::test]
async fn the_first_page_runs_nothing_but_its_own_files() {
    let server = Setup::sqlite().start().await;
    let page = server.client().get("/").await;
    let policy = page.header("content-security-policy").unwrap().to_owned();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self';"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    let scripts = page.text.split("<script").skip(1);
    for script in scripts {
        let (tag, rest) = script.split_once('>').unwrap();
        assert!(tag.contains("src=\"/"), "{tag}");
        assert!(rest.trim_start().starts_with("</script>"), "{rest}");
    }
    let (_, nonce) = policy.split_once("'nonce-").unwrap();
    let (nonce, _) = nonce.split_once('\'').unwrap();
    for style in page.text.split("<style").skip(1) {
        assert!(
            style.starts_with(&format!(" nonce=\"{nonce}\">")),
            "{style}"
        );
    }
    let again = server.client().get("/").await;
    assert_ne!(again.header("content-security-policy"), Some(&*policy));
    let is_built = workspace().join("studio/dist/index.html").exists();
    assert_eq!(page.text.contains("make studio build"), !is_built);
    let browser = server.client().request("GET", "/workflows/some/place");
    let place = browser.header("accept", "text/html").send().await;
    assert_eq!(place.status, if is_built { 200 } else { 404 });
    let files = page
        .text
        .split('"')
        .filter(|part| part.starts_with("/assets/"));
    for file in files {
        let asked = server.client().request("GET", file);
        let sent = asked.header("accept-encoding", "br").send().await;
        assert_eq!(sent.status, 200, "{file}");
        let kept = sent.header("cache-control").unwrap();
        assert!(kept.ends_with("immutable"), "{kept}");
    }
}

#[tokio::test]
async fn a_change_of_nothing_changes_nothing() {
    let server = Setup::sqlite().start().await;
    let user = User::new(server.client());
    let workflow = user.publish(&document::light(), &[]).await;
    let before = user.client().get(&workflow.path("")).await.expect(200);
    let after = user
        .client()
        .patch(&workflow.path(""), json!({}))
        .await
        .expect(200);
    assert_eq!(before, after);
    let id = user
        .credential("kept", "test-key", &Provider::start())
        .await;
    let path = format!("{API}/credentials/{id}");
    let before = user.client().get(&path).await.expect(200);
    let after = user.client().patch(&path, json!({})).await.expect(200);
    assert_eq!(before, after);
}

#[tokio::test]
async fn a_validation_that_used_nothing_is_not_unpriced() {
    let server = Setup::sqlite().start().await;
    let user = User::new(server.client());
    let provider = Provider::start();
    let id = user.credential("checked", "test-key", &provider).await;
    let path = format!("{API}/credentials/{id}/validate");
    let checked = user.client().post(&path, json!({})).await.expect(200);
    assert_eq!(checked["valid"], true, "{checked}");
    let usage = user.client().get(&format!("{API}/usage")).await.expect(200);
    assert_eq!(
        (&usage["total"]["calls"], &usage["total"]["unpriced_calls"]),
        (&json!(1), &json!(0))
    );
}

#[tokio::test]
async fn a_start_that_is_refused_says_its_code_and_ends_with_three() {
    let server = Setup::sqlite().start().await;
    let folder = tempfile::tempdir().unwrap();
    let other_port = server.refused(|command| {
        command.env("LATCHKEY_LISTEN", "127.0.0.1:0");
    });
    let other_folder = server.refused(|command| {
        command.env("LATCHKEY_DATA_DIR", folder.path());
    });
    for (output, code) in [
        (other_port.await, "already_running: "),
        (other_folder.await, "address_in_use: "),
    ] {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.lines().any(|line| line.starts_with(code)), "{said}");
        assert_eq!(output.status.code(), Some(3), "{said}");
    }
    let status = server.cli(&["migrate", "status"]);
    assert!(
        status.status.success(),
        "beside a running server: {status:?}"
    );
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_named_with_its_cause_and_without_its_password() {
    let server = Setup::sqlite().start().await;
    let folder = tempfile::tempdir().unwrap();
    let output = server.refused(|command| {
        let url = "postgres://latchkey:test-key-7@127.0.0.1:1/runs";
        command
            .env("LATCHKEY_LISTEN", "127.0.0.1:0")
            .env("LATCHKEY_DATA_DIR", folder.path())
            .env("LATCHKEY_DATABASE_URL", url);
    });
    let output = output.await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    for part in ["database_unavailable: ", "127.0.0.1:1", "refused"] {
        assert!(said.contains(part), "no {part} in {said}");
    }
    assert!(!said.contains("test-key-7"), "{said}");
}
