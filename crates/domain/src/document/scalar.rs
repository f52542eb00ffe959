//! What a plain scalar means: YAML 1.1 as PyYAML reads it, because that is what wrote and reads these files.

use serde_json::{Number, Value as Json};

/// The value of a plain scalar. Numbers that no 64-bit number holds, infinities and times stay texts.
pub(super) fn resolve(text: &str) -> Json {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Json::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Json::Bool(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Json::Bool(false)
        }
        _ => number(text).map_or_else(|| Json::String(text.to_owned()), Json::Number),
    }
}

fn number(text: &str) -> Option<Number> {
    let first = *text.as_bytes().first()?;
    if !(first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.')) {
        return None;
    }
    integer(text)
        .map(Number::from)
        .or_else(|| float(text).and_then(Number::from_f64))
}

fn integer(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes()[0] {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let bare: String = digits.chars().filter(|c| *c != '_').collect();
    let radix = |digits: &str, radix| {
        (!digits.is_empty())
            .then(|| i128::from_str_radix(digits, radix).ok())
            .flatten()
    };
    let value = if let Some(bits) = bare.strip_prefix("0b") {
        radix(bits, 2)?
    } else if let Some(hex) = bare.strip_prefix("0x") {
        radix(hex, 16)?
    } else if digits.contains(':') {
        sexagesimal(&bare)?
    } else if bare.bytes().all(|b| b.is_ascii_digit())
        && digits.starts_with(|c: char| c.is_ascii_digit())
    {
        radix(
            &bare,
            if bare.len() > 1 && bare.starts_with('0') {
                8
            } else {
                10
            },
        )?
    } else {
        return None;
    };
    i64::try_from(if negative { -value } else { value }).ok()
}

/// `12:30` is 750: base 60, as YAML 1.1 has it.
fn sexagesimal(digits: &str) -> Option<i128> {
    let mut parts = digits.split(':');
    let first = parts.next()?;
    if first.starts_with('0') || !first.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    parts.try_fold(first.parse::<i128>().ok()?, |value, part| {
        let digit: i128 = part
            .parse()
            .ok()
            .filter(|_| matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_digit()))?;
        (digit < 60).then_some(value.checked_mul(60)?.checked_add(digit)?)
    })
}

/// A float needs a dot; an exponent needs a sign (`1e5` is a text).
fn float(text: &str) -> Option<f64> {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match body.find(['e', 'E']) {
        Some(at) => (&body[..at], Some(&body[at + 1..])),
        None => (body, None),
    };
    let (whole, fraction) = mantissa.split_once('.')?;
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let starts_with_digit = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
    let fits = digits(whole)
        && digits(fraction)
        && (starts_with_digit(whole)
            || (whole.is_empty() && body.len() == text.len() && starts_with_digit(fraction)));
    let exponent_fits = exponent.is_none_or(|e| {
        e.strip_prefix(['+', '-'])
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    });
    (fits && exponent_fits)
        .then(|| text.replace('_', "").parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::resolve;

    #[test]
    fn plain_scalars_mean_what_pyyaml_says() {
        for (text, value) in [
            ("yes", json!(true)),
            ("Off", json!(false)),
            ("~", json!(null)),
            ("", json!(null)),
            ("y", json!("y")),
            ("017", json!(15)),
            ("08", json!("08")),
            ("0o17", json!("0o17")),
            ("0x1F", json!(31)),
            ("0b11", json!(3)),
            ("1_000", json!(1000)),
            ("-7", json!(-7)),
            ("+7", json!(7)),
            ("12:30", json!(750)),
            ("12:60", json!("12:60")),
            ("1.0", json!(1.0)),
            ("1.", json!(1.0)),
            (".5", json!(0.5)),
            ("-.5", json!("-.5")),
            ("1e5", json!("1e5")),
            ("1.0e5", json!("1.0e5")),
            ("1.0e+5", json!(100_000.0)),
            (".inf", json!(".inf")),
            ("-", json!("-")),
            ("0.6.0", json!("0.6.0")),
            ("2024-01-01", json!("2024-01-01")),
            ("99999999999999999999", json!("99999999999999999999")),
            ("9223372036854775807", json!(i64::MAX)),
        ] {
            assert_eq!(resolve(text), value, "{text}");
        }
    }
}
