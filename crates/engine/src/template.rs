//! Dify's text templates: `{{#node.name#}}` in any text (Dify DSL reference, 3.2), parsed once, rendered often.

use std::borrow::Cow;
use std::sync::Arc;

use latchkey_domain::value::Value;

use crate::pool::Pool;

/// A parsed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Arc<[Part]>,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text between placeholders.
    Text(String),
    /// The selector of a placeholder.
    Variable(Vec<String>),
}

/// A piece of a template after lookup.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolved<'a> {
    /// Text of the template; of a placeholder that found nothing, its dotted name.
    Text(Cow<'a, str>),
    /// The value that was found.
    Value(Value),
}

impl Template {
    /// Parses a text; anything that is not exactly a placeholder stays text, so there is no error.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut start = 0;
        let mut from = 0;
        while let Some(found) = text[from..].find("{{#") {
            let at = from + found;
            match placeholder(&text[at..]) {
                Some(inner) => {
                    push_text(&mut parts, &text[start..at]);
                    parts.push(Part::Variable(
                        inner.split('.').map(str::to_owned).collect(),
                    ));
                    start = at + inner.len() + 6;
                    from = start;
                }
                None => from = at + 1,
            }
        }
        push_text(&mut parts, &text[start..]);
        Self {
            parts: parts.into(),
        }
    }

    /// The pieces in order.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The selectors of all placeholders, in order, repeated ones repeated.
    pub fn placeholders(&self) -> impl Iterator<Item = &[String]> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(selector) => Some(selector.as_slice()),
            Part::Text(_) => None,
        })
    }

    /// Looks every piece up. A text piece that is exactly the dotted name of a variable is that variable, and a
    /// placeholder that finds nothing is its dotted name: Dify's rule.
    #[must_use]
    pub fn resolve(&self, pool: &Pool) -> Vec<Resolved<'_>> {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Variable(selector) => match pool.get(selector) {
                    Some(value) => Resolved::Value(value),
                    None => Resolved::Text(Cow::Owned(selector.join("."))),
                },
                Part::Text(text) => match lookup_text(text, pool) {
                    Some(value) => Resolved::Value(value),
                    None => Resolved::Text(Cow::Borrowed(text)),
                },
            })
            .collect()
    }

    /// The text form.
    #[must_use]
    pub fn render_text(&self, pool: &Pool) -> String {
        self.render(pool, Value::text)
    }

    /// The text form for people: secrets are masked.
    #[must_use]
    pub fn render_shown(&self, pool: &Pool) -> String {
        self.render(pool, |value| match value {
            Value::Secret(_) => value.log(),
            Value::None
            | Value::Boolean(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::Object(_)
            | Value::Array(_)
            | Value::File(_) => value.text(),
        })
    }

    /// The markdown form.
    #[must_use]
    pub fn render_markdown(&self, pool: &Pool) -> String {
        self.render(pool, Value::markdown)
    }

    fn render(&self, pool: &Pool, form: fn(&Value) -> Cow<'_, str>) -> String {
        let mut out = String::new();
        for piece in self.resolve(pool) {
            match piece {
                Resolved::Text(text) => out.push_str(&text),
                Resolved::Value(value) => out.push_str(&form(&value)),
            }
        }
        out
    }
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
}

/// Whether a text piece as a whole names a variable, as `sys.query` does.
fn lookup_text(text: &str, pool: &Pool) -> Option<Value> {
    let (node, _) = text.split_once('.')?;
    // Prose is full of dots: only a piece that begins with the id of a known node is worth splitting.
    if !pool.has_node(node) {
        return None;
    }
    pool.get(&text.split('.').collect::<Vec<_>>())
}

/// The inner text of the placeholder that `text` begins with: a part of 1 to 50 letters, digits and underscores, then
/// one to ten dotted parts of at most 30 characters that do not begin with a digit.
fn placeholder(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("{{#")?;
    let end = inner
        .bytes()
        .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')))?;
    inner[end..].starts_with("#}}").then_some(())?;
    let inner = &inner[..end];
    let mut parts = inner.split('.');
    let first = parts.next()?;
    let names: Vec<&str> = parts.collect();
    let is_name =
        |name: &&str| (1..=30).contains(&name.len()) && !name.as_bytes()[0].is_ascii_digit();
    let fits = (1..=50).contains(&first.len())
        && (1..=10).contains(&names.len())
        && names.iter().all(is_name);
    fits.then_some(inner)
}
