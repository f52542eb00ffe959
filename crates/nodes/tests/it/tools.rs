//! Scripted tools: they answer as told and remember what they were given.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::{Value as Json, json};

use latchkey_domain::credential::RenderedSelector;
use latchkey_domain::journal::NodeUsage;
use latchkey_domain::ledger::Tokens;
use latchkey_domain::run::Failure;
use latchkey_domain::value::File;
use latchkey_engine::node::RunFacts;
use latchkey_nodes::{
    ParameterForm, ToolAnswer, ToolCall, ToolDefinition, ToolError, ToolMessage, ToolParameter,
    ToolRef, Tools,
};

/// What a scripted tool was given.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) tool: ToolRef,
    pub(crate) arguments: Json,
    pub(crate) rendered: RenderedSelector,
}

/// Tools by name: `weather` and `add` answer, `breaks` fails, `locked` has no credential, `endless` answers far too
/// much, `draws` makes a file, `hangs` never answers.
#[derive(Default)]
pub(crate) struct ScriptedTools {
    given: Mutex<Vec<Given>>,
}

impl ScriptedTools {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// What the tools were given, in order.
    pub(crate) fn given(&self) -> Vec<Given> {
        self.given.lock().unwrap().clone()
    }
}

fn parameter(name: &str, kind: &str, form: ParameterForm) -> ToolParameter {
    ToolParameter {
        name: name.to_owned(),
        description: format!("the {name}"),
        kind: kind.to_owned(),
        required: form == ParameterForm::Llm,
        form,
        default: None,
        options: Vec::new(),
        schema: None,
    }
}

#[async_trait]
impl Tools for ScriptedTools {
    async fn definition(&self, _: &RunFacts, tool: &ToolRef) -> Result<ToolDefinition, ToolError> {
        if tool.tool == "unbound" {
            return Err(ToolError::Unbound("bind the tool unbound first".to_owned()));
        }
        Ok(ToolDefinition {
            name: tool.tool.clone(),
            description: format!("does {}", tool.tool),
            parameters: vec![
                parameter("city", "string", ParameterForm::Llm),
                parameter("units", "string", ParameterForm::Form),
                parameter("photo", "file", ParameterForm::Llm),
            ],
        })
    }

    async fn invoke(&self, call: ToolCall<'_>) -> Result<ToolAnswer, ToolError> {
        self.given.lock().unwrap().push(Given {
            tool: call.tool.clone(),
            arguments: Json::Object(call.arguments.clone()),
            rendered: call.rendered.clone(),
        });
        let city = call.arguments.get("city").and_then(Json::as_str);
        let text = |text: String| ToolAnswer {
            messages: vec![ToolMessage::Text(text)],
            ..ToolAnswer::default()
        };
        match call.tool.tool.as_str() {
            "breaks" => Err(ToolError::Invoke("the tool is out of order".to_owned())),
            "locked" => Err(ToolError::Credential(Box::new(Failure::new(
                "CredentialError",
                "credential_not_found: customer-acme",
            )))),
            "endless" => Ok(text("x".repeat(1_000_000))),
            "hangs" => std::future::pending().await,
            "draws" => Ok(ToolAnswer {
                messages: vec![
                    ToolMessage::Json(json!({"drawn": true})),
                    ToolMessage::File(File {
                        filename: Some("cat.png".to_owned()),
                        ..File::default()
                    }),
                ],
                usage: NodeUsage {
                    tokens: Tokens {
                        input: 100,
                        ..Tokens::default()
                    },
                    ..NodeUsage::default()
                },
                resolution: None,
            }),
            _ => Ok(text(format!("sunny in {}", city.unwrap_or("nowhere")))),
        }
    }
}

/// A tool as an agent's parameters list it.
pub(crate) fn listed(name: &str, more: Json) -> Json {
    let mut tool = json!({
        "enabled": true, "type": "builtin", "provider_name": "acme", "tool_name": name,
        "settings": {}, "parameters": {}, "extra": {"description": ""},
    });
    let fields = tool.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    tool
}
