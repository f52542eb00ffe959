//! Jinja templates as Python's Jinja renders them: undefined values are empty, texts are not escaped, and lists,
//! booleans and nulls look as Python writes them. Bounded in steps and in length.

mod filters;
mod scan;
mod shown;

use std::fmt;
use std::io;

use minijinja::value::Serde;
use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value as Jinja};

use latchkey_domain::value::Value;
use latchkey_engine::pool::Pool;

pub(crate) use self::scan::Oversized;

/// What the one template of an environment is called.
const NAME: &str = "template";
/// How much work a template may cause: a step is one, and so are 64 bytes that it makes or reads. That bounds its time
/// to a fraction of a second and what it holds to 64 MB, and is enough for tens of thousands of short rounds of a loop.
const FUEL: u64 = 1_000_000;
/// The stack of a template with statements. With its fuel it can nest values some hundred thousand levels deep, and
/// comparing or dropping them takes a frame per level; only what is touched costs memory.
const STACK: usize = 1024 * 1024 * 1024;

/// What Python's Jinja calls the kinds of failure.
const CLASSES: [(ErrorKind, &str); 5] = [
    (ErrorKind::SyntaxError, "TemplateSyntaxError"),
    (ErrorKind::UndefinedError, "UndefinedError"),
    (ErrorKind::UnknownFilter, "TemplateAssertionError"),
    (ErrorKind::UnknownTest, "TemplateAssertionError"),
    (ErrorKind::OutOfFuel, "TemplateTooExpensive"),
];

/// Why a template gave no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RenderError {
    /// It is no template, or it went wrong.
    #[error("{0}")]
    Failed(String),
    /// It wrote too much.
    #[error("Output length exceeds {0} characters")]
    TooLong(usize),
}

/// The raw values of declared variables, null for those that do not exist.
pub(crate) fn values(pool: &Pool, variables: &[(String, Vec<String>)]) -> Vec<(String, Value)> {
    variables
        .iter()
        .map(|(name, selector)| (name.clone(), pool.get(selector).unwrap_or(Value::None)))
        .collect()
}

/// A template, parsed once.
pub(crate) struct Template {
    parsed: Result<Box<Environment<'static>>, RenderError>,
    /// Whether it has statements: without them it cannot make values that are deeper than its own source.
    has_statements: bool,
}

impl Template {
    /// Parses a template. One that is wrong fails when it is rendered, as in the reference.
    ///
    /// # Errors
    /// When it is too big to be parsed.
    pub(crate) fn new(source: &str) -> Result<Self, Oversized> {
        scan::check(source)?;
        let has_statements = source.contains("{%");
        // Jinja ends every line of its source alike, whatever the file has.
        let source = source.replace("\r\n", "\n").replace('\r', "\n");
        let parsed = on_own_stack(has_statements, || {
            let mut environment = environment();
            environment
                .add_template_owned(NAME, source)
                .map_err(|cause| RenderError::Failed(describe(&cause)))?;
            Ok(Box::new(environment))
        });
        Ok(Self {
            parsed,
            has_statements,
        })
    }

    /// Renders it; secrets are plain in it.
    pub(crate) fn render(
        &self,
        values: &[(String, Value)],
        limit: usize,
    ) -> Result<String, RenderError> {
        let environment = self.parsed.as_ref().map_err(Clone::clone)?;
        on_own_stack(self.has_statements, || render(environment, values, limit))
    }
}

/// Does the work on a stack of a known size, if it may need one.
fn on_own_stack<T: Send>(
    needed: bool,
    work: impl FnOnce() -> Result<T, RenderError> + Send,
) -> Result<T, RenderError> {
    if !needed {
        return work();
    }
    let thread = std::thread::Builder::new()
        .name("template".to_owned())
        .stack_size(STACK);
    std::thread::scope(|scope| {
        let started = thread.spawn_scoped(scope, work);
        let started = started.map_err(|cause| RenderError::Failed(cause.to_string()))?;
        match started.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

fn render(
    environment: &Environment<'_>,
    values: &[(String, Value)],
    limit: usize,
) -> Result<String, RenderError> {
    let failed = |cause: &minijinja::Error| RenderError::Failed(describe(cause));
    let template = environment
        .get_template(NAME)
        .map_err(|cause| failed(&cause))?;
    let context = Jinja::from_pairs(
        values
            .iter()
            .map(|(name, value)| (name.as_str(), Jinja::from(Serde(value.expose_json())))),
    );
    let mut out = Bounded {
        bytes: Vec::new(),
        characters: 0,
        limit,
    };
    match template.render_captured_to(context, &mut out) {
        Ok(_) => Ok(String::from_utf8_lossy(&out.bytes).into_owned()),
        Err(_) if out.characters > limit => Err(RenderError::TooLong(limit)),
        Err(cause) => Err(failed(&cause)),
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.set_formatter(shown::write);
    environment.set_fuel(Some(FUEL));
    filters::add(&mut environment);
    environment
}

/// The failure as people know it from Python, where there is a common word for it.
fn describe(error: &minijinja::Error) -> String {
    let class = CLASSES
        .iter()
        .find(|(kind, _)| *kind == error.kind())
        .map_or("TemplateError", |(_, class)| class);
    let detail = error
        .detail()
        .map_or_else(|| error.kind().to_string(), str::to_owned);
    let is_division = detail.starts_with("unable to calculate") && detail.ends_with(" 0");
    let (class, detail) = if is_division {
        ("ZeroDivisionError", format!("division by zero, {detail}"))
    } else {
        (class, detail)
    };
    match error.line() {
        Some(line) => format!("{class}: {detail} (line {line})"),
        None => format!("{class}: {detail}"),
    }
}

/// Keeps what is written, up to a number of characters.
struct Bounded {
    bytes: Vec<u8>,
    characters: usize,
    limit: usize,
}

impl io::Write for Bounded {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        // Bytes that continue a character are not counted.
        self.characters += more.iter().filter(|byte| (**byte & 0xc0) != 0x80).count();
        if self.characters > self.limit {
            return Err(io::Error::other(Full));
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The output is longer than it may be.
#[derive(Debug)]
struct Full;

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the output is too long")
    }
}

impl std::error::Error for Full {}
