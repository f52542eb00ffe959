//! One condition: a variable, an operator, and what is expected; for lists of files, conditions on their attributes.

use serde_json::{Value as Json, json};

use latchkey_domain::value::{ArrayKind, File, Value, ValueKind};
use latchkey_engine::node::BuildProblem;
use latchkey_engine::pool::Pool;
use latchkey_engine::template::Template;

use crate::data::{self, Data, problem};

use super::Join;
use super::operator::{self, Operator};

/// What a condition expects, as the document says it.
enum Expected {
    Text(Template),
    Raw(Json),
}

pub(super) struct Condition {
    selector: Vec<String>,
    operator: Operator,
    expected: Expected,
    files: Option<FileConditions>,
}

/// Conditions on the attributes of the files in a list.
struct FileConditions {
    join: Join,
    conditions: Vec<FileCondition>,
}

struct FileCondition {
    attribute: String,
    operator: Operator,
    expected: Json,
}

impl Condition {
    pub(super) fn of(data: &Data) -> Result<Self, BuildProblem> {
        let expected = match data.get("value") {
            Some(Json::String(text)) => Expected::Text(Template::parse(text)),
            Some(raw) => Expected::Raw(raw.clone()),
            None => Expected::Raw(Json::Null),
        };
        let files = data::mapping(data, "sub_variable_condition")
            .map(FileConditions::of)
            .transpose()?;
        Ok(Self {
            selector: data::selector(data, "variable_selector"),
            operator: operator_of(data)?,
            expected,
            files,
        })
    }

    /// Whether it holds; what was compared is added to `asked`.
    pub(super) fn holds(&self, pool: &Pool, asked: &mut Vec<Json>) -> Result<bool, String> {
        let value = pool
            .get(&self.selector)
            .ok_or_else(|| format!("Variable {:?} not found", self.selector))?;
        let is_files = value.kind() == ValueKind::Array(ArrayKind::File);
        if let (true, true, Value::Array(files)) = (is_files, self.operator.asks_files(), &value) {
            let conditions = self.files.as_ref().ok_or("Sub variable is required")?;
            return conditions.hold(&files.files());
        }
        let expected = self.expected(&value, pool)?;
        let shown = match (&self.expected, &expected) {
            (Expected::Text(template), Json::String(_)) => template.render_shown(pool).into(),
            (_, expected) => expected.clone(),
        };
        asked.push(json!({
            "actual_value": value.to_json(),
            "expected_value": shown,
            "comparison_operator": self.operator.as_str(),
        }));
        operator::holds(self.operator, &value, &expected)
    }

    fn expected(&self, value: &Value, pool: &Pool) -> Result<Json, String> {
        let expected = match &self.expected {
            Expected::Text(template) => Json::String(template.render_text(pool)),
            Expected::Raw(raw) => raw.clone(),
        };
        let is_boolean = matches!(
            value.kind(),
            ValueKind::Boolean | ValueKind::Array(ArrayKind::Boolean)
        );
        if is_boolean && !self.operator.ignores_expected() {
            boolean(expected)
        } else {
            Ok(expected)
        }
    }
}

/// What is compared with a boolean must be one, or JSON text of one, before the operator is even looked at.
fn boolean(expected: Json) -> Result<Json, String> {
    match expected {
        Json::Null | Json::Bool(_) => Ok(expected),
        Json::Number(number) => Ok(Json::Bool(number.as_f64() != Some(0.0))),
        Json::String(text) => match serde_json::from_str(&text) {
            Ok(Json::Bool(truth)) => Ok(Json::Bool(truth)),
            Ok(Json::Number(number)) if number.is_i64() => {
                Ok(Json::Bool(number.as_i64() != Some(0)))
            }
            Ok(other) => Err(format!("unexpected value: {other}")),
            // The words of Python's JSON reader, which people know from Dify.
            Err(_) => Err("Expecting value: line 1 column 1 (char 0)".to_owned()),
        },
        Json::Array(items) => {
            let items = items.into_iter().map(boolean);
            items.collect::<Result<_, _>>().map(Json::Array)
        }
        Json::Object(_) => Err(format!("unexpected value: {expected}")),
    }
}

fn operator_of(data: &Data) -> Result<Operator, BuildProblem> {
    let name = data::text(data, "comparison_operator").unwrap_or_default();
    Operator::parse(name)
        .ok_or_else(|| problem("cases", format!("unknown comparison operator {name:?}")))
}

impl FileConditions {
    fn of(data: &Data) -> Result<Self, BuildProblem> {
        let condition = |data: &Data| {
            Ok(FileCondition {
                attribute: data::text(data, "key").unwrap_or_default().to_owned(),
                operator: operator_of(data)?,
                expected: data.get("value").cloned().unwrap_or(Json::Null),
            })
        };
        Ok(Self {
            join: Join::of(data)?,
            conditions: data::mappings(data, "conditions")
                .map(condition)
                .collect::<Result<_, _>>()?,
        })
    }

    fn hold(&self, files: &[File]) -> Result<bool, String> {
        let results = self
            .conditions
            .iter()
            .map(|condition| condition.holds(files));
        self.join.holds(results)
    }
}

impl FileCondition {
    /// An operator that denies must hold for every file, any other for one.
    fn holds(&self, files: &[File]) -> Result<bool, String> {
        let join = if self.operator.as_str().contains("not") {
            Join::And
        } else {
            Join::Or
        };
        join.holds(files.iter().map(|file| self.holds_for(file)))
    }

    fn holds_for(&self, file: &File) -> Result<bool, String> {
        let actual = file
            .attribute(&self.attribute)
            .ok_or_else(|| format!("Invalid file attribute: {:?}", self.attribute))?;
        if self.attribute != "extension" {
            return operator::holds(self.operator, &actual, &self.expected);
        }
        let Json::String(expected) = &self.expected else {
            return Err("Expected value must be a string when key is extension".to_owned());
        };
        let actual = Value::string(dotted(&actual.text()));
        operator::holds(self.operator, &actual, &Json::String(dotted(expected)))
    }
}

/// The extension with its dot.
fn dotted(extension: &str) -> String {
    if extension.starts_with('.') {
        extension.to_owned()
    } else {
        format!(".{extension}")
    }
}
