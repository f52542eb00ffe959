//! The state machine of a run: no async, no clock, no locks. It is told what happened and answers what to do.
//!
//! Its inputs are the journal: feeding the records in again rebuilds the same state and the same events. What it may
//! decide by itself (which node comes next, which branch is skipped, what is streamed) it decides from them alone.

mod coordinator;
mod ending;
mod execution;
mod failing;
mod flow;
mod message;
mod replay;
mod secrets;

use std::collections::VecDeque;
use std::sync::Arc;

use latchkey_domain::document::CONVERSATION;
use latchkey_domain::event::{EventBody, NodeStarted, Position, RunEvent};
use latchkey_domain::id::{NodeExecutionId, NodeId, RunId};
use latchkey_domain::journal::{JournalEntry, JournalRecord, Limits, Report, StartValues};
use latchkey_domain::run::RunUsage;
use latchkey_domain::time::Timestamp;
use latchkey_domain::value::{NamedValues, to_json_map};
use serde_json::{Map, Value as Json};

use crate::node::Behaviour;
use crate::plan::{NodeIndex, Plan};
use crate::pool::Pool;

use self::coordinator::Coordinator;
use self::ending::Ending;
use self::execution::{Execution, Phase};
use self::flow::Flow;
use self::message::ended;
use self::secrets::Secrets;

pub use self::message::{Effect, Happened};
pub use self::replay::replay_events;

/// One run.
pub struct RunState {
    plan: Arc<Plan>,
    run: RunId,
    epoch: u32,
    secrets: Secrets,
    limits: Limits,
    position: Position,
    /// What was reported since the last record; goes into the next one.
    reports: Vec<Report>,
    at: Timestamp,
    started_at: Timestamp,
    pool: Pool,
    flow: Flow,
    executions: Vec<Execution>,
    /// Executions that may start, first come first served.
    ready: VecDeque<u32>,
    /// Attempts of nodes with effects that run now.
    busy: u32,
    /// Executions that have not ended: running, waiting for a slot or for a repetition.
    open: u32,
    coordinator: Coordinator,
    outputs: Map<String, Json>,
    usage: RunUsage,
    /// Executions that were started.
    starts: u32,
    /// Attempts that were started.
    steps: u32,
    exceptions: u32,
    ending: Option<Ending>,
    is_over: bool,
}

impl RunState {
    /// A run that has not begun. `secrets` are the secret variables: they are in the pool and nowhere else.
    #[must_use]
    pub fn new(plan: Arc<Plan>, run: RunId, epoch: u32, secrets: NamedValues) -> Self {
        let flow = Flow::new(&plan);
        let coordinator = Coordinator::new(&plan);
        Self {
            plan,
            run,
            epoch,
            secrets: Secrets::new(secrets),
            limits: Limits::default(),
            position: Position {
                epoch,
                sequence: 0,
                part: 0,
            },
            reports: Vec::new(),
            at: Timestamp::from_millis(0),
            started_at: Timestamp::from_millis(0),
            pool: Pool::new(),
            flow,
            executions: Vec::new(),
            ready: VecDeque::new(),
            busy: 0,
            open: 0,
            coordinator,
            outputs: Map::new(),
            usage: RunUsage::default(),
            starts: 0,
            steps: 0,
            exceptions: 0,
            ending: None,
            is_over: false,
        }
    }

    /// Takes in what happened at `at` and appends what has to be done to `effects`.
    pub fn on(&mut self, at: Timestamp, happened: Happened, effects: &mut Vec<Effect>) {
        if self.is_over {
            return;
        }
        match happened {
            Happened::Reported { execution_id, body } => {
                let mut report = Report {
                    execution_id,
                    at,
                    body,
                };
                self.secrets.mask_report(&mut report.body);
                if self.report(&report, effects) {
                    self.reports.push(report);
                }
            }
            Happened::GraceOver => self.finish(at, effects),
            Happened::Started { values, limits } => self.record(
                at,
                JournalEntry::Started {
                    values: Box::new(values),
                    limits,
                },
                effects,
            ),
            Happened::Ended {
                execution_id,
                started_at,
                mut attempt,
            } => {
                if self.is_running(execution_id) {
                    self.secrets.mask_told(&mut attempt);
                    self.record(at, ended(execution_id, started_at, *attempt), effects);
                }
            }
            Happened::RetryDue { execution_id } => {
                if self.phase(execution_id) == Some(Phase::AwaitsRetry) && self.ending.is_none() {
                    self.record(at, JournalEntry::RetryDue { execution_id }, effects);
                }
            }
            Happened::StopAsked { reason } => {
                if self.ending.is_none() {
                    self.record(at, JournalEntry::StopAsked { reason }, effects);
                }
            }
        }
        if self.is_settled() {
            self.finish(at, effects);
        }
    }

    /// Makes a record of an entry, applies it and has it written.
    fn record(&mut self, at: Timestamp, entry: JournalEntry, effects: &mut Vec<Effect>) {
        let record = JournalRecord {
            sequence: self.position.sequence + 1,
            epoch: self.epoch,
            at,
            reports: std::mem::take(&mut self.reports),
            entry,
        };
        // The write comes first: what follows may wait for it.
        effects.push(Effect::Record(self.secrets.sealed(&record)));
        self.apply(record, effects);
    }

    /// Applies a record whose reports have been shown already.
    fn apply(&mut self, record: JournalRecord, effects: &mut Vec<Effect>) {
        self.position = Position {
            epoch: record.epoch,
            sequence: record.sequence,
            part: 0,
        };
        self.at = record.at;
        match record.entry {
            JournalEntry::Started { values, limits } => self.start(*values, limits, effects),
            JournalEntry::NodeSucceeded {
                execution_id,
                started_at,
                result,
            } => self.node_succeeded(execution_id, started_at, *result, effects),
            JournalEntry::NodeFailed {
                execution_id,
                started_at,
                failure,
                result,
            } => self.node_failed(execution_id, started_at, failure, *result, effects),
            JournalEntry::RetryDue { execution_id } => self.retry_due(execution_id, effects),
            JournalEntry::StopAsked { reason } => self.end_early(
                Ending::Stopped {
                    code: "stopped",
                    reason,
                },
                effects,
            ),
            JournalEntry::Finished(finished) => self.finished(finished, effects),
        }
        self.start_ready(effects);
    }

    fn start(&mut self, values: StartValues, limits: Limits, effects: &mut Vec<Effect>) {
        self.limits = limits;
        self.started_at = self.at;
        let root = self.plan.nodes[self.plan.root].id.clone();
        let mut environment = values.environment;
        let mut conversation = values.conversation;
        for (name, secret) in self.secrets.values() {
            match name.strip_prefix(CONVERSATION) {
                None => environment.push((name.clone(), secret.clone())),
                // The journal has the variable and no value of it.
                Some(name) => conversation
                    .iter_mut()
                    .filter(|(known, _)| known == name)
                    .for_each(|(_, value)| value.clone_from(secret)),
            }
        }
        for (namespace, values) in [
            ("sys", &values.system),
            ("env", &environment),
            ("conversation", &conversation),
        ] {
            self.pool.set_all(&NodeId::new(namespace), values);
        }
        self.pool.set_entry(&root, self.plan.has_node("start"));
        self.pool.set_all(&root, &values.inputs);
        self.publish(
            EventBody::RunStarted {
                inputs: to_json_map(&values.inputs),
            },
            effects,
        );
        self.activate_responses(effects);
        self.make_ready(self.plan.root, None);
    }

    /// Tells a change to whoever watches.
    fn publish(&mut self, body: EventBody, effects: &mut Vec<Effect>) {
        effects.push(Effect::Publish(RunEvent {
            run_id: self.run,
            position: self.position,
            at: self.at,
            body,
        }));
        self.position.part += 1;
    }

    /// A node's last incoming edge was decided, and it may run.
    fn make_ready(&mut self, node: NodeIndex, predecessor: Option<NodeIndex>) {
        let number = u32::try_from(self.executions.len()).unwrap_or(u32::MAX);
        self.executions.push(Execution::new(node, predecessor));
        self.ready.push_back(number);
        self.open += 1;
    }

    /// Starts what may start: nodes without effects at once, the others while slots are free.
    fn start_ready(&mut self, effects: &mut Vec<Effect>) {
        if self.ending.is_some() {
            return;
        }
        let mut waiting = VecDeque::new();
        while let Some(number) = self.ready.pop_front() {
            let node = self.executions[number as usize].node;
            let is_pure = matches!(self.plan.nodes[node].behaviour, Some(Behaviour::Pure(_)));
            if is_pure || self.busy < self.limits.slots {
                self.start_attempt(number, is_pure, effects);
            } else {
                waiting.push_back(number);
            }
        }
        self.ready = waiting;
    }

    fn start_attempt(&mut self, number: u32, is_pure: bool, effects: &mut Vec<Effect>) {
        let execution_id = NodeExecutionId::nth(self.run, number + 1);
        let execution = &mut self.executions[number as usize];
        execution.phase = Phase::Running;
        execution.attempts += 1;
        let attempt = execution.attempts;
        self.steps += 1;
        if attempt == 1 {
            execution.began_at = self.at;
            self.starts += 1;
            let (node, predecessor) = (execution.node, execution.predecessor);
            let node = &self.plan.nodes[node];
            let started = NodeStarted {
                execution_id,
                node_id: node.id.clone(),
                node_type: node.node_type.clone(),
                title: node.title.clone(),
                index: number + 1,
                iteration_path: Vec::new(),
                predecessor: predecessor.map(|at| self.plan.nodes[at].id.clone()),
            };
            self.publish(EventBody::NodeStarted(started), effects);
        }
        if is_pure {
            effects.push(Effect::Compute(execution_id));
        } else {
            self.busy += 1;
            effects.push(Effect::Start {
                execution_id,
                attempt,
                after: self.position.sequence,
            });
        }
    }

    fn retry_due(&mut self, execution_id: NodeExecutionId, effects: &mut Vec<Effect>) {
        if let Some(number) = self.number(execution_id) {
            self.executions[number as usize].phase = Phase::Ready;
            self.ready.push_back(number);
            self.check_limits(effects);
        }
    }

    /// The variables as they are now.
    #[must_use]
    pub const fn pool(&self) -> &Pool {
        &self.pool
    }

    /// The plan that it follows.
    #[must_use]
    pub const fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// The number of the last record.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.position.sequence
    }

    /// Whether it has ended.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.is_over
    }

    /// Top-level nodes that were skipped, in file order.
    #[must_use]
    pub fn skipped(&self) -> Vec<&NodeId> {
        let nodes = self.plan.nodes.iter().enumerate();
        nodes
            .filter(|(at, _)| self.flow.is_skipped(*at))
            .map(|(_, node)| &node.id)
            .collect()
    }

    /// The node of an execution of this run.
    #[must_use]
    pub fn node_of(&self, execution_id: NodeExecutionId) -> Option<&NodeId> {
        let number = self.number(execution_id)?;
        Some(&self.plan.nodes[self.executions[number as usize].node].id)
    }

    pub(crate) fn behaviour(&self, execution_id: NodeExecutionId) -> Option<&Behaviour> {
        let number = self.number(execution_id)?;
        self.plan.nodes[self.executions[number as usize].node]
            .behaviour
            .as_ref()
    }

    fn number(&self, execution_id: NodeExecutionId) -> Option<u32> {
        let number = execution_id.index_in(self.run)?.checked_sub(1)?;
        ((number as usize) < self.executions.len()).then_some(number)
    }

    fn phase(&self, execution_id: NodeExecutionId) -> Option<Phase> {
        self.number(execution_id)
            .map(|number| self.executions[number as usize].phase)
    }

    fn is_running(&self, execution_id: NodeExecutionId) -> bool {
        self.phase(execution_id) == Some(Phase::Running)
    }
}
