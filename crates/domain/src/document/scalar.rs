//! What a scalar means: YAML 1.1 as PyYAML reads it, because that is what wrote and reads these files.

use serde_json::{Number, Value as Json};

/// What a plain scalar is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    /// Null, a truth or a number.
    Value(Json),
    /// A number that JSON cannot hold: an infinity, not-a-number, more than 64 bits.
    Beyond,
    /// A text; times are texts as well.
    Text,
}

/// What a plain scalar without a tag is.
pub(super) fn plain(text: &str) -> Scalar {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Value(Json::Null),
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Scalar::Value(Json::Bool(true))
        }
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Scalar::Value(Json::Bool(false))
        }
        _ => integer(text)
            .or_else(|| float(text))
            .unwrap_or(Scalar::Text),
    }
}

/// What a scalar with a core tag is; `None` when it cannot be that.
pub(super) fn tagged(tag: &str, text: &str) -> Option<Scalar> {
    match tag {
        "str" => Some(Scalar::Text),
        "null" => Some(Scalar::Value(Json::Null)),
        "bool" => match text.to_ascii_lowercase().as_str() {
            "yes" | "true" | "on" => Some(Scalar::Value(Json::Bool(true))),
            "no" | "false" | "off" => Some(Scalar::Value(Json::Bool(false))),
            _ => None,
        },
        "int" => integer(text),
        "float" => float(text).or_else(|| loose_float(text)),
        _ => None,
    }
}

fn signed(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        Some(_) | None => (false, text),
    }
}

fn without_lines(text: &str) -> String {
    text.chars().filter(|c| *c != '_').collect()
}

fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// A digit, then digits and underscores.
fn is_whole(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'_')
}

fn integer(text: &str) -> Option<Scalar> {
    let (negative, digits) = signed(text);
    if digits.contains(':') {
        return sexagesimal(negative, digits);
    }
    let (radix, body) = match digits.as_bytes() {
        [b'0', b'b', ..] => (2, &digits[2..]),
        [b'0', b'x', ..] => (16, &digits[2..]),
        [b'0', _, ..] => (8, digits),
        [b'0'..=b'9', ..] => (10, digits),
        [..] => return None,
    };
    let fits = |c: char| c == '_' || c.is_digit(radix);
    let bare = without_lines(body);
    if bare.is_empty() || !body.chars().all(fits) {
        return None;
    }
    Some(number(negative, u128::from_str_radix(&bare, radix).ok()))
}

fn number(negative: bool, magnitude: Option<u128>) -> Scalar {
    let number = magnitude.and_then(|magnitude| {
        if negative {
            let value = i128::try_from(magnitude).ok()?;
            i64::try_from(-value).ok().map(Number::from)
        } else {
            u64::try_from(magnitude).ok().map(Number::from)
        }
    });
    number.map_or(Scalar::Beyond, |number| Scalar::Value(Json::Number(number)))
}

/// `12:30` is 750: base 60, as YAML 1.1 has it.
fn sexagesimal(negative: bool, digits: &str) -> Option<Scalar> {
    let (first, rest) = digits.split_once(':')?;
    let fits = is_whole(first) && !first.starts_with('0') && rest.split(':').all(is_sixtieth);
    fits.then(|| {
        let first = without_lines(first).parse::<u128>().ok();
        let sum = rest.split(':').try_fold(first?, |sum, part| {
            sum.checked_mul(60)?.checked_add(part.parse().ok()?)
        });
        Some(number(negative, sum))
    })
    .map(|number| number.unwrap_or(Scalar::Beyond))
}

fn is_sixtieth(part: &str) -> bool {
    match part.as_bytes() {
        [one] => one.is_ascii_digit(),
        [ten, one] => matches!(ten, b'0'..=b'5') && one.is_ascii_digit(),
        [..] => false,
    }
}

/// A float needs a dot; an exponent needs a sign (`1e5` is a text).
fn float(text: &str) -> Option<Scalar> {
    let (negative, body) = signed(text);
    match body {
        ".inf" | ".Inf" | ".INF" => return Some(Scalar::Beyond),
        ".nan" | ".NaN" | ".NAN" => return (body == text).then_some(Scalar::Beyond),
        _ => {}
    }
    let (whole, fraction) = body.split_once('.')?;
    if whole.contains(':') {
        return sexagesimal_float(negative, whole, fraction);
    }
    let (fraction, exponent) = match fraction.find(['e', 'E']) {
        Some(at) => (&fraction[..at], Some(&fraction[at + 1..])),
        None => (fraction, None),
    };
    let are_lined = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    // A dot in front takes no sign before it.
    let fits = if whole.is_empty() {
        body == text && is_whole(fraction)
    } else {
        is_whole(whole) && are_lined(fraction)
    };
    let is_exponent = |exponent: &str| exponent.strip_prefix(['+', '-']).is_some_and(are_digits);
    (fits && exponent.is_none_or(is_exponent)).then(|| of_float(without_lines(text).parse().ok()))
}

fn of_float(value: Option<f64>) -> Scalar {
    let number = value.and_then(Number::from_f64);
    number.map_or(Scalar::Beyond, |number| Scalar::Value(Json::Number(number)))
}

fn sexagesimal_float(negative: bool, whole: &str, fraction: &str) -> Option<Scalar> {
    let (first, rest) = whole.split_once(':')?;
    let fits = is_whole(first)
        && rest.split(':').all(is_sixtieth)
        && fraction.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let last = without_lines(&format!("0.{fraction}0"));
    fits.then(|| {
        let first = without_lines(first).parse::<f64>().ok()?;
        let minutes = rest.split(':').try_fold(first, |sum, part| {
            Some(sum * 60.0 + part.parse::<f64>().ok()?)
        })?;
        let value = minutes + last.parse::<f64>().ok()?;
        Some(if negative { -value } else { value })
    })
    .map(of_float)
}

/// What Python's `float` takes besides: `!!float 3`, `!!float 1e5`.
fn loose_float(text: &str) -> Option<Scalar> {
    let bare = without_lines(text);
    let fits = bare
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    let value: f64 = fits.then(|| bare.parse().ok()).flatten()?;
    Some(of_float(Some(value)))
}

#[cfg(test)]
mod tests;
