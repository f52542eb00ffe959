//! Renders one template in this thread, bounded in steps and in length.

use std::fmt;
use std::io;

use minijinja::value::Serde;
use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value as Jinja};
use serde_json::Value as Json;

use super::{RenderError, filters, shown};

/// What the one template of an environment is called.
const NAME: &str = "template";
/// How much work a template may cause: a step is one, and so are 64 bytes that it makes or reads. That bounds its time
/// to a fraction of a second and what it holds to 64 MB, and is enough for tens of thousands of short rounds of a loop.
pub(super) const FUEL: u64 = 1_000_000;

/// What Python's Jinja calls the kinds of failure.
const CLASSES: [(ErrorKind, &str); 5] = [
    (ErrorKind::SyntaxError, "TemplateSyntaxError"),
    (ErrorKind::UndefinedError, "UndefinedError"),
    (ErrorKind::UnknownFilter, "TemplateAssertionError"),
    (ErrorKind::UnknownTest, "TemplateAssertionError"),
    (ErrorKind::OutOfFuel, "TemplateTooExpensive"),
];

/// A template with what it needs to be rendered.
pub(super) type Parsed = Box<Environment<'static>>;

/// Parses a template that may use so much fuel.
pub(super) fn parse(source: &str, fuel: u64) -> Result<Parsed, RenderError> {
    // Jinja ends every line of its source alike, whatever the file has.
    let source = source.replace("\r\n", "\n").replace('\r', "\n");
    let mut environment = environment(fuel);
    environment
        .add_template_owned(NAME, source)
        .map_err(|cause| failed(&cause))?;
    Ok(Box::new(environment))
}

/// Renders it with these variables; at most `limit` characters.
pub(super) fn render(
    environment: &Environment<'_>,
    values: impl IntoIterator<Item = (String, Json)>,
    limit: usize,
) -> Result<String, RenderError> {
    let template = environment
        .get_template(NAME)
        .map_err(|cause| failed(&cause))?;
    let context = Jinja::from_pairs(
        values
            .into_iter()
            .map(|(name, value)| (name, Jinja::from(Serde(value)))),
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

fn failed(cause: &minijinja::Error) -> RenderError {
    let text = describe(cause);
    if cause.kind() == ErrorKind::OutOfFuel {
        RenderError::OutOfFuel(text)
    } else {
        RenderError::Failed(text)
    }
}

fn environment(fuel: u64) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Lenient);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.set_formatter(shown::write);
    environment.set_fuel(Some(fuel));
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
