//! The items of an iteration (Dify DSL reference, 4.15).

use latchkey_domain::event::EventBody;
use latchkey_domain::run::Failure;
use latchkey_domain::value::{Array, ArrayKind, Value};
use serde_json::{Map, Value as Json};

use crate::node::{Iteration, OnFailure};

use super::super::frame::{Frame, Parent};
use super::super::{Effect, RunState};
use super::{Ended, Progress, count, of_round};

/// How far an iteration has come.
#[derive(Clone, Debug)]
pub(in crate::state) struct Items {
    items: Array,
    results: Vec<Item>,
    durations_ms: Vec<u64>,
    /// The item that begins next.
    next: usize,
    running: usize,
    /// The first failure of an item, if one ends all.
    failure: Option<Failure>,
    inputs: Map<String, Json>,
}

/// What came of an item.
#[derive(Clone, Debug)]
enum Item {
    Open,
    Failed,
    Done(Json),
}

impl Items {
    fn is_over(&self) -> bool {
        let nothing_follows = self.next == self.items.items().len() || self.failure.is_some();
        self.running == 0 && nothing_follows
    }

    /// The results in the order of the items. Those that were never reached are left out.
    fn output(&self, iteration: &Iteration) -> Value {
        let results = self.results.iter().filter_map(|result| match result {
            Item::Done(value) => Some(value.clone()),
            Item::Failed => (iteration.on_failure == OnFailure::Null).then_some(Json::Null),
            Item::Open => None,
        });
        let results: Vec<Json> = results.collect();
        Value::infer(Json::Array(if iteration.flattens {
            flat(results)
        } else {
            results
        }))
    }
}

/// One list of all lists, if everything that is not null is a list; nulls vanish then.
fn flat(results: Vec<Json>) -> Vec<Json> {
    let mut present = results.iter().filter(|result| !result.is_null()).peekable();
    if present.peek().is_none() || !present.all(Json::is_array) {
        return results;
    }
    let lists = results.into_iter().filter_map(|result| match result {
        Json::Array(items) => Some(items),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_) => None,
    });
    lists.flatten().collect()
}

impl RunState {
    pub(super) fn begin_iteration(
        &mut self,
        number: u32,
        iteration: &Iteration,
        effects: &mut Vec<Effect>,
    ) {
        let name = iteration.iterator.join(".");
        let found = self
            .frame_pool(self.frame_of(number))
            .get(&iteration.iterator);
        let (message, value) = match found {
            Some(Value::Array(items)) => {
                return self.begin_items(number, items, iteration, effects);
            }
            Some(Value::None) => {
                let none = Array::new(ArrayKind::Any, Vec::new());
                return self.begin_items(number, none, iteration, effects);
            }
            None => (format!("iterator variable {name} not found"), Value::None),
            Some(
                other @ (Value::Boolean(_)
                | Value::Integer(_)
                | Value::Float(_)
                | Value::String(_)
                | Value::Secret(_)
                | Value::Object(_)
                | Value::File(_)),
            ) => (
                format!("{name} is of type {}, please provide a list", other.kind()),
                other,
            ),
        };
        let inputs = self.shown_all(&[("iterator_selector".to_owned(), value)]);
        self.refuse(number, inputs, message, effects);
    }

    fn begin_items(
        &mut self,
        number: u32,
        items: Array,
        iteration: &Iteration,
        effects: &mut Vec<Effect>,
    ) {
        let length = items.items().len();
        let inputs = [("iterator_selector".to_owned(), Value::Array(items.clone()))];
        let inputs = self.shown_all(&inputs);
        let started = self.rounds_started(number, length, inputs.clone());
        self.publish(EventBody::IterationStarted(started), effects);
        if length == 0 {
            let ended = Ended {
                steps: 0,
                outputs: vec![("output".to_owned(), Value::Array(items))],
                failure: None,
                reason: None,
                durations_ms: Vec::new(),
                told: Map::new(),
                inputs,
            };
            return self.rounds_over(number, ended, effects);
        }
        let progress = Items {
            items,
            results: vec![Item::Open; length],
            durations_ms: vec![0; length],
            next: 0,
            running: 0,
            failure: None,
            inputs,
        };
        self.containers
            .insert(number, Progress::Iteration(progress));
        self.begin_next_items(number, iteration, effects);
    }

    fn items(&mut self, number: u32) -> Option<&mut Items> {
        match self.containers.get_mut(&number) {
            Some(Progress::Iteration(items)) => Some(items),
            Some(Progress::Loop(_)) | None => None,
        }
    }

    /// Begins as many items as may run at the same time.
    fn begin_next_items(&mut self, number: u32, iteration: &Iteration, effects: &mut Vec<Effect>) {
        while let Some(items) = self.items(number)
            && items.failure.is_none()
            && items.running < iteration.at_once.max(1)
            && items.next < items.items.items().len()
        {
            let round = items.next;
            items.next += 1;
            items.running += 1;
            let item = Value::infer(items.items.items()[round].clone());
            let previous = round.checked_sub(1).map(|before| &items.results[before]);
            let previous = match previous {
                Some(Item::Done(value)) => Some(Value::infer(value.clone())),
                Some(Item::Open | Item::Failed) | None => None,
            };
            let previous = previous.map(|value| self.secrets.shown(&value));
            self.begin_item(number, count(round), item, previous, effects);
        }
    }

    fn begin_item(
        &mut self,
        number: u32,
        round: u32,
        item: Value,
        previous: Option<Json>,
        effects: &mut Vec<Effect>,
    ) {
        let next = self.round_started(number, round, previous);
        let id = next.node_id.clone();
        self.publish(EventBody::IterationNext(next), effects);
        let outside = self.frame_pool(self.frame_of(number));
        let item = outside.typed(item);
        let mut pool = outside.layer();
        pool.set(id.as_str(), "item", item);
        pool.set(id.as_str(), "index", Value::Integer(round.into()));
        let container = self.executions[number as usize].node;
        let Some(scope) = self.plan.nodes[container].inside else {
            return;
        };
        let parent = Parent {
            container: number,
            round,
        };
        self.begin_frame(scope, parent, Some(pool), effects);
    }

    pub(super) fn item_over(
        &mut self,
        parent: Parent,
        mut frame: Frame,
        iteration: &Iteration,
        effects: &mut Vec<Effect>,
    ) {
        let number = parent.container;
        let took = self.at.millis_since(frame.began_at);
        let result = frame
            .own_pool()
            .and_then(|pool| pool.get(&iteration.output));
        let Some(items) = self.items(number) else {
            return;
        };
        let round = parent.round as usize;
        items.running -= 1;
        items.durations_ms[round] = took;
        items.results[round] = match frame.failure.take() {
            None => Item::Done(result.map_or(Json::Null, |value| value.expose_json())),
            Some(failure) => {
                if iteration.on_failure == OnFailure::Terminate {
                    items.failure.get_or_insert(failure);
                }
                Item::Failed
            }
        };
        let is_last = round + 1 == items.items.items().len();
        if is_last && matches!(items.results[round], Item::Done(_)) {
            self.respond_outside(number, &mut frame);
        }
        self.begin_next_items(number, iteration, effects);
        self.iteration_over(number, iteration, effects);
    }

    /// Ends the iteration if no item is left.
    fn iteration_over(&mut self, number: u32, iteration: &Iteration, effects: &mut Vec<Effect>) {
        let Some(items) = self.items(number).filter(|items| items.is_over()) else {
            return;
        };
        let ended = Ended {
            steps: count(items.items.items().len()),
            outputs: vec![("output".to_owned(), items.output(iteration))],
            failure: items.failure.take().map(of_round),
            reason: None,
            durations_ms: std::mem::take(&mut items.durations_ms),
            told: Map::new(),
            inputs: std::mem::take(&mut items.inputs),
        };
        self.rounds_over(number, ended, effects);
    }
}
