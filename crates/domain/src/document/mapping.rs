//! Credentials of a file get the names that they have elsewhere, at every place that names one.

use serde_json::{Map, Value as Json, json};

use crate::credential::{CredentialChoice, CredentialSelector};
use crate::provider::ProviderId;
use crate::tool::NamedTool;

use super::credentials::{object_at, pointers_of, selector_of};
use super::export::{canonical_object, remove_all, write_selector};
use super::graph::type_of;
use super::tools::{in_list, in_node, is_tool};

/// What a credential is called elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappedCredential {
    /// What a selector or a binding says.
    pub choice: CredentialChoice,
    /// Its name, for lists of names.
    pub name: String,
}

/// How a document's credentials are mapped.
#[derive(Clone, Copy)]
pub struct CredentialMap<'a> {
    /// The providers under which a tool's credential may be meant.
    pub providers_of: &'a dyn Fn(&NamedTool) -> Vec<ProviderId>,
    /// What the credential of this name or id is called elsewhere; none leaves it as it is.
    pub mapped: &'a dyn Fn(&ProviderId, &str) -> Option<MappedCredential>,
}

/// The tree of a document in which every node, tool and binding names the mapped credentials. A selector that is changed
/// moves to its canonical place.
#[must_use]
pub fn map_credentials(raw: &Json, map: CredentialMap<'_>) -> Json {
    let mut tree = raw.clone();
    let nodes = tree
        .pointer_mut("/workflow/graph/nodes")
        .and_then(Json::as_array_mut);
    for node in nodes.into_iter().flatten() {
        let node_type = type_of(node).to_owned();
        if let Some(data) = node.get_mut("data").and_then(Json::as_object_mut) {
            map.models(&node_type, data);
            map.tools(&node_type, data);
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
        map.binding(binding);
    }
    tree
}

impl CredentialMap<'_> {
    fn models(&self, node_type: &str, data: &mut Map<String, Json>) {
        let pointers: Vec<&str> = pointers_of(node_type).map(|(pointer, _)| pointer).collect();
        for pointer in pointers {
            let Some(provider) = object_at(data, pointer).and_then(provider_of) else {
                continue;
            };
            let mut selector = selector_of(data, pointer).0;
            if self.selector(&[provider], &mut selector) {
                canonical_object(data, pointer, selector);
            }
        }
    }

    fn tools(&self, node_type: &str, data: &mut Map<String, Json>) {
        match node_type {
            "tool" => {
                let tool = in_node(data);
                self.tool(&tool, data);
            }
            "agent" => {
                let parameters = data
                    .get_mut("agent_parameters")
                    .and_then(Json::as_object_mut);
                for (_, parameter) in parameters.into_iter().flatten() {
                    let items = parameter.get_mut("value").and_then(Json::as_array_mut);
                    let items = items.into_iter().flatten();
                    for said in items.filter_map(Json::as_object_mut) {
                        if is_tool(said) {
                            let tool = in_list(said);
                            self.tool(&tool, said);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn tool(&self, tool: &NamedTool, said: &mut Map<String, Json>) {
        let mut selector = selector_of(said, "").0;
        if self.selector(&(self.providers_of)(tool), &mut selector) {
            remove_all(said);
            write_selector(said, selector);
        }
    }

    /// Maps what a selector says; whether anything has changed.
    fn selector(&self, providers: &[ProviderId], selector: &mut CredentialSelector) -> bool {
        let mapped = |text: &str| {
            let mut hits = providers.iter().filter_map(|id| (self.mapped)(id, text));
            hits.next()
        };
        let mut is_changed = false;
        let choice = &selector.choice;
        let said = choice.credential_name.as_deref();
        let said = said.or(choice.credential_id.as_deref());
        if let Some(to) = said.and_then(mapped) {
            selector.choice = to.choice;
            is_changed = true;
        }
        for name in &mut selector.fallback {
            if let Some(to) = mapped(name) {
                *name = to.name;
                is_changed = true;
            }
        }
        is_changed
    }

    fn binding(&self, binding: &mut Map<String, Json>) {
        let Some(provider) = provider_of(binding) else {
            return;
        };
        let text = |key: &str| binding.get(key).and_then(Json::as_str);
        let said = text("credential_name").filter(|text| !text.is_empty());
        let said = said.or_else(|| text("credential_id"));
        let Some(to) = said.and_then(|text| (self.mapped)(&provider, text)) else {
            return;
        };
        binding.shift_remove("credential_id");
        binding.shift_remove("credential_name");
        let CredentialChoice {
            credential_id,
            credential_name,
        } = to.choice;
        let said = [
            ("credential_id", credential_id),
            ("credential_name", credential_name),
        ];
        for (key, text) in said {
            if let Some(text) = text {
                binding.insert(key.to_owned(), json!(text));
            }
        }
    }
}

fn provider_of(object: &Map<String, Json>) -> Option<ProviderId> {
    let text = |key: &str| {
        let text = object.get(key).and_then(Json::as_str);
        text.filter(|text| !text.is_empty())
    };
    let said = text("provider").or_else(|| text("reranking_provider_name"))?;
    Some(ProviderId::normalise(said))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{CredentialMap, MappedCredential, map_credentials};
    use crate::credential::CredentialChoice;
    use crate::provider::ProviderId;
    use crate::tool::NamedTool;

    /// Maps `theirs` of any provider, and `theirs` of `tool/sums`, to `ours`.
    fn mapped(node_type: &str, mut data: Json) -> Json {
        data["type"] = json!(node_type);
        let raw = json!({"workflow": {"graph": {"nodes": [{"id": "1", "data": data}]}}});
        let mapped = map_with(&raw);
        mapped["workflow"]["graph"]["nodes"][0]["data"].clone()
    }

    fn map_with(raw: &Json) -> Json {
        let ours = || MappedCredential {
            choice: CredentialChoice {
                credential_id: None,
                credential_name: Some("ours".to_owned()),
            },
            name: "ours".to_owned(),
        };
        let known = ["openai", "cohere", "tool/sums"];
        map_credentials(
            raw,
            CredentialMap {
                providers_of: &|tool: &NamedTool| {
                    vec![ProviderId::normalise(&format!("tool/{}", tool.provider))]
                },
                mapped: &|provider: &ProviderId, text: &str| {
                    (known.contains(&provider.as_str()) && text == "theirs").then(ours)
                },
            },
        )
    }

    #[test]
    fn a_name_is_mapped_wherever_a_node_may_say_it() {
        let model = |more: Json| {
            let mut model = json!({"provider": "langgenius/openai/openai", "name": "m"});
            let fields = model.as_object_mut().unwrap();
            fields.extend(more.as_object().unwrap().clone());
            model
        };
        let expected = json!({"type": "llm", "model": model(json!({"credential_name": "ours"}))});
        for said in [
            json!({"model": model(json!({"credential_name": "theirs"}))}),
            json!({"model": model(json!({"credential_id": "theirs"}))}),
            json!({"model": model(json!({"credential_override": {"credential_name": "theirs"}}))}),
            json!({"model": model(json!({})), "credential_name": "theirs"}),
        ] {
            assert_eq!(mapped("llm", said.clone()), expected, "{said}");
        }
        let chain = json!({"credential_name": "other", "credential_locked": true,
            "credential_fallback": ["theirs", "third"]});
        let after = mapped("llm", json!({"model": model(chain)}));
        assert_eq!(
            after["model"]["credential_fallback"],
            json!(["ours", "third"])
        );
        assert_eq!(after["model"]["credential_name"], "other");
        assert_eq!(after["model"]["credential_locked"], true);
    }

    #[test]
    fn other_places_of_models_and_tools_are_mapped_too() {
        let rerank = json!({"reranking_provider_name": "cohere", "reranking_model_name": "r", "credential_name": "theirs"});
        let retrieval = json!({"multiple_retrieval_config": {"reranking_model": rerank}});
        let after = mapped("knowledge-retrieval", retrieval);
        let said = &after["multiple_retrieval_config"]["reranking_model"];
        assert_eq!(said["credential_name"], "ours");
        let tool = json!({"provider_type": "api", "provider_name": "sums", "tool_name": "add", "credential_id": "theirs"});
        let after = mapped("tool", tool.clone());
        assert_eq!(
            (&after["credential_name"], &after["credential_id"]),
            (&json!("ours"), &Json::Null)
        );
        let mut listed = tool;
        listed["enabled"] = json!(true);
        let model = json!({"provider": "openai", "model": "m", "credential_name": "theirs"});
        let agent =
            json!({"agent_parameters": {"model": {"value": model}, "tools": {"value": [listed]}}});
        let after = mapped("agent", agent);
        let parameters = &after["agent_parameters"];
        assert_eq!(parameters["model"]["value"]["credential_name"], "ours");
        assert_eq!(parameters["tools"]["value"][0]["credential_name"], "ours");
    }

    #[test]
    fn bindings_are_mapped_and_everything_else_stays_as_it_is() {
        let others = json!({"provider": "deepseek", "credential_name": "theirs"});
        let node = json!({"id": "1", "data": {"type": "llm", "credential_name": "theirs", "model": {"provider": "deepseek", "name": "m"}}});
        let raw = |mine: Json| json!({"workflow": {"graph": {"nodes": [node]}, "credentials": {"bindings": [mine, others]}}});
        let theirs =
            raw(json!({"provider": "openai", "environment": "staging", "credential_id": "theirs"}));
        let ours =
            raw(json!({"provider": "openai", "environment": "staging", "credential_name": "ours"}));
        assert_eq!(map_with(&theirs), ours);
    }
}
