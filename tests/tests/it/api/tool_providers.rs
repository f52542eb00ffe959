//! Tool providers: made, read, changed and deleted; their credentials.

use insta::assert_snapshot;
use latchkey_domain::access::Permission;
use latchkey_tests::app::TestApp;
use latchkey_tests::document;
use latchkey_tests::shown;
use latchkey_tests::tool_server::ToolServer;
use serde_json::{Value as Json, json};

fn weather(server: &ToolServer) -> Json {
    json!({"name": "weather", "kind": "openapi", "document": server.document()})
}

#[tokio::test]
async fn an_api_is_made_from_its_document() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    let made = app.user().post("/tool-providers", weather(&server)).await;
    assert_snapshot!(shown::answer(&made), @r#"
    201
    {
      "id": "<id 1>",
      "name": "weather",
      "kind": "openapi",
      "description": "Weather of cities",
      "auth": {"type":"api_key","in":"header","name":"x-key"},
      "credential_provider": "tool/weather",
      "revision": 1,
      "created_at": "2026-01-01T00:00:00.000Z",
      "updated_at": "2026-01-01T00:00:00.000Z"
    }
    "#);
    let path = format!(
        "/tool-providers/{}/tools",
        made.expect(201)["id"].as_str().unwrap()
    );
    assert_snapshot!(shown::answer(&app.user().get(&path).await), @r#"
    200
    {
      "data": [
        {
          "name": "get_weather",
          "description": "The weather of a city",
          "parameters": [
            {
              "name": "city",
              "description": "",
              "type": "string",
              "required": true,
              "form": "llm",
              "schema": {"type":"string"}
            },
            {
              "name": "days",
              "description": "",
              "type": "number",
              "required": false,
              "form": "llm",
              "default": 1,
              "schema": {"type":"integer","default":1}
            }
          ]
        }
      ],
      "next_cursor": null
    }
    "#);
}

#[tokio::test]
async fn a_document_may_be_fetched_and_an_mcp_server_lists_its_tools() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    let fetched = json!({"name": "weather", "kind": "openapi", "url": server.url("/openapi.json")});
    let _ = app
        .user()
        .post("/tool-providers", fetched)
        .await
        .expect(201);
    let sums = json!({"name": "sums", "kind": "mcp", "url": server.url("/mcp")});
    let sums = app.user().post("/tool-providers", sums).await.expect(201);
    let path = format!("/tool-providers/{}", sums["id"].as_str().unwrap());
    let tools = app.user().get(&format!("{path}/tools")).await.expect(200);
    assert_eq!(tools["data"][0]["name"], "add");
    let listed = app.user().get("/tool-providers").await.expect(200);
    let names: Vec<_> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["name"])
        .collect();
    assert_eq!(names, ["sums", "weather"]);
    let refreshed = app.user().post(&format!("{path}/refresh"), json!({})).await;
    assert_eq!(refreshed.expect(200)["revision"], 2);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_its_place() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    let chat = app.publish(&document::light()).await;
    let nobody = "00000000-0000-7000-8000-000000000000";
    for (body, code, pointer) in [
        (
            json!({"name": "a b", "kind": "mcp", "url": "http://x.test/"}),
            "invalid_name",
            "/name",
        ),
        (
            json!({"name": "time", "kind": "mcp", "url": "http://x.test/"}),
            "invalid_name",
            "/name",
        ),
        (
            json!({"name": "x", "kind": "mcp", "url": "ftp://x.test/"}),
            "invalid_url",
            "/url",
        ),
        (
            json!({"name": "x", "kind": "mcp", "url": "http://x.test/?api_key=1"}),
            "invalid_url",
            "/url",
        ),
        (json!({"name": "x", "kind": "mcp"}), "invalid_input", "/url"),
        (
            json!({"name": "x", "kind": "openapi", "document": "swagger: '2.0'"}),
            "openapi_invalid",
            "/document/openapi",
        ),
        (
            json!({"name": "x", "kind": "openapi", "url": server.url("/gone")}),
            "url_unreachable",
            "/url",
        ),
        (
            json!({"name": "x", "kind": "mcp", "url": server.url("/gone")}),
            "tool_server_failed",
            "/url",
        ),
        (
            json!({"name": "x", "kind": "workflow", "workflow_id": nobody}),
            "workflow_unknown",
            "/workflow_id",
        ),
        (
            json!({"name": "x", "kind": "workflow", "workflow_id": chat.id, "auth": {"type": "bearer"}}),
            "invalid_input",
            "/auth",
        ),
        (
            json!({"name": "x", "kind": "mcp", "url": "http://x.test/", "auth": {"type": "api_key"}}),
            "invalid_input",
            "/auth",
        ),
    ] {
        let refused = app
            .user()
            .post("/tool-providers", body.clone())
            .await
            .expect(422);
        assert_eq!(refused["code"], code, "{body}: {refused}");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{body}");
    }
    let _ = app
        .user()
        .post("/tool-providers", weather(&server))
        .await
        .expect(201);
    let twice = app.user().post("/tool-providers", weather(&server)).await;
    assert_eq!(twice.expect(409)["code"], "conflict");
}

#[tokio::test]
async fn a_change_needs_the_revision_that_it_was_made_from() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    let made = app
        .user()
        .post("/tool-providers", weather(&server))
        .await
        .expect(201);
    let path = format!("/tool-providers/{}", made["id"].as_str().unwrap());
    let change = json!({"description": "new", "auth": {"type": "bearer"}});
    let changed = app.user().patch(&path, change).await.expect(200);
    assert_eq!(changed["auth"], json!({"type": "bearer"}));
    assert_eq!(changed["revision"], 2);
    let late = app
        .user()
        .client()
        .request("PATCH", &format!("/api/v1{path}"))
        .header("if-match", "\"1\"")
        .json(&json!({"description": "late"}))
        .send()
        .await;
    assert_eq!(late.expect(412)["code"], "version_conflict");
    let other = app.user().patch(&path, json!({"workflow_id": "x"})).await;
    assert_eq!(other.expect(422)["code"], "invalid_input");
    let _ = app.user().delete(&path).await.expect(204);
    let _ = app.user().get(&path).await.expect(404);
}

#[tokio::test]
async fn strangers_and_keys_without_the_scope_see_and_change_nothing() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    let made = app
        .user()
        .post("/tool-providers", weather(&server))
        .await
        .expect(201);
    let path = format!("/tool-providers/{}", made["id"].as_str().unwrap());
    for answer in [
        app.stranger().get(&path).await,
        app.stranger().get(&format!("{path}/tools")).await,
        app.stranger().patch(&path, json!({})).await,
        app.stranger()
            .post(&format!("{path}/refresh"), json!({}))
            .await,
        app.stranger().delete(&path).await,
    ] {
        let _ = answer.expect(404);
    }
    let listed = app.stranger().get("/tool-providers").await.expect(200);
    assert_eq!(listed["data"], json!([]));
    let reader = app.user_who_may(&[Permission::WorkflowsRead]).await;
    let _ = reader.get(&path).await.expect(200);
    let refused = reader.patch(&path, json!({"description": "x"})).await;
    assert_eq!(refused.expect(403)["code"], "forbidden");
    let workflow = app.publish(&document::light()).await;
    let app_key = json!({"name": "app", "kind": "app", "workflow_id": workflow.id,
        "scopes": ["workflows:read", "workflows:write"]});
    let app_user = app.user_of_key(app_key).await;
    let _ = app_user.get("/tool-providers").await.expect(403);
}

#[tokio::test]
async fn a_tool_has_credentials_like_a_model() {
    let (app, server) = (TestApp::new().await, ToolServer::start());
    let credential = json!({"provider": "tool/weather", "name": "ours", "values": {"api_key": "k3y-123456789"}, "default": true});
    let early = app.user().post("/credentials", credential.clone()).await;
    assert_eq!(early.expect(422)["code"], "provider_unknown");
    let _ = app
        .user()
        .post("/tool-providers", weather(&server))
        .await
        .expect(201);
    let made = app
        .user()
        .post("/credentials", credential)
        .await
        .expect(201);
    let host = server.url("").replace("http://", "");
    assert_eq!(made["hosts"], json!([host]));
    assert_eq!(made["last_validated_at"], Json::Null, "nobody was asked");
    assert!(server.asked().is_empty());
    let form = app
        .user()
        .get("/providers/tool%2Fweather")
        .await
        .expect(200);
    assert_eq!(form["default_credential_id"], made["id"], "{form}");
    let path = format!("/credentials/{}/validate", made["id"].as_str().unwrap());
    let checked = app.user().post(&path, json!({})).await.expect(200);
    assert_eq!(checked["code"], "credential_not_validated");
    let elsewhere = app.stranger().get("/providers/tool%2Fweather").await;
    let _ = elsewhere.expect(404);
}
