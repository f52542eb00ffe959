//! One execution of one node, all its attempts together.

use latchkey_domain::event::EventBody;
use latchkey_domain::id::NodeExecutionId;
use latchkey_domain::journal::{NodeResult, NodeUsage};
use latchkey_domain::ledger::{Money, Tokens};
use latchkey_domain::run::{Failure, NodeExecution, NodeStatus, RunUsage};
use latchkey_domain::time::Timestamp;
use serde_json::Value as Json;

use crate::plan::NodeIndex;

use super::frame::{FrameNumber, ROOT};
use super::{Effect, RunState};

/// Where an execution stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Ready,
    Running,
    /// A container whose rounds are under way.
    Contains,
    AwaitsRetry,
    /// Waits for the answer to its form.
    Asks,
    Ended,
}

/// What the machine remembers of an execution; results are in the journal and the pool.
#[derive(Clone, Debug)]
pub(super) struct Execution {
    pub(super) frame: FrameNumber,
    pub(super) node: NodeIndex,
    pub(super) predecessor: Option<NodeIndex>,
    pub(super) phase: Phase,
    pub(super) attempts: u32,
    /// When the first attempt was begun, as far as the journal knows.
    pub(super) began_at: Timestamp,
    /// When the first attempt that ended began.
    pub(super) started_at: Option<Timestamp>,
    pub(super) tokens: Tokens,
    /// When the wait before its next attempt is over.
    pub(super) retry_due: Timestamp,
}

impl Execution {
    pub(super) const fn new(
        frame: FrameNumber,
        node: NodeIndex,
        predecessor: Option<NodeIndex>,
    ) -> Self {
        Self {
            frame,
            node,
            predecessor,
            phase: Phase::Ready,
            attempts: 0,
            began_at: Timestamp::from_millis(0),
            started_at: None,
            retry_due: Timestamp::from_millis(0),
            tokens: Tokens {
                input: 0,
                cache_read: 0,
                cache_write: 0,
                output: 0,
                reasoning: 0,
            },
        }
    }
}

impl RunState {
    /// An attempt has reported its end: counts what it used, frees its slot.
    pub(super) fn attempt_ended(&mut self, number: u32, started_at: Timestamp, usage: &NodeUsage) {
        let execution = &mut self.executions[number as usize];
        execution.started_at.get_or_insert(started_at);
        add_tokens(&mut execution.tokens, &usage.tokens);
        self.running = self.running.saturating_sub(1);
        if self.needs_slot(number) {
            self.busy = self.busy.saturating_sub(1);
        }
        add_usage(&mut self.usage, usage);
        // A container has used what its nodes have.
        let mut frame = self.frame_of(number);
        while let Some(parent) = self.frames.get(frame).parent {
            let container = &mut self.executions[parent.container as usize];
            add_tokens(&mut container.tokens, &usage.tokens);
            frame = container.frame;
        }
    }

    /// The execution has ended for good: tells it.
    pub(super) fn execution_ended(
        &mut self,
        number: u32,
        status: NodeStatus,
        result: NodeResult,
        error: Option<Failure>,
        effects: &mut Vec<Effect>,
    ) {
        let iteration_path = self.path_of_frame(self.frame_of(number));
        self.leave_frame(number);
        let execution = &mut self.executions[number as usize];
        execution.phase = Phase::Ended;
        let has_result = matches!(status, NodeStatus::Succeeded | NodeStatus::Reused);
        if let Some(results) = &mut self.results
            && has_result
            && execution.frame == ROOT
        {
            let id = self.plan.nodes[execution.node].id.clone();
            results.push((id, result.clone()));
        }
        let node = &self.plan.nodes[execution.node];
        let outputs = result.outputs.iter();
        let outputs = outputs.map(|(name, value)| (name.clone(), self.secrets.shown(value)));
        let finished = NodeExecution {
            id: NodeExecutionId::nth(self.run, number + 1),
            node_id: node.id.clone(),
            node_type: node.node_type.clone(),
            title: node.title.clone(),
            index: number + 1,
            iteration_path,
            status,
            inputs: Some(Json::Object(result.inputs)),
            outputs: Some(Json::Object(outputs.collect())),
            process_data: Some(Json::Object(result.process_data)),
            handle: result.handle,
            error,
            attempts: execution.attempts,
            resolution: result.resolution,
            tokens: execution.tokens,
            started_at: execution.started_at.unwrap_or(execution.began_at),
            finished_at: Some(self.at),
        };
        self.publish(EventBody::NodeFinished(Box::new(finished)), effects);
    }

    /// An execution is over; when it was the last one of a round, so is the round.
    fn leave_frame(&mut self, number: u32) {
        self.open = self.open.saturating_sub(1);
        let number = self.frame_of(number);
        let frame = self.frames.get_mut(number);
        frame.open = frame.open.saturating_sub(1);
        if frame.open == 0 && frame.parent.is_some() {
            self.emptied.push_back(number);
        }
    }
}

fn add_tokens(sum: &mut Tokens, more: &Tokens) {
    sum.input += more.input;
    sum.cache_read += more.cache_read;
    sum.cache_write += more.cache_write;
    sum.output += more.output;
    sum.reasoning += more.reasoning;
}

fn add_usage(sum: &mut RunUsage, more: &NodeUsage) {
    add_tokens(&mut sum.tokens, &more.tokens);
    sum.unpriced_calls += more.unpriced_calls;
    for Money { currency, amount } in &more.cost {
        match sum
            .cost
            .iter_mut()
            .find(|known| known.currency == *currency)
        {
            Some(known) => known.amount += *amount,
            None => sum.cost.push(Money {
                currency: currency.clone(),
                amount: *amount,
            }),
        }
    }
}
