//! `answer`: gives a conversation its answer, the markdown form of a template.

use latchkey_domain::document::GraphNode;
use latchkey_domain::value::{Array, ArrayKind, File, Value};
use latchkey_engine::node::{
    Attempt, BuildProblem, NodeKind, NodeSpec, PureNode, ResponseTemplate,
};
use latchkey_engine::pool::Pool;
use latchkey_engine::template::{Resolved, Template};

use crate::data::{self, problem};

struct Answer {
    template: Template,
}

pub(crate) fn build(node: &GraphNode) -> Result<NodeSpec, BuildProblem> {
    let text = data::text(&node.data, "answer")
        .ok_or_else(|| problem("answer", "the field answer must be a text"))?;
    let template = Template::parse(text);
    let response = ResponseTemplate::of_text(&template);
    let mut spec = NodeSpec::pure(NodeKind::Response, Answer { template });
    spec.response = Some(response);
    Ok(spec)
}

impl PureNode for Answer {
    fn run(&self, pool: &Pool) -> Attempt {
        let mut answer = String::new();
        let mut files = Vec::new();
        for piece in self.template.resolve(pool) {
            match piece {
                Resolved::Text(text) => answer.push_str(&text),
                Resolved::Value(value) => {
                    answer.push_str(&value.markdown());
                    files.extend(files_of(&value));
                }
            }
        }
        Attempt::succeeded(vec![
            ("answer".to_owned(), Value::string(answer)),
            ("files".to_owned(), Value::Array(Array::of_files(&files))),
        ])
    }
}

/// The files that a value is made of; those inside mappings are not looked for.
fn files_of(value: &Value) -> Vec<File> {
    match value {
        Value::File(file) => vec![file.as_ref().clone()],
        Value::Array(array) if array.kind() == ArrayKind::File => array.files(),
        Value::None
        | Value::Boolean(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::String(_)
        | Value::Secret(_)
        | Value::Object(_)
        | Value::Array(_) => Vec::new(),
    }
}
