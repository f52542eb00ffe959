//! Jinja templates as Python's Jinja renders them: undefined values are empty, texts are not escaped, and lists,
//! booleans and nulls look as Python writes them. Bounded in steps and in length.

mod filters;

use std::fmt;
use std::io;

use minijinja::value::{Serde, Tuple, ValueKind};
use minijinja::{Environment, ErrorKind, Output, State, UndefinedBehavior, Value as Jinja};
use serde_json::Value as Json;

use latchkey_domain::value::{Value, python_repr, python_text};
use latchkey_engine::pool::Pool;

/// How many steps a template may take: enough for a hundred thousand short rounds of a loop.
const FUEL: u64 = 5_000_000;

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

/// Renders a template; secrets are plain in it.
pub(crate) fn render(
    template: &str,
    values: &[(String, Value)],
    limit: usize,
) -> Result<String, RenderError> {
    let environment = environment();
    let failed = |cause: &minijinja::Error| RenderError::Failed(describe(cause));
    let template = environment
        .template_from_str(template)
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
    environment.set_formatter(write_value);
    environment.set_fuel(Some(FUEL));
    filters::add(&mut environment);
    environment
}

/// Writes a value as Python's `str` does.
fn write_value(
    out: &mut Output<'_>,
    _: &mut State<'_, '_>,
    value: &Jinja,
) -> Result<(), minijinja::Error> {
    if value.is_undefined() {
        return Ok(());
    }
    match value.as_str() {
        Some(text) => out.write_str(text),
        None => out.write_str(&shown(value)),
    }
    .map_err(minijinja::Error::from)
}

/// `str(value)` of anything but a text.
fn shown(value: &Jinja) -> String {
    let items = |value: &Jinja| -> Vec<Jinja> { value.try_iter().into_iter().flatten().collect() };
    let joined = |parts: Vec<String>| parts.join(", ");
    if let Some(tuple) = value.downcast_object_ref::<Tuple>() {
        let parts: Vec<String> = tuple.iter().map(repr).collect();
        let end = if parts.len() == 1 { "," } else { "" };
        return format!("({}{end})", joined(parts));
    }
    let kind = value.kind();
    if kind == ValueKind::Seq {
        let parts = items(value).iter().map(repr).collect();
        return format!("[{}]", joined(parts));
    }
    if kind == ValueKind::Map {
        let pair = |key: &Jinja| {
            let inner = value.get_item(key).unwrap_or_default();
            format!("{}: {}", repr(key), repr(&inner))
        };
        let parts = items(value).iter().map(pair).collect();
        return format!("{{{}}}", joined(parts));
    }
    match serde_json::to_value(value) {
        Ok(number @ Json::Number(_)) if kind == ValueKind::Number => python_text(&number),
        Ok(_) | Err(_) => value.to_string(),
    }
}

/// `repr(value)`.
fn repr(value: &Jinja) -> String {
    match value.as_str() {
        Some(text) => python_repr(&Json::from(text)),
        None => shown(value),
    }
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
