//! Built-in tools in the sandbox: those whose arguments can be made to take any time. What is sent there, and what is done
//! with it there.

use serde::{Deserialize, Serialize};

use latchkey_domain::time::Timestamp;
use latchkey_sandbox::worker::Function;
use latchkey_sandbox::{Job, SandboxError};

use super::{ALL, Arguments, Builtin, Doing, Reach};
use crate::host::{APART, ToolError};

/// What the sandbox calls to use a tool.
pub(crate) const FUNCTION: Function = Function {
    name: "tool",
    run: used,
};

#[derive(Serialize, Deserialize)]
struct Work {
    provider: String,
    name: String,
    arguments: Arguments,
    now: i64,
}

/// Uses a tool in the sandbox.
pub(super) async fn run(
    tool: &Builtin,
    arguments: Arguments,
    reach: &Reach<'_>,
) -> Result<String, ToolError> {
    let failed = |cause: String| ToolError::Invoke(cause);
    let sandbox = reach.sandbox;
    let sandbox = sandbox.ok_or_else(|| failed("there is no sandbox here to run it in".into()))?;
    let work = Work {
        provider: tool.provider.to_owned(),
        name: tool.names[0].to_owned(),
        arguments,
        now: reach.now.millis(),
    };
    let input = serde_json::to_vec(&work).map_err(|cause| failed(cause.to_string()))?;
    let name = FUNCTION.name.to_owned();
    let job = Job::Function { name, input };
    let done = sandbox.run_within(job, APART).await;
    match done {
        Ok(output) => Ok(output.text),
        Err(SandboxError::Failed(text)) => Err(failed(text)),
        Err(cause) => Err(failed(format!("{}: {cause}", tool.names[0]))),
    }
}

/// The confined side.
fn used(input: &[u8]) -> Result<String, String> {
    let work: Work = serde_json::from_slice(input).map_err(|cause| cause.to_string())?;
    let mut tools = ALL.iter();
    let tool = tools
        .find(|tool| tool.provider == work.provider && tool.names.contains(&work.name.as_str()));
    match tool.map(|tool| tool.doing) {
        Some(Doing::Apart(run)) => {
            let done = run(&work.arguments, Timestamp::from_millis(work.now));
            done.map_err(|cause| match cause {
                ToolError::Unbound(text) | ToolError::Parameter(text) | ToolError::Invoke(text) => {
                    text
                }
                ToolError::Refused(refusal) => refusal.text,
                ToolError::Credential(failure) => failure.message,
            })
        }
        Some(Doing::Work(_) | Doing::Scrape | Doing::Code) | None => {
            Err(format!("there is no tool {}", work.name))
        }
    }
}
