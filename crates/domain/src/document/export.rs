//! Export: the writer after its changes. No flag turns them off.

use serde_json::{Map, Value as Json, json};

use crate::credential::{CredentialSelector, OnEmpty};

use super::credentials::{MAIN, object_at, pointers_of, selector_of};
use super::graph::type_of;

/// What a model object, or the data around it, may say about its credential.
const FIELDS: [&str; 6] = [
    "credential_id",
    "credential_name",
    "credential_locked",
    "credential_on_empty",
    "credential_fallback",
    "credential_override",
];

/// The lists of variables of a workflow.
const VARIABLES: [&str; 2] = ["environment_variables", "conversation_variables"];

type NameOf<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The tree as others may see it.
pub(super) fn exported(raw: &Json, name_of: NameOf<'_>) -> Json {
    let mut tree = raw.clone();
    blank_secrets(&mut tree);
    let nodes = tree
        .pointer_mut("/workflow/graph/nodes")
        .and_then(Json::as_array_mut);
    for node in nodes.into_iter().flatten() {
        let node_type = type_of(node).to_owned();
        if let Some(data) = node.get_mut("data").and_then(Json::as_object_mut) {
            canonical(&node_type, data, name_of);
            blank(&node_type, data);
            uploads(data);
        }
    }
    let bindings = tree
        .pointer_mut("/workflow/credentials/bindings")
        .and_then(Json::as_array_mut);
    for binding in bindings
        .into_iter()
        .flatten()
        .filter_map(Json::as_object_mut)
    {
        name_for_id(binding, name_of);
    }
    tree
}

/// Empties the values of secret variables.
pub(super) fn blank_secrets(tree: &mut Json) {
    for list in VARIABLES {
        let variables = tree
            .get_mut("workflow")
            .and_then(|workflow| workflow.get_mut(list)?.as_array_mut());
        for variable in variables
            .into_iter()
            .flatten()
            .filter_map(Json::as_object_mut)
        {
            let text = |key: &str| variable.get(key)?.as_str().filter(|text| !text.is_empty());
            if text("value_type").or_else(|| text("type")) == Some("secret") {
                variable.insert("value".into(), json!(""));
            }
        }
    }
}

/// Brings what a node says about credentials into the model objects, as far as it means something elsewhere.
fn canonical(node_type: &str, data: &mut Map<String, Json>, name_of: NameOf<'_>) {
    let mut pointers: Vec<&str> = pointers_of(node_type).map(|(pointer, _)| pointer).collect();
    if pointers.is_empty() && node_type != "tool" {
        // A type that is not known yet may name a model where most do.
        pointers.push(MAIN);
    }
    let said: Vec<(&str, CredentialSelector)> = pointers
        .into_iter()
        .filter(|pointer| object_at(data, pointer).is_some())
        .map(|pointer| (pointer, selector_of(data, pointer).0))
        .collect();
    for (pointer, mut selector) in said {
        let choice = &mut selector.choice;
        // An id means nothing elsewhere: the name of what it names stands in for it. Templates stay.
        if let Some(id) = choice.credential_id.take_if(|id| !id.contains("{{#")) {
            choice.credential_name = choice.credential_name.take().or_else(|| name_of(&id));
        }
        canonical_object(data, pointer, selector);
    }
    // A tool's own, as Dify does; and what stands where nothing reads it.
    data.shift_remove("credential_id");
    let tools = object_at_mut(data, "/agent_parameters/tools")
        .and_then(|tools| tools.get_mut("value")?.as_array_mut());
    for tool in tools.into_iter().flatten().filter_map(Json::as_object_mut) {
        tool.shift_remove("credential_id");
    }
}

/// Says something about the credential of the model at a pointer, there and nowhere else.
pub(super) fn canonical_object(
    data: &mut Map<String, Json>,
    pointer: &str,
    selector: CredentialSelector,
) {
    if pointer == MAIN {
        remove_all(data);
    }
    if let Some(model) = object_at_mut(data, pointer) {
        remove_all(model);
        write_selector(model, selector);
    }
}

pub(super) fn remove_all(object: &mut Map<String, Json>) {
    for field in FIELDS {
        object.shift_remove(field);
    }
}

/// Writes a selector into an object that says nothing yet.
pub(super) fn write_selector(model: &mut Map<String, Json>, selector: CredentialSelector) {
    let choice = selector.choice;
    let mut say = |key: &str, value: Json| drop(model.insert(key.to_owned(), value));
    if let Some(id) = choice.credential_id {
        say("credential_id", json!(id));
    }
    if let Some(name) = choice.credential_name {
        say("credential_name", json!(name));
    }
    if selector.locked {
        say("credential_locked", json!(true));
    }
    if selector.on_empty == OnEmpty::Next {
        say("credential_on_empty", json!("next"));
    }
    if !selector.fallback.is_empty() {
        say("credential_fallback", json!(selector.fallback));
    }
}

fn name_for_id(binding: &mut Map<String, Json>, name_of: NameOf<'_>) {
    let Some(id) = binding.shift_remove("credential_id") else {
        return;
    };
    let said = binding.get("credential_name").and_then(Json::as_str);
    if said.is_none_or(str::is_empty)
        && let Some(name) = id.as_str().and_then(name_of)
    {
        binding.insert("credential_name".into(), json!(name));
    }
}

fn object_at_mut<'a>(
    data: &'a mut Map<String, Json>,
    pointer: &str,
) -> Option<&'a mut Map<String, Json>> {
    let mut keys = pointer.split('/').skip(1);
    keys.try_fold(data, |object, key| object.get_mut(key)?.as_object_mut())
}

/// What belongs to one installation, blanked as Dify does (Dify DSL reference, 1.5): whoever knows the address of a webhook
/// can start the workflow.
fn blank(node_type: &str, data: &mut Map<String, Json>) {
    let (keys, blanked): (&[&str], Json) = match node_type {
        "trigger-webhook" => (&["webhook_url", "webhook_debug_url"], json!("")),
        "trigger-plugin" => (&["subscription_id"], json!("")),
        "trigger-schedule" => (
            &["config"],
            json!({
                "mode": "visual",
                "frequency": "daily",
                "visual_config": {"time": "12:00 AM", "on_minute": 0, "weekdays": ["sun"], "monthly_days": [1]},
                "timezone": "UTC",
            }),
        ),
        _ => return,
    };
    for key in keys {
        if let Some(value) = data.get_mut(*key) {
            *value = blanked.clone();
        }
    }
}

/// Removes defaults of file variables that are uploads of this installation.
fn uploads(data: &mut Map<String, Json>) {
    let variables = data.get_mut("variables").and_then(Json::as_array_mut);
    for variable in variables
        .into_iter()
        .flatten()
        .filter_map(Json::as_object_mut)
    {
        let is_file = matches!(
            variable.get("type").and_then(Json::as_str),
            Some("file" | "file-list")
        );
        if is_file && variable.get_mut("default").is_some_and(is_upload) {
            variable.shift_remove("default");
        }
    }
}

/// Whether a default is an upload, or a list of nothing else; uploads among other files are taken out.
fn is_upload(default: &mut Json) -> bool {
    match default {
        Json::Array(items) => {
            items.retain_mut(|item| !is_upload(item));
            items.is_empty()
        }
        Json::Object(file) => {
            let method = ["transfer_method", "transferMethod"]
                .iter()
                .find_map(|key| file.get(*key)?.as_str());
            method == Some("local_file")
                || file.contains_key("upload_file_id")
                || file.contains_key("uploadedId")
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    }
}
