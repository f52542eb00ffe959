//! One use of a tool by a model: what is sent, what the model is told of the answer, and what the run is told of both.

use serde_json::{Map, Value as Json, json};

use latchkey_domain::run::Failure;
use latchkey_domain::value::json_compact;
use latchkey_engine::node::NodeContext;
use latchkey_models::{ErrorKind, ToolCall};

use crate::host::{Host, ToolAnswer, ToolError, ToolMessage, ToolProof};

use super::steps::{Step, StepEnd, cut};
use super::toolbox::Toolbox;

/// How much of what a tool answers the model is told, in characters.
const OBSERVED: usize = 50_000;
/// How many calls of one answer are heeded.
const MOST_CALLS: usize = 32;
const TOO_MANY: &str = "there were too many calls in one answer; this one was not made";

/// A call of a tool and what the model is told of it.
pub(super) struct Used {
    pub(super) step: Step,
    /// What the model is told and what the tool answered, or why the node fails.
    pub(super) outcome: Result<(String, ToolAnswer), ToolError>,
}

/// Why a tool was not used, or failed.
enum NotUsed {
    /// The model is told, and may do better.
    ForModel(String),
    /// The node fails.
    ForNode(ToolError),
}

/// Uses the tool of a call, which is the so-and-so-many-th of its answer, and tells of it.
pub(super) async fn use_tool(
    toolbox: &Toolbox,
    (at, call): (usize, &ToolCall),
    step: Step,
    host: &Host,
    context: &NodeContext,
) -> Used {
    let proof = ToolProof::default();
    let answer = if at < MOST_CALLS {
        used(toolbox, call, host, context, &proof).await
    } else {
        Err(NotUsed::ForModel(TOO_MANY.to_owned()))
    };
    let (usage, resolution) = proof.into_parts();
    let failed = ToolAnswer {
        messages: Vec::new(),
        usage,
        resolution,
    };
    observed(call, step, answer, failed, context).await
}

/// Uses a tool.
async fn used(
    toolbox: &Toolbox,
    call: &ToolCall,
    host: &Host,
    context: &NodeContext,
    proof: &ToolProof,
) -> Result<ToolAnswer, NotUsed> {
    let tool = toolbox.find(&call.name).map_err(NotUsed::ForModel)?;
    let said = tool.arguments(&call.arguments);
    let said = said.map_err(NotUsed::ForModel)?;
    let answer = tool.invoke(said, host, context, proof).await;
    answer.map_err(|cause| match cause {
        // Its story names credentials, which neither the model nor its user may read.
        cause @ ToolError::Credential(_) => NotUsed::ForNode(cause),
        cause @ (ToolError::Unbound(_)
        | ToolError::Parameter(_)
        | ToolError::Invoke(_)
        | ToolError::Refused(_)) => NotUsed::ForModel(cause.to_string()),
    })
}

/// Tells of a call that is over; what it used is known also when it has failed.
async fn observed(
    call: &ToolCall,
    step: Step,
    answer: Result<ToolAnswer, NotUsed>,
    failed: ToolAnswer,
    context: &NodeContext,
) -> Used {
    let input = serde_json::from_str(&call.arguments);
    let input = input.unwrap_or_else(|_| Json::String(call.arguments.clone()));
    let mut data = json!({
        "tool_call_id": call.id, "tool_name": call.name, "tool_call_args": input,
    });
    let (outcome, error) = match answer {
        Ok(answer) => (Ok((observation(&answer), answer)), None),
        Err(NotUsed::ForModel(cause)) => {
            let told = format!("tool error: {cause}");
            (Ok((told, failed)), Some(cause))
        }
        Err(NotUsed::ForNode(cause)) => {
            let told = match &cause {
                ToolError::Credential(failure) => told_cause(failure),
                ToolError::Unbound(text) | ToolError::Parameter(text) | ToolError::Invoke(text) => {
                    text.clone()
                }
                ToolError::Refused(refusal) => refusal.text.clone(),
            };
            (Err(cause), Some(told))
        }
    };
    let outcome = outcome.map(|(told, answer)| (cut(&told, OBSERVED), answer));
    if let Ok((told, _)) = &outcome {
        data["output"] = json!(told);
    }
    let end = StepEnd {
        data,
        error,
        metadata: Map::new(),
    };
    Used {
        step: step.end(&context.sink, end).await,
        outcome,
    }
}

/// A failure as a step tells it, which everybody reads: of a credential only that it could not be used.
pub(super) fn told_cause(failure: &Failure) -> String {
    if failure.credential.is_some() || failure.error_type == ErrorKind::Credential.error_type() {
        failure.error_type.clone()
    } else {
        failure.message.clone()
    }
}

/// What the model is told of an answer.
fn observation(answer: &ToolAnswer) -> String {
    let mut told = String::new();
    for message in &answer.messages {
        match message {
            ToolMessage::Text(text) => told.push_str(text),
            ToolMessage::Link(link) => {
                told.push_str(&format!(
                    "\nresult link: {link} (tell the user to open it)\n"
                ));
            }
            ToolMessage::File(file) => {
                let name = file.filename.as_deref().unwrap_or("without a name");
                told.push_str(&format!(
                    "\na file ({name}) was made, and the user has it\n"
                ));
            }
            ToolMessage::Json(value) => told.push_str(&json_compact(value)),
            ToolMessage::Variable { name, value } => {
                told.push_str(&format!("\n{name}: {}\n", json_compact(&value.to_json())));
            }
        }
    }
    if told.trim().is_empty() {
        "the tool answered nothing".to_owned()
    } else {
        told
    }
}
