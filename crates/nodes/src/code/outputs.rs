//! The check of a result against the declared outputs (Dify DSL, output check): types, lengths, ranges, depth, nothing
//! missing and nothing more.

use serde_json::{Map, Number, Value as Json};

use latchkey_domain::value::ArrayKind;

use crate::host::CodeLimits;

use super::config::{Output, Outputs};
use super::precision;

type Values = Map<String, Json>;

/// What is wrong with a result.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum OutputError {
    #[error("{0}")]
    Invalid(String),
    #[error("Not all output parameters are validated.")]
    More,
    #[error("Depth limit {0} reached, object too deep.")]
    Depth(usize),
}

impl OutputError {
    /// The name that Dify's workflows know.
    pub(super) const fn class(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "OutputValidationError",
            Self::More => "CodeNodeError",
            Self::Depth(_) => "DepthLimitError",
        }
    }
}

type Checked<T> = Result<T, OutputError>;

fn invalid<T>(text: String) -> Checked<T> {
    Err(OutputError::Invalid(text))
}

/// The outputs of a result, in the order of their declaration.
pub(super) fn check(limits: &CodeLimits, declared: &Outputs, result: Values) -> Checked<Values> {
    Check { limits }.declared(declared, result, "", 1)
}

struct Check<'a> {
    limits: &'a CodeLimits,
}

impl Check<'_> {
    fn declared(
        &self,
        declared: &Outputs,
        mut result: Values,
        place: &str,
        depth: usize,
    ) -> Checked<Values> {
        self.deep(depth)?;
        let mut checked = Values::new();
        for (name, output) in declared {
            let place = inside(place, name);
            let Some(value) = result.swap_remove(name) else {
                return invalid(format!("Output {place} is missing."));
            };
            checked.insert(name.clone(), self.output(output, value, &place, depth)?);
        }
        if !result.is_empty() {
            return Err(OutputError::More);
        }
        Ok(checked)
    }

    /// A value of a declared type. Null is one of every type.
    fn output(&self, output: &Output, value: Json, place: &str, depth: usize) -> Checked<Json> {
        if value.is_null() {
            return Ok(Json::Null);
        }
        match output {
            // As in Dify: whatever it is.
            Output::Boolean => Ok(value),
            Output::Text => match value {
                Json::String(text) => self.text(text, place).map(Json::String),
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
                    invalid(format!("Output variable `{place}` must be a string"))
                }
            },
            Output::Number => match number_of(&value) {
                Some(number) => self.number(&number, place).map(|()| Json::Number(number)),
                None => invalid(is_not(place, "a number", &value)),
            },
            Output::Object(children) => match value {
                Json::Object(map) => self.object(children.as_ref(), map, place, depth + 1),
                other @ (Json::Null
                | Json::Bool(_)
                | Json::Number(_)
                | Json::String(_)
                | Json::Array(_)) => invalid(is_not(place, "an object", &other)),
            },
            Output::List(kind, children) => match value {
                Json::Array(items) => self.list(*kind, children.as_ref(), items, place, depth),
                other @ (Json::Null
                | Json::Bool(_)
                | Json::Number(_)
                | Json::String(_)
                | Json::Object(_)) => invalid(is_not(place, "an array", &other)),
            },
        }
    }

    fn object(
        &self,
        children: Option<&Outputs>,
        map: Values,
        place: &str,
        depth: usize,
    ) -> Checked<Json> {
        match children {
            Some(children) => self.declared(children, map, place, depth),
            None => self.free(&map, place, depth).map(|()| map),
        }
        .map(Json::Object)
    }

    fn list(
        &self,
        kind: ArrayKind,
        children: Option<&Outputs>,
        items: Vec<Json>,
        place: &str,
        depth: usize,
    ) -> Checked<Json> {
        let most = match kind {
            ArrayKind::String => self.limits.string_array_length,
            ArrayKind::Number => self.limits.number_array_length,
            ArrayKind::Object => self.limits.object_array_length,
            ArrayKind::Boolean | ArrayKind::Any | ArrayKind::File => usize::MAX,
        };
        if items.len() > most {
            return invalid(format!(
                "The length of output variable `{place}` must be less than {most} elements."
            ));
        }
        let each = items.into_iter().enumerate().map(|(index, item)| {
            let at = format!("{place}[{index}]");
            match (kind, item) {
                (ArrayKind::Number, item) => self.number_in(item, place, index),
                (_, Json::Null) => Ok(Json::Null),
                (ArrayKind::Boolean, item) if !item.is_boolean() => {
                    invalid(is_not(&at, "a boolean", &item))
                }
                (ArrayKind::Object, Json::Object(map)) => {
                    self.object(children, map, &at, depth + 1)
                }
                (ArrayKind::Object, item) => {
                    let text = is_not(&at, "an object", &item);
                    invalid(format!("{} at index {index}.", text.trim_end_matches('.')))
                }
                (ArrayKind::String, item) => self.output(&Output::Text, item, &at, depth),
                (ArrayKind::Boolean | ArrayKind::Any | ArrayKind::File, item) => Ok(item),
            }
        });
        each.collect()
    }

    fn number_in(&self, item: Json, place: &str, index: usize) -> Checked<Json> {
        let Some(number) = number_of(&item) else {
            return invalid(format!(
                "The element at index {index} of output variable `{place}` must be a number."
            ));
        };
        self.number(&number, &format!("{place}[{index}]"))?;
        Ok(Json::Number(number))
    }

    /// A mapping whose content is not declared.
    fn free(&self, map: &Values, place: &str, depth: usize) -> Checked<()> {
        self.deep(depth)?;
        map.iter()
            .try_for_each(|(name, value)| self.any(value, &inside(place, name), depth))
    }

    fn any(&self, value: &Json, place: &str, depth: usize) -> Checked<()> {
        match value {
            Json::Null | Json::Bool(_) => Ok(()),
            Json::Number(number) => self.number(number, place),
            Json::String(text) => self.length(text, place),
            Json::Object(map) => self.free(map, place, depth + 1),
            Json::Array(items) => {
                if !is_homogeneous(items) {
                    return invalid(format!(
                        "Output {place} is not a valid array. make sure all elements are of the same type."
                    ));
                }
                self.deep(depth)?;
                items.iter().enumerate().try_for_each(|(index, item)| {
                    let depth = depth + usize::from(item.is_array());
                    self.any(item, &format!("{place}[{index}]"), depth)
                })
            }
        }
    }

    fn deep(&self, depth: usize) -> Checked<()> {
        if depth > self.limits.depth {
            return Err(OutputError::Depth(self.limits.depth));
        }
        Ok(())
    }

    fn text(&self, text: String, place: &str) -> Checked<String> {
        self.length(&text, place)?;
        Ok(if text.contains('\0') {
            text.replace('\0', "")
        } else {
            text
        })
    }

    fn length(&self, text: &str, place: &str) -> Checked<()> {
        let most = self.limits.string_length;
        if text.len() > most && text.chars().count() > most {
            return invalid(format!(
                "The length of output variable `{place}` must be less than {most} characters"
            ));
        }
        Ok(())
    }

    fn number(&self, number: &Number, place: &str) -> Checked<()> {
        let (min, max) = (self.limits.min_number, self.limits.max_number);
        let is_within = match number.as_i64() {
            Some(integer) => (min..=max).contains(&integer),
            // A whole number that is no i64 is beyond every limit; a float is compared as one.
            None if number.is_u64() => false,
            None => number
                .as_f64()
                .is_some_and(|it| it >= min as f64 && it <= max as f64),
        };
        if !is_within {
            return invalid(format!(
                "Output variable `{place}` is out of range, it must be between {min} and {max}."
            ));
        }
        let digits = self.limits.precision;
        if number.is_f64()
            && number
                .as_f64()
                .is_some_and(|it| precision::digits(it) > digits)
        {
            return invalid(format!(
                "Output variable `{place}` has too high precision, it must be less than {digits} digits."
            ));
        }
        Ok(())
    }
}

fn inside(place: &str, name: &str) -> String {
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place}.{name}")
    }
}

/// A number; a boolean is one.
fn number_of(value: &Json) -> Option<Number> {
    match value {
        Json::Number(number) => Some(number.clone()),
        Json::Bool(truth) => Some(u8::from(*truth).into()),
        Json::Null | Json::String(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

/// Whether all elements are of one kind, nulls aside; booleans count as numbers.
fn is_homogeneous(items: &[Json]) -> bool {
    let kind = |item: &Json| match item {
        Json::Null => None,
        Json::Bool(_) | Json::Number(_) => Some(0),
        Json::String(_) => Some(1),
        Json::Array(_) => Some(2),
        Json::Object(_) => Some(3),
    };
    let mut kinds = items.iter().filter_map(kind);
    kinds
        .next()
        .is_none_or(|first| kinds.all(|other| other == first))
}

/// `Output r is not an object, got <class 'list'> instead.`
fn is_not(place: &str, wanted: &str, found: &Json) -> String {
    let class = match found {
        Json::Null => "NoneType",
        Json::Bool(_) => "bool",
        Json::Number(number) if number.is_f64() => "float",
        Json::Number(_) => "int",
        Json::String(_) => "str",
        Json::Array(_) => "list",
        Json::Object(_) => "dict",
    };
    format!("Output {place} is not {wanted}, got <class '{class}'> instead.")
}

#[cfg(test)]
mod tests;
