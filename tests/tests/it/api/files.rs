//! Files: uploaded, described, downloaded, removed; read by address; and never by others.

use std::time::Duration;

use insta::assert_snapshot;
use latchkey_domain::access::Permission::{RunsRead, RunsWrite};
use latchkey_tests::app::TestApp;
use latchkey_tests::client::Answer;
use latchkey_tests::document;
use latchkey_tests::shown;
use latchkey_tests::user::User;
use serde_json::{Value as Json, json};

/// The address without this server's own, whose port differs.
fn path(file: &Json) -> String {
    let url = file["url"].as_str().unwrap();
    let (_, rest) = url.split_once("/files/").unwrap();
    format!("/files/{rest}")
}

async fn uploaded(user: &User, name: &str, mime_type: &str, content: &str) -> Json {
    user.upload(name, mime_type, content).await.expect(201)
}

#[tokio::test]
async fn a_file_is_uploaded_described_downloaded_and_removed() {
    let app = TestApp::new().await;
    let user = app.user();
    let answer = user.upload("notes.txt", "text/plain", "hello there").await;
    let mut file = answer.expect(201);
    let place = format!("/files/{}", file["id"].as_str().unwrap());
    assert_eq!(user.get(&place).await.expect(200), file);
    let content = user.get(&format!("{place}/content")).await;
    assert_eq!((content.status, &*content.text), (200, "hello there"));
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        (
            "content-disposition",
            "attachment; filename=\"notes.txt\"; filename*=UTF-8''notes.txt",
        ),
        ("content-length", "11"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
    ] {
        assert_eq!(content.header(name), Some(value), "{name}");
    }
    file["url"] = json!("<address>");
    assert_snapshot!(shown::json(&file), @r#"
    {
      "id": "<id 1>",
      "name": "notes.txt",
      "extension": ".txt",
      "mime_type": "text/plain",
      "size": 11,
      "type": "document",
      "checksum": "12998c017066eb0d2a70b94e6ed3192985855ce390f321bbdb832022888bd251",
      "workflow_id": null,
      "run_id": null,
      "created_at": "2026-01-01T00:00:00.000Z",
      "url": "<address>"
    }
    "#);
    assert_eq!(user.delete(&place).await.status, 204);
    for gone in [place.clone(), format!("{place}/content")] {
        let refusal = user.get(&gone).await.refusal();
        assert_eq!(refusal, (404, "not_found".to_owned()));
    }
    assert_eq!(user.delete(&place).await.status, 404);
}

#[tokio::test]
async fn nothing_of_a_file_exists_for_another_workspace() {
    let app = TestApp::new().await;
    let file = uploaded(app.user(), "a.txt", "text/plain", "ours").await;
    let place = format!("/files/{}", file["id"].as_str().unwrap());
    let stranger = app.stranger();
    for answer in [
        stranger.get(&place).await,
        stranger.get(&format!("{place}/content")).await,
        stranger.delete(&place).await,
    ] {
        assert_eq!(answer.refusal(), (404, "not_found".to_owned()));
    }
    let kept = app.user().get(&format!("{place}/content")).await;
    assert_eq!(kept.text, "ours");
}

#[tokio::test]
async fn an_apps_key_sees_the_files_of_its_app_only() {
    let app = TestApp::new().await;
    let mut keys = Vec::new();
    for _ in 0..2 {
        let workflow = app.publish(&document::light()).await;
        let body = json!({"name": "app", "kind": "app", "workflow_id": workflow.id, "scopes": [RunsRead.as_str(), RunsWrite.as_str()]});
        keys.push(app.user_of_key(body).await);
    }
    let own = uploaded(&keys[0], "a.txt", "text/plain", "own").await;
    let of_workspace = uploaded(app.user(), "b.txt", "text/plain", "all").await;
    let status = async |user: &User, file: &Json| {
        let place = format!("/files/{}", file["id"].as_str().unwrap());
        user.get(&place).await.status
    };
    assert_eq!(status(&keys[0], &own).await, 200);
    assert_eq!(status(app.user(), &own).await, 200);
    assert_eq!(status(&keys[1], &own).await, 404);
    assert_eq!(status(&keys[1], &of_workspace).await, 404);
}

#[tokio::test]
async fn scopes_of_runs_are_those_of_files() {
    let app = TestApp::new().await;
    let file = uploaded(app.user(), "a.txt", "text/plain", "x").await;
    let place = format!("/files/{}", file["id"].as_str().unwrap());
    let reads = app.user_who_may(&[RunsRead]).await;
    let writes = app.user_who_may(&[RunsWrite]).await;
    assert_eq!(reads.get(&place).await.status, 200);
    assert_eq!(reads.upload("a.txt", "", "x").await.status, 403);
    assert_eq!(reads.delete(&place).await.status, 403);
    assert_eq!(writes.get(&place).await.status, 403);
    assert_eq!(writes.upload("a.txt", "", "x").await.status, 201);
    assert_eq!(writes.delete(&place).await.status, 204);
}

#[tokio::test]
async fn hostile_names_become_plain_ones() {
    let app = TestApp::new().await;
    for (name, mime_type, expected) in [
        (
            "../../etc/passwd",
            "text/plain",
            ("passwd", "", "text/plain", "document"),
        ),
        ("..\\\\x.PNG", "", ("x.PNG", ".png", "image/png", "image")),
        (
            "page.html",
            "text/html",
            ("page.html", ".html", "text/html", "document"),
        ),
        (
            "",
            "nonsense",
            ("file", "", "application/octet-stream", "custom"),
        ),
    ] {
        let file = uploaded(app.user(), name, mime_type, "x").await;
        let told = ["name", "extension", "mime_type", "type"].map(|key| file[key].clone());
        let (a, b, c, d) = expected;
        assert_eq!(json!(told), json!([a, b, c, d]), "{name}");
    }
}

#[tokio::test]
async fn what_is_too_long_is_refused_and_not_kept() {
    let app = TestApp::new().await;
    let most = "x".repeat(1 << 20);
    let file = uploaded(app.user(), "a.txt", "text/plain", &most).await;
    assert_eq!(file["size"], 1 << 20);
    for length in [(1 << 20) + 1, 20 << 20] {
        let answer = app.user().upload("a.txt", "", &"x".repeat(length)).await;
        assert_eq!(answer.refusal(), (413, "too_large".to_owned()));
    }
}

#[tokio::test]
async fn what_is_no_upload_is_refused() {
    let app = TestApp::new().await;
    let ask = async |kind: &str, body: &str| {
        let ask = app.user().client().request("POST", "/api/v1/files");
        ask.body(kind, body.to_owned()).send().await.refusal()
    };
    let form = "multipart/form-data; boundary=b";
    let part = |name: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\nx\r\n--b--\r\n")
    };
    for (kind, body, status, code) in [
        ("application/json", "{}", 400, "malformed"),
        ("multipart/form-data", "x", 400, "malformed"),
        (form, "--b--\r\n", 422, "invalid_input"),
        (form, &part("user"), 400, "unknown_field"),
        (
            form,
            "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nbroken",
            400,
            "malformed",
        ),
    ] {
        assert_eq!(ask(kind, body).await, (status, code.to_owned()), "{body}");
    }
}

#[tokio::test]
async fn an_address_shows_a_file_to_whoever_has_it_for_a_day() {
    let app = TestApp::new().await;
    let file = uploaded(app.user(), "a.png", "image/png", "picture").await;
    let other = uploaded(app.user(), "b.png", "image/png", "other").await;
    let (nobody, address) = (app.nobody(), path(&file));
    let client = nobody.client();
    let shown = client.get(&address).await;
    assert_eq!((shown.status, &*shown.text), (200, "picture"));
    assert_eq!(shown.header("content-type"), Some("image/png"));
    let (place, query) = address.split_once('?').unwrap();
    let (expires, signature) = query.split_once('&').unwrap();
    let wrong = path(&other).replace(query, "");
    let wrong = wrong.split_once('?').unwrap().0;
    for foreign in [
        format!("{wrong}?{query}"),
        format!("{place}?{expires}0&{signature}"),
        format!("{place}?{expires}&{signature}A"),
        format!("{place}?{expires}&signature="),
        "/files/no-id/preview?expires=1&signature=x".to_owned(),
    ] {
        let refusal = client.get(&foreign).await.refusal();
        assert_eq!(refusal, (404, "not_found".to_owned()), "{foreign}");
    }
    assert_eq!(client.get(place).await.status, 400);
    app.passes(Duration::from_hours(24));
    assert_eq!(client.get(&address).await.status, 404);
}

#[tokio::test]
async fn nothing_that_a_browser_would_run_is_shown_in_place() {
    let app = TestApp::new().await;
    let nobody = app.nobody();
    for (name, mime_type, kind, way) in [
        (
            "a.html",
            "text/html",
            "application/octet-stream",
            "attachment",
        ),
        (
            "a.svg",
            "image/svg+xml",
            "application/octet-stream",
            "attachment",
        ),
        (
            "a.xhtml",
            "application/xhtml+xml",
            "application/octet-stream",
            "attachment",
        ),
        ("a.txt", "text/plain", "text/plain", "attachment"),
        ("a.pdf", "application/pdf", "application/pdf", "attachment"),
        ("a.mp3", "audio/mpeg", "audio/mpeg", "inline"),
    ] {
        let file = uploaded(app.user(), name, mime_type, "<script>1</script>").await;
        let answer: Answer = nobody.client().get(&path(&file)).await;
        assert_eq!(answer.header("content-type"), Some(kind), "{name}");
        let disposition = answer.header("content-disposition").unwrap();
        assert!(disposition.starts_with(way), "{name}: {disposition}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let policy = answer.header("content-security-policy");
        assert_eq!(policy, Some("default-src 'none'; sandbox"));
    }
}
