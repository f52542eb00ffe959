//! What a `human-input` node says: its text, fields, actions and deadline.

use std::collections::HashSet;

use serde_json::Value as Json;

use latchkey_domain::form::FormAction;
use latchkey_domain::inputs::FileRules;
use latchkey_engine::node::BuildProblem;
use latchkey_engine::template::Template;

use crate::data::{self, Data, problem};

/// The longest id and title of an action, in characters.
const ACTION_ID: usize = 20;
const ACTION_TITLE: usize = 100;
/// Hours until the deadline when the file does not say.
const USUAL_HOURS: f64 = 36.0;
/// The latest deadline, in hours: ten years.
const MOST_HOURS: f64 = 87_600.0;
const HOUR_MILLIS: f64 = 3_600_000.0;

pub(super) struct Config {
    pub(super) content: Template,
    pub(super) fields: Vec<Field>,
    pub(super) actions: Vec<FormAction>,
    pub(super) patience_millis: i64,
}

/// A field of the form.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) default: Option<Source<String>>,
}

pub(super) enum Kind {
    TextInput,
    Paragraph,
    Select(Source<Vec<String>>),
    File(FileRules),
    FileList(FileRules),
}

/// Something that the file says or a variable has.
pub(super) enum Source<T> {
    Constant(T),
    Variable(Vec<String>),
}

impl Config {
    pub(super) fn of(data: &Data) -> Result<Self, BuildProblem> {
        let content = data::text(data, "form_content").unwrap_or_default();
        let fields = data::mappings(data, "inputs").map(field);
        let fields: Vec<Field> = fields.collect::<Result<_, _>>()?;
        let actions = data::mappings(data, "user_actions").map(action);
        let actions: Vec<FormAction> = actions.collect::<Result<_, _>>()?;
        let names = fields.iter().map(|field| field.name.as_str());
        unique(names, "inputs")?;
        unique(actions.iter().map(|it| it.id.as_str()), "user_actions")?;
        Ok(Self {
            content: Template::parse(content),
            fields,
            actions,
            patience_millis: patience(data)?,
        })
    }
}

fn unique<'a>(names: impl Iterator<Item = &'a str>, list: &str) -> Result<(), BuildProblem> {
    let mut seen = HashSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(problem(list, format!("{name} is there twice")));
        }
    }
    Ok(())
}

fn field(data: &Data) -> Result<Field, BuildProblem> {
    let refuse = |message: String| problem("inputs", message);
    let name = data::text(data, "output_variable_name")
        .filter(|name| !name.is_empty())
        .ok_or_else(|| refuse("a field has no output_variable_name".to_owned()))?;
    if name.starts_with("__") {
        return Err(refuse(format!("{name} is a name of the node itself")));
    }
    let kind = match data::text(data, "type") {
        Some("text-input" | "text_input") => Kind::TextInput,
        Some("paragraph") => Kind::Paragraph,
        Some("select") => Kind::Select(options(data)),
        Some("file") => Kind::File(file_rules(data)),
        Some("file-list") => Kind::FileList(file_rules(data)),
        other => {
            let other = other.unwrap_or_default();
            return Err(refuse(format!("{name} is of the unknown type {other:?}")));
        }
    };
    // The early previews called it a placeholder.
    let default = data::mapping(data, "default").or_else(|| data::mapping(data, "placeholder"));
    Ok(Field {
        name: name.to_owned(),
        kind,
        default: default.and_then(text_source),
    })
}

fn file_rules(data: &Data) -> FileRules {
    let texts = |key: &str| {
        let texts = data::list(data, key).iter().filter_map(Json::as_str);
        texts.map(str::to_owned).collect()
    };
    let most = data.get("number_limits").and_then(Json::as_u64);
    FileRules {
        types: texts("allowed_file_types"),
        extensions: texts("allowed_file_extensions"),
        methods: texts("allowed_file_upload_methods"),
        most: most.filter(|most| *most > 0),
    }
}

/// `{type, selector, value}`; an empty text is none.
fn text_source(data: &Data) -> Option<Source<String>> {
    if data::text(data, "type") == Some("variable") {
        return Some(Source::Variable(data::selector(data, "selector")));
    }
    let text = data::text(data, "value").filter(|text| !text.is_empty())?;
    Some(Source::Constant(text.to_owned()))
}

fn options(data: &Data) -> Source<Vec<String>> {
    let Some(source) = data::mapping(data, "option_source") else {
        return Source::Constant(Vec::new());
    };
    if data::text(source, "type") == Some("variable") {
        return Source::Variable(data::selector(source, "selector"));
    }
    let options = data::list(source, "value").iter();
    Source::Constant(
        options
            .filter_map(Json::as_str)
            .map(str::to_owned)
            .collect(),
    )
}

fn action(data: &Data) -> Result<FormAction, BuildProblem> {
    let refuse = |message: String| problem("user_actions", message);
    let id = data::text(data, "id").unwrap_or_default();
    let mut characters = id.chars();
    let begins_well = characters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    let goes_on_well = characters.all(|it| it.is_ascii_alphanumeric() || it == '_');
    if !begins_well || !goes_on_well || id.len() > ACTION_ID {
        return Err(refuse(format!(
            "{id:?} is no id of an action: at most {ACTION_ID} letters, digits and underscores"
        )));
    }
    let title = data::text(data, "title").unwrap_or_default();
    if title.chars().count() > ACTION_TITLE {
        return Err(refuse(format!(
            "the title of {id} has more than {ACTION_TITLE} characters"
        )));
    }
    Ok(FormAction {
        id: id.to_owned(),
        title: title.to_owned(),
        style: data::text(data, "button_style")
            .unwrap_or("default")
            .to_owned(),
    })
}

fn patience(data: &Data) -> Result<i64, BuildProblem> {
    let unit = match data::text(data, "timeout_unit") {
        None | Some("hour") => 1.0,
        Some("day") => 24.0,
        Some(other) => return Err(problem("timeout_unit", format!("unknown unit {other:?}"))),
    };
    let number = match data.get("timeout") {
        None | Some(Json::Null) => USUAL_HOURS,
        Some(number) => number
            .as_f64()
            .filter(|number| *number > 0.0)
            .ok_or_else(|| problem("timeout", "the timeout must be a number above 0"))?,
    };
    Ok(((number * unit).min(MOST_HOURS) * HOUR_MILLIS) as i64)
}
