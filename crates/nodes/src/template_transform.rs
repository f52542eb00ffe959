//! `template-transform`: a Jinja template over declared variables.

use std::sync::Arc;

use async_trait::async_trait;

use latchkey_domain::document::GraphNode;
use latchkey_domain::run::Failure;
use latchkey_domain::value::{Value, to_json_map};
use latchkey_engine::node::{
    Attempt, BuildProblem, Node, NodeContext, NodeKind, NodeSpec, PureNode,
};
use latchkey_engine::pool::Pool;

use crate::data::{self, problem};
use crate::host::Host;
use crate::jinja::{self, DemandingTemplate, PlainTemplate, RenderError, Template};

/// What both kinds of it have.
struct Config {
    variables: Vec<(String, Vec<String>)>,
    limit: usize,
}

/// A template that is rendered at once.
struct Plain {
    template: PlainTemplate,
    config: Config,
}

/// A template that may have to go to the sandbox.
struct Demanding {
    template: DemandingTemplate,
    config: Config,
    host: Host,
}

pub(crate) fn build(node: &GraphNode, host: &Host) -> Result<NodeSpec, BuildProblem> {
    let template = data::text(&node.data, "template")
        .ok_or_else(|| problem("template", "the field template must be a text"))?;
    let template =
        Template::new(template).map_err(|cause| problem("template", cause.to_string()))?;
    let config = Config {
        variables: data::variables(&node.data, "variables"),
        limit: host.template_length,
    };
    Ok(match template {
        Template::Plain(template) => {
            NodeSpec::pure(NodeKind::Executable, Plain { template, config })
        }
        Template::Demanding(template) => NodeSpec::effect(Arc::new(Demanding {
            template,
            config,
            host: host.clone(),
        })),
    })
}

impl PureNode for Plain {
    fn run(&self, pool: &Pool) -> Attempt {
        let values = jinja::values(pool, &self.config.variables);
        let done = self.template.render(&values, self.config.limit);
        attempt(&values, done)
    }
}

#[async_trait]
impl Node for Demanding {
    async fn run(&self, context: NodeContext) -> Attempt {
        let values = jinja::values(&context.pool, &self.config.variables);
        let sandbox = self.host.sandbox.as_deref();
        let rendering = self.template.render(&values, self.config.limit, sandbox);
        let done = tokio::select! {
            done = rendering => done,
            () = context.cancel.cancelled() => Err(RenderError::Failed(
                "stopped before the template was rendered".to_owned(),
            )),
        };
        attempt(&values, done)
    }
}

fn attempt(values: &[(String, Value)], done: Result<String, RenderError>) -> Attempt {
    let attempt = match done {
        Ok(text) => Attempt::succeeded(vec![("output".to_owned(), Value::string(text))]),
        // The reference reports no class here.
        Err(cause) => Attempt::failed(Failure::new("", cause.to_string())),
    };
    attempt.with_inputs(to_json_map(values))
}
