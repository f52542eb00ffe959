//! Triggers: listed, switched off and on, begun by the API, and schedules that come due.

use std::time::Duration;

use insta::assert_snapshot;
use latchkey_domain::access::Permission;
use latchkey_tests::app::TestApp;
use latchkey_tests::document::Document;
use latchkey_tests::user::{User, Workflow};
use latchkey_tests::{shown, wait};
use serde_json::{Value as Json, json};

const HOUR: Duration = Duration::from_secs(3600);

fn schedule(cron: &str) -> Json {
    json!({"mode": "cron", "cron_expression": cron, "timezone": "UTC"})
}

/// A schedule at every hour whose runs tell their time.
fn hourly() -> Document {
    Document::triggered("hourly")
        .node("tick", "trigger-schedule", schedule("0 * * * *"))
        .end("end", &[("at", "sys.timestamp")])
        .line(&["tick", "end"])
}

/// A webhook, a schedule and a plugin that lead to one end.
fn three_ways() -> Document {
    let hook =
        json!({"method": "post", "body": [{"name": "who", "type": "string", "required": true}]});
    let monthly = json!({"frequency": "monthly", "timezone": "Europe/Berlin",
        "visual_config": {"time": "9:30 AM", "monthly_days": [1, "last"]}});
    Document::triggered("three ways")
        .node("hook", "trigger-webhook", hook)
        .node("tick", "trigger-schedule", monthly)
        .node("event", "trigger-plugin", json!({"event_name": "opened"}))
        .template("greet", "Hello {{ who }}", &[("who", "hook.who")])
        .template("tell", "Opened: {{ title }}", &[("title", "event.title")])
        .end(
            "end",
            &[("greeting", "greet.output"), ("told", "tell.output")],
        )
        .line(&["hook", "greet", "end"])
        .line(&["event", "tell", "end"])
        .edge("tick", "end")
}

async fn listed(user: &User, workflow: &Workflow) -> Vec<Json> {
    let path = workflow.path("/triggers");
    let listed = user.client().get(&path).await.expect(200);
    listed["data"].as_array().unwrap().clone()
}

async fn runs(user: &User, workflow: &Workflow) -> Vec<Json> {
    let path = format!("/api/v1/runs?workflow_id={}", workflow.id);
    let mut runs = user.pages(&path).await;
    runs.reverse();
    runs
}

/// The runs of a workflow once there are so many, all over.
async fn served(user: &User, workflow: &Workflow, many: usize) -> Vec<Json> {
    wait::until("the schedule is served", async || {
        let runs = runs(user, workflow).await;
        let is_over = |run: &Json| !run["finished_at"].is_null();
        (runs.len() >= many && runs.iter().all(is_over)).then_some(runs)
    })
    .await
}

/// The schedule once it waits for this time.
async fn waits_for(user: &User, workflow: &Workflow, next: &str) -> Json {
    wait::until("the schedule has moved on", async || {
        let mut all = listed(user, workflow).await;
        let trigger = all.remove(0);
        (trigger["schedule"]["next_at"] == next).then_some(trigger)
    })
    .await
}

#[tokio::test]
async fn what_is_published_is_listed() {
    let app = TestApp::new().await;
    let workflow = app.publish(&three_ways()).await;
    let answer = app.user().client().get(&workflow.path("/triggers")).await;
    let mut body: Json = serde_json::from_str(&answer.text).unwrap();
    let path = body["data"][0]["webhook"]["path"].take();
    let token = path.as_str().unwrap().strip_prefix("/webhooks/").unwrap();
    assert!(latchkey_secrets::token::is_well_formed("wh_", token));
    assert_snapshot!(shown::json(&body), @r#"
    {
      "data": [
        {
          "id": "<id 1>",
          "node_id": "hook",
          "title": "hook",
          "kind": "webhook",
          "enabled": true,
          "environment": "production",
          "version": 1,
          "webhook": {"path":null,"method":"POST","content_type":"application/json"},
          "last_run_id": null,
          "last_run_at": null,
          "last_error": null,
          "created_at": "2026-01-01T00:00:00.000Z"
        },
        {
          "id": "<id 2>",
          "node_id": "tick",
          "title": "tick",
          "kind": "schedule",
          "enabled": true,
          "environment": "production",
          "version": 1,
          "schedule": {
            "cron": "30 9 1,L * *",
            "timezone": "Europe/Berlin",
            "next_at": "2026-01-01T08:30:00.000Z",
            "fired_at": null,
            "missed": 0
          },
          "last_run_id": null,
          "last_run_at": null,
          "last_error": null,
          "created_at": "2026-01-01T00:00:00.000Z"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn a_schedule_is_served_when_its_time_has_come() {
    let app = TestApp::new().await;
    let workflow = app.publish(&hourly()).await;
    for hour in 1..=3 {
        app.passes(HOUR);
        let runs = served(app.user(), &workflow, hour).await;
        let last = &runs[hour - 1];
        let at = 1_767_225_600 + 3600 * hour;
        assert_eq!(last["outputs"], json!({"at": at}), "{last}");
        assert_eq!(last["trigger"], "tick");
        assert_eq!(last["environment"], "production");
        let next = format!("2026-01-01T0{}:00:00.000Z", hour + 1);
        let trigger = waits_for(app.user(), &workflow, &next).await;
        assert_eq!(trigger["last_run_id"], last["id"]);
        assert_eq!(trigger["schedule"]["missed"], 0);
    }
    assert_eq!(runs(app.user(), &workflow).await.len(), 3);
}

#[tokio::test]
async fn of_times_that_went_by_the_last_is_served_and_the_others_are_counted() {
    let app = TestApp::new().await;
    let workflow = app.publish(&hourly()).await;
    app.passes(HOUR * 5 + HOUR / 2);
    let trigger = waits_for(app.user(), &workflow, "2026-01-01T06:00:00.000Z").await;
    assert_eq!(trigger["schedule"]["missed"], 4);
    assert_eq!(trigger["schedule"]["fired_at"], "2026-01-01T05:00:00.000Z");
    let runs = served(app.user(), &workflow, 1).await;
    // However late it is, the run is for its time.
    assert_eq!(runs[0]["outputs"]["at"], 1_767_225_600 + 5 * 3600);
    assert_eq!(runs[0]["created_at"], "2026-01-01T05:30:00.000Z");
    assert_eq!(runs.len(), 1);
}

#[tokio::test]
async fn a_schedule_that_is_switched_off_begins_nothing_and_misses_nothing() {
    let app = TestApp::new().await;
    let workflow = app.publish(&hourly()).await;
    let trigger = listed(app.user(), &workflow).await.remove(0);
    let path = workflow.path(&format!("/triggers/{}", trigger["id"].as_str().unwrap()));
    let switch = async |enabled: bool| {
        let client = app.user().client();
        client
            .patch(&path, json!({"enabled": enabled}))
            .await
            .expect(200)
    };
    assert_eq!(switch(false).await["schedule"]["next_at"], Json::Null);
    app.passes(HOUR * 3);
    let on = switch(true).await;
    assert_eq!(on["schedule"]["next_at"], "2026-01-01T04:00:00.000Z");
    app.passes(HOUR);
    let trigger = waits_for(app.user(), &workflow, "2026-01-01T05:00:00.000Z").await;
    assert_eq!(trigger["schedule"]["missed"], 0);
    assert_eq!(served(app.user(), &workflow, 1).await.len(), 1);
}

#[tokio::test]
async fn a_schedule_of_a_deleted_workflow_or_an_older_version_begins_nothing() {
    let app = TestApp::new().await;
    let (deleted, changed) = (app.publish(&hourly()).await, app.publish(&hourly()).await);
    let kept = app.publish(&hourly()).await;
    let path = format!("/workflows/{}", deleted.id);
    let _ = app.user().delete(&path).await.expect(204);
    let (_, etag) = changed.draft().await;
    let other = Document::workflow("no trigger", &[])
        .end("end", &[])
        .edge("start", "end");
    let _ = changed.put_draft(&other.json(), &etag).await.expect(200);
    changed.publish().await;
    assert_eq!(listed(app.user(), &changed).await, Vec::<Json>::new());
    app.passes(HOUR);
    // What is still a schedule is served after the others would have been.
    served(app.user(), &kept, 1).await;
    assert_eq!(runs(app.user(), &changed).await, Vec::<Json>::new());
    assert_eq!(runs(app.user(), &deleted).await, Vec::<Json>::new());
}

#[tokio::test]
async fn a_schedule_that_cannot_be_run_says_why_and_goes_on() {
    let app = TestApp::new().await;
    let document = Document::triggered("unsupported")
        .node("tick", "trigger-schedule", schedule("0 * * * *"))
        .node("source", "knowledge-index", json!({}))
        .line(&["tick", "source"]);
    let workflow = app.publish(&document).await;
    app.passes(HOUR);
    let trigger = waits_for(app.user(), &workflow, "2026-01-01T02:00:00.000Z").await;
    let error = trigger["last_error"].as_str().unwrap();
    assert!(error.starts_with("node_type_unsupported"), "{error}");
    assert_eq!(trigger["last_run_id"], Json::Null);
}

#[tokio::test]
async fn a_run_of_a_schedule_is_the_publishers_in_the_triggers_environment() {
    let app = TestApp::new().await;
    let key = json!({"name": "publisher", "environments": ["staging", "production"],
        "scopes": ["workflows:read", "workflows:write", "workflows:publish", "runs:read"]});
    let publisher = app.user_of_key(key).await;
    let workflow = publisher.publish(&hourly(), &[]).await;
    app.passes(HOUR);
    let runs = served(app.user(), &workflow, 1).await;
    assert_eq!(runs[0]["environment"], "staging");
    let trigger = listed(&publisher, &workflow).await.remove(0);
    let path = workflow.path(&format!("/triggers/{}", trigger["id"].as_str().unwrap()));
    let changed = publisher
        .client()
        .patch(&path, json!({"environment": "production"}));
    assert_eq!(changed.await.expect(200)["environment"], "production");
    for (environment, refusal) in [
        ("nowhere", (422, "environment_unknown".to_owned())),
        ("development", (403, "forbidden".to_owned())),
    ] {
        let changed = publisher
            .client()
            .patch(&path, json!({"environment": environment}));
        assert_eq!(changed.await.refusal(), refusal, "{environment}");
    }
    // Whoever publishes would be the one who runs it there.
    let key =
        json!({"name": "elsewhere", "environments": ["staging"], "scopes": ["workflows:publish"]});
    let elsewhere = app.user_of_key(key).await;
    let publish = format!("/workflows/{}/publish", workflow.id);
    let published = elsewhere.post(&publish, json!({})).await;
    assert_eq!(published.refusal(), (403, "forbidden".to_owned()));
}

#[tokio::test]
async fn a_run_can_be_begun_at_each_trigger() {
    let app = TestApp::new().await;
    let workflow = app.publish(&three_ways()).await;
    for (trigger, inputs, outputs) in [
        (
            json!("hook"),
            json!({"who": "Ada"}),
            json!({"greeting": "Hello Ada", "told": null}),
        ),
        (
            Json::Null,
            json!({"who": "first"}),
            json!({"greeting": "Hello first", "told": null}),
        ),
        (
            json!("event"),
            json!({"title": "a bug", "more": {"x": 1}}),
            json!({"greeting": null, "told": "Opened: a bug"}),
        ),
        (
            json!("tick"),
            json!({"dropped": 1}),
            json!({"greeting": null, "told": null}),
        ),
    ] {
        for version in ["published", "draft"] {
            let body = json!({"trigger": trigger, "inputs": inputs, "version": version});
            let run = workflow.start(body).await.expect(200);
            assert_eq!(run["outputs"], outputs, "{trigger} {run}");
            // What is over is told again as it was.
            let id = run["id"].as_str().unwrap();
            let events = app.user().events(id, None).await.rest().await;
            let last = &events.last().unwrap().data;
            assert_eq!(last["outputs"], outputs, "{trigger}");
        }
    }
}

#[tokio::test]
async fn a_run_that_names_no_trigger_of_its_graph_is_refused() {
    let app = TestApp::new().await;
    let workflow = app.publish(&three_ways()).await;
    for (trigger, code) in [("nowhere", "root_missing"), ("end", "root_invalid")] {
        let refused = workflow.start(json!({"trigger": trigger})).await;
        assert_eq!(refused.refusal(), (422, code.to_owned()), "{trigger}");
    }
    let refused = workflow.start(json!({"trigger": "hook"})).await;
    assert_eq!(refused.refusal(), (422, "invalid_input".to_owned()));
    assert_eq!(refused.expect(422)["errors"][0]["code"], "input_required");
}

#[tokio::test]
async fn what_cannot_be_a_trigger_is_not_published() {
    let app = TestApp::new().await;
    let never = schedule("0 0 31 2 *");
    let elsewhere = json!({"timezone": "Mars/Olympus"});
    for (kind, data, field) in [
        (
            "trigger-schedule",
            schedule("every day"),
            "data.cron_expression",
        ),
        ("trigger-schedule", never, "data.cron_expression"),
        ("trigger-schedule", elsewhere, "data.timezone"),
        (
            "trigger-schedule",
            json!({"frequency": "weekly"}),
            "data.visual_config.weekdays",
        ),
        ("trigger-webhook", json!({"method": "trace"}), "data.method"),
        (
            "trigger-webhook",
            json!({"status_code": 42}),
            "data.status_code",
        ),
    ] {
        let document = Document::triggered("wrong")
            .node("it", kind, data)
            .end("end", &[])
            .line(&["it", "end"]);
        let imported = app
            .user()
            .try_import(&document.yaml(), "")
            .await
            .expect(201);
        let workflow = app.user().workflow(&imported["workflow"]["id"]);
        let client = app.user().client();
        let refused = client.post(&workflow.path("/publish"), json!({})).await;
        assert_eq!(
            refused.refusal(),
            (422, "trigger_invalid".to_owned()),
            "{field}"
        );
        let told = &refused.expect(422)["errors"][0];
        assert_eq!(
            (&told["field"], &told["node_id"]),
            (&json!(field), &json!("it"))
        );
        let again = app
            .user()
            .try_import(&document.yaml(), "?publish=true")
            .await;
        assert_eq!(
            again.refusal(),
            (422, "trigger_invalid".to_owned()),
            "{field}"
        );
    }
}

#[tokio::test]
async fn who_may_only_run_hears_of_no_trigger() {
    let app = TestApp::new().await;
    let workflow = app.publish(&hourly()).await;
    let runner = app
        .user_who_may(&[Permission::RunsWrite, Permission::RunsRead])
        .await;
    let refused = runner.client().get(&workflow.path("/triggers")).await;
    assert_eq!(refused.refusal(), (403, "forbidden".to_owned()));
    let reader = app.user_who_may(&[Permission::WorkflowsRead]).await;
    let trigger = listed(&reader, &workflow).await.remove(0);
    let path = workflow.path(&format!("/triggers/{}", trigger["id"].as_str().unwrap()));
    let refused = reader
        .client()
        .patch(&path, json!({"enabled": false}))
        .await;
    assert_eq!(refused.refusal(), (403, "forbidden".to_owned()));
    // Another workflow's trigger is none of this one's.
    let other = app.publish(&hourly()).await;
    let path = other.path(&format!("/triggers/{}", trigger["id"].as_str().unwrap()));
    let refused = app
        .user()
        .client()
        .patch(&path, json!({"enabled": false}))
        .await;
    assert_eq!(refused.refusal(), (404, "not_found".to_owned()));
}
