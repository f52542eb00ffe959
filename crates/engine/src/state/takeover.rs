//! A run that somebody else goes on with: what was at work when the one before died, or let go of it, starts over. What had ended
//! stays as it is.

use latchkey_domain::event::EventBody;
use latchkey_domain::id::NodeExecutionId;
use latchkey_domain::time::Timestamp;

use crate::node::Behaviour;
use crate::plan::OnRecovery;

use super::execution::Phase;
use super::{Effect, RunState};

/// The class of the failure of a node that is not started over.
pub(crate) const INTERRUPTED: &str = "NodeInterrupted";

impl RunState {
    /// Somebody else has the run. `before` is when it was heard of last: nobody's time is spent by a run that nobody executes.
    pub(super) fn taken_over(&mut self, before: Timestamp, effects: &mut Vec<Effect>) {
        let idle = i64::try_from(self.at.millis_since(before)).unwrap_or(i64::MAX);
        self.started_at = self.started_at.plus_millis(idle);
        if self.ending.is_some() {
            // Nodes that were asked to end have died with whoever ran them.
            self.running = 0;
            self.busy = 0;
            return;
        }
        let numbers = 0..u32::try_from(self.executions.len()).unwrap_or(u32::MAX);
        let mut restarted = Vec::new();
        for number in numbers {
            let execution_id = NodeExecutionId::nth(self.run, number + 1);
            let execution = &self.executions[number as usize];
            let node = &self.plan.nodes[execution.node];
            match (execution.phase, &node.behaviour) {
                (Phase::AwaitsRetry, _) => effects.push(Effect::Wait {
                    execution_id,
                    due: execution.retry_due,
                }),
                (Phase::Running, Some(Behaviour::Effect(_))) => {
                    if node.on_recovery == OnRecovery::Fail {
                        effects.push(Effect::Interrupted(execution_id));
                    } else {
                        restarted.push(number);
                    }
                }
                (Phase::Running, _) => effects.push(Effect::Compute(execution_id)),
                (Phase::Ready | Phase::Contains | Phase::Asks | Phase::Ended, _) => {}
            }
        }
        for number in &restarted {
            self.unsay(*number);
        }
        for number in restarted {
            self.start_over(number, effects);
        }
    }

    /// What an execution has said so far does not count.
    fn unsay(&mut self, number: u32) {
        let plan = self.plan.clone();
        let node = self.executions[number as usize].node;
        for (_, stream) in &plan.nodes[node].streamed {
            self.coordinator.forget(*stream);
        }
        if let Some(shown) = &mut self.shown {
            shown.retain(|(from, _)| *from != node);
        }
    }

    fn start_over(&mut self, number: u32, effects: &mut Vec<Effect>) {
        let execution = &self.executions[number as usize];
        let (node, attempt) = (execution.node, execution.attempts);
        let execution_id = NodeExecutionId::nth(self.run, number + 1);
        let shown = self.shown.iter().flatten();
        let body = EventBody::NodeRestarted {
            execution_id,
            node_id: self.plan.nodes[node].id.clone(),
            text: shown.map(|(_, text)| text.as_str()).collect(),
        };
        self.publish(body, effects);
        effects.push(Effect::Start {
            execution_id,
            attempt,
            after: self.position.sequence,
        });
    }

    /// When the run has taken as long as it may; none while it waits for people, or ends already.
    #[must_use]
    pub fn deadline(&self) -> Option<Timestamp> {
        let has_time = self.position.sequence > 0 && self.ending.is_none() && !self.is_paused();
        let most = i64::try_from(self.limits.max_millis).unwrap_or(i64::MAX);
        // The limit itself is not beyond it.
        has_time.then(|| self.started_at.plus_millis(most.saturating_add(1)))
    }
}
