//! Environment and conversation variables (Dify DSL reference, 1.5).

use serde_json::Value as Json;

use super::Variable;
use super::place::Tree;
use super::problem::Problem;

/// The longest value, in bytes of its JSON text (Dify: `MAX_VARIABLE_SIZE`).
const MAX_BYTES: usize = 204_800;
/// The most variables of one list.
const MAX_VARIABLES: usize = 1_000;

/// Reads `workflow.<key>`; an absent or null list is empty.
pub(super) fn variables(tree: &Tree, key: &str, problems: &mut Vec<Problem>) -> Vec<Variable> {
    let field = format!("workflow.{key}");
    let Some(list) = tree.spot().key("workflow").and_then(|spot| spot.key(key)) else {
        return Vec::new();
    };
    if list.value.is_null() {
        return Vec::new();
    }
    let Some(items) = list.items() else {
        let problem = Problem::error("variable_invalid", "Runtime variables must be a list.");
        problems.push(problem.on_line(list.place).in_field(field));
        return Vec::new();
    };
    if items.len() > MAX_VARIABLES {
        let message = format!("more than {MAX_VARIABLES} variables in one list");
        let problem = Problem::error("variables_too_many", message);
        problems.push(problem.on_line(list.place).in_field(field));
        return Vec::new();
    }
    let mut read = Vec::new();
    for (at, item) in items.enumerate() {
        match variable(item.value) {
            Ok(variable) => read.push(variable),
            Err(message) => problems.push(
                Problem::error("variable_invalid", message)
                    .on_line(item.place)
                    .in_field(format!("{field}[{at}]")),
            ),
        }
    }
    read
}

fn variable(raw: &Json) -> Result<Variable, String> {
    let text = |key: &str| {
        raw.get(key)
            .and_then(Json::as_str)
            .filter(|text| !text.is_empty())
    };
    let name = text("name").ok_or("Runtime variable name must be a non-empty string.")?;
    let value_type = text("value_type")
        .or_else(|| text("type"))
        .ok_or_else(|| format!("the variable {name} has no value_type"))?;
    let value = raw
        .get("value")
        .filter(|value| !value.is_null())
        .ok_or_else(|| format!("the variable {name} has no value"))?;
    let value = convert(value_type, value)
        .map_err(|expected| format!("the value of {name} is not {expected}"))?;
    if value.to_string().len() > MAX_BYTES {
        return Err(format!(
            "the value of {name} is longer than {MAX_BYTES} bytes"
        ));
    }
    Ok(Variable {
        id: text("id").unwrap_or(name).to_owned(),
        name: name.to_owned(),
        value_type: value_type.to_owned(),
        value,
    })
}

/// The value if it is of the declared type; else what it should be.
fn convert(value_type: &str, value: &Json) -> Result<Json, String> {
    let item_fits = |kind: &str, item: &Json| match kind {
        "string" => item.is_string(),
        "number" => item.is_number(),
        "boolean" => item.is_boolean(),
        "object" => item.is_object(),
        _ => true,
    };
    let fits = match value_type {
        "string" | "secret" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "float" => value.is_f64(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        _ => match value_type
            .strip_prefix("array[")
            .and_then(|rest| rest.strip_suffix(']'))
        {
            Some(kind @ ("string" | "number" | "object" | "boolean" | "any")) => value
                .as_array()
                .is_some_and(|items| items.iter().all(|item| item_fits(kind, item))),
            Some(_) | None => return Err(format!("supported: the type {value_type} is unknown")),
        },
    };
    if fits {
        Ok(value.clone())
    } else {
        Err(format!("of its type {value_type}"))
    }
}
