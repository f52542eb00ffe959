//! The ends of attempts: outputs and branches of those that went well; retries and strategies for those that failed
//! (Dify DSL reference, 5.1).

use latchkey_domain::credential::CredentialCode;
use latchkey_domain::event::EventBody;
use latchkey_domain::id::NodeExecutionId;
use latchkey_domain::journal::NodeResult;
use latchkey_domain::run::{Failure, NodeStatus};
use latchkey_domain::time::Timestamp;
use latchkey_domain::value::{NamedValues, Value};

use crate::node::NodeKind;
use crate::plan::{NodeIndex, Strategy};

use super::ending::Ending;
use super::execution::Phase;
use super::flow::Step;
use super::frame::{FrameNumber, ROOT};
use super::takeover::INTERRUPTED;
use super::{Effect, RunState};

/// The longest wait before another attempt that a failure may ask for, in milliseconds: whoever waits holds a slot.
const LONGEST_ASKED_WAIT: u64 = 60_000;

impl RunState {
    pub(super) fn node_succeeded(
        &mut self,
        execution_id: NodeExecutionId,
        started_at: Timestamp,
        result: NodeResult,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(number) = self.number(execution_id) {
            self.attempt_ended(number, started_at, &result.usage);
            self.succeeded(number, result, effects);
        }
    }

    pub(super) fn node_failed(
        &mut self,
        execution_id: NodeExecutionId,
        started_at: Timestamp,
        failure: Failure,
        result: NodeResult,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(number) = self.number(execution_id) {
            self.attempt_ended(number, started_at, &result.usage);
            self.failed(number, failure, result, effects);
        }
    }

    /// An attempt went well: of a node, or all rounds of a container.
    pub(super) fn succeeded(&mut self, number: u32, result: NodeResult, effects: &mut Vec<Effect>) {
        self.has_result(number, NodeStatus::Succeeded, result, effects);
    }

    /// An execution has its result: its own, or that of the run which is repeated.
    pub(super) fn has_result(
        &mut self,
        number: u32,
        status: NodeStatus,
        result: NodeResult,
        effects: &mut Vec<Effect>,
    ) {
        let execution = &self.executions[number as usize];
        let (frame, node) = (execution.frame, execution.node);
        let planned = &self.plan.nodes[node];
        let is_branch = planned.kind == NodeKind::Branch;
        let handle = match &result.handle {
            Some(handle) if is_branch => Some(handle.clone()),
            _ if planned.strategy == Strategy::FailBranch => Some("source".to_owned()),
            _ if !is_branch => None,
            _ => {
                let failure = Failure::new("WorkflowNodeError", "the branch node chose no handle");
                return self.failed(number, failure, result, effects);
            }
        };
        if self.ending.is_none() {
            let pool = self.frame_pool_mut(frame);
            for update in &result.updates {
                let [node, name] = &update.selector;
                pool.set(node, name, update.value.clone());
            }
            self.go_on(frame, node, &result.outputs, handle.as_deref(), effects);
        }
        self.execution_ended(number, status, result, None, effects);
        self.check_limits(effects);
    }

    /// An attempt failed: of a node, or a container.
    pub(super) fn failed(
        &mut self,
        number: u32,
        failure: Failure,
        mut result: NodeResult,
        effects: &mut Vec<Effect>,
    ) {
        result.outputs = Vec::new();
        result.handle = None;
        if self.ending.is_some() {
            let stopped = NodeStatus::Stopped;
            return self.execution_ended(number, stopped, result, Some(failure), effects);
        }
        self.exceptions += 1;
        if self.will_retry(number, &failure, effects) {
            return self.check_limits(effects);
        }
        let execution = &self.executions[number as usize];
        let (frame, node) = (execution.frame, execution.node);
        let strategy = &self.plan.nodes[node].strategy;
        if *strategy == Strategy::None {
            let error = Some(failure.clone());
            self.execution_ended(number, NodeStatus::Failed, result, error, effects);
            return self.untaken_failure(frame, node, failure, effects);
        }
        instead(strategy, &failure, &mut result);
        let handle = result.handle.clone();
        self.go_on(frame, node, &result.outputs, handle.as_deref(), effects);
        self.execution_ended(
            number,
            NodeStatus::Exception,
            result,
            Some(failure),
            effects,
        );
        self.check_limits(effects);
    }

    /// No strategy took a failure: the run fails, or the round that the node is in.
    fn untaken_failure(
        &mut self,
        frame: FrameNumber,
        node: NodeIndex,
        failure: Failure,
        effects: &mut Vec<Effect>,
    ) {
        if frame == ROOT {
            return self.end_early(Ending::Failed { node, failure }, effects);
        }
        self.frames.get_mut(frame).failure.get_or_insert(failure);
        self.check_limits(effects);
    }

    /// Stores the outputs, decides the edges, streams what can be streamed now, merges a response.
    fn go_on(
        &mut self,
        number: FrameNumber,
        node: NodeIndex,
        outputs: &NamedValues,
        handle: Option<&str>,
        effects: &mut Vec<Effect>,
    ) {
        let plan = self.plan.clone();
        let planned = &plan.nodes[node];
        self.frame_pool_mut(number).set_all(&planned.id, outputs);
        let frame = self.frames.get_mut(number);
        let steps = match (&frame.failure, handle) {
            // What was ready runs to its end in a round that has failed, and nothing after it.
            (Some(_), _) => Vec::new(),
            (None, Some(handle)) => frame.flow.choose(&plan, node, handle),
            (None, None) => frame.flow.take_all(&plan, node),
        };
        for step in steps {
            match step {
                Step::Taken(edge) if number == ROOT => self.edge_taken(edge, effects),
                Step::Taken(_) => {}
                Step::Ready(target) => self.make_ready(number, target, Some(node)),
            }
        }
        if let Some(ended) = &planned.ends_loop {
            self.end_loop(number, ended.as_str());
        }
        self.flush(effects);
        if planned.kind == NodeKind::Response {
            self.respond(number, outputs.clone());
        }
    }

    /// A response gave outputs: the run has them, or whoever runs the round decides.
    pub(super) fn respond(&mut self, frame: FrameNumber, outputs: NamedValues) {
        if frame == ROOT {
            self.merge_outputs(&outputs);
        } else {
            self.frames.get_mut(frame).responses.push(outputs);
        }
    }

    /// Repeats the attempt if the node may.
    fn will_retry(&mut self, number: u32, failure: &Failure, effects: &mut Vec<Effect>) -> bool {
        let execution = &mut self.executions[number as usize];
        let node = &self.plan.nodes[execution.node];
        let Some(retry) = node.retry else {
            return false;
        };
        // Asking again cannot mend a wrong credential; only its own rate limit passes with time.
        let is_wrong_key = failure
            .credential
            .as_ref()
            .is_some_and(|failure| failure.code != CredentialCode::RateLimited);
        if execution.attempts > retry.max || is_wrong_key || failure.error_type == INTERRUPTED {
            return false;
        }
        let asked = failure.retry_after_ms.unwrap_or_default();
        let asked = i64::try_from(asked.min(LONGEST_ASKED_WAIT)).unwrap_or_default();
        execution.phase = Phase::AwaitsRetry;
        let due = self.at.plus_millis(retry.interval_millis.max(asked));
        execution.retry_due = due;
        self.retrying += 1;
        let execution_id = NodeExecutionId::nth(self.run, number + 1);
        let body = EventBody::NodeRetry {
            execution_id,
            node_id: node.id.clone(),
            retry_index: execution.attempts,
            error: failure.clone(),
        };
        self.publish(body, effects);
        effects.push(Effect::Wait { execution_id, due });
        true
    }
}

/// What a failed node gives instead of what it was to give.
fn instead(strategy: &Strategy, failure: &Failure, result: &mut NodeResult) {
    // Whoever may run the workflow may read its variables, but not who pays for it and why.
    let credential = failure.credential.as_ref();
    let message = credential.map_or(failure.message.as_str(), |story| {
        story.public_code().as_str()
    });
    let told = [
        ("error_message", message),
        ("error_type", failure.error_type.as_str()),
    ]
    .map(|(name, text)| (name.to_owned(), Value::from(text)));
    match strategy {
        Strategy::None => {}
        Strategy::FailBranch => {
            result.outputs = told.into();
            result.handle = Some("fail-branch".into());
        }
        Strategy::DefaultValue(defaults) => {
            let kept = defaults
                .iter()
                .filter(|(name, _)| told.iter().all(|(other, _)| other != name));
            result.outputs = kept.cloned().collect();
            result.outputs.extend(told);
        }
    }
}
