//! Which key an `llm` node uses, and what it says when there is none.

use serde_json::{Value as Json, json};

use latchkey_domain::credential::Level;

use super::world::{World, pool};

fn world() -> World {
    World::saying(&["ok"])
        .with_credential("customer-acme")
        .with_credential("customer-globex")
        .with_credential("house")
}

fn naming(name: &str) -> Json {
    json!({"model": {"credential_name": name}})
}

#[tokio::test]
async fn the_name_is_rendered_from_the_run() {
    for customer in ["acme", "globex"] {
        let world = world();
        let variables = pool(json!({"start": {"customer": customer}}));
        let data = naming("customer-{{#start.customer#}}");
        let attempt = world.ask(data, variables).await;
        attempt.outcome.unwrap();
        let resolution = attempt.resolution.unwrap();
        let name = format!("customer-{customer}");
        assert_eq!(resolution.level, Level::Node);
        assert_eq!(resolution.credential_name.as_deref(), Some(name.as_str()));
        assert_eq!(world.keys(), [format!("Bearer key-{name}")]);
    }
}

#[tokio::test]
async fn without_a_name_the_default_pays() {
    let world = world();
    let attempt = world.ask(json!({}), pool(json!({}))).await;
    assert_eq!(attempt.resolution.unwrap().level, Level::WorkspaceDefault);
    assert_eq!(world.keys(), ["Bearer key-house"]);
}

#[tokio::test]
async fn a_wrong_name_fails_before_anything_is_sent() {
    for (name, code) in [
        ("customer-{{#start.ghost#}}", "credential_selector_empty"),
        ("customer-{{#start.none#}}", "credential_selector_empty"),
        ("customer-{{#start.unknown#}}", "credential_not_found"),
        ("{{#start.forbidden#}}", "credential_override_not_allowed"),
    ] {
        let world = world();
        let variables = pool(json!({"start": {
            "none": null, "unknown": "nobody", "forbidden": "house",
        }}));
        let attempt = world.ask(naming(name), variables).await;
        let failure = attempt.outcome.unwrap_err();
        assert_eq!(failure.error_type, "CredentialError");
        assert!(
            failure.message.starts_with(code),
            "{name}: {}",
            failure.message
        );
        assert!(failure.credential.is_some());
        assert!(world.keys().is_empty(), "{name}: nothing may be sent");
    }
}

#[tokio::test]
async fn an_empty_name_may_leave_the_choice_to_others() {
    let world = world();
    let data = json!({"model": {
        "credential_name": "{{#start.ghost#}}", "credential_on_empty": "next",
    }});
    let attempt = world.ask(data, pool(json!({"start": {}}))).await;
    assert_eq!(attempt.resolution.unwrap().level, Level::WorkspaceDefault);
    assert_eq!(world.keys(), ["Bearer key-house"]);
}

#[tokio::test]
async fn a_failed_call_says_who_paid_or_was_to_pay() {
    let world = World::refusing(429).with_credential("house");
    let attempt = world.ask(json!({}), pool(json!({}))).await;
    let failure = attempt.outcome.unwrap_err();
    assert_eq!(failure.error_type, "InvokeRateLimitError");
    let resolution = attempt.resolution.unwrap();
    assert_eq!(resolution.credential_name.as_deref(), Some("house"));
}
