//! The built-in tools: those of Dify's own that need nobody's account.

mod apart;
mod code;
mod json_process;
mod maths;
mod regex;
mod time;
mod webscraper;

use serde_json::{Map, Value as Json, json};

use latchkey_domain::time::Timestamp;
use latchkey_domain::tool::NamedTool;
use latchkey_outbound::Outbound;
use latchkey_sandbox::Sandbox;

pub(crate) use self::apart::FUNCTION;
use crate::host::{ParameterForm, ToolDefinition, ToolError, ToolMessage, ToolParameter};

type Arguments = Map<String, Json>;
/// What a tool that needs nothing but its arguments and the time does.
type Work = fn(&Arguments, Timestamp) -> Result<String, ToolError>;

/// One built-in tool.
#[derive(Clone, Copy)]
pub struct Builtin {
    provider: &'static str,
    /// Its name, and other names that files have for it.
    names: &'static [&'static str],
    description: &'static str,
    parameters: &'static [Parameter],
    doing: Doing,
}

#[derive(Clone, Copy)]
enum Doing {
    /// It takes no longer than its arguments are long.
    Work(Work),
    /// Whoever writes the arguments decides how long it takes and what it holds.
    Apart(Work),
    Scrape,
    Code,
}

/// What a built-in tool can reach.
#[derive(Clone, Copy)]
pub struct Reach<'a> {
    /// The time.
    pub now: Timestamp,
    /// The way out.
    pub outbound: &'a Outbound,
    /// Where code and tools run whose time nobody knows; without it there are none.
    pub sandbox: Option<&'a Sandbox>,
}

#[derive(Clone, Copy)]
struct Parameter {
    name: &'static str,
    kind: &'static str,
    required: bool,
    form: ParameterForm,
    /// As JSON would write it in a text; empty means none.
    default: &'static str,
    description: &'static str,
}

/// What the author or a model says.
const fn said(name: &'static str, kind: &'static str, description: &'static str) -> Parameter {
    Parameter {
        name,
        kind,
        required: true,
        form: ParameterForm::Llm,
        default: "",
        description,
    }
}

/// What only the author says, with what it is when nobody does.
const fn set(
    name: &'static str,
    kind: &'static str,
    default: &'static str,
    description: &'static str,
) -> Parameter {
    Parameter {
        name,
        kind,
        required: false,
        form: ParameterForm::Form,
        default,
        description,
    }
}

const CONTENT: Parameter = said("content", "string", "The JSON text");
const QUERY: Parameter = said("query", "string", "A JSONPath to what is meant");
const ASCII: Parameter = set("ensure_ascii", "boolean", "true", "Write ASCII only");
const DECODE: Parameter = set("value_decode", "boolean", "false", "Read the value as JSON");

const ALL: &[Builtin] = &[
    Builtin {
        provider: "time",
        names: &["current_time"],
        description: "A tool for getting the current time.",
        parameters: &[
            set("format", "string", "%Y-%m-%d %H:%M:%S", "A strftime format"),
            set(
                "timezone",
                "select",
                "UTC",
                "A time zone such as Asia/Tokyo",
            ),
        ],
        doing: Doing::Work(time::current_time),
    },
    Builtin {
        provider: "time",
        names: &["timezone_conversion"],
        description: "A tool to convert time to equivalent time zone",
        parameters: &[
            said("current_time", "string", "A time such as 2024-1-1 0:0:0"),
            Parameter {
                default: "Asia/Shanghai",
                ..said("current_timezone", "string", "Its time zone")
            },
            Parameter {
                default: "Asia/Tokyo",
                ..said("target_timezone", "string", "The other time zone")
            },
        ],
        doing: Doing::Work(time::timezone_conversion),
    },
    Builtin {
        provider: "time",
        names: &["localtime_to_timestamp"],
        description: "A tool for localtime convert to timestamp",
        parameters: &[
            said("localtime", "string", "A time such as 2024-1-1 0:0:0"),
            ZONE,
        ],
        doing: Doing::Work(time::localtime_to_timestamp),
    },
    Builtin {
        provider: "time",
        names: &["timestamp_to_localtime"],
        description: "A tool for timestamp convert to localtime",
        parameters: &[said("timestamp", "number", "Seconds since 1970"), ZONE],
        doing: Doing::Work(time::timestamp_to_localtime),
    },
    Builtin {
        provider: "time",
        names: &["weekday"],
        description: "A tool for calculating the weekday of a given date by year, month and day.",
        parameters: &[
            said("year", "number", "The year"),
            said("month", "number", "The month, 1 to 12"),
            said("day", "number", "The day of the month"),
        ],
        doing: Doing::Work(time::weekday),
    },
    Builtin {
        provider: "json_process",
        names: &["parse", "json_parse"],
        description: "A tool for extracting JSON objects",
        parameters: &[
            CONTENT,
            Parameter {
                required: false,
                ..said("json_filter", "string", "A JSONPath to what is wanted")
            },
            ASCII,
        ],
        doing: Doing::Apart(json_process::parse),
    },
    Builtin {
        provider: "json_process",
        names: &["json_insert", "insert"],
        description: "A tool for inserting JSON content",
        parameters: &[
            CONTENT,
            QUERY,
            said("new_value", "string", "The value to insert"),
            DECODE,
            set(
                "create_path",
                "boolean",
                "false",
                "Make a path that is not there",
            ),
            Parameter {
                default: "",
                ..set("index", "number", "", "Where in a list; none appends")
            },
            ASCII,
        ],
        doing: Doing::Apart(json_process::insert),
    },
    Builtin {
        provider: "json_process",
        names: &["json_replace", "replace"],
        description: "A tool for replacing JSON content",
        parameters: &[
            CONTENT,
            QUERY,
            Parameter {
                required: false,
                ..said("replace_pattern", "string", "The text to be replaced")
            },
            said("replace_value", "string", "What takes its place"),
            set(
                "replace_model",
                "string",
                "pattern",
                "key, value or pattern",
            ),
            DECODE,
            ASCII,
        ],
        doing: Doing::Apart(json_process::replace),
    },
    Builtin {
        provider: "json_process",
        names: &["json_delete", "delete"],
        description: "A tool for deleting JSON content",
        parameters: &[CONTENT, QUERY, ASCII],
        doing: Doing::Apart(json_process::delete),
    },
    Builtin {
        provider: "regex",
        names: &["regex_extract"],
        description: "A tool for extracting matching content using regular expressions.",
        parameters: &[
            said("content", "string", "The text"),
            said("expression", "string", "A regular expression"),
        ],
        doing: Doing::Apart(regex::extract),
    },
    Builtin {
        provider: "maths",
        names: &["eval_expression"],
        description: "A tool for evaluating an math expression.",
        parameters: &[said("expression", "string", "The expression")],
        doing: Doing::Apart(maths::evaluate),
    },
    Builtin {
        provider: "webscraper",
        names: &["webscraper"],
        description: "A tool for scraping webpages. Input should be a URL.",
        parameters: &[
            said("url", "string", "The page's URL"),
            set(
                "user_agent",
                "string",
                webscraper::AGENT,
                "What the page takes us for",
            ),
        ],
        doing: Doing::Scrape,
    },
    Builtin {
        provider: "code",
        names: &["simple_code"],
        description: "A tool for running code and getting the result back. Only native packages are allowed, network/IO operations are disabled. and you must use print() or console.log() to output the result or result will be empty.",
        parameters: &[
            said("language", "string", "python3 or javascript"),
            said("code", "string", "The code; what it prints is the result"),
        ],
        doing: Doing::Code,
    },
];

const ZONE: Parameter = Parameter {
    required: false,
    default: "Asia/Shanghai",
    ..said("timezone", "string", "A time zone such as Asia/Shanghai")
};

impl Builtin {
    /// The built-in tool that is meant, if there is one: `time` and `langgenius/time/time` are one provider.
    #[must_use]
    pub fn find(tool: &NamedTool) -> Option<&'static Self> {
        let provider = tool.normal_provider();
        let known = ALL.iter();
        known
            .filter(|known| known.provider == provider.as_str())
            .find(|known| known.names.contains(&tool.tool.as_str()))
    }

    /// Whether some built-in tool is of this provider.
    #[must_use]
    pub fn is_provider(name: &str) -> bool {
        ALL.iter().any(|known| known.provider == name)
    }

    /// What it takes.
    #[must_use]
    pub fn definition(&self) -> ToolDefinition {
        ToolDefinition {
            name: self.names[0].to_owned(),
            description: self.description.to_owned(),
            parameters: self.parameters.iter().map(Parameter::form).collect(),
        }
    }

    /// Uses it once, with arguments of its definition.
    ///
    /// # Errors
    /// When it fails.
    pub async fn run(
        &self,
        arguments: Arguments,
        reach: Reach<'_>,
    ) -> Result<Vec<ToolMessage>, ToolError> {
        let text = match self.doing {
            Doing::Work(work) => work(&arguments, reach.now)?,
            Doing::Apart(_) => apart::run(self, arguments, &reach).await?,
            Doing::Scrape => webscraper::scrape(&arguments, reach.outbound).await?,
            Doing::Code => code::run(&arguments, reach.sandbox).await?,
        };
        Ok(vec![ToolMessage::Text(text)])
    }
}

impl Parameter {
    fn form(&self) -> ToolParameter {
        ToolParameter {
            name: self.name.to_owned(),
            description: self.description.to_owned(),
            kind: self.kind.to_owned(),
            required: self.required,
            form: self.form,
            default: (!self.default.is_empty()).then(|| json!(self.default)),
            options: Vec::new(),
            schema: None,
        }
    }
}

/// Does what takes a processor beside the threads that wait for others.
async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ToolError> + Send + 'static,
) -> Result<T, ToolError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|cause| Err(ToolError::Invoke(format!("the tool broke: {cause}"))))
}

/// A text among the arguments; empty when it is not there.
fn text<'a>(arguments: &'a Arguments, name: &str) -> &'a str {
    arguments
        .get(name)
        .and_then(Json::as_str)
        .unwrap_or_default()
}

/// A switch among the arguments.
fn flag(arguments: &Arguments, name: &str) -> bool {
    arguments.get(name).and_then(Json::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use latchkey_domain::tool::NamedTool;

    use super::Builtin;

    #[test]
    fn tools_are_found_under_all_spellings() {
        for (provider, tool, found) in [
            ("time", "current_time", true),
            ("langgenius/time/time", "current_time", true),
            ("json_process", "replace", true),
            ("langgenius/json_process/json_process", "json_replace", true),
            ("acme/time/time", "current_time", false),
            ("time", "forever", false),
        ] {
            let named = NamedTool::new("builtin", provider, "", tool);
            assert_eq!(Builtin::find(&named).is_some(), found, "{provider} {tool}");
        }
    }
}
