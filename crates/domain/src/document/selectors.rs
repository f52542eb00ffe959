//! What is wrong with the credential selectors of a document. They are strict, unlike texts: what looks like a placeholder
//! and is none would choose nothing at every run.

use std::collections::HashSet;

use crate::credential::CredentialChoice;
use crate::id::NodeId;

use super::Document;
use super::place::Place;
use super::problem::Problem;

/// Namespaces that are no nodes.
const NAMESPACES: [&str; 3] = ["sys", "env", "conversation"];

/// What is wrong with the selectors of a document: refused when it is saved. A placeholder must be well formed, must name a
/// node of the graph (or `start` for the entry), `sys`, `env` or `conversation`, and never a secret variable.
#[must_use]
pub fn check_selectors(document: &Document) -> Vec<Problem> {
    let known = Known {
        secrets: secrets(document),
        nodes: document
            .graph
            .nodes
            .iter()
            .map(|node| node.id.as_str())
            .collect(),
    };
    let models = document.model_places().into_iter().map(|place| Statement {
        node_id: place.node_id,
        field: place.field,
        choice: place.selector.choice,
        conflict: place.conflict,
        place: place.place,
    });
    let tools = document.tool_places().into_iter().map(|place| Statement {
        node_id: place.node_id,
        field: place.field,
        choice: place.selector.choice,
        conflict: place.conflict,
        place: place.place,
    });
    let statements = models.chain(tools);
    statements.flat_map(|said| known.check(&said)).collect()
}

/// What one place says about its credential.
struct Statement {
    node_id: NodeId,
    field: String,
    choice: CredentialChoice,
    conflict: Option<String>,
    place: Option<Place>,
}

/// Namespace and name of every secret variable.
fn secrets(document: &Document) -> HashSet<(&str, &str)> {
    let spaces = [
        ("env", &document.environment),
        ("conversation", &document.conversation),
    ];
    let named = spaces.into_iter().flat_map(|(space, variables)| {
        let secret = variables.iter().filter(|variable| variable.is_secret());
        secret.map(move |variable| (space, variable.name.as_str()))
    });
    named.collect()
}

struct Known<'a> {
    secrets: HashSet<(&'a str, &'a str)>,
    nodes: HashSet<&'a str>,
}

impl Known<'_> {
    fn check(&self, place: &Statement) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut refuse = |code: &str, message: String, key: &str| {
            let problem = Problem::error(code, message)
                .at_node(&place.node_id)
                .in_field(format!("{}.{key}", place.field));
            problems.push(problem.on_line(place.place));
        };
        if let Some(conflict) = &place.conflict {
            let conflict = conflict.clone();
            refuse("credential_selector_conflict", conflict, "credential_name");
        }
        let choice = &place.choice;
        for (key, text) in [
            ("credential_id", &choice.credential_id),
            ("credential_name", &choice.credential_name),
        ] {
            for found in placeholders(text.as_deref().unwrap_or_default()) {
                if let Err((code, message)) = found.and_then(|inside| self.judge(inside)) {
                    refuse(code, message, key);
                }
            }
        }
        problems
    }

    fn judge(&self, placeholder: &str) -> Result<(), (&'static str, String)> {
        let (source, path) = placeholder.split_once('.').unwrap_or((placeholder, ""));
        let name = path.split('.').next().unwrap_or_default();
        if self.secrets.contains(&(source, name)) {
            let message = format!("{placeholder} is a secret variable");
            return Err(("credential_selector_secret", message));
        }
        if NAMESPACES.contains(&source) || source == "start" || self.nodes.contains(source) {
            return Ok(());
        }
        let message = format!("{placeholder} names a node that does not exist");
        Err(("credential_selector_unknown", message))
    }
}

/// The insides of `{{#…#}}` in a text, or what is wrong with one that is none.
fn placeholders(text: &str) -> impl Iterator<Item = Result<&str, (&'static str, String)>> {
    text.split("{{#").skip(1).map(|rest| {
        let inside = rest.split_once("#}}").map(|(inside, _)| inside);
        inside
            .filter(|inside| is_placeholder(inside))
            .ok_or_else(|| {
                let shown: String = rest.chars().take(60).collect();
                let message = format!("{:?} is no placeholder", format!("{{{{#{shown}"));
                ("credential_selector_malformed", message)
            })
    })
}

/// A part of 1 to 50 letters, digits and underscores, then one to ten dotted names of at most 30 characters that do not
/// begin with a digit (Dify DSL reference, 3.2).
fn is_placeholder(inside: &str) -> bool {
    let is_word = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let is_name = |part: &str| {
        is_word(part) && part.len() <= 30 && !part.starts_with(|c: char| c.is_ascii_digit())
    };
    inside.split_once('.').is_some_and(|(first, path)| {
        is_word(first)
            && first.len() <= 50
            && path.split('.').count() <= 10
            && path.split('.').all(is_name)
    })
}
