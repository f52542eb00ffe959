//! The shapes that several answers and events share: files, pauses, forms.

use latchkey_domain::form::{FormAnswer, FormInput, FormInputKind, FormRequest};
use latchkey_domain::inputs::FileRules;
use latchkey_domain::time::Timestamp;
use latchkey_domain::value::File;
use serde_json::{Map, Value as Json, json};

/// The files in some outputs: those that are one, lists of them, and what holds one.
pub(crate) fn files_in(outputs: &Map<String, Json>) -> Vec<Json> {
    let mut files = Vec::new();
    for value in outputs.values() {
        match value {
            Json::Array(items) => files.extend(items.iter().filter(|item| File::is_marked(item))),
            Json::Object(_) if File::is_marked(value) => files.push(value),
            Json::Object(map) => files.extend(map.values().filter(|value| File::is_marked(value))),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }
    files.into_iter().cloned().collect()
}

/// Seconds between two times.
pub(crate) fn elapsed(from: Timestamp, to: Timestamp) -> f64 {
    to.millis_since(from) as f64 / 1000.0
}

/// What a form asks, as the event of its node tells it.
pub(crate) fn form(request: &FormRequest) -> Map<String, Json> {
    let form = &request.form;
    let told = json!({
        "form_id": request.form_id,
        "node_id": request.node_id,
        "node_title": request.title,
        "form_content": form.content,
        "inputs": form.inputs.iter().map(form_input).collect::<Vec<_>>(),
        "actions": actions(request),
        "display_in_ui": true,
        "form_token": request.form_id,
        "resolved_default_values": defaults(request),
        "expiration_time": form.due_at.seconds(),
    });
    match told {
        Json::Object(told) => told,
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) => {
            Map::new()
        }
    }
}

/// Why a run is paused.
pub(crate) fn reason(request: &FormRequest) -> Json {
    let mut reason = form(request);
    reason.shift_remove("display_in_ui");
    reason.insert("TYPE".to_owned(), json!("human_input_required"));
    Json::Object(reason)
}

pub(crate) fn actions(request: &FormRequest) -> Vec<Json> {
    let actions = request.form.actions.iter();
    actions
        .map(|action| json!({"id": action.id, "title": action.title, "button_style": action.style}))
        .collect()
}

/// What stands in the fields at first.
pub(crate) fn defaults(request: &FormRequest) -> Map<String, Json> {
    let inputs = request.form.inputs.iter();
    let with_default = inputs.filter_map(|input| {
        let default = input.default.clone()?;
        Some((input.name.clone(), json!(default)))
    });
    with_default.collect()
}

/// A field. Everything in a form is rendered, so that defaults and options are constants here.
pub(crate) fn form_input(input: &FormInput) -> Json {
    let constant = |value: Json| json!({"type": "constant", "selector": [], "value": value});
    let rules = |kind: &str, files: &FileRules| {
        json!({
            "type": kind,
            "output_variable_name": input.name,
            "allowed_file_types": files.types,
            "allowed_file_extensions": files.extensions,
            "allowed_file_upload_methods": files.methods,
        })
    };
    match &input.kind {
        FormInputKind::TextInput | FormInputKind::Paragraph => json!({
            "type": "paragraph",
            "output_variable_name": input.name,
            "default": input.default.as_ref().map(|text| constant(json!(text))),
        }),
        FormInputKind::Select { options } => json!({
            "type": "select",
            "output_variable_name": input.name,
            "option_source": constant(json!(options)),
        }),
        FormInputKind::File { files } => rules("file", files),
        FormInputKind::FileList { files } => {
            let mut told = rules("file-list", files);
            told["number_limits"] = json!(files.most.unwrap_or(0));
            told
        }
    }
}

/// What was answered to a form, as its event tells it.
pub(crate) fn filled(request: &FormRequest, answer: &FormAnswer) -> (&'static str, Json) {
    match answer {
        FormAnswer::TimedOut => (
            "human_input_form_timeout",
            json!({
                "node_id": request.node_id,
                "node_title": request.title,
                "expiration_time": request.form.due_at.seconds(),
            }),
        ),
        FormAnswer::Submitted { action, values } => {
            let known = request
                .form
                .actions
                .iter()
                .find(|known| known.id == *action);
            let mut content = request.form.content.clone();
            for (name, value) in values {
                let text = match value {
                    Json::String(text) => text.clone(),
                    other @ (Json::Null
                    | Json::Bool(_)
                    | Json::Number(_)
                    | Json::Array(_)
                    | Json::Object(_)) => other.to_string(),
                };
                content = content.replace(&format!("{{{{#$output.{name}#}}}}"), &text);
            }
            let told = json!({
                "node_id": request.node_id,
                "node_title": request.title,
                "rendered_content": content,
                "action_id": action,
                "action_text": known.map(|action| action.title.as_str()).unwrap_or_default(),
                "submitted_data": values,
            });
            ("human_input_form_filled", told)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::files_in;

    #[test]
    fn files_are_found_one_level_deep() {
        let file = |name: &str| json!({"dify_model_identity": "__dify__file__", "filename": name});
        let outputs = json!({"one": file("a"), "list": [file("b"), "text"], "map": {"inner": file("c"), "deep": {"er": file("no")}}, "text": "x"});
        let found = files_in(outputs.as_object().unwrap());
        let names: Vec<_> = found
            .iter()
            .map(|file| file["filename"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["a", "b", "c"]);
    }
}
