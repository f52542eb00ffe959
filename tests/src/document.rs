//! Workflow documents for tests, built node by node as an editor would.

use serde_json::{Value as Json, json};

/// A document that is being built. Its entry node is `start`, and nodes without an edge of their own follow one another.
#[derive(Clone, Debug)]
pub struct Document {
    name: String,
    mode: &'static str,
    nodes: Vec<Json>,
    edges: Vec<Json>,
    credentials: Option<Json>,
    provider: String,
    /// The iteration or loop that further nodes are inside of.
    container: Option<String>,
    finished: Option<Json>,
}

impl Document {
    /// A workflow whose start node has these text variables, none of them required.
    #[must_use]
    pub fn workflow(name: &str, variables: &[&str]) -> Self {
        let variable = |name: &&str| json!({"variable": name, "label": name, "type": "text-input", "required": false, "max_length": 200});
        let variables: Vec<_> = variables.iter().map(variable).collect();
        let document = Self {
            name: name.to_owned(),
            mode: "workflow",
            nodes: Vec::new(),
            edges: Vec::new(),
            credentials: None,
            provider: "deepseek".to_owned(),
            container: None,
            finished: None,
        };
        document.node("start", "start", json!({"variables": variables}))
    }

    /// The same as an app that answers in conversations.
    #[must_use]
    pub fn chat(name: &str, variables: &[&str]) -> Self {
        Self {
            mode: "advanced-chat",
            ..Self::workflow(name, variables)
        }
    }

    /// Changes the document as its builder does not.
    #[must_use]
    pub fn with(self, change: impl FnOnce(&mut Json)) -> Self {
        let mut json = self.json();
        change(&mut json);
        Self::from_json(json)
    }

    /// Adds an answer node.
    #[must_use]
    pub fn answer(self, id: &str, text: &str) -> Self {
        self.node(id, "answer", json!({"answer": text, "variables": []}))
    }

    /// A workflow without a start node: runs begin at its triggers.
    #[must_use]
    pub fn triggered(name: &str) -> Self {
        let mut document = Self::workflow(name, &[]);
        document.nodes.clear();
        document
    }

    /// A document that was changed by hand after it was built; nothing more can be added to it.
    #[must_use]
    pub fn from_json(document: Json) -> Self {
        Self {
            finished: Some(document),
            ..Self::workflow("by hand", &[])
        }
    }

    /// Gives the start node one more variable, an object.
    #[must_use]
    pub fn object(mut self, name: &str) -> Self {
        if let Some(variables) = self.nodes[0]["data"]["variables"].as_array_mut() {
            variables.push(
                json!({"variable": name, "label": name, "type": "json_object", "required": false}),
            );
        }
        self
    }

    /// The provider of the LLM nodes that follow (first: `deepseek`).
    #[must_use]
    pub fn provider(mut self, provider: &str) -> Self {
        provider.clone_into(&mut self.provider);
        self
    }

    /// Adds a node of any type.
    #[must_use]
    pub fn node(mut self, id: &str, node_type: &str, data: Json) -> Self {
        let mut data = data;
        data["type"] = json!(node_type);
        data["title"] = json!(id);
        if let Some(container) = &self.container {
            data["iteration_id"] = json!(container);
        }
        self.nodes
            .push(json!({"id": id, "type": "custom", "position": {"x": 0, "y": 0}, "data": data}));
        self
    }

    /// Adds an iteration over a list, ten items at a time, whose results are read from a `node.output`; the nodes that follow
    /// are inside of it, its start node `<id>start` among them.
    #[must_use]
    pub fn iteration(self, id: &str, list: &str, result: &str) -> Self {
        let selector = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        let start = format!("{id}start");
        let data = json!({"iterator_selector": selector(list), "output_selector": selector(result),
            "start_node_id": start, "is_parallel": true, "parallel_nums": 10, "error_handle_mode": "terminated"});
        let mut document = self.node(id, "iteration", data);
        document.container = Some(id.to_owned());
        document.node(&start, "iteration-start", json!({}))
    }

    /// The nodes that follow are outside of any container.
    #[must_use]
    pub fn outside(mut self) -> Self {
        self.container = None;
        self
    }

    /// Adds an LLM node with one user message and, unless empty, a credential's name, which may be a template.
    #[must_use]
    pub fn llm(self, id: &str, prompt: &str, credential_name: &str) -> Self {
        let mut model = json!({"provider": self.provider, "name": "deepseek-chat", "mode": "chat", "completion_params": {}});
        if !credential_name.is_empty() {
            model["credential_name"] = json!(credential_name);
        }
        let data = json!({"model": model, "prompt_template": [{"role": "user", "text": prompt, "id": id}],
            "context": {"enabled": false, "variable_selector": []}, "vision": {"enabled": false}});
        self.node(id, "llm", data)
    }

    /// Adds a tool node: provider type, provider and tool as `api/weather/get_weather`, parameters as `(name, text)`.
    ///
    /// # Panics
    /// If the tool is not of that form.
    #[must_use]
    pub fn tool(self, id: &str, tool: &str, parameters: &[(&str, &str)]) -> Self {
        let parts: Vec<&str> = tool.splitn(3, '/').collect();
        let [kind, provider, tool] = parts[..] else {
            panic!("{tool} is no type, provider and tool");
        };
        let parameter = |(name, text): &(&str, &str)| {
            ((*name).to_owned(), json!({"type": "mixed", "value": text}))
        };
        let parameters: serde_json::Map<_, _> = parameters.iter().map(parameter).collect();
        let data = json!({"provider_type": kind, "provider_id": provider, "provider_name": provider,
            "tool_name": tool, "tool_configurations": {}, "tool_parameters": parameters});
        self.node(id, "tool", data)
    }

    /// Adds a template node whose variables are `(name, "node.output")`.
    #[must_use]
    pub fn template(self, id: &str, text: &str, variables: &[(&str, &str)]) -> Self {
        let variable = |(name, selector): &(&str, &str)| json!({"variable": name, "value_selector": selector.split('.').collect::<Vec<_>>()});
        let variables: Vec<_> = variables.iter().map(variable).collect();
        self.node(
            id,
            "template-transform",
            json!({"template": text, "variables": variables}),
        )
    }

    /// Adds an if-else node with one case `true`: the text of `selector` contains `part`.
    #[must_use]
    pub fn if_contains(self, id: &str, selector: &str, part: &str) -> Self {
        let condition = json!({"id": "c", "comparison_operator": "contains", "value": part, "varType": "string",
            "variable_selector": selector.split('.').collect::<Vec<_>>()});
        let case = json!({"case_id": "true", "id": "true", "logical_operator": "and", "conditions": [condition]});
        self.node(id, "if-else", json!({"cases": [case]}))
    }

    /// Adds an end node whose outputs are `(name, "node.output")`.
    #[must_use]
    pub fn end(self, id: &str, outputs: &[(&str, &str)]) -> Self {
        let output = |(name, selector): &(&str, &str)| json!({"variable": name, "value_selector": selector.split('.').collect::<Vec<_>>()});
        let outputs: Vec<_> = outputs.iter().map(output).collect();
        self.node(id, "end", json!({"outputs": outputs}))
    }

    /// Adds an edge; `a:true` leaves `a` through its handle `true`.
    #[must_use]
    pub fn edge(mut self, from: &str, to: &str) -> Self {
        let (source, handle) = from.split_once(':').unwrap_or((from, "source"));
        let id = format!("{source}-{handle}-{to}");
        self.edges.push(json!({"id": id, "source": source, "sourceHandle": handle, "target": to, "targetHandle": "target", "type": "custom", "data": {}}));
        self
    }

    /// Adds edges along a line of nodes.
    #[must_use]
    pub fn line(self, nodes: &[&str]) -> Self {
        nodes
            .windows(2)
            .fold(self, |document, pair| document.edge(pair[0], pair[1]))
    }

    /// Sets the `credentials` block of the file.
    #[must_use]
    pub fn credentials(mut self, block: Json) -> Self {
        self.credentials = Some(block);
        self
    }

    /// The document.
    #[must_use]
    pub fn json(&self) -> Json {
        if let Some(document) = &self.finished {
            return document.clone();
        }
        let mut workflow = json!({"features": {}, "environment_variables": [], "conversation_variables": [],
            "graph": {"nodes": self.nodes, "edges": self.edges, "viewport": {"x": 0, "y": 0, "zoom": 1}}});
        if let Some(block) = &self.credentials {
            workflow["credentials"] = block.clone();
        }
        json!({"app": {"name": self.name, "mode": self.mode, "description": "", "icon": "x", "icon_background": "#fff"},
            "kind": "app", "version": "0.6.0", "workflow": workflow})
    }

    /// The document as a file.
    ///
    /// # Panics
    /// Never: any JSON value has a YAML form.
    #[must_use]
    pub fn yaml(&self) -> String {
        serde_yaml::to_string(&self.json()).expect("JSON is YAML")
    }
}

/// Start → template → if-else → end: a run without any effect.
#[must_use]
pub fn light() -> Document {
    Document::workflow("light", &["name"])
        .template("greet", "Hello {{ name }}", &[("name", "start.name")])
        .if_contains("check", "greet.output", "Hello")
        .end("end", &[("greeting", "greet.output")])
        .line(&["start", "greet", "check"])
        .edge("check:true", "end")
}

/// Start → one LLM node → end; the prompt carries `tenant`, the credential's name is the text given.
#[must_use]
pub fn one_model(credential_name: &str) -> Document {
    Document::workflow("one model", &["tenant", "question"])
        .llm(
            "ask",
            "tenant={{#start.tenant#}} question={{#start.question#}}",
            credential_name,
        )
        .end("end", &[("answer", "ask.text")])
        .line(&["start", "ask", "end"])
}

/// Start → somebody is asked → end: a run that waits. The only action is `approve`.
#[must_use]
pub fn approval() -> Document {
    let actions = json!([{"id": "approve", "title": "Approve"}]);
    let ask = json!({"form_content": "{{#start.what#}}?", "inputs": [], "user_actions": actions});
    Document::workflow("approval", &["what"])
        .node("check", "human-input", ask)
        .end("end", &[("said", "check.__action_value")])
        .line(&["start", "check"])
        .edge("check:approve", "end")
}
