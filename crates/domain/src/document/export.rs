//! Export: the writer after its changes. No flag turns them off.

use serde_json::{Map, Value as Json};

const FIELDS: [&str; 5] = [
    "credential_id",
    "credential_name",
    "credential_locked",
    "credential_on_empty",
    "credential_fallback",
];

/// The tree as others may see it.
pub(super) fn exported(raw: &Json, name_of: &dyn Fn(&str) -> Option<String>) -> Json {
    let mut tree = raw.clone();
    blank_secrets(&mut tree);
    let nodes = tree
        .pointer_mut("/workflow/graph/nodes")
        .and_then(Json::as_array_mut);
    for data in nodes
        .into_iter()
        .flatten()
        .filter_map(|node| node.get_mut("data")?.as_object_mut())
    {
        match data.get("type").and_then(Json::as_str).unwrap_or_default() {
            "tool" => drop(data.remove("credential_id")),
            "agent" => agent(data, name_of),
            "knowledge-retrieval" => {
                for pointer in [
                    &["single_retrieval_config", "model"][..],
                    &["metadata_model_config"],
                    &["multiple_retrieval_config", "reranking_model"],
                ] {
                    if let Some(model) = at(data, pointer) {
                        names_for_ids(model, name_of);
                    }
                }
            }
            _ => model_node(data, name_of),
        }
    }
    if let Some(bindings) = tree
        .pointer_mut("/workflow/credentials/bindings")
        .and_then(Json::as_array_mut)
    {
        bindings
            .iter_mut()
            .filter_map(Json::as_object_mut)
            .for_each(|binding| names_for_ids(binding, name_of));
    }
    tree
}

/// Empties the values of secret environment variables.
pub(super) fn blank_secrets(tree: &mut Json) {
    let variables = tree
        .pointer_mut("/workflow/environment_variables")
        .and_then(Json::as_array_mut);
    for variable in variables
        .into_iter()
        .flatten()
        .filter_map(Json::as_object_mut)
    {
        if variable
            .get("value_type")
            .or_else(|| variable.get("type"))
            .and_then(Json::as_str)
            == Some("secret")
        {
            variable.insert("value".into(), Json::String(String::new()));
        }
    }
}

fn at<'a>(data: &'a mut Map<String, Json>, path: &[&str]) -> Option<&'a mut Map<String, Json>> {
    let (first, rest) = path.split_first()?;
    let inner = data.get_mut(*first)?.as_object_mut()?;
    if rest.is_empty() {
        Some(inner)
    } else {
        at(inner, rest)
    }
}

/// Moves selectors from their other places into the model object.
fn model_node(data: &mut Map<String, Json>, name_of: &dyn Fn(&str) -> Option<String>) {
    if !data.get("model").is_some_and(Json::is_object) {
        return;
    }
    let beside: Vec<(&str, Json)> = FIELDS
        .iter()
        .filter_map(|key| data.shift_remove(*key).map(|value| (*key, value)))
        .collect();
    let Some(model) = at(data, &["model"]) else {
        return;
    };
    let inside = model.shift_remove("credential_override");
    for (key, value) in inside
        .as_ref()
        .and_then(Json::as_object)
        .into_iter()
        .flatten()
    {
        model.entry(key.clone()).or_insert_with(|| value.clone());
    }
    for (key, value) in beside {
        model.entry(key).or_insert(value);
    }
    names_for_ids(model, name_of);
}

fn agent(data: &mut Map<String, Json>, name_of: &dyn Fn(&str) -> Option<String>) {
    if let Some(model) = at(data, &["agent_parameters", "model", "value"]) {
        names_for_ids(model, name_of);
    }
    let tools = at(data, &["agent_parameters", "tools"])
        .and_then(|tools| tools.get_mut("value"))
        .and_then(Json::as_array_mut);
    for tool in tools.into_iter().flatten().filter_map(Json::as_object_mut) {
        tool.shift_remove("credential_id");
    }
}

/// An id means nothing elsewhere: the name of what it names stands in for it. Templates stay.
fn names_for_ids(model: &mut Map<String, Json>, name_of: &dyn Fn(&str) -> Option<String>) {
    let Some(id) = model
        .get("credential_id")
        .and_then(Json::as_str)
        .filter(|id| !id.contains("{{#"))
        .map(str::to_owned)
    else {
        return;
    };
    model.shift_remove("credential_id");
    if let Some(name) = name_of(&id) {
        model.entry("credential_name").or_insert(Json::String(name));
    }
}
