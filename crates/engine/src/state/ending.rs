//! How runs end: by themselves, by a failure, by a person, by a limit (Dify DSL reference, 5.4, 6.3, 6.4).

use latchkey_domain::event::{EventBody, RunFinished};
use latchkey_domain::journal::{JournalEntry, NodeResult};
use latchkey_domain::run::{Failure, NodeStatus, RunError, RunStatus};
use latchkey_domain::time::Timestamp;
use latchkey_domain::value::NamedValues;
use serde_json::Value as Json;

use crate::plan::NodeIndex;

use super::execution::Phase;
use super::{Effect, RunState};

/// Why a run ends before its graph does. No node starts any more; those that run are asked to end.
#[derive(Clone, Debug)]
pub(super) enum Ending {
    Failed { node: NodeIndex, failure: Failure },
    Stopped { code: &'static str, reason: String },
}

impl RunState {
    pub(super) fn end_early(&mut self, ending: Ending, effects: &mut Vec<Effect>) {
        if self.ending.is_some() {
            return;
        }
        self.ending = Some(ending);
        self.ready.clear();
        self.waiting.clear();
        self.emptied.clear();
        effects.push(Effect::CancelNodes);
    }

    /// The limits are looked at when a node has ended, as in the reference; a run that needs no further node is done.
    pub(super) fn check_limits(&mut self, effects: &mut Vec<Effect>) {
        if self.ending.is_some() || self.open == 0 {
            return;
        }
        let starts = self.starts;
        let millis = self.at.millis_since(self.started_at);
        let (code, reason) = if starts > self.limits.max_steps {
            let max = self.limits.max_steps;
            (
                "step_limit",
                format!("Maximum execution steps exceeded: {starts} > {max}"),
            )
        } else if millis > self.limits.max_millis {
            let (seconds, max) = (
                millis as f64 / 1000.0,
                self.limits.max_millis as f64 / 1000.0,
            );
            (
                "time_limit",
                format!("Maximum execution time exceeded: {seconds:.2}s > {max}s"),
            )
        } else {
            return;
        };
        self.end_early(Ending::Stopped { code, reason }, effects);
    }

    /// Whether nothing runs and nothing can follow.
    pub(super) fn is_settled(&self) -> bool {
        let has_begun = self.position.sequence > 0;
        let nothing_follows = match self.ending {
            Some(_) => self.running == 0,
            None => self.open == 0,
        };
        has_begun && !self.is_over && nothing_follows
    }

    /// Decides the terminal state and records it.
    pub(super) fn finish(&mut self, at: Timestamp, effects: &mut Vec<Effect>) {
        self.at = at;
        self.flush(effects);
        let (status, error) = self.status();
        let finished = RunFinished {
            status,
            outputs: self.outputs.clone(),
            error,
            usage: self.usage.clone(),
            steps: self.steps,
            exceptions: self.exceptions,
        };
        self.record(at, JournalEntry::Finished(finished), effects);
    }

    fn status(&self) -> (RunStatus, Option<RunError>) {
        match &self.ending {
            None if self.exceptions == 0 => (RunStatus::Succeeded, None),
            None => (RunStatus::PartialSucceeded, None),
            Some(Ending::Failed { node, failure }) => {
                let credential = failure.credential.as_ref();
                let code = credential.map_or("node_failed", |failure| failure.code.as_str());
                let error = RunError {
                    code: code.to_owned(),
                    message: failure.message.clone(),
                    public_code: credential.map(|failure| failure.public_code()),
                    paid_by: failure.paid_by.clone(),
                    node_id: Some(self.plan.nodes[*node].id.clone()),
                };
                (RunStatus::Failed, Some(error))
            }
            Some(Ending::Stopped { code, reason }) => {
                let error = RunError {
                    code: (*code).to_owned(),
                    message: reason.clone(),
                    public_code: None,
                    paid_by: None,
                    node_id: None,
                };
                (RunStatus::Stopped, Some(error))
            }
        }
    }

    /// The terminal state is recorded: tells it, after the commit, with the nodes that it cut short.
    pub(super) fn finished(&mut self, finished: RunFinished, effects: &mut Vec<Effect>) {
        self.is_over = true;
        effects.push(Effect::AwaitCommit);
        for number in self.cut_short() {
            let nothing = NodeResult::default();
            self.execution_ended(number, NodeStatus::Stopped, nothing, None, effects);
        }
        self.publish(EventBody::RunFinished(finished.clone()), effects);
        effects.push(Effect::Finish(finished));
    }

    /// The executions that have begun and not ended, in the order of their starts; containers after what is inside of them.
    fn cut_short(&self) -> Vec<u32> {
        let open = (0..)
            .zip(&self.executions)
            .filter(|(_, execution)| execution.phase != Phase::Ended && execution.attempts > 0);
        let (containers, mut nodes): (Vec<_>, Vec<_>) =
            open.partition(|(_, execution)| execution.phase == Phase::Contains);
        nodes.extend(containers.into_iter().rev());
        nodes.into_iter().map(|(number, _)| number).collect()
    }

    /// Adds what a response node gives to the run's outputs: answers are joined, anything else is overwritten.
    pub(super) fn merge_outputs(&mut self, outputs: &NamedValues) {
        for (name, value) in outputs {
            let new = self.secrets.shown(value);
            match (self.outputs.get_mut(name), &new) {
                (Some(Json::String(old)), Json::String(more)) if name == "answer" => {
                    old.push_str(more);
                }
                _ => {
                    self.outputs.insert(name.clone(), new);
                }
            }
        }
    }
}
