//! Templates in the sandbox: what is sent there, and what is done with it there.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use latchkey_domain::value::Value;
use latchkey_sandbox::worker::Function;
use latchkey_sandbox::{Job, Sandbox};

use crate::host::APART;

use super::RenderError;
use super::render::{self, FUEL};

/// What the sandbox calls to render a template.
pub(crate) const FUNCTION: Function = Function {
    name: "jinja",
    run: rendered,
};
/// The stack of a template. With its fuel it can nest values some hundred thousand levels deep, and comparing or dropping
/// them takes a frame per level; only what is touched costs memory.
const STACK: usize = 512 * 1024 * 1024;

/// A template with all that is needed to render it.
#[derive(Serialize)]
pub(super) struct Work<'a> {
    template: &'a str,
    values: Vec<(String, Json)>,
    limit: usize,
    #[serde(skip)]
    size: usize,
}

impl<'a> Work<'a> {
    pub(super) fn new(template: &'a str, values: &[(String, Value)], limit: usize) -> Self {
        let values: Vec<(String, Json)> = values
            .iter()
            .map(|(name, value)| (name.clone(), value.expose_json()))
            .collect();
        let size = values.iter().map(|(_, value)| size(value)).sum::<usize>();
        Self {
            size: size + template.len(),
            template,
            values,
            limit,
        }
    }

    /// About how many bytes it may look at in one step: all of its values and its own texts.
    pub(super) const fn size(&self) -> usize {
        self.size
    }

    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    pub(super) fn values(&self) -> impl Iterator<Item = (String, Json)> {
        self.values.iter().cloned()
    }
}

/// What the confined side reads of [`Work`].
#[derive(Deserialize)]
struct Received {
    template: String,
    values: Vec<(String, Json)>,
    limit: usize,
}

fn size(value: &Json) -> usize {
    /// What looking at anything costs, in bytes.
    const ITEM: usize = 16;
    ITEM + match value {
        Json::Null | Json::Bool(_) | Json::Number(_) => 0,
        Json::String(text) => text.len(),
        Json::Array(items) => items.iter().map(size).sum(),
        Json::Object(map) => map.iter().map(|(key, value)| key.len() + size(value)).sum(),
    }
}

/// Renders in the sandbox.
pub(super) async fn render(work: Work<'_>, sandbox: &Sandbox) -> Result<String, RenderError> {
    let input = serde_json::to_vec(&work);
    let input = input.map_err(|cause| RenderError::Failed(cause.to_string()))?;
    drop(work);
    let job = Job::Function {
        name: FUNCTION.name.to_owned(),
        input,
    };
    Ok(sandbox.run_within(job, APART).await?.text)
}

/// The confined side.
fn rendered(input: &[u8]) -> Result<String, String> {
    let work: Received = serde_json::from_slice(input).map_err(|cause| cause.to_string())?;
    let render = move || {
        let parsed = render::parse(&work.template, FUEL)?;
        render::render(&parsed, work.values, work.limit)
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(render);
    match thread.map_err(|cause| cause.to_string())?.join() {
        Ok(done) => done.map_err(|cause| cause.to_string()),
        Err(_) => Err("the template broke what renders it".to_owned()),
    }
}
