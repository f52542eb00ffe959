//! Triggers: what they hand on from what their run begins with.

use serde_json::json;

use super::world::{outcome, pool, run};

#[test]
fn a_webhook_hands_on_what_it_names_and_null_for_the_rest() {
    let data = json!({"headers": [{"name": "X-Sign"}], "params": [{"name": "page", "type": "number"}],
        "body": [{"name": "payload", "type": "object"}]});
    let pool = pool(
        json!({"it": {"X_Sign": "abc", "payload": {"a": 1}, "other": 1,
        "_webhook_raw": {"method": "POST"}}}),
    );
    let outputs = outcome(&run("trigger-webhook", data, &pool));
    let expected = json!({"X_Sign": "abc", "page": null, "payload": {"a": 1}, "_webhook_raw": {"method": "POST"}});
    assert_eq!(outputs, Ok(expected));
}

#[test]
fn the_event_of_a_plugin_is_handed_on_as_it_is() {
    let pool = pool(json!({"it": {"issue": {"id": 7}, "labels": ["a"]}, "other": {"x": 1}}));
    let outputs = outcome(&run(
        "trigger-plugin",
        json!({"event_name": "opened"}),
        &pool,
    ));
    assert_eq!(outputs, Ok(json!({"issue": {"id": 7}, "labels": ["a"]})));
}

#[test]
fn a_schedule_has_nothing_of_its_own() {
    let data = json!({"mode": "cron", "cron_expression": "0 9 * * *"});
    let outputs = outcome(&run("trigger-schedule", data, &pool(json!({}))));
    assert_eq!(outputs, Ok(json!({})));
}
