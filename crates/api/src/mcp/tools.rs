//! Workflows as tools: what they are called, what they take, and their runs.

use std::collections::HashSet;

use latchkey_domain::access::Caller;
use latchkey_domain::chat::ChatSource;
use latchkey_domain::workflow::Mode;
use latchkey_service::{
    App, AppForm, Error, ErrorKind, Service, StartRequest, TurnRequest, tool_name,
};
use rmcp::model::{
    CallToolRequestParams, CallToolResult, ContentBlock, ErrorCode, JsonObject, Tool,
};
use serde_json::{Map, Value as Json, json};

use super::Fault;
use crate::dify::answer::{Ended, ended};
use crate::dify::runs::start;

/// The argument that asks a workflow that answers in conversations.
const QUERY: &str = "query";

/// What JSON-RPC leaves to servers to say.
const REFUSED: ErrorCode = ErrorCode(-32000);

fn refused(error: Error) -> Fault {
    if error.kind == ErrorKind::Internal {
        return Fault::internal_error("the server failed; its log says why", None);
    }
    let text = format!("{}: {}", error.code, error.detail);
    Fault::new(REFUSED, text, Some(json!({"code": error.code})))
}

/// The tools that a key reaches, each with its workflow. A name that is taken already gets the end of the workflow's id.
async fn tools(service: &Service, caller: &Caller) -> Result<Vec<(String, App)>, Fault> {
    let apps = service.tool_apps(caller).await.map_err(refused)?;
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
pub(super) async fn list(service: &Service, caller: &Caller) -> Result<Vec<Tool>, Fault> {
    let mut shown = Vec::new();
    for (name, app) in tools(service, caller).await? {
        let form = service.app_form(caller, app.workflow.id).await;
        let form = form.map_err(refused)?;
        let workflow = app.workflow;
        let description = match workflow.description.trim() {
            "" => format!("Runs the workflow {:?}.", workflow.name),
            text => text.to_owned(),
        };
        let takes = schema(&form, workflow.mode);
        shown.push(Tool::new(name, description, takes).with_title(workflow.name));
    }
    Ok(shown)
}

/// What a workflow takes, as a JSON schema.
fn schema(form: &AppForm, mode: Mode) -> JsonObject {
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
    Map::from_iter([
        ("type".to_owned(), json!("object")),
        ("properties".to_owned(), Json::Object(properties)),
        ("required".to_owned(), Json::Array(required)),
    ])
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
    asked: CallToolRequestParams,
) -> Result<CallToolResult, Fault> {
    let named = tools(service, caller).await?.into_iter();
    let found = named.into_iter().find(|(known, _)| *known == asked.name);
    let unknown = || Fault::invalid_params(format!("there is no tool {:?}", asked.name), None);
    let (_, app) = found.ok_or_else(unknown)?;
    let mut inputs = asked.arguments.unwrap_or_default();
    let mut request = StartRequest::default();
    if app.workflow.mode == Mode::AdvancedChat {
        let query = match inputs.shift_remove(QUERY) {
            Some(Json::String(query)) if !query.is_empty() => query,
            Some(_) | None => return Ok(failed("query is needed")),
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
        Err(refused) => failed(refused.body()["message"].as_str().unwrap_or_default()),
    })
}

fn result(ended: &Ended, mode: Mode) -> CallToolResult {
    let data = &ended.last.body["data"];
    if ended.last.name == "workflow_paused" {
        return failed("the run waits for people; what they answer is seen in the workspace");
    }
    let status = data["status"].as_str();
    if !matches!(status, Some("succeeded" | "partial-succeeded")) {
        return failed(data["error"].as_str().unwrap_or("the run failed"));
    }
    match mode {
        Mode::AdvancedChat => {
            let answer = data["outputs"]["answer"].as_str().unwrap_or_default();
            CallToolResult::success(vec![ContentBlock::text(answer)])
        }
        Mode::Workflow => CallToolResult::structured(data["outputs"].clone()),
    }
}

/// A failure that the model which has called is told.
fn failed(text: &str) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(text)])
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
