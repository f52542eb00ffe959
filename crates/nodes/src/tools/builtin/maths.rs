//! `maths`: the value of an expression, in the words of NumExpr, which Dify uses.

use minijinja::value::{Value as Number, ValueKind};
use minijinja::{Environment, Error, UndefinedBehavior};

use latchkey_domain::time::Timestamp;
use latchkey_domain::value::python_float;

use super::{Arguments, text};
use crate::host::ToolError;

/// The longest expression, in bytes.
const LONGEST: usize = 10_000;
/// How deep brackets may be.
const DEEPEST: usize = 100;
/// How much work an expression may cause.
const FUEL: u64 = 100_000;

/// A function of one number, by its name.
type OfOne = (&'static str, fn(f64) -> f64);

/// Functions of one number.
const OF_ONE: &[OfOne] = &[
    ("sqrt", f64::sqrt),
    ("sin", f64::sin),
    ("cos", f64::cos),
    ("tan", f64::tan),
    ("arcsin", f64::asin),
    ("arccos", f64::acos),
    ("arctan", f64::atan),
    ("sinh", f64::sinh),
    ("cosh", f64::cosh),
    ("tanh", f64::tanh),
    ("arcsinh", f64::asinh),
    ("arccosh", f64::acosh),
    ("arctanh", f64::atanh),
    ("log", f64::ln),
    ("log10", f64::log10),
    ("log1p", f64::ln_1p),
    ("exp", f64::exp),
    ("expm1", f64::exp_m1),
    ("floor", f64::floor),
    ("ceil", f64::ceil),
];

pub(super) fn evaluate(arguments: &Arguments, _: Timestamp) -> Result<String, ToolError> {
    let expression = text(arguments, "expression").trim();
    let failed =
        |cause: String| ToolError::Invoke(format!("the expression cannot be evaluated: {cause}"));
    if expression.is_empty() {
        return Err(failed("it is empty".to_owned()));
    }
    if expression.len() > LONGEST || depth(expression) > DEEPEST {
        return Err(failed("it is too long or too deep".to_owned()));
    }
    let environment = environment();
    let value = environment
        .compile_expression(expression)
        .and_then(|compiled| compiled.eval(()))
        .map_err(|cause| failed(cause.to_string()))?;
    shown(&value).ok_or_else(|| failed("it is no number".to_owned()))
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    for (name, function) in OF_ONE {
        environment.add_function(*name, move |number: f64| function(number));
    }
    environment.add_function("arctan2", f64::atan2);
    environment.add_function("abs", |number: Number| -> Result<Number, Error> {
        if let Some(whole) = number.as_i64() {
            return Ok(Number::from(whole.saturating_abs()));
        }
        let float = f64::try_from(number)?;
        Ok(Number::from(float.abs()))
    });
    environment.add_function(
        "where",
        |test: bool, yes: Number, no: Number| {
            if test { yes } else { no }
        },
    );
    environment.add_global("pi", std::f64::consts::PI);
    environment.add_global("e", std::f64::consts::E);
    environment
}

/// As Python writes it.
fn shown(value: &Number) -> Option<String> {
    let kind = value.kind();
    if kind == ValueKind::Bool {
        return Some(if value.is_true() { "True" } else { "False" }.to_owned());
    }
    if kind != ValueKind::Number {
        return None;
    }
    if value.is_integer() {
        return Some(value.to_string());
    }
    f64::try_from(value.clone()).ok().map(python_float)
}

fn depth(expression: &str) -> usize {
    let mut depth = 0_usize;
    let mut deepest = 0;
    for byte in expression.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use latchkey_domain::time::Timestamp;

    use super::evaluate;

    fn value(expression: &str) -> Result<String, String> {
        let arguments = json!({"expression": expression});
        let told = evaluate(arguments.as_object().unwrap(), Timestamp::default());
        told.map_err(|cause| cause.to_string())
    }

    #[test]
    fn expressions_have_their_value() {
        for (expression, told) in [
            ("(3 + 4) * 2", "14"),
            ("1/2", "0.5"),
            ("2**10", "1024"),
            ("sqrt(16) + abs(-2)", "6.0"),
            ("sin(0)", "0.0"),
            ("10 % 3", "1"),
            ("3 > 2", "True"),
            ("where(1 > 2, 5, 7)", "7"),
            ("round", "!"),
        ] {
            match value(expression) {
                Ok(found) => assert_eq!(found, told, "{expression}"),
                Err(_) => assert_eq!(told, "!", "{expression}"),
            }
        }
    }

    #[test]
    fn what_is_no_arithmetic_is_refused() {
        let deep = "(".repeat(5000);
        for expression in [
            "",
            "1 +",
            "unknown + 1",
            "'a' * 3",
            "[1]",
            "9**9**9**9",
            &deep,
        ] {
            let told = value(expression).unwrap_err();
            assert!(told.starts_with("the expression"), "{expression}: {told}");
        }
    }
}
