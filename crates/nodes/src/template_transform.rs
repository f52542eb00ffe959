//! `template-transform`: a Jinja template over declared variables.

use latchkey_domain::document::GraphNode;
use latchkey_domain::run::Failure;
use latchkey_domain::value::{Value, to_json_map};
use latchkey_engine::node::{Attempt, BuildProblem, NodeKind, NodeSpec, PureNode};
use latchkey_engine::pool::Pool;

use crate::data::{self, problem};
use crate::host::Host;
use crate::jinja::{self, Template};

struct TemplateTransform {
    template: Template,
    variables: Vec<(String, Vec<String>)>,
    limit: usize,
}

pub(crate) fn build(node: &GraphNode, host: &Host) -> Result<NodeSpec, BuildProblem> {
    let template = data::text(&node.data, "template")
        .ok_or_else(|| problem("template", "the field template must be a text"))?;
    let node = TemplateTransform {
        template: Template::new(template)
            .map_err(|cause| problem("template", cause.to_string()))?,
        variables: data::variables(&node.data, "variables"),
        limit: host.template_length,
    };
    Ok(NodeSpec::pure(NodeKind::Executable, node))
}

impl PureNode for TemplateTransform {
    fn run(&self, pool: &Pool) -> Attempt {
        let values = jinja::values(pool, &self.variables);
        let attempt = match self.template.render(&values, self.limit) {
            Ok(text) => Attempt::succeeded(vec![("output".to_owned(), Value::string(text))]),
            // The reference reports no class here.
            Err(cause) => Attempt::failed(Failure::new("", cause.to_string())),
        };
        attempt.with_inputs(to_json_map(&values))
    }
}
