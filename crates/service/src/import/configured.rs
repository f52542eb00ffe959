//! Apps without a graph (`chat`, `agent-chat`, `completion`; Dify DSL reference, 1.8): they become equivalent graphs before they are
//! read, and the report says so. Their clients go on to know them by the mode that they had (`app.converted_from`).

#[cfg(test)]
mod tests;

use latchkey_domain::document::{Problem, Severity, read_yaml};
use serde_json::{Map, Value as Json, json};

/// The features that a graph has as well.
const FEATURES: [&str; 9] = [
    "opening_statement",
    "suggested_questions",
    "suggested_questions_after_answer",
    "speech_to_text",
    "text_to_speech",
    "retriever_resource",
    "annotation_reply",
    "sensitive_word_avoidance",
    "file_upload",
];
/// How a model is told what was found in datasets, where its prompt does not say.
const CONTEXT: &str = "Use the following as what you know, and say so where it does not help:\n<context>\n{{#context#}}\n</context>";

/// A file that became a graph: its text, and what is told about it.
pub(super) struct Converted {
    pub(super) text: String,
    pub(super) notes: Vec<Problem>,
}

/// The three modes without a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Chat,
    Agent,
    Completion,
}

impl Kind {
    fn of(mode: &str) -> Option<Self> {
        match mode {
            "chat" => Some(Self::Chat),
            "agent-chat" => Some(Self::Agent),
            "completion" => Some(Self::Completion),
            _ => None,
        }
    }
}

/// The graph of a file without one; none for any other file, also for one that cannot be read.
pub(super) fn converted(content: &str) -> Option<Converted> {
    if !content.contains("model_config") {
        return None;
    }
    let mut root = read_yaml(content.strip_prefix('\u{feff}').unwrap_or(content)).ok()?;
    let mode = root.pointer("/app/mode")?.as_str()?.to_owned();
    let kind = Kind::of(&mode)?;
    let settings = root.as_object_mut()?.shift_remove("model_config")?;
    let settings = settings.as_object()?;
    let mut notes = vec![note(&mode)];
    notes.extend(left_out(settings));
    let app = root.get_mut("app")?;
    app["mode"] = json!("advanced-chat");
    app["converted_from"] = json!(mode);
    root["workflow"] = Source { kind, settings }.workflow();
    Some(Converted {
        text: root.to_string(),
        notes,
    })
}

fn note(mode: &str) -> Problem {
    let text = format!(
        "the app has the mode {mode} and no graph: it was given an equivalent one and answers in conversations; its clients go on to know it as {mode}"
    );
    Problem {
        severity: Severity::Info,
        ..Problem::warning("app_converted", text)
    }
    .in_field("app.mode")
}

/// What the graph does not do.
fn left_out(settings: &Map<String, Json>) -> Vec<Problem> {
    let is_on = |name: &str| {
        let feature = settings
            .get(name)
            .and_then(|feature| feature.get("enabled"));
        feature.and_then(Json::as_bool).unwrap_or(false)
    };
    let mut notes = Vec::new();
    let mut tell = |field: &str, what: &str| {
        let text = format!("{what} of the app is left out: nothing here does the same");
        let problem = Problem::warning("app_feature_ignored", text);
        notes.push(problem.in_field(format!("model_config.{field}")));
    };
    let tools = settings.get("external_data_tools").and_then(Json::as_array);
    if tools.is_some_and(|tools| !tools.is_empty()) {
        tell("external_data_tools", "an external data tool");
    }
    if is_on("sensitive_word_avoidance") {
        tell("sensitive_word_avoidance", "the moderation");
    }
    if is_on("more_like_this") {
        tell("more_like_this", "`more like this`");
    }
    notes
}

/// The settings of an app.
struct Source<'a> {
    kind: Kind,
    settings: &'a Map<String, Json>,
}

impl Source<'_> {
    fn workflow(&self) -> Json {
        let mut nodes = vec![node(
            "start",
            "start",
            json!({"variables": self.variables()}),
            0,
        )];
        let mut line = vec!["start"];
        if let Some(retrieval) = self.retrieval() {
            nodes.push(node("knowledge", "knowledge-retrieval", retrieval, 1));
            line.push("knowledge");
        }
        let (id, asking) = if self.is_agent() {
            ("agent", self.agent())
        } else {
            ("llm", self.llm())
        };
        nodes.push(node(id, id, asking, 2));
        line.push(id);
        let answer = json!({"answer": format!("{{{{#{id}.text#}}}}"), "variables": []});
        nodes.push(node("answer", "answer", answer, 3));
        line.push("answer");
        let edge = |pair: &[&str]| {
            json!({"id": format!("{}-{}", pair[0], pair[1]), "source": pair[0], "sourceHandle": "source",
                "target": pair[1], "targetHandle": "target", "type": "custom", "data": {}})
        };
        let edges: Vec<Json> = line.windows(2).map(edge).collect();
        let features = FEATURES.iter();
        let features: Map<String, Json> = features
            .filter_map(|name| Some(((*name).to_owned(), self.settings.get(*name)?.clone())))
            .collect();
        json!({
            "features": features, "environment_variables": [], "conversation_variables": [],
            "graph": {"nodes": nodes, "edges": edges, "viewport": {"x": 0, "y": 0, "zoom": 1}},
        })
    }

    fn list(&self, pointer: &str) -> Vec<Json> {
        let settings = self
            .settings
            .get(pointer.split('/').next().unwrap_or_default());
        let rest = pointer.split_once('/').map_or("", |(_, rest)| rest);
        let found = match rest {
            "" => settings,
            rest => settings.and_then(|settings| settings.pointer(&format!("/{rest}"))),
        };
        found.and_then(Json::as_array).cloned().unwrap_or_default()
    }

    fn text(&self, name: &str) -> &str {
        self.settings
            .get(name)
            .and_then(Json::as_str)
            .unwrap_or_default()
    }

    /// The variables of the form, as a start node has them.
    fn variables(&self) -> Vec<Json> {
        let forms = self.list("user_input_form").into_iter();
        let variable = |form: Json| {
            let (kind, fields) = form.as_object()?.iter().next()?;
            let mut fields = fields.as_object()?.clone();
            // An external data tool is no input.
            if kind == "external_data_tool" {
                return None;
            }
            fields.insert("type".to_owned(), json!(kind));
            Some(Json::Object(fields))
        };
        forms.filter_map(variable).collect()
    }

    fn names(&self) -> Vec<String> {
        let variables = self.variables().into_iter();
        variables
            .filter_map(|variable| Some(variable.get("variable")?.as_str()?.to_owned()))
            .collect()
    }

    /// A prompt in which the app's placeholders are selectors.
    fn prompt(&self, text: &str) -> String {
        let mut text = text
            .replace("{{#query#}}", "{{#sys.query#}}")
            .replace("{{#histories#}}", "");
        for name in self.names() {
            text = text.replace(
                &format!("{{{{{name}}}}}"),
                &format!("{{{{#start.{name}#}}}}"),
            );
        }
        text
    }

    fn datasets(&self) -> Vec<Json> {
        let all = self.list("dataset_configs/datasets/datasets").into_iter();
        let id = |entry: Json| {
            let dataset = entry.get("dataset").unwrap_or(&entry).clone();
            let is_on = dataset
                .get("enabled")
                .and_then(Json::as_bool)
                .unwrap_or(true);
            dataset
                .get("id")
                .filter(|id| is_on && id.is_string())
                .cloned()
        };
        all.filter_map(id).collect()
    }

    fn retrieval(&self) -> Option<Json> {
        let datasets = self.datasets();
        if datasets.is_empty() {
            return None;
        }
        let configs = self.settings.get("dataset_configs")?;
        let variable = self.text("dataset_query_variable");
        let selector = if self.kind == Kind::Completion && !variable.is_empty() {
            json!(["start", variable])
        } else {
            json!(["sys", "query"])
        };
        let of = |name: &str| configs.get(name).cloned();
        let mut multiple = Map::new();
        for (name, otherwise) in [
            ("top_k", json!(4)),
            ("score_threshold", Json::Null),
            ("reranking_enable", json!(false)),
            ("reranking_mode", json!("reranking_model")),
            ("reranking_model", Json::Null),
            ("weights", Json::Null),
        ] {
            multiple.insert(name.to_owned(), of(name).unwrap_or(otherwise));
        }
        // Dify 0.x names the fields of the model otherwise.
        if let Some(model) = multiple
            .get_mut("reranking_model")
            .and_then(Json::as_object_mut)
        {
            for (old, new) in [
                ("reranking_provider_name", "provider"),
                ("reranking_model_name", "model"),
            ] {
                if let Some(value) = model.shift_remove(old) {
                    model.insert(new.to_owned(), value);
                }
            }
            if model
                .get("provider")
                .and_then(Json::as_str)
                .is_none_or(str::is_empty)
            {
                multiple.insert("reranking_model".to_owned(), Json::Null);
                multiple.insert("reranking_enable".to_owned(), json!(false));
            }
        }
        Some(json!({
            "dataset_ids": datasets, "query_variable_selector": selector, "retrieval_mode": "multiple",
            "multiple_retrieval_config": multiple,
        }))
    }

    fn model(&self) -> Json {
        let model = self.settings.get("model").cloned();
        model.unwrap_or_else(
            || json!({"provider": "", "name": "", "mode": "chat", "completion_params": {}}),
        )
    }

    fn is_agent(&self) -> bool {
        let mode = self.settings.get("agent_mode");
        let is_on = mode
            .and_then(|mode| mode.get("enabled")?.as_bool())
            .unwrap_or(false);
        self.kind == Kind::Agent
            || self.kind == Kind::Chat && is_on && !self.list("agent_mode/tools").is_empty()
    }

    fn llm(&self) -> Json {
        let model = self.model();
        let is_completion = model.get("mode").and_then(Json::as_str) == Some("completion");
        let has_context = !self.datasets().is_empty();
        let remembers = self.kind != Kind::Completion;
        let prompt = if is_completion {
            self.completion_prompt(has_context)
        } else {
            json!(self.chat_prompt(has_context))
        };
        let sees = self.settings.get("file_upload").and_then(|upload| {
            let image = upload
                .get("image")
                .and_then(|image| image.get("enabled")?.as_bool());
            image.or_else(|| upload.get("enabled")?.as_bool())
        });
        let detail = self
            .settings
            .get("file_upload")
            .and_then(|upload| upload.pointer("/image/detail")?.as_str());
        let mut data = json!({
            "model": model, "prompt_template": prompt,
            "context": {"enabled": has_context, "variable_selector": if has_context { json!(["knowledge", "result"]) } else { json!([]) }},
            "vision": {"enabled": sees.unwrap_or(false), "configs": {"variable_selector": ["sys", "files"], "detail": detail.unwrap_or("high")}},
        });
        if remembers {
            data["memory"] = memory();
        }
        data
    }

    fn chat_prompt(&self, has_context: bool) -> Vec<Json> {
        let message = |role: &str, text: String| json!({"role": role, "text": text});
        let advanced = self.list("chat_prompt_config/prompt");
        if self.text("prompt_type") == "advanced" && !advanced.is_empty() {
            let of = |raw: &Json, key: &str| {
                raw.get(key)
                    .and_then(Json::as_str)
                    .unwrap_or_default()
                    .to_owned()
            };
            let messages = advanced.iter();
            return messages
                .map(|raw| message(&of(raw, "role"), self.prompt(&of(raw, "text"))))
                .collect();
        }
        let mut system = self.prompt(self.text("pre_prompt"));
        if self.kind == Kind::Completion {
            // Without a question the prompt itself is what is asked.
            let mut messages = Vec::new();
            if has_context && !system.contains("{{#context#}}") {
                messages.push(message("system", CONTEXT.to_owned()));
            }
            messages.push(message("user", system));
            return messages;
        }
        if has_context && !system.contains("{{#context#}}") {
            system = format!("{CONTEXT}\n\n{system}").trim_end().to_owned();
        }
        if system.is_empty() {
            return Vec::new();
        }
        vec![message("system", system)]
    }

    fn completion_prompt(&self, has_context: bool) -> Json {
        let config = self.settings.get("completion_prompt_config");
        let advanced = config.and_then(|config| config.pointer("/prompt/text")?.as_str());
        let text = advanced.filter(|text| !text.is_empty());
        let mut text = self.prompt(text.unwrap_or_else(|| self.text("pre_prompt")));
        if has_context && !text.contains("{{#context#}}") {
            text = format!("{CONTEXT}\n\n{text}");
        }
        json!({"text": text})
    }

    fn agent(&self) -> Json {
        let model = self.model();
        let mode = self.settings.get("agent_mode");
        let of = |name: &str| {
            mode.and_then(|mode| mode.get(name))
                .cloned()
                .unwrap_or(Json::Null)
        };
        let is_react = of("strategy")
            .as_str()
            .is_some_and(|name| name != "function_call" && name != "function_calling");
        let constant = |value: Json| json!({"type": "constant", "value": value});
        let mut chosen = model.as_object().cloned().unwrap_or_default();
        let name = chosen.shift_remove("name").unwrap_or(Json::Null);
        chosen.insert("model".to_owned(), name);
        chosen.insert("model_type".to_owned(), json!("llm"));
        chosen.insert("type".to_owned(), json!("model-selector"));
        let tools: Vec<Json> = self.list("agent_mode/tools").iter().map(tool).collect();
        let mut parameters = json!({
            "model": constant(Json::Object(chosen)),
            "instruction": constant(json!(self.prompt(self.text("pre_prompt")))),
            "query": constant(json!("{{#sys.query#}}")),
            "tools": constant(json!(tools)),
            "maximum_iterations": constant(of("max_iteration").as_u64().map_or(json!(5), |most| json!(most))),
        });
        if !self.datasets().is_empty() {
            parameters["context"] = json!({"type": "variable", "value": ["knowledge", "result"]});
        }
        let strategy = if is_react {
            "ReAct"
        } else {
            "function_calling"
        };
        json!({
            "agent_strategy_provider_name": "langgenius/agent/agent", "agent_strategy_name": strategy,
            "agent_strategy_label": strategy, "agent_parameters": parameters, "memory": memory(),
            "tool_node_version": "2",
        })
    }
}

/// An agent's tool, as an agent node has it.
fn tool(raw: &Json) -> Json {
    let of = |name: &str| raw.get(name).cloned().unwrap_or(Json::Null);
    let parameters = raw.get("tool_parameters").and_then(Json::as_object);
    let stated = parameters
        .into_iter()
        .flatten()
        .filter(|(_, value)| !value.is_null() && *value != "");
    let settings: Map<String, Json> = stated
        .map(|(name, value)| (name.clone(), json!({"value": value})))
        .collect();
    let mut tool = json!({
        "enabled": raw.get("enabled").and_then(Json::as_bool).unwrap_or(true), "type": of("provider_type"),
        "provider_name": raw.get("provider_id").filter(|id| id.is_string()).cloned().unwrap_or_else(|| of("provider_name")),
        "provider_show_name": of("provider_name"), "tool_name": of("tool_name"), "tool_label": of("tool_label"),
        "settings": settings, "parameters": {}, "extra": {"description": ""},
    });
    for key in ["credential_id", "credential_name"] {
        if let Some(value) = raw.get(key) {
            tool[key] = value.clone();
        }
    }
    tool
}

/// A memory of everything that fits.
fn memory() -> Json {
    json!({
        "role_prefix": {"user": "Human", "assistant": "Assistant"}, "window": {"enabled": false, "size": 50},
        "query_prompt_template": "{{#sys.query#}}",
    })
}

fn node(id: &str, kind: &str, mut data: Json, column: u32) -> Json {
    data["type"] = json!(kind);
    data["title"] = json!(id);
    json!({"id": id, "type": "custom", "position": {"x": 80 + 300 * column, "y": 280}, "data": data})
}
