//! The turns of a loop (Dify DSL reference, 4.16).

use latchkey_domain::event::{EventBody, LoopEnd};
use latchkey_domain::run::Failure;
use latchkey_domain::value::{NamedValues, Value};
use serde_json::{Map, Value as Json};

use crate::node::{Loop, LoopSource};

use super::super::frame::{Frame, Parent};
use super::super::{Effect, RunState};
use super::{Ended, Progress, of_round};

/// How far a loop has come.
#[derive(Clone, Debug)]
pub(in crate::state) struct Turns {
    durations_ms: Vec<u64>,
    /// Its variables after each turn.
    variables: Map<String, Json>,
    inputs: Map<String, Json>,
}

impl RunState {
    pub(super) fn begin_loop(&mut self, number: u32, turns: &Loop, effects: &mut Vec<Effect>) {
        let mut inputs = Map::from_iter([("loop_count".to_owned(), Json::from(turns.count))]);
        let variables = match self.first_values(number, turns) {
            Ok(variables) => variables,
            Err(message) => return self.refuse(number, inputs, message, effects),
        };
        inputs.extend(self.shown_all(&variables));
        let id = self.container_id(number);
        let outside = self.frame_of(number);
        self.frame_pool_mut(outside).set_all(&id, &variables);
        let started = self.rounds_started(number, turns.count as usize, inputs.clone());
        self.publish(EventBody::LoopStarted(started), effects);
        let progress = Turns {
            durations_ms: Vec::new(),
            variables: Map::new(),
            inputs,
        };
        self.containers.insert(number, Progress::Loop(progress));
        // A condition that cannot be judged before the first turn is not met.
        if self.is_met(number, turns) == Ok(true) {
            self.loop_over(number, 0, Vec::new(), Ok(LoopEnd::LoopBreak), effects);
        } else {
            self.begin_turn(number, 0, effects);
        }
    }

    /// The values that its variables begin with.
    fn first_values(&self, number: u32, turns: &Loop) -> Result<NamedValues, String> {
        let pool = self.frame_pool(self.frame_of(number));
        let values = turns.variables.iter().map(|variable| {
            let value = match &variable.source {
                LoopSource::Constant(value) => value.clone()?,
                LoopSource::Variable(selector) => pool.get(selector).ok_or_else(|| {
                    let (label, source) = (&variable.label, selector.join("."));
                    format!("the loop variable {label} has no value: {source} not found")
                })?,
            };
            Ok((variable.label.clone(), value))
        });
        values.collect()
    }

    /// Whether the loop is to end.
    fn is_met(&self, number: u32, turns: &Loop) -> Result<bool, String> {
        let pool = self.frame_pool(self.frame_of(number));
        turns.until.holds(pool)
    }

    /// Begins a turn; what the nodes inside gave in another one is forgotten.
    fn begin_turn(&mut self, number: u32, round: u32, effects: &mut Vec<Effect>) {
        let plan = self.plan.clone();
        let (outside, container) = (self.frame_of(number), self.executions[number as usize].node);
        let Some(scope) = plan.nodes[container].inside else {
            return;
        };
        let pool = self.frame_pool_mut(outside);
        for node in &plan.nodes[plan.scopes[scope].nodes.clone()] {
            pool.remove_node(node.id.as_str());
        }
        let parent = Parent {
            container: number,
            round,
        };
        self.begin_frame(scope, parent, None, effects);
    }

    pub(super) fn turn_over(
        &mut self,
        parent: Parent,
        mut frame: Frame,
        turns: &Loop,
        effects: &mut Vec<Effect>,
    ) {
        let (number, round) = (parent.container, parent.round);
        let took = self.at.millis_since(frame.began_at);
        let variables = self.variables(number, turns);
        let shown = self.shown_all(&variables);
        if let Some(Progress::Loop(progress)) = self.containers.get_mut(&number) {
            progress.durations_ms.push(took);
            let shown = Json::Object(shown.clone());
            progress.variables.insert(round.to_string(), shown);
        }
        if let Some(failure) = frame.failure.take() {
            return self.loop_over(
                number,
                turns.count,
                Vec::new(),
                Err(of_round(failure)),
                effects,
            );
        }
        self.respond_outside(number, &mut frame);
        if !frame.has_begun && self.empty_turn(effects) {
            return;
        }
        let met = if frame.ends_loop {
            Ok(true)
        } else {
            self.is_met(number, turns)
        };
        let end = match met {
            Err(message) => Err(Failure::new("", self.secrets.masked(message))),
            Ok(true) => Ok(LoopEnd::LoopBreak),
            Ok(false) if round + 1 >= turns.count => Ok(LoopEnd::LoopCompleted),
            Ok(false) => return self.next_turn(number, round + 1, shown, effects),
        };
        let mut outputs = variables;
        let rounds = i64::from(round) + 1;
        outputs.push(("loop_round".to_owned(), Value::Integer(rounds)));
        self.loop_over(number, turns.count, outputs, end, effects);
    }

    /// A turn in which no node runs counts as a step, lest a loop without nodes runs for ever; answers whether the run
    /// has ended by it.
    fn empty_turn(&mut self, effects: &mut Vec<Effect>) -> bool {
        self.starts += 1;
        self.check_limits(effects);
        self.ending.is_some()
    }

    /// The values of its variables now.
    fn variables(&self, number: u32, turns: &Loop) -> NamedValues {
        let pool = self.frame_pool(self.frame_of(number));
        let id = self.container_id(number);
        let values = turns.variables.iter().filter_map(|variable| {
            let value = pool.variable(id.as_str(), &variable.label)?;
            Some((variable.label.clone(), value.clone()))
        });
        values.collect()
    }

    fn next_turn(
        &mut self,
        number: u32,
        round: u32,
        before: Map<String, Json>,
        effects: &mut Vec<Effect>,
    ) {
        let next = self.round_started(number, round, Some(Json::Object(before)));
        self.publish(EventBody::LoopNext(next), effects);
        self.begin_turn(number, round, effects);
    }

    fn loop_over(
        &mut self,
        number: u32,
        steps: u32,
        outputs: NamedValues,
        end: Result<LoopEnd, Failure>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(Progress::Loop(progress)) = self.containers.remove(&number) else {
            return;
        };
        let reason = *end.as_ref().unwrap_or(&LoopEnd::Error);
        let told = [
            ("loop_variable_map", Json::Object(progress.variables)),
            ("completed_reason", Json::from(reason.as_str())),
        ];
        let told = told.map(|(name, value)| (name.to_owned(), value));
        let failure = end.err();
        let ended = Ended {
            steps,
            outputs: if failure.is_some() {
                Vec::new()
            } else {
                outputs
            },
            failure,
            reason: Some(reason),
            durations_ms: progress.durations_ms,
            told: told.into_iter().collect(),
            inputs: progress.inputs,
        };
        self.rounds_over(number, ended, effects);
    }
}
