//! Which executions start, and when: first come, first served, those with effects while slots are free (Dify DSL
//! reference, 6.2).

use latchkey_domain::event::{EventBody, NodeStarted};
use latchkey_domain::id::NodeExecutionId;
use latchkey_domain::run::NodeStatus;

use crate::node::Behaviour;
use crate::plan::NodeIndex;

use super::execution::{Execution, Phase};
use super::frame::{FrameNumber, ROOT};
use super::{Effect, RunState};

impl RunState {
    /// A node's last incoming edge was decided, and it may run.
    pub(super) fn make_ready(
        &mut self,
        frame: FrameNumber,
        node: NodeIndex,
        predecessor: Option<NodeIndex>,
    ) {
        let number = u32::try_from(self.executions.len()).unwrap_or(u32::MAX);
        self.executions
            .push(Execution::new(frame, node, predecessor));
        self.ready.push_back(number);
        self.open += 1;
        let frame = self.frames.get_mut(frame);
        frame.open += 1;
        frame.has_begun = true;
    }

    /// Starts what may start, and lets containers go on whose rounds are over, until nothing of both is left.
    pub(super) fn go_ahead(&mut self, effects: &mut Vec<Effect>) {
        while self.ending.is_none() && !self.is_pausing {
            if let Some(frame) = self.emptied.pop_front() {
                self.round_over(frame, effects);
            } else if let Some(number) = self.next_to_start() {
                self.start_attempt(number, effects);
            } else {
                return;
            }
        }
    }

    /// The next execution that may start: nodes without effects always, the others while slots are free.
    fn next_to_start(&mut self) -> Option<u32> {
        let is_free = self.busy < self.limits.slots;
        if is_free && let Some(number) = self.waiting.pop_front() {
            return Some(number);
        }
        while let Some(number) = self.ready.pop_front() {
            if is_free || !self.needs_slot(number) {
                return Some(number);
            }
            self.waiting.push_back(number);
        }
        None
    }

    pub(super) fn needs_slot(&self, number: u32) -> bool {
        let node = self.executions[number as usize].node;
        matches!(self.plan.nodes[node].behaviour, Some(Behaviour::Effect(_)))
    }

    fn start_attempt(&mut self, number: u32, effects: &mut Vec<Effect>) {
        let execution_id = NodeExecutionId::nth(self.run, number + 1);
        let execution = &mut self.executions[number as usize];
        execution.phase = Phase::Running;
        execution.attempts += 1;
        let (attempt, frame, node) = (execution.attempts, execution.frame, execution.node);
        if frame == ROOT {
            self.steps += 1;
        }
        if attempt == 1 {
            execution.began_at = self.at;
            self.starts += 1;
            let predecessor = execution.predecessor;
            let node = &self.plan.nodes[node];
            let started = NodeStarted {
                execution_id,
                node_id: node.id.clone(),
                node_type: node.node_type.clone(),
                title: node.title.clone(),
                index: number + 1,
                iteration_path: self.path_of_frame(frame),
                predecessor: predecessor.map(|at| self.plan.nodes[at].id.clone()),
            };
            self.publish(EventBody::NodeStarted(started), effects);
        }
        if frame == ROOT
            && let Some(result) = self.reused.remove(&self.plan.nodes[node].id)
        {
            return self.has_result(number, NodeStatus::Reused, result, effects);
        }
        match self.plan.nodes[node].behaviour {
            Some(Behaviour::Container(_)) => {
                self.executions[number as usize].phase = Phase::Contains;
                self.begin_container(number, effects);
            }
            Some(Behaviour::Effect(_)) => {
                self.running += 1;
                self.busy += 1;
                effects.push(Effect::Start {
                    execution_id,
                    attempt,
                    after: self.position.sequence,
                });
            }
            Some(Behaviour::Pure(_) | Behaviour::Asking(_)) | None => {
                self.running += 1;
                effects.push(Effect::Compute(execution_id));
            }
        }
    }

    pub(super) fn retry_due(&mut self, execution_id: NodeExecutionId, effects: &mut Vec<Effect>) {
        if let Some(number) = self.number(execution_id) {
            self.executions[number as usize].phase = Phase::Ready;
            self.retrying = self.retrying.saturating_sub(1);
            self.ready.push_back(number);
            self.check_limits(effects);
        }
    }
}
