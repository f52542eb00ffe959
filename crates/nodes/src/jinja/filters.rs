//! Filters that Python's Jinja has and the template engine lacks, or that give another text there.

use std::fmt::Write as _;

use minijinja::value::Kwargs;
use minijinja::{Environment, Error, State, Value as Jinja};

use latchkey_domain::value::{json_compact, json_indented};

use super::shown;

/// The parameters of `truncate` when none are given.
const TRUNCATED: usize = 255;
const LEEWAY: usize = 5;

/// Adds the filters.
pub(super) fn add(environment: &mut Environment<'_>) {
    environment.add_filter("escape", escape);
    environment.add_filter("e", escape);
    environment.add_filter("forceescape", escape);
    environment.add_filter("tojson", to_json);
    environment.add_filter("truncate", truncate);
    environment.add_filter("wordcount", word_count);
    environment.add_filter("center", center);
    environment.add_filter("striptags", strip_tags);
    environment.add_filter("urlencode", url_encode);
    environment.add_filter("int", integer);
    environment.add_filter("float", float);
}

fn escape(state: &State<'_, '_>, value: &Jinja) -> Result<Jinja, Error> {
    if value.is_safe() {
        return Ok(value.clone());
    }
    let text = shown::text(state, value)?;
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    Ok(Jinja::from_safe_string(out))
}

/// JSON that is safe inside HTML: keys in order, everything but ASCII escaped, and the letters that end a tag too.
fn to_json(
    state: &State<'_, '_>,
    value: &Jinja,
    indent: Option<usize>,
    kwargs: Kwargs,
) -> Result<Jinja, Error> {
    /// Wider than any page; each line of a value gets it once for every level.
    const WIDEST: usize = 32;
    let indent = indent.or(kwargs.get("indent")?);
    kwargs.assert_all_used()?;
    let json = shown::json(state, value)?;
    let text = match indent {
        None => json_compact(&json),
        Some(width) => indented(&json_indented(&json), width.min(WIDEST)),
    };
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' | '>' | '&' | '\'' => push_escape(&mut out, u16::from(letter as u8)),
            letter if letter.is_ascii() => out.push(letter),
            letter => {
                let mut units = [0; 2];
                for unit in letter.encode_utf16(&mut units) {
                    push_escape(&mut out, *unit);
                }
            }
        }
    }
    Ok(Jinja::from_safe_string(out))
}

fn push_escape(out: &mut String, unit: u16) {
    write!(out, "\\u{unit:04x}").expect("writing to a text cannot fail");
}

/// Text that is indented by two, indented by another width. Line feeds inside texts are escaped in JSON.
fn indented(text: &str, width: usize) -> String {
    let lines = text.lines().map(|line| {
        let rest = line.trim_start_matches(' ');
        let depth = (line.len() - rest.len()) / 2;
        format!("{}{rest}", " ".repeat(depth * width))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn truncate(
    text: &str,
    length: Option<usize>,
    killwords: Option<bool>,
    end: Option<&str>,
    kwargs: Kwargs,
) -> Result<String, Error> {
    let length = length.or(kwargs.get("length")?).unwrap_or(TRUNCATED);
    let killwords = killwords.or(kwargs.get("killwords")?).unwrap_or(false);
    let end = end.or(kwargs.get("end")?).unwrap_or("...");
    let leeway = kwargs.get::<Option<usize>>("leeway")?.unwrap_or(LEEWAY);
    if text.chars().count() <= length.saturating_add(leeway) {
        return Ok(text.to_owned());
    }
    let kept = length.saturating_sub(end.chars().count());
    let head: String = text.chars().take(kept).collect();
    let head = match head.rsplit_once(' ') {
        Some((words, _)) if !killwords => words,
        _ => &head,
    };
    Ok(format!("{head}{end}"))
}

fn word_count(text: &str) -> usize {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.split(|letter| !is_word(letter))
        .filter(|word| !word.is_empty())
        .count()
}

/// Python's `str.center`: what is left over goes to the left when the width is odd.
fn center(text: &str, width: Option<usize>) -> String {
    const WIDEST: usize = 10_000;
    let width = width.unwrap_or(80).min(WIDEST);
    let missing = width.saturating_sub(text.chars().count());
    let left = missing / 2 + (missing & width & 1);
    format!("{}{text}{}", " ".repeat(left), " ".repeat(missing - left))
}

fn strip_tags(text: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for letter in text.chars() {
        match letter {
            '<' => inside = true,
            '>' if inside => inside = false,
            letter if !inside => out.push(letter),
            _ => {}
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn url_encode(state: &State<'_, '_>, value: &Jinja) -> Result<String, Error> {
    let text = shown::text(state, value)?;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("writing to a text cannot fail");
        }
    }
    Ok(out)
}

/// A whole number, or the default when the value is none.
fn integer(value: &Jinja, default: Option<Jinja>) -> Jinja {
    let whole = i64::try_from(value.clone()).ok();
    let from_text = || value.as_str()?.trim().replace('_', "").parse::<i64>().ok();
    let cut = || number(value).filter(|number| number.is_finite());
    match whole.or_else(from_text) {
        Some(whole) => Jinja::from(whole),
        None => match cut() {
            Some(number) => Jinja::from(number.trunc() as i64),
            None => default.unwrap_or_else(|| Jinja::from(0)),
        },
    }
}

/// A float, or the default when the value is none.
fn float(value: &Jinja, default: Option<Jinja>) -> Jinja {
    match number(value) {
        Some(number) => Jinja::from(number),
        None => default.unwrap_or_else(|| Jinja::from(0.0)),
    }
}

fn number(value: &Jinja) -> Option<f64> {
    match value.as_str() {
        Some(text) => text.trim().parse().ok(),
        None if value.is_undefined() || value.is_none() => None,
        None => f64::try_from(value.clone()).ok(),
    }
}
