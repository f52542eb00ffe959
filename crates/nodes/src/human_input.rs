//! `human-input`: a form that a person fills in, or nobody until its deadline. The chosen action is the branch.

mod config;

use serde_json::{Map, Value as Json};

use latchkey_domain::document::GraphNode;
use latchkey_domain::form::{Form, FormAnswer, FormInput, FormInputKind};
use latchkey_domain::run::Failure;
use latchkey_domain::value::{NamedValues, Value};
use latchkey_engine::node::{AskingNode, Attempt, BuildProblem, NodeSpec, Question};
use latchkey_engine::pool::Pool;

use self::config::{Config, Field, Kind, Source};

/// How a field's place in the text begins.
const FIELD: &str = "{{#$output.";
/// The handle of the edges that are taken when nobody has answered in time.
const TIMEOUT: &str = "__timeout";

pub(crate) fn build(node: &GraphNode) -> Result<NodeSpec, BuildProblem> {
    Ok(NodeSpec::asking(Config::of(&node.data)?))
}

impl AskingNode for Config {
    fn ask(&self, pool: &Pool) -> Result<Question, Failure> {
        let inputs = self.fields.iter().map(|field| field.asked(pool));
        Ok(Question {
            content: self.content.render_markdown(pool),
            inputs: inputs.collect::<Result<_, _>>()?,
            actions: self.actions.clone(),
            patience_millis: self.patience_millis,
        })
    }

    fn answered(&self, form: &Form, answer: &FormAnswer) -> Attempt {
        let nothing = Map::new();
        let (action, values) = match answer {
            FormAnswer::Submitted { action, values } => (Some(action.as_str()), values),
            FormAnswer::TimedOut => (None, &nothing),
        };
        let title = form
            .actions
            .iter()
            .find(|known| Some(known.id.as_str()) == action)
            .map_or("", |known| known.title.as_str());
        let mut outputs: NamedValues = form
            .inputs
            .iter()
            .filter_map(|input| {
                let value = values.get(&input.name)?.clone();
                Some((input.name.clone(), Value::infer(value)))
            })
            .collect();
        outputs.extend([
            (
                "__action_id".to_owned(),
                Value::from(action.unwrap_or_default()),
            ),
            ("__action_value".to_owned(), Value::from(title)),
            (
                "__rendered_content".to_owned(),
                Value::string(filled_in(form, values)),
            ),
        ]);
        Attempt::succeeded(outputs).with_handle(action.unwrap_or(TIMEOUT))
    }
}

impl Field {
    fn asked(&self, pool: &Pool) -> Result<FormInput, Failure> {
        let default = match &self.default {
            None => None,
            Some(Source::Constant(text)) => Some(text.clone()),
            // What is not there yet is nobody's default.
            Some(Source::Variable(selector)) => {
                pool.get(selector).map(|value| value.text().into_owned())
            }
        };
        Ok(FormInput {
            name: self.name.clone(),
            kind: match &self.kind {
                Kind::TextInput => FormInputKind::TextInput,
                Kind::Paragraph => FormInputKind::Paragraph,
                Kind::File(files) => FormInputKind::File {
                    files: files.clone(),
                },
                Kind::FileList(files) => FormInputKind::FileList {
                    files: files.clone(),
                },
                Kind::Select(options) => FormInputKind::Select {
                    options: self.options(options, pool)?,
                },
            },
            default,
        })
    }

    fn options(&self, source: &Source<Vec<String>>, pool: &Pool) -> Result<Vec<String>, Failure> {
        let selector = match source {
            Source::Constant(options) => return Ok(options.clone()),
            Source::Variable(selector) => selector,
        };
        let list = match pool.get(selector) {
            Some(Value::Array(list)) => list,
            Some(
                Value::None
                | Value::Boolean(_)
                | Value::Integer(_)
                | Value::Float(_)
                | Value::String(_)
                | Value::Secret(_)
                | Value::Object(_)
                | Value::File(_),
            )
            | None => {
                let (name, source) = (&self.name, selector.join("."));
                let message = format!("the options of {name} are no list: {source}");
                return Err(Failure::new("WorkflowNodeError", message));
            }
        };
        let items = list.items().iter();
        Ok(items
            .map(|item| Value::infer(item.clone()).text().into_owned())
            .collect())
    }
}

/// The text with what was filled in where the fields are. It is read once: what somebody has filled in is text and stands
/// for no other field.
fn filled_in(form: &Form, values: &Map<String, Json>) -> String {
    let mut shown = String::with_capacity(form.content.len());
    let mut rest = form.content.as_str();
    while let Some((before, after)) = rest.split_once(FIELD) {
        let field = after.split_once("#}}").and_then(|(name, behind)| {
            let input = form.inputs.iter().find(|input| input.name == name)?;
            Some((value_shown(input, values.get(name)?), behind))
        });
        shown.push_str(before);
        match field {
            Some((value, behind)) => {
                shown.push_str(&value);
                rest = behind;
            }
            None => {
                shown.push_str(FIELD);
                rest = after;
            }
        }
    }
    shown.push_str(rest);
    shown
}

fn value_shown(input: &FormInput, value: &Json) -> String {
    match (&input.kind, value) {
        (FormInputKind::File { .. }, _) => "[file]".to_owned(),
        (FormInputKind::FileList { .. }, Json::Array(files)) => format!("[{} files]", files.len()),
        (_, Json::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}
