//! Containers: iterations and loops run their graph round by round. Nothing of it is a record of the journal: what their
//! rounds do follows from the ends of the nodes inside.

mod iteration;
mod turns;

use latchkey_domain::event::{EventBody, LoopEnd, RoundStarted, RoundsFinished, RoundsStarted};
use latchkey_domain::id::{NodeExecutionId, NodeId};
use latchkey_domain::journal::NodeResult;
use latchkey_domain::run::Failure;
use latchkey_domain::value::{NamedValues, Value};
use serde_json::{Map, Value as Json};

use crate::node::{Behaviour, Container};

use super::frame::{Frame, FrameNumber};
use super::{Effect, RunState};

use self::iteration::Items;
use self::turns::Turns;

/// How far a container has come.
#[derive(Clone, Debug)]
pub(super) enum Progress {
    Iteration(Items),
    Loop(Turns),
}

/// What the rounds of a container came to.
struct Ended {
    steps: u32,
    outputs: NamedValues,
    failure: Option<Failure>,
    reason: Option<LoopEnd>,
    durations_ms: Vec<u64>,
    /// What people are told beside the durations.
    told: Map<String, Json>,
    inputs: Map<String, Json>,
}

impl RunState {
    /// A container starts: its first rounds begin, or it ends at once.
    pub(super) fn begin_container(&mut self, number: u32, effects: &mut Vec<Effect>) {
        let plan = self.plan.clone();
        let node = &plan.nodes[self.executions[number as usize].node];
        match &node.behaviour {
            Some(Behaviour::Container(Container::Iteration(iteration))) => {
                self.begin_iteration(number, iteration, effects);
            }
            Some(Behaviour::Container(Container::Loop(turns))) => {
                self.begin_loop(number, turns, effects);
            }
            Some(Behaviour::Pure(_) | Behaviour::Effect(_) | Behaviour::Asking(_)) | None => {}
        }
    }

    /// All nodes of a round have ended: the container goes on, or ends.
    pub(super) fn round_over(&mut self, number: FrameNumber, effects: &mut Vec<Effect>) {
        let Some(frame) = self.frames.take(number) else {
            return;
        };
        let Some(parent) = frame.parent else {
            return;
        };
        let plan = self.plan.clone();
        let node = &plan.nodes[self.executions[parent.container as usize].node];
        match &node.behaviour {
            Some(Behaviour::Container(Container::Iteration(iteration))) => {
                self.item_over(parent, *frame, iteration, effects);
            }
            Some(Behaviour::Container(Container::Loop(turns))) => {
                self.turn_over(parent, *frame, turns, effects);
            }
            Some(Behaviour::Pure(_) | Behaviour::Effect(_) | Behaviour::Asking(_)) | None => {}
        }
    }

    /// It cannot even begin.
    fn refuse(
        &mut self,
        number: u32,
        inputs: Map<String, Json>,
        message: String,
        effects: &mut Vec<Effect>,
    ) {
        let result = NodeResult {
            inputs,
            ..NodeResult::default()
        };
        let failure = Failure::new("WorkflowNodeError", self.secrets.masked(message));
        self.failed(number, failure, result, effects);
    }

    /// Its rounds are over: tells that, and goes on as every node does.
    fn rounds_over(&mut self, number: u32, ended: Ended, effects: &mut Vec<Effect>) {
        self.containers.remove(&number);
        let is_loop = ended.reason.is_some();
        let finished = RoundsFinished {
            execution_id: NodeExecutionId::nth(self.run, number + 1),
            node_id: self.container_id(number),
            iteration_path: self.path_of_frame(self.frame_of(number)),
            steps: ended.steps,
            outputs: self.shown_all(&ended.outputs),
            error: ended.failure.clone(),
            reason: ended.reason,
            durations_ms: ended.durations_ms.clone(),
        };
        self.publish(
            match (is_loop, &ended.failure) {
                (false, None) => EventBody::IterationSucceeded(finished),
                (false, Some(_)) => EventBody::IterationFailed(finished),
                (true, None) => EventBody::LoopSucceeded(finished),
                (true, Some(_)) => EventBody::LoopFailed(finished),
            },
            effects,
        );
        let mut process_data = ended.told;
        let durations = ended.durations_ms.iter().enumerate();
        let durations = durations.map(|(round, millis)| {
            let seconds = *millis as f64 / 1000.0;
            (round.to_string(), Json::from(seconds))
        });
        let name = if is_loop {
            "loop_duration_map"
        } else {
            "iteration_duration_map"
        };
        process_data.insert(name.to_owned(), Json::Object(durations.collect()));
        let result = NodeResult {
            inputs: ended.inputs,
            outputs: ended.outputs,
            process_data,
            ..NodeResult::default()
        };
        match ended.failure {
            None => self.succeeded(number, result, effects),
            Some(failure) => self.failed(number, failure, result, effects),
        }
    }

    fn rounds_started(
        &self,
        number: u32,
        length: usize,
        inputs: Map<String, Json>,
    ) -> RoundsStarted {
        RoundsStarted {
            execution_id: NodeExecutionId::nth(self.run, number + 1),
            node_id: self.container_id(number),
            iteration_path: self.path_of_frame(self.frame_of(number)),
            length: count(length),
            inputs,
        }
    }

    fn round_started(&self, number: u32, index: u32, previous: Option<Json>) -> RoundStarted {
        RoundStarted {
            execution_id: NodeExecutionId::nth(self.run, number + 1),
            node_id: self.container_id(number),
            iteration_path: self.path_of_frame(self.frame_of(number)),
            index,
            previous,
        }
    }

    fn container_id(&self, number: u32) -> NodeId {
        let node = self.executions[number as usize].node;
        self.plan.nodes[node].id.clone()
    }

    fn shown_all(&self, values: &[(String, Value)]) -> Map<String, Json> {
        let values = values.iter();
        values
            .map(|(name, value)| (name.clone(), self.secrets.shown(value)))
            .collect()
    }

    /// Hands what the responses of a round gave to the graph around the container.
    fn respond_outside(&mut self, number: u32, frame: &mut Frame) {
        let outside = self.frame_of(number);
        for outputs in std::mem::take(&mut frame.responses) {
            self.respond(outside, outputs);
        }
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The failure of a container whose round failed: Dify gives it no class of its own.
fn of_round(failure: Failure) -> Failure {
    Failure {
        error_type: String::new(),
        ..failure
    }
}
