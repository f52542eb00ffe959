//! What a node's data says about failures: `retry_config`, `error_strategy`, `default_value` (Dify DSL reference, 5); and our own
//! `on_recovery` and `timeout_seconds`.

use serde_json::{Map, Value as Json};

use latchkey_domain::value::{NamedValues, Value};

/// What Dify's editor lets people set (reference, 5.3); its engine bounds nothing. Shorter waits stay as they are.
const MAX_RETRIES: f64 = 10.0;
const MAX_INTERVAL_MILLIS: f64 = 5_000.0;

/// How often and after which wait a failed attempt is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Retry {
    pub(crate) max: u32,
    pub(crate) interval_millis: i64,
}

impl Retry {
    /// Reads `retry_config`; none when it is absent or switched off.
    pub(super) fn of(data: &Map<String, Json>) -> Option<Self> {
        let config = data.get("retry_config")?.as_object()?;
        let enabled = config.get("retry_enabled").and_then(Json::as_bool) == Some(true);
        let number = |key: &str, most: f64| {
            let number = config.get(key).and_then(Json::as_f64);
            number.unwrap_or(0.0).clamp(0.0, most)
        };
        let max = number("max_retries", MAX_RETRIES) as u32;
        (enabled && max > 0).then_some(Self {
            max,
            interval_millis: number("retry_interval", MAX_INTERVAL_MILLIS) as i64,
        })
    }
}

/// The longest time that an attempt may be given, in seconds: a day.
const MAX_TIMEOUT: f64 = 86_400.0;

/// What becomes of an attempt whose end nobody has recorded, when somebody else goes on with the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum OnRecovery {
    /// It is made again.
    #[default]
    Rerun,
    /// It has failed: what it does must not happen twice.
    Fail,
}

/// How long an attempt may take, and what becomes of an interrupted one.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub(super) struct Extent {
    pub(super) on_recovery: OnRecovery,
    pub(super) timeout_millis: Option<i64>,
}

impl Extent {
    /// Reads `on_recovery` and `timeout_seconds`, which Dify ignores.
    pub(super) fn of(data: &Map<String, Json>) -> Result<Self, String> {
        let on_recovery = match data.get("on_recovery") {
            None | Some(Json::Null) => OnRecovery::Rerun,
            Some(Json::String(word)) if word == "rerun" => OnRecovery::Rerun,
            Some(Json::String(word)) if word == "fail" => OnRecovery::Fail,
            Some(other) => {
                return Err(format!("on_recovery is \"rerun\" or \"fail\", not {other}"));
            }
        };
        let timeout_millis = match data.get("timeout_seconds") {
            None | Some(Json::Null) => None,
            Some(value) => match value.as_f64() {
                Some(seconds) if seconds > 0.0 && seconds <= MAX_TIMEOUT => {
                    Some((seconds * 1000.0).ceil() as i64)
                }
                Some(_) | None => {
                    let detail = "timeout_seconds is a number of seconds above 0 and up to a day";
                    return Err(format!("{detail}, not {value}"));
                }
            },
        };
        Ok(Self {
            on_recovery,
            timeout_millis,
        })
    }
}

/// What follows when no attempt is left.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Strategy {
    /// The run fails.
    None,
    /// The edges of the handle `fail-branch` are taken.
    FailBranch,
    /// These outputs stand in.
    DefaultValue(NamedValues),
}

impl Strategy {
    /// Reads `error_strategy` and `default_value`; the latter must be right even where nothing uses it.
    pub(super) fn of(data: &Map<String, Json>) -> Result<Self, String> {
        let defaults = match data.get("default_value") {
            None | Some(Json::Null) => Vec::new(),
            Some(Json::Array(items)) => {
                items.iter().map(default_value).collect::<Result<_, _>>()?
            }
            Some(_) => return Err("default_value is not a list".into()),
        };
        match data.get("error_strategy") {
            None | Some(Json::Null) => Ok(Self::None),
            Some(Json::String(name)) => match name.as_str() {
                "none" | "" => Ok(Self::None),
                "fail-branch" => Ok(Self::FailBranch),
                "default-value" => Ok(Self::DefaultValue(defaults)),
                other => Err(format!("unknown error strategy {other:?}")),
            },
            Some(other) => Err(format!("unknown error strategy {other}")),
        }
    }
}

/// One item: `{key, type, value}`, a text being converted when its type is no text.
fn default_value(item: &Json) -> Result<(String, Value), String> {
    let text = |name: &str| item.get(name).and_then(Json::as_str);
    let key = text("key").ok_or("an item of default_value has no key")?;
    let kind = text("type").ok_or_else(|| format!("the default value {key} has no type"))?;
    let raw = item.get("value").cloned().unwrap_or(Json::Null);
    let mismatch = || format!("the default value {key} is not of the type {kind}");
    let value = match (kind, raw) {
        ("string", raw) => raw,
        ("number", Json::String(text)) => {
            return match text.trim().parse() {
                Ok(number) => Ok((key.to_owned(), Value::Float(number))),
                Err(_) => Err(mismatch()),
            };
        }
        (_, Json::String(text)) => serde_json::from_str(&text).map_err(|_| mismatch())?,
        (_, raw) => raw,
    };
    if is_of_kind(&value, kind) {
        Ok((key.to_owned(), Value::infer(value)))
    } else {
        Err(mismatch())
    }
}

fn is_of_kind(value: &Json, kind: &str) -> bool {
    let is_list_of =
        |fits: fn(&Json) -> bool| value.as_array().is_some_and(|items| items.iter().all(fits));
    let is_number = |value: &Json| value.is_number() || value.is_boolean();
    match kind {
        "string" => value.is_string(),
        "number" => is_number(value),
        "object" => value.is_object(),
        "array[number]" => is_list_of(|item| item.is_number() || item.is_boolean()),
        "array[string]" => is_list_of(Json::is_string),
        "array[object]" => is_list_of(Json::is_object),
        "array[file]" => true,
        _ => false,
    }
}
