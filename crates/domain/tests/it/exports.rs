//! What an export carries and what it hides.

use serde_json::{Value as Json, json};

use crate::files::{document, file, llm};

#[test]
fn an_export_carries_no_secret_and_no_id() {
    let text = file(
        &llm("a", "credential_id: 0195-id")
            .replace("type: llm,", "type: llm, credential_locked: true,"),
        "",
    );
    let exported = document(&text).export(&|id| (id == "0195-id").then(|| "acme-prod".to_owned()));
    assert!(
        !exported.contains("test-secret-value") && !exported.contains("0195-id"),
        "{exported}"
    );
    let again = document(&exported);
    let model = again
        .to_json()
        .pointer("/workflow/graph/nodes/1/data/model")
        .unwrap();
    assert_eq!(
        (model.get("credential_name"), model.get("credential_locked")),
        (Some(&json!("acme-prod")), Some(&json!(true)))
    );
    let removed = document(&text).export(&|_| None);
    assert!(
        !removed.contains("0195-id") && !removed.contains("credential_name"),
        "{removed}"
    );
}

#[test]
fn secrets_are_taken_out_before_a_document_is_kept() {
    let (kept, secrets) = document(&file("", "")).without_secrets();
    assert_eq!(
        secrets,
        [("token".to_owned(), "test-secret-value".to_owned())]
    );
    assert!(!kept.to_yaml().contains("test-secret-value"));
}

#[test]
fn a_secret_conversation_variable_is_as_secret_as_one_of_the_environment() {
    let text = file("", "").replace(
        "  graph:",
        "  conversation_variables: [{name: pin, value_type: secret, value: test-pin-value}]\n  graph:",
    );
    let document = document(&text);
    let (kept, secrets) = document.without_secrets();
    assert_eq!(
        secrets[1],
        ("conversation.pin".to_owned(), "test-pin-value".to_owned())
    );
    assert_eq!(kept.conversation_variables()[0].value, json!(""));
    for text in [kept.to_yaml(), document.export(&|_| None)] {
        assert!(!text.contains("test-pin-value"), "{text}");
    }
}

/// The data of the second node of an export in which the id `0195-id` is called `acme-prod`.
fn exported(node: &str) -> Json {
    let text =
        document(&file(node, "")).export(&|id| (id == "0195-id").then(|| "acme-prod".into()));
    let data = document(&text)
        .to_json()
        .pointer("/workflow/graph/nodes/1/data")
        .cloned();
    data.unwrap()
}

#[test]
fn an_export_says_what_the_places_together_say() {
    for (model, around, expected) in [
        (
            "credential_name: '', credential_id: null",
            "credential_name: acme",
            json!({"credential_name": "acme"}),
        ),
        (
            "credential_name: null, credential_override: {credential_id: 0195-id}",
            "credential_on_empty: next",
            json!({"credential_name": "acme-prod", "credential_on_empty": "next"}),
        ),
        (
            "credential_id: '{{#start.key#}}', credential_locked: null",
            "credential_locked: true, credential_fallback: [b]",
            json!({"credential_id": "{{#start.key#}}", "credential_locked": true, "credential_fallback": ["b"]}),
        ),
        (
            "credential_id: other-id",
            "credential_id: other-id",
            json!({}),
        ),
    ] {
        let node = llm("a", model).replace("type: llm,", &format!("type: llm, {around},"));
        let data = exported(&node);
        let mut found = json!({});
        for (key, value) in data["model"].as_object().unwrap() {
            if key.starts_with("credential") {
                found[key] = value.clone();
            }
        }
        assert_eq!(found, expected, "{node}");
        let beside = data.as_object().unwrap().keys();
        assert!(
            beside.clone().all(|key| !key.starts_with("credential")),
            "{data}"
        );
    }
}

#[test]
fn no_model_object_keeps_an_id() {
    const CHOICE: &str = "credential_override: {credential_id: 0195-id}";
    let agent = format!(
        "    - {{id: g, data: {{type: agent, agent_parameters: {{model: {{value: {{provider: openai, model: m, {CHOICE}}}}}, tools: {{value: [{{credential_id: tool-id, name: t}}]}}}}}}}}\n"
    );
    let model = "/agent_parameters/model/value";
    let mut all = vec![(agent, model)];
    for (pointer, object) in [
        (
            "/single_retrieval_config/model",
            "single_retrieval_config: {model: {provider: openai, name: m, OF}}",
        ),
        (
            "/metadata_model_config",
            "metadata_model_config: {provider: openai, name: m, OF}",
        ),
        (
            "/multiple_retrieval_config/reranking_model",
            "multiple_retrieval_config: {reranking_model: {provider: openai, model: m, OF}}",
        ),
    ] {
        let object = object.replace("OF", CHOICE);
        all.push((
            format!("    - {{id: k, data: {{type: knowledge-retrieval, {object}}}}}\n"),
            pointer,
        ));
    }
    for (node, pointer) in all {
        let data = exported(&node);
        assert_eq!(
            data.pointer(pointer).unwrap()["credential_name"],
            "acme-prod",
            "{data}"
        );
        let text = data.to_string();
        assert!(
            !text.contains("credential_id") && !text.contains("override"),
            "{text}"
        );
    }
}

#[test]
fn what_belongs_to_one_installation_is_blanked_and_order_is_kept() {
    for (data, expected) in [
        (
            "type: tool, credential_id: x, tool_name: t, provider_id: p, title: T",
            json!({"type": "tool", "tool_name": "t", "provider_id": "p", "title": "T"}),
        ),
        (
            "type: question, variables: [{variable: f, type: file-list, default: [{transfer_method: local_file}, {transfer_method: remote_url, url: u}], label: F}, {variable: g, type: file, default: {upload_file_id: x}, label: G}]",
            json!({"type": "question", "variables": [
                {"variable": "f", "type": "file-list", "default": [{"transfer_method": "remote_url", "url": "u"}], "label": "F"},
                {"variable": "g", "type": "file", "label": "G"}]}),
        ),
    ] {
        let data = exported(&format!("    - {{id: x, data: {{{data}}}}}\n"));
        assert_eq!(data.to_string(), expected.to_string());
    }
}

#[test]
fn the_address_of_a_webhook_stays_here() {
    let triggers = "    - {id: w, data: {type: trigger-webhook, webhook_url: 'https://hooks.example/a', webhook_debug_url: 'https://hooks.example/b'}}
    - {id: p, data: {type: trigger-plugin, subscription_id: sub-1}}
    - {id: c, data: {type: trigger-schedule, mode: cron, config: {cron_expression: 1 2 3 4 5}}}\n";
    let text = file(triggers, "").replace(
        "    - {id: start, type: custom, data: {type: start, title: Start, variables: []}}\n",
        "",
    );
    let exported = document(&text).export(&|_| None);
    for gone in ["hooks.example", "sub-1", "1 2 3 4 5"] {
        assert!(!exported.contains(gone), "{exported}");
    }
    assert!(exported.contains("frequency: daily"), "{exported}");
}
