//! The tools of a case: each use takes the first unused answer that fits, and what was given is remembered.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use serde_json::{Map, Value as Json, json};

use latchkey_domain::value::{File, Value};
use latchkey_engine::node::RunFacts;
use latchkey_nodes::{
    ParameterForm, ToolAnswer, ToolCall, ToolDefinition, ToolError, ToolMessage, ToolParameter,
    ToolRef, Tools,
};

use super::case::Case;

/// The tools of one case.
pub(super) struct CaseTools {
    scripted: Mutex<Vec<Scripted>>,
    used: Mutex<Vec<Json>>,
}

struct Scripted {
    raw: Json,
    left: u64,
}

impl CaseTools {
    pub(super) fn of(case: &Case) -> Arc<Self> {
        let scripted = case.list("tools").iter().map(|raw| Scripted {
            left: raw["times"].as_u64().unwrap_or(1),
            raw: raw.clone(),
        });
        Arc::new(Self {
            scripted: Mutex::new(scripted.collect()),
            used: Mutex::default(),
        })
    }

    /// What was used and with what, in order.
    pub(super) fn used(&self) -> Vec<Json> {
        lock(&self.used).clone()
    }

    fn take(&self, node: &str, tool: &ToolRef) -> Option<Json> {
        let fits = |one: &Scripted| {
            let is_of_node = one.raw["node"].as_str().is_none_or(|name| name == node);
            is_of_node && is_meant(&one.raw, tool)
        };
        let mut scripted = lock(&self.scripted);
        let unused = scripted.iter_mut().find(|one| one.left > 0 && fits(one));
        if let Some(one) = unused {
            one.left -= 1;
            return Some(one.raw.clone());
        }
        let repeats = |one: &&Scripted| fits(one) && one.raw["repeat"] == true;
        scripted
            .iter()
            .rev()
            .find(repeats)
            .map(|one| one.raw.clone())
    }
}

fn is_meant(raw: &Json, tool: &ToolRef) -> bool {
    raw["tool"] == tool.tool.as_str()
        && raw["provider"]
            .as_str()
            .is_none_or(|name| name == tool.provider)
}

#[async_trait]
impl Tools for CaseTools {
    async fn definition(&self, _: &RunFacts, tool: &ToolRef) -> Result<ToolDefinition, ToolError> {
        let scripted = lock(&self.scripted);
        let known = scripted.iter().find(|one| is_meant(&one.raw, tool));
        let known = known.ok_or_else(|| {
            ToolError::Unbound(format!("no scripted tool {}/{}", tool.provider, tool.tool))
        })?;
        let parameters = known.raw["parameters"].as_array();
        Ok(ToolDefinition {
            name: tool.tool.clone(),
            description: "a scripted tool".to_owned(),
            parameters: parameters.into_iter().flatten().map(parameter).collect(),
        })
    }

    async fn invoke(&self, call: ToolCall<'_>) -> Result<ToolAnswer, ToolError> {
        let node = call.context.node_id.as_str();
        let mut used = json!({"node": node, "tool": call.tool.tool, "arguments": call.arguments});
        if !call.files.is_empty() {
            let names = call.files.iter();
            used["files"] = names
                .map(|(name, file)| json!([name, file.filename]))
                .collect();
        }
        lock(&self.used).push(used);
        let Some(raw) = self.take(node, call.tool) else {
            let text = format!("no scripted answer of {} for {node}", call.tool.tool);
            return Err(ToolError::Invoke(text));
        };
        if let Some(message) = raw["error"].as_str() {
            return Err(ToolError::Invoke(message.to_owned()));
        }
        Ok(ToolAnswer {
            messages: messages(&raw),
            ..ToolAnswer::default()
        })
    }
}

/// A parameter: its name, or a mapping.
fn parameter(raw: &Json) -> ToolParameter {
    let text = |key: &str| raw[key].as_str();
    let name = raw.as_str().or(text("name")).unwrap_or_default();
    ToolParameter {
        name: name.to_owned(),
        description: String::new(),
        kind: text("type").unwrap_or("string").to_owned(),
        required: raw["required"] == true,
        form: match text("form") {
            Some("form") => ParameterForm::Form,
            Some(_) | None => ParameterForm::Llm,
        },
        default: raw.get("default").cloned(),
        options: Vec::new(),
        schema: None,
    }
}

fn messages(raw: &Json) -> Vec<ToolMessage> {
    let mut messages = Vec::new();
    let texts = |key: &str| {
        let found = raw[key].as_array().cloned();
        found.unwrap_or_else(|| raw.get(key).cloned().into_iter().collect())
    };
    let text = |value: Json| value.as_str().unwrap_or_default().to_owned();
    messages.extend(texts("text").into_iter().map(text).map(ToolMessage::Text));
    messages.extend(texts("link").into_iter().map(text).map(ToolMessage::Link));
    messages.extend(texts("json").into_iter().map(ToolMessage::Json));
    let files = texts("files");
    let files = files.iter().filter_map(File::from_json);
    messages.extend(files.map(ToolMessage::File));
    let empty = Map::new();
    let variables = raw["variables"].as_object().unwrap_or(&empty);
    messages.extend(variables.iter().map(|(name, value)| ToolMessage::Variable {
        name: name.clone(),
        value: Value::infer(value.clone()),
    }));
    messages
}

/// A panic of somebody else leaves nothing half-done behind these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
