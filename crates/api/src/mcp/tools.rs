//! Workflows as tools: what they are called, what they take, and their runs.

use std::collections::HashSet;

use latchkey_domain::access::Caller;
use latchkey_domain::chat::ChatSource;
use latchkey_domain::workflow::Mode;
use latchkey_service::{
    App, AppForm, Error, ErrorKind, Service, StartRequest, TurnRequest, tool_name,
};
use serde_json::{Map, Value as Json, json};

use super::Fault;
use crate::dify::answer::{Ended, ended};
use crate::dify::runs::start;

/// The argument that asks a workflow that answers in conversations.
const QUERY: &str = "query";

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        if error.kind == ErrorKind::Internal {
            return Self::new(-32603, "the server failed; its log says why");
        }
        Self::new(-32000, format!("{}: {}", error.code, error.detail))
    }
}

/// The tools that a key reaches, each with its workflow. A name that is taken already gets the end of the workflow's id.
async fn tools(service: &Service, caller: &Caller) -> Result<Vec<(String, App)>, Fault> {
    let apps = service.tool_apps(caller).await?;
    let mut taken = HashSet::new();
    let mut named = Vec::with_capacity(apps.len());
    // The oldest keeps the bare name.
    for app in apps.into_iter().rev() {
        let mut name = tool_name(&app.workflow, &app.settings);
        if !taken.insert(name.clone()) {
            let id = app.workflow.id.to_string();
            name = format!("{}_{}", cut(&name, 55), &id[id.len() - 8..]);
            taken.insert(name.clone());
        }
        named.push((name, app));
    }
    Ok(named)
}

fn cut(name: &str, most: usize) -> String {
    name.chars().take(most).collect()
}

/// All tools.
pub(super) async fn list(service: &Service, caller: &Caller) -> Result<Json, Fault> {
    let mut shown = Vec::new();
    for (name, app) in tools(service, caller).await? {
        let form = service.app_form(caller, app.workflow.id).await?;
        let workflow = &app.workflow;
        let description = match workflow.description.trim() {
            "" => format!("Runs the workflow {:?}.", workflow.name),
            text => text.to_owned(),
        };
        shown.push(json!({
            "name": name, "title": workflow.name, "description": description,
            "inputSchema": schema(&form, workflow.mode),
        }));
    }
    Ok(json!({"tools": shown}))
}

/// What a workflow takes, as a JSON schema.
fn schema(form: &AppForm, mode: Mode) -> Json {
    let mut properties = Map::new();
    let mut required = Vec::new();
    if mode == Mode::AdvancedChat {
        let text = "what is asked";
        properties.insert(
            QUERY.to_owned(),
            json!({"type": "string", "description": text}),
        );
        required.push(json!(QUERY));
    }
    for variable in &form.variables {
        let Some(name) = variable.get("variable").and_then(Json::as_str) else {
            continue;
        };
        properties.insert(name.to_owned(), property(variable));
        if variable
            .get("required")
            .and_then(Json::as_bool)
            .unwrap_or(false)
        {
            required.push(json!(name));
        }
    }
    json!({"type": "object", "properties": properties, "required": required})
}

fn property(variable: &Json) -> Json {
    let text = |key: &str| {
        variable
            .get(key)
            .and_then(Json::as_str)
            .filter(|text| !text.is_empty())
    };
    let file = || {
        json!({
            "type": "object",
            "properties": {
                "type": {"type": "string", "enum": ["image", "document", "audio", "video", "custom"]},
                "transfer_method": {"type": "string", "enum": ["remote_url", "local_file"]},
                "url": {"type": "string"}, "upload_file_id": {"type": "string"},
            },
            "required": ["transfer_method"],
        })
    };
    let mut property = match text("type") {
        Some("number") => json!({"type": "number"}),
        Some("checkbox") => json!({"type": "boolean"}),
        Some("select") => {
            json!({"type": "string", "enum": variable.get("options").cloned().unwrap_or_else(|| json!([]))})
        }
        Some("json_object") => json!({"type": "object"}),
        Some("file") => file(),
        Some("file-list") => json!({"type": "array", "items": file()}),
        Some(_) | None => {
            let mut property = json!({"type": "string"});
            if let Some(most) = variable
                .get("max_length")
                .and_then(Json::as_u64)
                .filter(|most| *most > 0)
            {
                property["maxLength"] = json!(most);
            }
            property
        }
    };
    if let Some(description) = text("description")
        .or_else(|| text("hint"))
        .or_else(|| text("label"))
    {
        property["description"] = json!(description);
    }
    property
}

/// Runs a workflow. What goes wrong with it is told to the model that has called, so that it can do better.
pub(super) async fn call(
    service: &Service,
    caller: &Caller,
    params: &Map<String, Json>,
) -> Result<Json, Fault> {
    let name = params
        .get("name")
        .and_then(Json::as_str)
        .unwrap_or_default();
    let named = tools(service, caller).await?.into_iter();
    let found = named.into_iter().find(|(known, _)| known == name);
    let (_, app) = found.ok_or_else(|| Fault::new(-32602, format!("there is no tool {name:?}")))?;
    let inputs = params.get("arguments").and_then(Json::as_object).cloned();
    let mut inputs = inputs.unwrap_or_default();
    let mut request = StartRequest::default();
    if app.workflow.mode == Mode::AdvancedChat {
        let query = match inputs.shift_remove(QUERY) {
            Some(Json::String(query)) if !query.is_empty() => query,
            Some(_) | None => return Ok(told("query is needed", true)),
        };
        request.query = Some(query);
        request.turn = Some(TurnRequest {
            conversation: None,
            parent: None,
            source: ChatSource::Openai,
            earlier: Vec::new(),
            is_named: false,
        });
    }
    request.inputs = inputs;
    let run = async { ended(start(service, caller, &app, request).await?).await };
    Ok(match run.await {
        Ok(ended) => result(&ended, app.workflow.mode),
        Err(refused) => told(refused.body()["message"].as_str().unwrap_or_default(), true),
    })
}

fn result(ended: &Ended, mode: Mode) -> Json {
    let data = &ended.last.body["data"];
    if ended.last.name == "workflow_paused" {
        return told(
            "the run waits for people; what they answer is seen in the workspace",
            true,
        );
    }
    if !matches!(
        data["status"].as_str(),
        Some("succeeded" | "partial-succeeded")
    ) {
        let why = data["error"].as_str().unwrap_or("the run failed");
        return told(why, true);
    }
    match mode {
        Mode::AdvancedChat => told(
            data["outputs"]["answer"].as_str().unwrap_or_default(),
            false,
        ),
        Mode::Workflow => {
            let mut result = told(&data["outputs"].to_string(), false);
            result["structuredContent"] = data["outputs"].clone();
            result
        }
    }
}

fn told(text: &str, is_error: bool) -> Json {
    json!({"content": [{"type": "text", "text": text}], "isError": is_error})
}

#[cfg(test)]
mod tests {
    use latchkey_domain::workflow::Mode;
    use latchkey_service::AppForm;
    use serde_json::{Map, json};

    use super::schema;

    #[test]
    fn variables_become_a_schema() {
        let form = AppForm {
            app: Map::new(),
            features: Map::new(),
            variables: vec![
                json!({"variable": "name", "type": "text-input", "required": true, "max_length": 5, "label": "Name"}),
                json!({"variable": "n", "type": "number"}),
                json!({"variable": "kind", "type": "select", "options": ["a", "b"]}),
                json!({"variable": "ok", "type": "checkbox"}),
            ],
        };
        let told = schema(&form, Mode::AdvancedChat);
        assert_eq!(told["required"], json!(["query", "name"]));
        assert_eq!(
            told["properties"]["name"],
            json!({"type": "string", "maxLength": 5, "description": "Name"})
        );
        assert_eq!(told["properties"]["kind"]["enum"], json!(["a", "b"]));
        assert_eq!(told["properties"]["ok"]["type"], "boolean");
        assert_eq!(schema(&form, Mode::Workflow)["required"], json!(["name"]));
    }
}
