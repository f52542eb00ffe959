//! Workflows: made, changed, exported, removed.

use insta::assert_snapshot;
use latchkey_tests::app::TestApp;
use latchkey_tests::document;
use latchkey_tests::shown;
use serde_json::json;

#[tokio::test]
async fn a_new_workflow_is_a_start_and_an_end() {
    let app = TestApp::new().await;
    let made = app
        .user()
        .post(
            "/workflows",
            json!({"name": "Invoices", "description": "reads them"}),
        )
        .await;
    assert_snapshot!(shown::answer(&made), @r#"
    201
    {
      "id": "<id 1>",
      "name": "Invoices",
      "mode": "workflow",
      "description": "reads them",
      "draft_revision": 1,
      "published_version": null,
      "created_at": "2026-01-01T00:00:00.000Z",
      "updated_at": "2026-01-01T00:00:00.000Z"
    }
    "#);
    let (draft, etag) = app.user().workflow(&made.expect(201)["id"]).draft().await;
    assert_eq!(etag, "\"1\"");
    assert_snapshot!(shown::json(&draft), @r##"
    {
      "kind": "app",
      "version": "0.7.0",
      "app": {"name":"Invoices","mode":"workflow","description":"reads them","icon":"🔑","icon_background":"#FFEAD5"},
      "workflow": {
        "environment_variables": [],
        "conversation_variables": [],
        "features": {},
        "graph": {
          "nodes": [
            {
              "id": "start",
              "type": "custom",
              "position": {"x":80,"y":280},
              "data": {"type":"start","title":"Start","variables":[]}
            },
            {
              "id": "end",
              "type": "custom",
              "position": {"x":380,"y":280},
              "data": {"type":"end","title":"End","outputs":[]}
            }
          ],
          "edges": [
            {
              "id": "start-end",
              "type": "custom",
              "source": "start",
              "sourceHandle": "source",
              "target": "end",
              "targetHandle": "target"
            }
          ]
        }
      }
    }
    "##);
}

#[tokio::test]
async fn a_conversation_begins_with_an_answer_instead() {
    let app = TestApp::new().await;
    let made = app
        .user()
        .post(
            "/workflows",
            json!({"name": "Chat", "mode": "advanced-chat"}),
        )
        .await;
    let (draft, _) = app.user().workflow(&made.expect(201)["id"]).draft().await;
    assert_snapshot!(shown::json(&draft["workflow"]["graph"]["nodes"][1]["data"]), @r#"{"type":"answer","title":"Answer","answer":"{{#sys.query#}}","variables":[]}"#);
}

#[tokio::test]
async fn a_renamed_workflow_is_renamed_in_its_draft_too() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document::light()).await;
    app.passes(std::time::Duration::from_secs(60));
    let path = format!("/workflows/{}", workflow.id);
    let changed = app.user().patch(&path, json!({"name": "heavy"})).await;
    assert_snapshot!(shown::answer(&changed), @r#"
    200
    {
      "id": "<id 1>",
      "name": "heavy",
      "mode": "workflow",
      "description": "",
      "draft_revision": 2,
      "published_version": 1,
      "created_at": "2026-01-01T00:00:00.000Z",
      "updated_at": "2026-01-01T00:01:00.000Z"
    }
    "#);
    let (draft, _) = workflow.draft().await;
    assert_eq!(draft["app"]["name"], "heavy");
}

#[tokio::test]
async fn a_removed_workflow_is_gone_and_its_runs_stay() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document::light()).await;
    let run = workflow.run(json!({"name": "Ada"})).await;
    let path = format!("/workflows/{}", workflow.id);
    assert_eq!(app.user().delete(&path).await.status, 204);
    assert_snapshot!(shown::answer(&app.user().get(&path).await), @r#"
    404
    {
      "type": "about:blank",
      "title": "Not Found",
      "status": 404,
      "code": "not_found",
      "detail": "there is no such workflow",
      "request_id": "<id 1>",
      "errors": []
    }
    "#);
    assert_eq!(app.user().run(run["id"].as_str().unwrap()).await, run);
}

#[tokio::test]
async fn an_export_is_a_file_that_imports_again() {
    let app = TestApp::new().await;
    let workflow = app.publish(&document::light()).await;
    let file = app
        .user()
        .get(&format!("/workflows/{}/export", workflow.id))
        .await;
    assert_snapshot!(shown::answer(&file), @r"
    200
    app:
      name: light
      mode: workflow
      description: ''
      icon: x
      icon_background: '#fff'
    kind: app
    version: '0.6.0'
    workflow:
      features: {}
      environment_variables: []
      conversation_variables: []
      graph:
        nodes:
          - id: start
            type: custom
            position:
              x: 0
              y: 0
            data:
              variables:
                - variable: name
                  label: name
                  type: text-input
                  required: false
                  max_length: 200
              type: start
              title: start
          - id: greet
            type: custom
            position:
              x: 0
              y: 0
            data:
              template: 'Hello {{ name }}'
              variables:
                - variable: name
                  value_selector:
                    - start
                    - name
              type: template-transform
              title: greet
          - id: check
            type: custom
            position:
              x: 0
              y: 0
            data:
              cases:
                - case_id: 'true'
                  id: 'true'
                  logical_operator: and
                  conditions:
                    - id: c
                      comparison_operator: contains
                      value: Hello
                      varType: string
                      variable_selector:
                        - greet
                        - output
              type: if-else
              title: check
          - id: end
            type: custom
            position:
              x: 0
              y: 0
            data:
              outputs:
                - variable: greeting
                  value_selector:
                    - greet
                    - output
              type: end
              title: end
        edges:
          - id: start-source-greet
            source: start
            sourceHandle: source
            target: greet
            targetHandle: target
            type: custom
            data: {}
          - id: greet-source-check
            source: greet
            sourceHandle: source
            target: check
            targetHandle: target
            type: custom
            data: {}
          - id: check-true-end
            source: check
            sourceHandle: 'true'
            target: end
            targetHandle: target
            type: custom
            data: {}
        viewport:
          x: 0
          y: 0
          zoom: 1
    ");
    let again = app
        .user()
        .try_import(&file.text, "?publish=true")
        .await
        .expect(201);
    let run = app
        .user()
        .workflow(&again["workflow"]["id"])
        .run(json!({"name": "Ada"}))
        .await;
    assert_eq!(run["outputs"], json!({"greeting": "Hello Ada"}));
}

#[tokio::test]
async fn what_is_no_workflow_is_refused_with_its_place() {
    let app = TestApp::new().await;
    let long = "x".repeat(201);
    let mut told = Vec::new();
    for body in [
        json!({}),
        json!({"name": ""}),
        json!({"name": "two\nlines"}),
        json!({"name": long}),
        json!({"name": 5}),
        json!({"name": "x", "mode": "chat"}),
        json!({"name": "x", "colour": "red"}),
        json!([]),
    ] {
        let answer = app.user().post("/workflows", body).await;
        let body = answer.expect(answer.status);
        told.push(format!(
            "{} {} {} {}",
            answer.status,
            answer.code(),
            body["detail"],
            body["errors"]
        ));
    }
    assert_snapshot!(told.join("\n"), @r#"
    422 invalid_input "the field name is needed" [{"code":"invalid_input","message":"the field name is needed","pointer":"/name"}]
    422 invalid_name "a name has 1 to 200 characters on one line" [{"code":"invalid_name","message":"a name has 1 to 200 characters on one line","pointer":"/name"}]
    422 invalid_name "a name has 1 to 200 characters on one line" [{"code":"invalid_name","message":"a name has 1 to 200 characters on one line","pointer":"/name"}]
    422 invalid_name "a name has 1 to 200 characters on one line" [{"code":"invalid_name","message":"a name has 1 to 200 characters on one line","pointer":"/name"}]
    422 invalid_input "name: a text is needed" [{"code":"invalid_input","message":"a text is needed","pointer":"/name"}]
    422 invalid_input "mode: one of workflow, advanced-chat is needed" [{"code":"invalid_input","message":"one of workflow, advanced-chat is needed","pointer":"/mode"}]
    400 unknown_field "unknown field colour (known: name, mode, description)" [{"code":"unknown_field","message":"unknown field colour (known: name, mode, description)","pointer":"/colour"}]
    422 invalid_input "the body: an object is needed" [{"code":"invalid_input","message":"an object is needed","pointer":""}]
    "#);
    assert!(app.user().pages("/api/v1/workflows").await.is_empty());
}

#[tokio::test]
async fn what_is_no_route_is_told_as_a_problem() {
    let app = TestApp::new().await;
    assert_snapshot!(shown::answer(&app.user().get("/nothing").await), @r#"
    404
    {
      "type": "about:blank",
      "title": "Not Found",
      "status": 404,
      "code": "not_found",
      "detail": "there is no such route; /docs lists them all",
      "request_id": "<id 1>",
      "errors": []
    }
    "#);
    assert_snapshot!(shown::answer(&app.user().delete("/workflows").await), @r#"
    405
    {
      "type": "about:blank",
      "title": "Method Not Allowed",
      "status": 405,
      "code": "method_not_allowed",
      "detail": "this route knows GET, POST only",
      "request_id": "<id 1>",
      "errors": []
    }
    "#);
}
