//! The state machine of a run: no async, no clock, no locks. It is told what happened and answers what to do.
//!
//! Its inputs are the journal: feeding the records in again rebuilds the same state and the same events. What it may
//! decide by itself (which node comes next, which branch is skipped, what is streamed) it decides from them alone.

mod asking;
mod container;
mod coordinator;
mod ending;
mod execution;
mod failing;
mod flow;
mod frame;
mod message;
mod replay;
mod secrets;
mod starting;
mod takeover;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use latchkey_domain::document::CONVERSATION;
use latchkey_domain::event::{EventBody, Position, RunEvent};
use latchkey_domain::id::{NodeExecutionId, NodeId, RunId};
use latchkey_domain::journal::{
    JournalEntry, JournalRecord, Limits, NodeResult, Report, StartValues,
};
use latchkey_domain::run::{IterationPath, RunUsage};
use latchkey_domain::time::Timestamp;
use latchkey_domain::value::{NamedValues, to_json_map};
use serde_json::{Map, Value as Json};

use crate::node::Behaviour;
use crate::plan::{NodeIndex, Plan, TOP};
use crate::pool::Pool;

use self::asking::Asked;
use self::container::Progress;
use self::coordinator::Coordinator;
use self::ending::Ending;
use self::execution::{Execution, Phase};
use self::frame::{FrameNumber, Frames, ROOT};
use self::message::ended;
use self::secrets::Secrets;

pub use self::message::{Effect, Happened};
pub use self::replay::{first_record, replay_events, replay_results};
pub(crate) use self::takeover::INTERRUPTED;

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
    frames: Frames,
    /// Frames of rounds whose nodes have all ended, in that order.
    emptied: VecDeque<FrameNumber>,
    executions: Vec<Execution>,
    /// Containers whose rounds are under way, by their executions.
    containers: HashMap<u32, Progress>,
    /// What was asked, by the executions that ask.
    forms: HashMap<u32, Asked>,
    /// Forms that wait.
    asking: u32,
    /// Whether no node may start because of them: none may from the question on until the next answer.
    is_pausing: bool,
    /// Since when it is paused.
    paused_at: Option<Timestamp>,
    /// Executions that may start, first come first served.
    ready: VecDeque<u32>,
    /// Executions that may start and were found to need a slot when none was free; they came before the others.
    waiting: VecDeque<u32>,
    /// Attempts of nodes with effects that run now.
    busy: u32,
    /// Attempts that run now, with effects or without.
    running: u32,
    /// Executions that wait for a repetition.
    retrying: u32,
    /// Executions that have not ended: running, waiting for a slot, a repetition or an answer.
    open: u32,
    coordinator: Coordinator,
    outputs: Map<String, Json>,
    usage: RunUsage,
    /// Executions that were started.
    starts: u32,
    /// Results of another run that its nodes take over, by their ids.
    reused: HashMap<NodeId, NodeResult>,
    /// What top-level nodes have come to; only where somebody wants to know.
    results: Option<Vec<(NodeId, NodeResult)>>,
    /// The text of the answer so far and the nodes that it comes from; only while the run is rebuilt.
    shown: Option<Vec<(NodeIndex, String)>>,
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
        let frames = Frames::new(&plan);
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
            frames,
            emptied: VecDeque::new(),
            executions: Vec::new(),
            containers: HashMap::new(),
            forms: HashMap::new(),
            asking: 0,
            is_pausing: false,
            paused_at: None,
            ready: VecDeque::new(),
            waiting: VecDeque::new(),
            busy: 0,
            running: 0,
            retrying: 0,
            open: 0,
            coordinator,
            outputs: Map::new(),
            usage: RunUsage::default(),
            starts: 0,
            reused: HashMap::new(),
            results: None,
            shown: None,
            steps: 0,
            exceptions: 0,
            ending: None,
            is_over: false,
        }
    }

    /// Takes in what happened at `at` and appends what has to be done to `effects`.
    pub fn on(&mut self, at: Timestamp, happened: Happened, effects: &mut Vec<Effect>) {
        let goes_on = matches!(happened, Happened::Answered { .. });
        if self.is_over || (self.is_paused() && !goes_on) {
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
            Happened::Asked {
                execution_id,
                started_at,
                question,
            } => {
                if self.is_running(execution_id)
                    && let Some(entry) = self.asked(at, execution_id, started_at, question)
                {
                    self.record(at, entry, effects);
                }
            }
            Happened::Answered {
                execution_id,
                answer,
            } => {
                if self.awaits_answer(execution_id) && self.ending.is_none() {
                    let entry = JournalEntry::FormAnswered {
                        execution_id,
                        answer,
                    };
                    self.record(at, entry, effects);
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
            Happened::TakenOver => self.record(at, JournalEntry::TakenOver, effects),
            Happened::TimeOver => {
                if self.ending.is_none() && self.deadline().is_some_and(|due| due <= at) {
                    self.record(at, JournalEntry::TimeOver, effects);
                }
            }
        }
        // What was shown before is known to whoever has rebuilt the run.
        self.shown = None;
        if self.is_settled() {
            self.finish(at, effects);
        } else if self.is_quiet() {
            self.pause(at, effects);
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
        let before = std::mem::replace(&mut self.at, record.at);
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
            JournalEntry::TakenOver => self.taken_over(before, effects),
            JournalEntry::TimeOver => self.check_limits(effects),
            JournalEntry::FormAsked {
                started_at,
                request,
            } => self.form_asked(started_at, *request, effects),
            JournalEntry::FormAnswered {
                execution_id,
                answer,
            } => self.form_answered(execution_id, answer, effects),
            JournalEntry::Paused(paused) => self.paused(paused, effects),
            JournalEntry::Finished(finished) => self.finished(finished, effects),
        }
        self.go_ahead(effects);
    }

    fn start(&mut self, values: StartValues, limits: Limits, effects: &mut Vec<Effect>) {
        self.limits = limits;
        self.started_at = self.at;
        let entry = self.plan.scopes[TOP].start;
        let root = self.plan.nodes[entry].id.clone();
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
            self.frame_pool_mut(ROOT)
                .set_all(&NodeId::new(namespace), values);
        }
        let start_is_a_node = self.plan.has_node("start");
        let pool = self.frame_pool_mut(ROOT);
        for given in &values.given {
            pool.set_all(&given.node_id, &given.values);
        }
        pool.set_entry(&root, start_is_a_node);
        pool.set_all(&root, &values.inputs);
        for reused in values.reused {
            self.reused.insert(reused.node_id, *reused.result);
        }
        self.publish(
            EventBody::RunStarted {
                inputs: to_json_map(&values.inputs),
                system: to_json_map(&values.system),
            },
            effects,
        );
        self.activate_responses(effects);
        self.make_ready(ROOT, entry, None);
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

    /// The variables of the run's own graph as they are now.
    #[must_use]
    pub fn pool(&self) -> &Pool {
        self.frame_pool(ROOT)
    }

    /// The variables that an execution sees: inside of an iteration those of its item. None for one of another run.
    #[must_use]
    pub fn pool_of(&self, execution_id: NodeExecutionId) -> Option<&Pool> {
        let number = self.number(execution_id)?;
        (self.executions[number as usize].phase != Phase::Ended)
            .then(|| self.frame_pool(self.frame_of(number)))
    }

    /// The rounds of the containers around an execution that has not ended.
    #[must_use]
    pub fn path_of(&self, execution_id: NodeExecutionId) -> IterationPath {
        let number = self.number(execution_id);
        let open = number.filter(|it| self.executions[*it as usize].phase != Phase::Ended);
        open.map_or_else(Vec::new, |it| self.path_of_frame(self.frame_of(it)))
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
        let flow = &self.frames.get(ROOT).flow;
        let top = self.plan.scopes[TOP].nodes.clone();
        top.filter(|at| flow.is_skipped(*at))
            .map(|at| &self.plan.nodes[at].id)
            .collect()
    }

    /// The node of an execution of this run.
    #[must_use]
    pub fn node_of(&self, execution_id: NodeExecutionId) -> Option<&NodeId> {
        let number = self.number(execution_id)?;
        Some(&self.plan.nodes[self.executions[number as usize].node].id)
    }

    /// How long an attempt of an execution may take, in milliseconds.
    pub(crate) fn timeout_of(&self, execution_id: NodeExecutionId) -> Option<i64> {
        let number = self.number(execution_id)?;
        self.plan.nodes[self.executions[number as usize].node].timeout_millis
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
