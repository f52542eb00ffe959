//! What the data of an `agent` node say, read once.

use latchkey_domain::credential::{CredentialChoice, CredentialSelector, OnEmpty};
use latchkey_domain::document::GraphNode;
use latchkey_engine::node::BuildProblem;
use serde_json::Value as Json;

use crate::data::{self, Data};
use crate::host::ToolRef;
use crate::model_call::memory::Memory;
use crate::model_call::{Mode, Model};

/// Parameters by which a strategy would bring tools of its own.
const FOREIGN: [&str; 4] = ["mcp_server", "mcp_servers", "servers_config", "config_json"];

pub(super) struct Config {
    /// How it works, or why nobody knows.
    pub(super) strategy: Result<Strategy, String>,
    /// None when the node names none, which its run will tell.
    pub(super) model: Option<Model>,
    pub(super) mode: Mode,
    /// The strategy's parameters, as they stand in the document.
    pub(super) parameters: Data,
    /// The tools that are switched on.
    pub(super) tools: Vec<ToolPlace>,
    pub(super) memory: Option<Memory>,
    /// Whether thoughts are told apart from the text.
    pub(super) separated: bool,
}

/// How an agent works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strategy {
    /// The model calls tools in its provider's own way.
    FunctionCalling,
    /// The model writes thoughts and actions.
    React,
}

/// A tool as an agent names it.
pub(super) struct ToolPlace {
    pub(super) tool: ToolRef,
    /// What it does, in the author's words.
    pub(super) description: Option<String>,
    /// What the author says of the tool's parameters, by name.
    pub(super) settings: Data,
    /// The same of parameters that the model could say.
    pub(super) parameters: Data,
    pub(super) selector: CredentialSelector,
}

impl Config {
    pub(super) fn of(node: &GraphNode) -> Result<Self, BuildProblem> {
        let data = &*node.data;
        let parameters = data::mapping(data, "agent_parameters").cloned();
        let parameters = parameters.unwrap_or_default();
        let said = data::mapping(&parameters, "model");
        let said = said.and_then(|model| data::mapping(model, "value"));
        let names_model = !node.model_places().is_empty();
        Ok(Self {
            strategy: strategy(data, &parameters),
            model: names_model.then(|| Model::of(node, said)).transpose()?,
            mode: Mode::of(said),
            tools: tools(&parameters),
            parameters,
            memory: Memory::of(data),
            separated: data::text(data, "reasoning_format") == Some("separated"),
        })
    }
}

impl Strategy {
    /// Its name, for people.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::FunctionCalling => "function_calling",
            Self::React => "ReAct",
        }
    }

    /// The strategy of a plugin, guessed by its name.
    fn guess(name: &str) -> Option<Self> {
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        let name: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
        if name.contains("react") {
            Some(Self::React)
        } else if ["functioncall", "toolcall"]
            .iter()
            .any(|it| name.contains(it))
            || name.starts_with("mcp")
        {
            Some(Self::FunctionCalling)
        } else {
            None
        }
    }
}

fn strategy(data: &Data, parameters: &Data) -> Result<Strategy, String> {
    let name = data::text(data, "agent_strategy_name").unwrap_or_default();
    let found = Strategy::guess(name).ok_or_else(|| {
        let provider = data::text(data, "agent_strategy_provider_name").unwrap_or_default();
        format!(
            "there is no strategy {name:?} of {provider:?} here; function_calling and ReAct are built in"
        )
    })?;
    let is_said = |name: &&&str| {
        let value = data::mapping(parameters, name).and_then(|it| it.get("value"));
        value.is_some_and(|value| !value.is_null() && value != "")
    };
    match FOREIGN.iter().find(is_said) {
        None => Ok(found),
        Some(foreign) => Err(format!(
            "the tools of the parameter {foreign} cannot be reached by an agent; bind the server as a tool provider \
             and choose its tools under `tools`"
        )),
    }
}

/// The tools that are switched on, in all parameters that list tools.
fn tools(parameters: &Data) -> Vec<ToolPlace> {
    let lists = parameters.values().filter_map(Json::as_object);
    let items = lists.flat_map(|parameter| data::mappings(parameter, "value"));
    items
        .filter(|item| data::flag(item, "enabled"))
        .filter_map(tool)
        .collect()
}

fn tool(item: &Data) -> Option<ToolPlace> {
    let text = |key: &str| data::text(item, key).filter(|text| !text.is_empty());
    let description = data::mapping(item, "extra");
    let description = description.and_then(|extra| data::text(extra, "description"));
    let mapping = |key: &str| data::mapping(item, key).cloned().unwrap_or_default();
    Some(ToolPlace {
        tool: ToolRef {
            provider_type: text("type").unwrap_or("builtin").to_owned(),
            provider: text("provider_name")
                .or_else(|| text("provider_id"))?
                .to_owned(),
            tool: text("tool_name")?.to_owned(),
        },
        description: description
            .filter(|text| !text.trim().is_empty())
            .map(str::to_owned),
        settings: mapping("settings"),
        parameters: mapping("parameters"),
        selector: selector(item),
    })
}

/// What the place says about the tool's credential.
fn selector(item: &Data) -> CredentialSelector {
    let text = |key: &str| data::text(item, key).filter(|text| !text.is_empty());
    let fallback = data::list(item, "credential_fallback").iter();
    CredentialSelector {
        choice: CredentialChoice {
            credential_id: text("credential_id").map(str::to_owned),
            credential_name: text("credential_name").map(str::to_owned),
        },
        locked: data::flag(item, "credential_locked"),
        on_empty: if text("credential_on_empty") == Some("next") {
            OnEmpty::Next
        } else {
            OnEmpty::Fail
        },
        fallback: fallback
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::Strategy;

    #[test]
    fn strategies_are_known_by_their_names() {
        for (name, strategy) in [
            ("function_calling", Some(Strategy::FunctionCalling)),
            ("FunctionCalling", Some(Strategy::FunctionCalling)),
            ("MCP FunctionCalling", Some(Strategy::FunctionCalling)),
            ("mcp_sse", Some(Strategy::FunctionCalling)),
            ("ReAct", Some(Strategy::React)),
            ("mcpReAct", Some(Strategy::React)),
            ("TOD", None),
            ("", None),
        ] {
            assert_eq!(Strategy::guess(name), strategy, "{name}");
        }
    }
}
