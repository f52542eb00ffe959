//! A workflow as a tool: a run of its own, with its own author, settings and ledger rows, and the root's caller.

use std::sync::Arc;
use std::time::Duration;

use latchkey_domain::access::Caller;
use latchkey_domain::credential::CredentialCode;
use latchkey_domain::id::{RunId, WorkflowId};
use latchkey_domain::inputs::{InputProblem, StartVariable, prepare_inputs, start_variables};
use latchkey_domain::journal::{NodeUsage, StartValues};
use latchkey_domain::run::{Failure, Run, RunStatus};
use latchkey_domain::value::{File, NamedValues, Value, json_compact, to_json_map};
use latchkey_domain::workflow::Workflow;
use latchkey_engine::plan::Outline;
use latchkey_models::WorkflowContext;
use latchkey_nodes::{ToolAnswer, ToolCall, ToolError, ToolMessage, caller};
use latchkey_store::{NewRun, ToolCaller};
use serde_json::{Map, Value as Json};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::broken;
use crate::documents::Prepared;
use crate::execution::Live;
use crate::hub::Hub;
use crate::resolve::planned;
use crate::start::StartRequest;
use crate::{Service, lock};

/// How deep workflows may use workflows (Dify: `WORKFLOW_CALL_MAX_DEPTH`).
pub(crate) const DEEPEST: u32 = 5;
/// How long the run may take to end after it was asked to.
const STOPPING: Duration = Duration::from_millis(2500);
/// Outputs that every tool node has: those of a workflow do not take their place.
const RESERVED: [&str; 3] = ["text", "files", "json"];

/// A run that ends when nobody waits for it any more; when the run around it is let go of, so is this one.
struct Owned {
    live: Arc<Live>,
    around: Option<Arc<Hub>>,
    giving_up: CancellationToken,
}

impl Drop for Owned {
    fn drop(&mut self) {
        if self.live.ended().is_some() {
            return;
        }
        let is_lost = self.around.as_ref().is_some_and(|hub| hub.is_lost());
        if is_lost || self.giving_up.is_cancelled() {
            self.live.let_go.cancel();
        } else {
            self.live.cancel.cancel();
            self.live.stop_now.cancel();
        }
    }
}

/// The context of a workflow that is used as a tool: its own author, and everything else of the run around it.
pub(crate) fn of_tool(
    around: &WorkflowContext,
    workflow: &Workflow,
    prepared: &Prepared,
) -> WorkflowContext {
    WorkflowContext {
        workflow: Some(workflow.id),
        workflow_name: Some(workflow.name.clone()),
        version: prepared.number,
        author: prepared.author.unwrap_or(around.caller),
        run: None,
        epoch: 0,
        node: None,
        node_execution: None,
        iteration_path: Vec::new(),
        attempt: 1,
        ..around.clone()
    }
}

/// How the run of a tool begins.
enum Beginning {
    /// It is executed.
    Live(Arc<Live>),
    /// It was executed before whoever executed both has died.
    Ended(Box<Run>),
}

impl Service {
    /// Runs a workflow for a node of another run, and waits for its end.
    pub(super) async fn run_as_tool(
        &self,
        call: &ToolCall<'_>,
        id: WorkflowId,
    ) -> Result<ToolAnswer, ToolError> {
        let parent = call.context.run.run;
        if self.depth_of(parent) >= DEEPEST {
            let text = format!("Max workflow call depth {DEEPEST} reached.");
            return Err(ToolError::Invoke(text));
        }
        let workspace = call.context.run.workspace;
        let (workflow, prepared) = self.tool_workflow(workspace, id).await?;
        if waits_for_people(&prepared) {
            let text = "a workflow that waits for people cannot be a tool";
            return Err(ToolError::Invoke(text.to_owned()));
        }
        let live = match self.begin(call, &workflow, &prepared).await? {
            Beginning::Live(live) => live,
            Beginning::Ended(run) => {
                call.proof.used(used_by(&run));
                return answer(*run);
            }
        };
        let owned = Owned {
            live,
            around: self.live(parent),
            giving_up: self.inner.giving_up.clone(),
        };
        let (live, cancel) = (&owned.live, &call.context.cancel);
        tokio::select! {
            biased;
            () = live.hub.ended() => {}
            () = cancel.cancelled() => {
                live.cancel.cancel();
                if timeout(STOPPING, live.hub.ended()).await.is_err() {
                    live.stop_now.cancel();
                }
                if let Some(run) = live.ended() {
                    call.proof.used(used_by(&run));
                }
                return Err(ToolError::Invoke("the run was asked to stop".to_owned()));
            }
        }
        let ended = live.ended();
        if let Some(run) = &ended {
            call.proof.used(used_by(run));
        }
        answer(ended.ok_or_else(|| ToolError::Invoke("the run's end is not known".to_owned()))?)
    }

    /// How many runs are around one that is executed here.
    pub(crate) fn depth_of(&self, run: RunId) -> u32 {
        lock(&self.inner.live)
            .get(&run)
            .map_or(0, |live| live.depth)
    }

    async fn begin(
        &self,
        call: &ToolCall<'_>,
        workflow: &Workflow,
        prepared: &Prepared,
    ) -> Result<Beginning, ToolError> {
        let around = &call.context.run;
        let variables = start_variables(&prepared.document, prepared.plan.entry());
        let given = inputs(call, &variables);
        let inputs = prepare_inputs(&variables, &given).map_err(wrong_inputs)?;
        if let Some(known) = self.begun_before(call, workflow.id, &inputs).await? {
            return Ok(known);
        }
        let run = RunId::new(Self::new_id());
        let request = StartRequest {
            end_user: around.end_user.clone(),
            ..StartRequest::default()
        };
        let values = self
            .start_values(prepared, workflow, run, inputs, &request)
            .map_err(broken)?;
        let context = of_tool(&caller(call.context), workflow, prepared);
        self.check_passed_down(&context, prepared, &values).await?;
        let asking = Caller {
            workspace: around.workspace,
            principal: around.caller,
            permissions: Vec::new(),
            environments: vec![around.environment.clone()],
            workflow: None,
        };
        let mut row = self.row(run, &asking, &context, prepared, &values);
        row.parent = Some(around.run);
        let new = NewRun {
            called_by: Some(caller_of(call)),
            ..NewRun::of(row)
        };
        let launched = self.launch(workflow, prepared, context, values, new, None);
        let live = launched.await.map_err(broken)?.live;
        let live = live.ok_or_else(|| ToolError::Invoke("the run was not begun".to_owned()))?;
        self.has_tool(around.run, run);
        Ok(Beginning::Live(live))
    }

    /// The run that this very call has begun before whoever executed both has died: one that has ended is not paid for twice, one that
    /// has not goes on. One that has failed is begun anew, as its node is.
    async fn begun_before(
        &self,
        call: &ToolCall<'_>,
        workflow: WorkflowId,
        inputs: &NamedValues,
    ) -> Result<Option<Beginning>, ToolError> {
        let around = &call.context.run;
        if call.context.epoch <= 1 {
            return Ok(None);
        }
        let store = &self.inner.store;
        let caller = caller_of(call);
        let tools = store.tools_of(around.workspace, around.run, &caller).await;
        let tools = tools.map_err(|error| broken(error.into()))?;
        let inputs = to_json_map(inputs);
        for tool in tools {
            let is_failed = matches!(tool.status, RunStatus::Failed | RunStatus::Stopped);
            if tool.workflow != workflow || tool.inputs != inputs || is_failed {
                continue;
            }
            if !self.has_tool(around.run, tool.id) {
                // The same was asked for twice, and the other one has it.
                continue;
            }
            if tool.status.is_terminal() {
                return Ok(Some(Beginning::Ended(Box::new(tool))));
            }
            let depth = self.depth_of(around.run) + 1;
            if let Some(live) = self.take_up_tool(&tool, depth).await.map_err(broken)? {
                return Ok(Some(Beginning::Live(live)));
            }
        }
        Ok(None)
    }

    /// A run has another one as its tool from now on; false when it had it already.
    fn has_tool(&self, around: RunId, tool: RunId) -> bool {
        let live = lock(&self.inner.live).get(&around).cloned();
        live.is_none_or(|live| lock(&live.tools).insert(tool))
    }

    /// What the outermost run states is passed down: it must be permitted here too, but it need not be of use.
    async fn check_passed_down(
        &self,
        context: &WorkflowContext,
        prepared: &Prepared,
        values: &StartValues,
    ) -> Result<(), ToolError> {
        if context.overrides.is_empty() {
            return Ok(());
        }
        let entry = Some(prepared.plan.entry());
        let outline = Outline::of(prepared.document.graph(), entry)
            .map_err(|problems| broken(crate::error::Error::of_plan(problems)))?;
        let mut places = planned(&prepared.document, &outline, values);
        let besides = self.planned_besides(context, &prepared.document, &outline, values);
        places.extend(besides.await.map_err(broken)?);
        let problems = self
            .inner
            .models
            .check_overrides(context, &places, &[])
            .await;
        let problems = problems.map_err(super::remote::refused)?;
        let wrong = problems
            .into_iter()
            .find(|problem| problem.code != CredentialCode::OverrideUnused);
        let Some(wrong) = wrong else {
            return Ok(());
        };
        let code = wrong.public_code.as_str();
        let text = format!(
            "{code}: the workflow does not permit what the run states for {}",
            wrong.key
        );
        Err(ToolError::Credential(Box::new(Failure::new(
            "CredentialError",
            text,
        ))))
    }
}

fn caller_of(call: &ToolCall<'_>) -> ToolCaller {
    ToolCaller {
        execution: call.context.execution_id,
        attempt: call.context.attempt,
    }
}

/// Arguments and files under the names of start variables. A file is only what a node has given as one: a text or a mapping
/// that looks like one could be anybody's.
fn inputs(call: &ToolCall<'_>, variables: &[StartVariable]) -> Map<String, Json> {
    let mut inputs = call.arguments.clone();
    for variable in variables.iter().filter(|variable| variable.is_file()) {
        inputs.shift_remove(&variable.name);
        let own = call.files.iter().filter(|(name, _)| *name == variable.name);
        let mut files: Vec<Json> = own.map(|(_, file)| file.to_json()).collect();
        if files.is_empty() {
            continue;
        }
        let value = match variable.form.as_str() {
            "file" => files.swap_remove(0),
            _ => Json::Array(files),
        };
        inputs.insert(variable.name.clone(), value);
    }
    inputs
}

/// Whether it asks forms: a run with one may be paused for days, which no tool may.
fn waits_for_people(prepared: &Prepared) -> bool {
    let mut nodes = prepared.document.graph().nodes.iter();
    nodes.any(|node| node.node_type == "human-input")
}

fn wrong_inputs(problems: Vec<InputProblem>) -> ToolError {
    let told: Vec<String> = problems
        .into_iter()
        .map(|problem| problem.message)
        .collect();
    ToolError::Parameter(told.join("; "))
}

/// What a run that has ended answers as a tool (Dify: its outputs as a text, as an object, and as variables).
fn answer(run: Run) -> Result<ToolAnswer, ToolError> {
    if !matches!(
        run.status,
        RunStatus::Succeeded | RunStatus::PartialSucceeded
    ) {
        return Err(ToolError::Invoke(why(&run)));
    }
    let usage = used_by(&run);
    let outputs = run.outputs.unwrap_or_default();
    let mut messages: Vec<ToolMessage> = Vec::new();
    for value in outputs.values() {
        let several = value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice);
        let marked = several.iter().filter(|value| File::is_marked(value));
        messages.extend(marked.filter_map(File::from_json).map(ToolMessage::File));
    }
    let own = outputs
        .iter()
        .filter(|(name, _)| !RESERVED.contains(&name.as_str()));
    messages.extend(own.map(|(name, value)| ToolMessage::Variable {
        name: name.clone(),
        value: Value::infer(value.clone()),
    }));
    let whole = Json::Object(outputs);
    messages.push(ToolMessage::Text(json_compact(&whole)));
    messages.push(ToolMessage::Json(whole));
    Ok(ToolAnswer {
        messages,
        usage,
        resolution: None,
    })
}

/// What a run has used, whether it has failed or not.
fn used_by(run: &Run) -> NodeUsage {
    NodeUsage {
        tokens: run.usage.tokens,
        cost: run.usage.cost.clone(),
        unpriced_calls: run.usage.unpriced_calls,
    }
}

/// Of a credential's failure only the code is told: its story belongs to the other run.
fn why(run: &Run) -> String {
    match &run.error {
        None => format!("its run ended as {}", run.status.as_str()),
        Some(error) => match error.public_code {
            Some(code) => format!("its run failed: {}", code.as_str()),
            None if error.code.starts_with("credential_") => {
                format!("its run failed: {}", error.code)
            }
            None => error.message.clone(),
        },
    }
}
