//! The workflows that are measured.

use serde_json::{Value as Json, json};

/// The nodes of the chain, its start and its end among them.
pub(crate) const CHAIN: usize = 500;
/// The items of the iteration.
pub(crate) const ITEMS: usize = 1_000;

/// The code nodes in a row.
pub(crate) const PYTHON: usize = 40;

/// What each of them runs.
pub(crate) const FIBONACCI: &str = "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n\n\
    def main(n):\n    return {'r': fib(n)}\n";

/// Start → template → if-else → end: a run without any effect.
pub(crate) fn light() -> Json {
    let condition = json!({"id": "c", "comparison_operator": "contains", "value": "Hello", "varType": "string",
        "variable_selector": ["greet", "output"]});
    let case = json!({"case_id": "true", "id": "true", "logical_operator": "and", "conditions": [condition]});
    let nodes = vec![
        start("name"),
        template("greet", "Hello {{ name }}", "name", ["start", "name"]),
        node("check", "if-else", json!({"cases": [case]})),
        end("greeting", ["greet", "output"]),
    ];
    let edges = vec![
        edge("start", "source", "greet"),
        edge("greet", "source", "check"),
        edge("check", "true", "end"),
    ];
    document("light", nodes, edges)
}

/// Start → one model → end.
pub(crate) fn model() -> Json {
    let model = json!({"provider": "deepseek", "name": "deepseek-chat", "mode": "chat", "completion_params": {}});
    let prompt = json!([{"role": "user", "text": "{{#start.question#}}", "id": "p"}]);
    let ask = json!({"model": model, "prompt_template": prompt, "context": {"enabled": false, "variable_selector": []},
        "vision": {"enabled": false}});
    let nodes = vec![
        start("question"),
        node("ask", "llm", ask),
        end("answer", ["ask", "text"]),
    ];
    let edges = vec![edge("start", "source", "ask"), edge("ask", "source", "end")];
    document("model", nodes, edges)
}

/// Start → a form → end: a run that waits for a person.
pub(crate) fn form() -> Json {
    let ask = json!({"delivery_methods": [], "form_content": "Good?", "inputs": [],
        "user_actions": [{"id": "yes", "title": "Yes", "button_style": "primary"}], "timeout": 3, "timeout_unit": "day"});
    let nodes = vec![
        start("name"),
        node("ask", "human-input", ask),
        end("name", ["start", "name"]),
    ];
    let edges = vec![edge("start", "source", "ask"), edge("ask", "yes", "end")];
    document("form", nodes, edges)
}

/// Start → templates, each over the one before → end.
pub(crate) fn chain() -> Json {
    let name = |place: usize| format!("t{place}");
    let mut nodes = vec![start("name")];
    let mut edges = Vec::new();
    let mut before = ("start".to_owned(), "name");
    for place in 0..CHAIN - 2 {
        let id = name(place);
        nodes.push(template(&id, "{{ x }}", "x", [&before.0, before.1]));
        edges.push(edge(&before.0, "source", &id));
        before = (id, "output");
    }
    edges.push(edge(&before.0, "source", "end"));
    nodes.push(end("name", [&before.0, before.1]));
    document("chain", nodes, edges)
}

/// Start → a parallel iteration with one template → end.
pub(crate) fn items() -> Json {
    let iteration = json!({"iterator_selector": ["start", "name"], "output_selector": ["t", "output"],
        "start_node_id": "itstart", "is_parallel": true, "parallel_nums": 10, "error_handle_mode": "terminated"});
    let mut nodes = vec![
        start("name"),
        node("it", "iteration", iteration),
        end("name", ["it", "output"]),
    ];
    let inside = [
        node("itstart", "iteration-start", json!({})),
        template("t", "{{ x }}", "x", ["it", "item"]),
    ];
    for mut node in inside {
        node["data"]["iteration_id"] = json!("it");
        nodes.push(node);
    }
    let edges = vec![
        edge("start", "source", "it"),
        edge("it", "source", "end"),
        edge("itstart", "source", "t"),
    ];
    document("items", nodes, edges)
}

/// Start → code nodes, one after the other → end.
pub(crate) fn python() -> Json {
    let mut nodes = vec![start("name")];
    let mut edges = Vec::new();
    let mut before = "start".to_owned();
    // The start variable is a text; each node counts to the same number.
    let code = FIBONACCI.replace("main(n)", "main(n=10)");
    for place in 0..PYTHON {
        let id = format!("c{place}");
        let data = json!({"code_language": "python3", "code": code, "variables": [],
            "outputs": {"r": {"type": "number", "children": null}}});
        nodes.push(node(&id, "code", data));
        edges.push(edge(&before, "source", &id));
        before = id;
    }
    edges.push(edge(&before, "source", "end"));
    nodes.push(end("r", [&before, "r"]));
    document("python", nodes, edges)
}

fn document(name: &str, nodes: Vec<Json>, edges: Vec<Json>) -> Json {
    let graph = json!({"nodes": nodes, "edges": edges, "viewport": {"x": 0, "y": 0, "zoom": 1}});
    json!({"app": {"name": name, "mode": "workflow", "description": "", "icon": "x", "icon_background": "#fff"},
        "kind": "app", "version": "0.6.0",
        "workflow": {"features": {}, "environment_variables": [], "conversation_variables": [], "graph": graph}})
}

fn node(id: &str, node_type: &str, mut data: Json) -> Json {
    data["type"] = json!(node_type);
    data["title"] = json!(id);
    json!({"id": id, "type": "custom", "position": {"x": 0, "y": 0}, "data": data})
}

fn start(variable: &str) -> Json {
    let variable = json!({"variable": variable, "label": variable, "type": "text-input", "required": false, "max_length": 200});
    node("start", "start", json!({"variables": [variable]}))
}

fn template(id: &str, text: &str, variable: &str, selector: [&str; 2]) -> Json {
    let variables = json!([{"variable": variable, "value_selector": selector}]);
    node(
        id,
        "template-transform",
        json!({"template": text, "variables": variables}),
    )
}

fn end(output: &str, selector: [&str; 2]) -> Json {
    let outputs = json!([{"variable": output, "value_selector": selector}]);
    node("end", "end", json!({"outputs": outputs}))
}

fn edge(from: &str, handle: &str, to: &str) -> Json {
    json!({"id": format!("{from}-{handle}-{to}"), "source": from, "sourceHandle": handle, "target": to,
        "targetHandle": "target", "type": "custom", "data": {}})
}
