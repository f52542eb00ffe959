//! One condition of a filter: which elements of a list stay.

use serde_json::Value as Json;

use latchkey_domain::value::{ArrayKind, File, python_text};
use latchkey_engine::node::BuildProblem;
use latchkey_engine::pool::Pool;
use latchkey_engine::template::Template;

use crate::data::{self, Data, problem};
use crate::number::float;

use super::Error;

macro_rules! operators {
    ($($name:ident = $word:literal),+ $(,)?) => {
        /// What a condition compares with.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Operator { $($name),+ }

        impl Operator {
            fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)+ _ => None }
            }

            const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }
    };
}

operators! {
    Contains = "contains",
    StartWith = "start with",
    EndWith = "end with",
    Is = "is",
    In = "in",
    Empty = "empty",
    NotContains = "not contains",
    IsNot = "is not",
    NotIn = "not in",
    NotEmpty = "not empty",
    Equal = "=",
    NotEqual = "≠",
    Less = "<",
    Greater = ">",
    GreaterOrEqual = "≥",
    LessOrEqual = "≤",
}

/// What a condition compares with, as the document says it.
enum Expected {
    Text(Template),
    List(Vec<Json>),
    Truth(bool),
}

pub(super) struct Condition {
    /// The attribute of files.
    key: String,
    operator: Operator,
    expected: Expected,
}

impl Condition {
    pub(super) fn of(raw: &Data) -> Result<Self, BuildProblem> {
        let refuse = |why: String| problem("filter_by.conditions", why);
        let word = data::text(raw, "comparison_operator").unwrap_or("contains");
        let operator =
            Operator::parse(word).ok_or_else(|| refuse(format!("unknown operator {word:?}")))?;
        let expected = match raw.get("value") {
            None => Expected::Text(Template::parse("")),
            Some(Json::String(text)) => Expected::Text(Template::parse(text)),
            Some(Json::Array(items)) => Expected::List(items.clone()),
            Some(Json::Bool(truth)) => Expected::Truth(*truth),
            Some(other) => return Err(refuse(format!("{other} is nothing to compare with"))),
        };
        Ok(Self {
            key: data::text(raw, "key").unwrap_or_default().to_owned(),
            operator,
            expected,
        })
    }

    /// The elements that stay.
    pub(super) fn filtered(
        &self,
        kind: ArrayKind,
        items: Vec<Json>,
        pool: &Pool,
    ) -> Result<Vec<Json>, Error> {
        match kind {
            ArrayKind::File => self.files(items, pool),
            ArrayKind::Boolean => {
                let Expected::Truth(expected) = self.expected else {
                    let text = "Boolean filter expects a boolean value".to_owned();
                    return Err(Error::Value(text));
                };
                let stays = self.truth(expected)?;
                Ok(kept(items, |item| item.as_bool() == Some(stays)))
            }
            ArrayKind::Number => {
                let expected = number(&self.text(pool)?)?;
                let holds = self.comparison()?;
                Ok(kept(items, |item| {
                    item.as_f64().is_some_and(|item| holds(item, expected))
                }))
            }
            ArrayKind::String | ArrayKind::Object | ArrayKind::Any => {
                let expected = self.text(pool)?;
                self.is_for_texts()?;
                Ok(kept(items, |item| {
                    let item = item.as_str().unwrap_or_default();
                    self.text_holds(item, &expected) == Some(true)
                }))
            }
        }
    }

    fn text(&self, pool: &Pool) -> Result<String, Error> {
        let shown = match &self.expected {
            Expected::Text(template) => return Ok(template.render_text(pool)),
            Expected::List(items) => python_text(&Json::Array(items.clone())),
            Expected::Truth(truth) => python_text(&Json::Bool(*truth)),
        };
        Err(Error::Operator(format!("Invalid filter value: {shown}")))
    }

    fn invalid(&self) -> Error {
        Error::Operator(format!("Invalid condition: {}", self.operator.as_str()))
    }

    /// The value that stays.
    fn truth(&self, expected: bool) -> Result<bool, Error> {
        if self.operator == Operator::Is {
            Ok(expected)
        } else if self.operator == Operator::IsNot {
            Ok(!expected)
        } else {
            Err(self.invalid())
        }
    }

    /// How two numbers have to stand to each other.
    fn comparison(&self) -> Result<fn(f64, f64) -> bool, Error> {
        let holds: fn(f64, f64) -> bool = match self.operator {
            Operator::Equal => |one, other| one == other,
            Operator::NotEqual => |one, other| one != other,
            Operator::Less => |one, other| one < other,
            Operator::Greater => |one, other| one > other,
            Operator::LessOrEqual => |one, other| one <= other,
            Operator::GreaterOrEqual => |one, other| one >= other,
            Operator::Contains
            | Operator::StartWith
            | Operator::EndWith
            | Operator::Is
            | Operator::In
            | Operator::Empty
            | Operator::NotContains
            | Operator::IsNot
            | Operator::NotIn
            | Operator::NotEmpty => return Err(self.invalid()),
        };
        Ok(holds)
    }

    fn is_for_texts(&self) -> Result<(), Error> {
        self.text_holds("", "")
            .map(|_| ())
            .ok_or_else(|| self.invalid())
    }

    /// Whether it holds for a text; none when it is no operator of texts.
    fn text_holds(&self, item: &str, expected: &str) -> Option<bool> {
        Some(match self.operator {
            Operator::Contains => item.contains(expected),
            Operator::NotContains => !item.contains(expected),
            Operator::StartWith => item.starts_with(expected),
            Operator::EndWith => item.ends_with(expected),
            Operator::Is => item == expected,
            Operator::IsNot => item != expected,
            // The other way round: the element stands in the value.
            Operator::In => expected.contains(item),
            Operator::NotIn => !expected.contains(item),
            Operator::Empty => item.is_empty(),
            Operator::NotEmpty => !item.is_empty(),
            Operator::Equal
            | Operator::NotEqual
            | Operator::Less
            | Operator::Greater
            | Operator::LessOrEqual
            | Operator::GreaterOrEqual => return None,
        })
    }

    fn files(&self, items: Vec<Json>, pool: &Pool) -> Result<Vec<Json>, Error> {
        let text = match &self.expected {
            Expected::Truth(_) => {
                let text = "File filter expects a string value, got <class 'bool'>".to_owned();
                return Err(Error::Value(text));
            }
            Expected::Text(template) => Some(template.render_text(pool)),
            Expected::List(_) => None,
        };
        let holds: Box<dyn Fn(&File) -> bool> = match (self.key.as_str(), text) {
            (key @ ("name" | "extension" | "mime_type" | "url" | "related_id"), Some(expected)) => {
                self.is_for_some(&items, Self::is_for_texts)?;
                Box::new(move |file| {
                    let text = file_text(file, key).unwrap_or_default();
                    self.text_holds(&text, &expected) == Some(true)
                })
            }
            (key @ ("type" | "transfer_method"), expected) => {
                self.is_for_some(&items, Self::is_membership)?;
                Box::new(move |file| {
                    let text = file_text(file, key).unwrap_or_default();
                    self.is_member(&text, expected.as_deref()) == (self.operator == Operator::In)
                })
            }
            ("size", Some(expected)) if !items.is_empty() => {
                let (holds, expected) = (self.comparison()?, number(&expected)?);
                Box::new(move |file| holds(file.size as f64, expected))
            }
            ("size", Some(_)) => Box::new(|_| true),
            (key, _) => return Err(Error::Operator(format!("Invalid key: {key}"))),
        };
        Ok(kept(items, |item| {
            File::from_json(item).is_some_and(|file| holds(&file))
        }))
    }

    /// An operator is only looked at when there is something to compare.
    fn is_for_some(
        &self,
        items: &[Json],
        check: fn(&Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if items.is_empty() {
            Ok(())
        } else {
            check(self)
        }
    }

    fn is_membership(&self) -> Result<(), Error> {
        if matches!(self.operator, Operator::In | Operator::NotIn) {
            Ok(())
        } else {
            Err(self.invalid())
        }
    }

    /// Whether a text is one of those listed, or stands in the text that is given in their place.
    fn is_member(&self, text: &str, expected: Option<&str>) -> bool {
        match (&self.expected, expected) {
            (Expected::List(items), _) => items.iter().any(|item| item.as_str() == Some(text)),
            (_, Some(expected)) => expected.contains(text),
            (Expected::Text(_) | Expected::Truth(_), None) => false,
        }
    }
}

fn number(text: &str) -> Result<f64, Error> {
    float(&text.into()).map_err(Error::Value)
}

fn kept(mut items: Vec<Json>, stays: impl FnMut(&Json) -> bool) -> Vec<Json> {
    items.retain(stays);
    items
}

/// An attribute of a file that is a text, empty when it has none; the URL is that elsewhere only. `None` for any other
/// name.
pub(super) fn file_text(file: &File, key: &str) -> Option<String> {
    let text = match key {
        "name" => &file.filename,
        "extension" => &file.extension,
        "mime_type" => &file.mime_type,
        "url" => &file.remote_url,
        "related_id" => &file.related_id,
        "type" => return Some(file.file_type.as_str().to_owned()),
        "transfer_method" => return Some(file.transfer_method.as_str().to_owned()),
        _ => return None,
    };
    Some(text.clone().unwrap_or_default())
}
