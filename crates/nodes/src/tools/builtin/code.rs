//! `code`: what a piece of code prints, run in the sandbox.

use serde_json::{Map, Value as Json};

use latchkey_sandbox::{Job, Language, Sandbox};

use super::{Arguments, text};
use crate::host::ToolError;

/// Runs the code that it is given and answers what it has printed.
const PYTHON: &str = r#"
import contextlib, io

def main(code):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "<code>", "exec"), {"__name__": "__main__"})
    return {"printed": printed.getvalue()}
"#;
const JAVASCRIPT: &str = r#"
function main({code}) {
    let printed = "";
    const shown = value => typeof value === "object" ? JSON.stringify(value) : String(value);
    const print = (...values) => { printed += values.map(shown).join(" ") + "\n"; };
    globalThis.console = {log: print, info: print, debug: print, warn: print, error: print};
    (0, eval)(code);
    return {printed};
}
"#;

pub(super) async fn run(
    arguments: &Arguments,
    sandbox: Option<&Sandbox>,
) -> Result<String, ToolError> {
    let failed = |cause: String| ToolError::Invoke(cause);
    let sandbox = sandbox.ok_or_else(|| failed("there is no sandbox here to run code".into()))?;
    let (language, wrapper) = match text(arguments, "language").trim().to_lowercase().as_str() {
        "python3" | "python" => (Language::Python, PYTHON),
        "javascript" => (Language::JavaScript, JAVASCRIPT),
        other => {
            let text = format!("Only python3 and javascript are supported, not {other}");
            return Err(ToolError::Invoke(text));
        }
    };
    let code = Json::from(text(arguments, "code"));
    let job = Job::Code {
        language,
        code: wrapper.to_owned(),
        inputs: Map::from_iter([("code".to_owned(), code)]),
    };
    let output = sandbox.run(job).await.and_then(|output| output.json());
    let result = output.map_err(|cause| failed(cause.to_string()))?;
    let printed = result.get("printed").and_then(Json::as_str);
    Ok(printed.unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::run;

    #[tokio::test]
    async fn without_a_sandbox_nothing_runs() {
        let arguments = json!({"language": "python3", "code": "print(1)"});
        let refused = run(arguments.as_object().unwrap(), None).await;
        let told = refused.unwrap_err().to_string();
        assert_eq!(told, "there is no sandbox here to run code");
    }
}
