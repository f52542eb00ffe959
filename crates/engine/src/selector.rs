//! Strict rendering of credential selectors (design 5.1): never Dify's text rule, because there a missing variable
//! renders as its own name and would choose a key that nobody meant.

use latchkey_domain::credential::{
    CredentialChoice, CredentialSelector, RenderedChoice, RenderedSelector,
};
use latchkey_domain::id::NodeId;
use latchkey_domain::value::Value;

use crate::pool::Pool;
use crate::template::{Part, Template};

/// Renders a selector. Every placeholder must find a non-empty text or a number, else the whole selector is empty,
/// whatever text surrounds it. `start` stands for `entry` unless a node really has that id.
#[must_use]
pub fn render(selector: &CredentialSelector, pool: &Pool, entry: &NodeId) -> RenderedSelector {
    if selector.is_silent() {
        return RenderedSelector::Silent;
    }
    let mut found = Findings::default();
    let choice = CredentialChoice {
        credential_id: selector
            .choice
            .credential_id
            .as_deref()
            .map(|text| found.render(text, pool, entry)),
        credential_name: selector
            .choice
            .credential_name
            .as_deref()
            .map(|text| found.render(text, pool, entry)),
    };
    if found.missing.is_empty() {
        RenderedSelector::Choice(RenderedChoice {
            choice,
            by_run: found.by_run,
        })
    } else {
        RenderedSelector::Empty {
            missing: found.missing,
        }
    }
}

#[derive(Default)]
struct Findings {
    missing: Vec<String>,
    by_run: bool,
}

impl Findings {
    fn render(&mut self, text: &str, pool: &Pool, entry: &NodeId) -> String {
        let mut out = String::new();
        for part in Template::parse(text).parts() {
            match part {
                // What looks like a placeholder and is none can never be a name that somebody meant.
                Part::Text(text) if text.contains("{{#") => self.missing.push(text.clone()),
                Part::Text(text) => out.push_str(text),
                Part::Variable(selector) => {
                    self.by_run |= selector[0] != "env";
                    match lookup(selector, pool, entry) {
                        Some(text) => out.push_str(&text),
                        None => self.missing.push(selector.join(".")),
                    }
                }
            }
        }
        if out.is_empty() && self.missing.is_empty() {
            self.missing.push(text.to_owned());
        }
        out
    }
}

/// A non-empty text or a number; a secret is neither.
fn lookup(selector: &[String], pool: &Pool, entry: &NodeId) -> Option<String> {
    let value = if selector[0] == "start" && !pool.start_is_a_node() {
        let entry = pool.start_alias().unwrap_or(entry).as_str();
        let path = selector[1..].iter().map(String::as_str);
        pool.get(&std::iter::once(entry).chain(path).collect::<Vec<_>>())
    } else {
        pool.get(selector)
    }?;
    match value {
        Value::String(text) if !text.is_empty() => Some(text.as_ref().to_owned()),
        number @ (Value::Integer(_) | Value::Float(_)) => Some(number.text().into_owned()),
        Value::String(_)
        | Value::Secret(_)
        | Value::None
        | Value::Boolean(_)
        | Value::Object(_)
        | Value::Array(_)
        | Value::File(_) => None,
    }
}
