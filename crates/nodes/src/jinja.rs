//! Jinja templates as Python's Jinja renders them: undefined values are empty, texts are not escaped, and lists,
//! booleans and nulls look as Python writes them. Bounded in steps and in length.
//!
//! Steps do not bound everything: a template that builds values out of values makes small ones that take for ever to be
//! looked at. So only a template that cannot is rendered where it stands (`plain` tells which); any other is rendered in
//! the sandbox, with bounds on time and memory.

mod apart;
mod filters;
mod plain;
mod render;
mod scan;
mod shown;
mod words;

use latchkey_domain::value::Value;
use latchkey_engine::pool::Pool;
use latchkey_sandbox::{Sandbox, SandboxError};

pub(crate) use self::apart::FUNCTION;
use self::plain::Cost;
use self::render::{FUEL, Parsed};
pub(crate) use self::scan::Oversized;

/// How many bytes of values the steps of a template may look at in this process, if each looks at all of them: some
/// hundredths of a second.
const LOOKED_AT: usize = 32 << 20;

/// Why a template gave no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RenderError {
    /// It is no template, or it went wrong.
    #[error("{0}")]
    Failed(String),
    /// It took more steps than it may.
    #[error("{0}")]
    OutOfFuel(String),
    /// It wrote too much.
    #[error("Output length exceeds {0} characters")]
    TooLong(usize),
    /// It must be rendered in a sandbox, and there is none.
    #[error(
        "a template that makes values of its own is rendered in the sandbox, and this host has none"
    )]
    NoSandbox,
    /// It ran out of its limits in the sandbox, or the sandbox could not run it.
    #[error("{0}")]
    Sandbox(String),
}

impl From<SandboxError> for RenderError {
    fn from(cause: SandboxError) -> Self {
        match cause {
            SandboxError::Failed(text) => Self::Failed(text),
            SandboxError::Unconfined(_)
            | SandboxError::NoPython(_)
            | SandboxError::Start(_)
            | SandboxError::InputTooLarge(_)
            | SandboxError::Ended(_)
            | SandboxError::TimedOut(_)
            | SandboxError::PrintedTooMuch(_)
            | SandboxError::ResultTooLarge(_)
            | SandboxError::Garbled(_) => Self::Sandbox(format!("the template: {cause}")),
        }
    }
}

/// The raw values of declared variables, null for those that do not exist.
pub(crate) fn values(pool: &Pool, variables: &[(String, Vec<String>)]) -> Vec<(String, Value)> {
    variables
        .iter()
        .map(|(name, selector)| (name.clone(), pool.get(selector).unwrap_or(Value::None)))
        .collect()
}

/// A template, looked at once.
pub(crate) enum Template {
    /// It can be rendered anywhere, whatever its values are.
    Plain(PlainTemplate),
    /// It belongs into the sandbox.
    Demanding(DemandingTemplate),
}

impl Template {
    /// Reads a template. One that is wrong fails when it is rendered, as in the reference.
    ///
    /// # Errors
    /// When it is too big to be parsed.
    pub(crate) fn new(source: &str) -> Result<Self, Oversized> {
        scan::check(source)?;
        Ok(match plain::cost(source) {
            Cost::Steps => Self::Plain(PlainTemplate(render::parse(source, FUEL))),
            cost @ (Cost::Sizes | Cost::Unknown) => Self::Demanding(DemandingTemplate {
                source: source.to_owned(),
                cost,
            }),
        })
    }

    /// Renders it; secrets are plain in it.
    ///
    /// # Errors
    /// When it is wrong, goes wrong, or is more than is allowed.
    pub(crate) async fn render(
        &self,
        values: &[(String, Value)],
        limit: usize,
        sandbox: Option<&Sandbox>,
    ) -> Result<String, RenderError> {
        match self {
            Self::Plain(template) => template.render(values, limit),
            Self::Demanding(template) => template.render(values, limit, sandbox).await,
        }
    }
}

/// A template that takes no longer than its steps, however its values are made; parsed.
pub(crate) struct PlainTemplate(Result<Parsed, RenderError>);

impl PlainTemplate {
    /// Renders it; secrets are plain in it.
    ///
    /// # Errors
    /// When it is wrong, goes wrong, or is more than is allowed.
    pub(crate) fn render(
        &self,
        values: &[(String, Value)],
        limit: usize,
    ) -> Result<String, RenderError> {
        let parsed = self.0.as_ref().map_err(Clone::clone)?;
        let values = values
            .iter()
            .map(|(name, value)| (name.clone(), value.expose_json()));
        render::render(parsed, values, limit)
    }
}

/// A template whose steps can take long.
pub(crate) struct DemandingTemplate {
    source: String,
    cost: Cost,
}

impl DemandingTemplate {
    /// Renders it; secrets are plain in it. Whoever stops waiting ends it.
    ///
    /// # Errors
    /// When it is wrong, goes wrong, or is more than is allowed.
    pub(crate) async fn render(
        &self,
        values: &[(String, Value)],
        limit: usize,
        sandbox: Option<&Sandbox>,
    ) -> Result<String, RenderError> {
        let job = apart::Work::new(&self.source, values, limit);
        if self.cost == Cost::Sizes
            && let Some(done) = self.render_here(&job)
        {
            return done;
        }
        let sandbox = sandbox.ok_or(RenderError::NoSandbox)?;
        apart::render(job, sandbox).await
    }

    /// Renders it in this thread, if it turns out that it takes few steps for values of this size.
    fn render_here(&self, job: &apart::Work<'_>) -> Option<Result<String, RenderError>> {
        let fuel = LOOKED_AT / job.size().max(1);
        let fuel = u64::try_from(fuel).map_or(FUEL, |fuel| fuel.min(FUEL));
        let parsed = render::parse(&self.source, fuel);
        match parsed.and_then(|parsed| render::render(&parsed, job.values(), job.limit())) {
            Err(RenderError::OutOfFuel(_)) => None,
            done => Some(done),
        }
    }
}
