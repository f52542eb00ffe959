//! One run's loop.

use std::collections::VecDeque;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use futures::FutureExt;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use latchkey_domain::id::NodeExecutionId;
use latchkey_domain::journal::{Limits, StartValues};
use latchkey_domain::points::{Kind, Side, pass};
use latchkey_domain::run::Failure;
use latchkey_domain::time::Timestamp;
use latchkey_domain::value::NamedValues;

use crate::clock::Clock;
use crate::node::{
    AskingNode, Attempt, Behaviour, FromNode, Node, NodeContext, RunFacts, Sink, Told,
};
use crate::plan::Plan;
use crate::pool::Pool;
use crate::state::{Effect, Happened, INTERRUPTED, RunState};

use super::{Abandoned, Lease, Outcome, Past, Ports};

/// How long nodes have to end after they were asked to.
const GRACE_MILLIS: i64 = 3_000;
/// Reports on their way from nodes; when it is full, nodes wait until the run has published what it has.
const REPORTS: usize = 64;

pub(super) struct Dispatcher {
    state: RunState,
    facts: Arc<RunFacts>,
    ports: Ports,
    cancel: CancellationToken,
    /// What is still to be done, in order.
    effects: VecDeque<Effect>,
    /// Nodes with effects that wait for a commit.
    pending: VecDeque<Pending>,
    timers: Vec<(Timestamp, NodeExecutionId)>,
    /// Until when nodes that were asked to end may take.
    grace: Option<Timestamp>,
    nodes: CancellationToken,
    tasks: JoinSet<()>,
    reports: (mpsc::Sender<FromNode>, mpsc::Receiver<FromNode>),
}

struct Pending {
    after: u64,
    execution_id: NodeExecutionId,
    attempt: u32,
}

/// What ended the wait for something to happen.
enum Woken {
    Stop,
    Node(FromNode),
    Commit(bool),
    Timer,
    TimeOver,
    GraceOver,
}

impl Dispatcher {
    pub(super) fn new(
        plan: Arc<Plan>,
        facts: Arc<RunFacts>,
        secrets: NamedValues,
        ports: Ports,
        cancel: CancellationToken,
    ) -> Self {
        Self {
            state: RunState::new(plan, facts.run, facts.epoch, secrets),
            facts,
            ports,
            cancel,
            effects: VecDeque::new(),
            pending: VecDeque::new(),
            timers: Vec::new(),
            grace: None,
            nodes: CancellationToken::new(),
            tasks: JoinSet::new(),
            reports: mpsc::channel(REPORTS),
        }
    }

    pub(super) async fn run(
        mut self,
        values: StartValues,
        limits: Limits,
    ) -> Result<Outcome, Abandoned> {
        self.on(Happened::Started { values, limits });
        self.until_the_end().await
    }

    pub(super) async fn resume(mut self, past: Past) -> Result<Outcome, Abandoned> {
        let mut done_before = Vec::new();
        for record in &past.records {
            self.state.replay(record, &mut done_before);
            done_before.clear();
        }
        if !self.state.is_paused() {
            self.on(Happened::TakenOver);
        }
        for (execution_id, answer) in past.answers {
            self.on(Happened::Answered {
                execution_id,
                answer,
            });
        }
        if self.effects.is_empty() {
            // No answer to anything that it asks: it waits on.
            return Err(Abandoned);
        }
        self.until_the_end().await
    }

    async fn until_the_end(mut self) -> Result<Outcome, Abandoned> {
        loop {
            while let Some(effect) = self.effects.pop_front() {
                self.look_up(&effect).await;
                if let Some(outcome) = self.perform(effect).await? {
                    return Ok(outcome);
                }
            }
            self.start_committed();
            while self.tasks.try_join_next().is_some() {}
            match self.wait().await {
                Woken::Stop => self.stop(),
                Woken::Node(message) => self.on_message(message),
                Woken::Commit(true) => {}
                Woken::Commit(false) => return Err(Abandoned),
                Woken::Timer => self.on_timers(),
                Woken::TimeOver => self.on(Happened::TimeOver),
                Woken::GraceOver => {
                    self.tasks.shutdown().await;
                    self.on(Happened::GraceOver);
                }
            }
        }
    }

    /// A chain of nodes without effects never waits: before each of them others get the thread, and a stop is heard.
    async fn look_up(&mut self, effect: &Effect) {
        if matches!(effect, Effect::Compute(_)) {
            tokio::task::yield_now().await;
            if self.cancel.is_cancelled() && self.grace.is_none() {
                self.stop();
            }
        }
    }

    fn stop(&mut self) {
        self.on(Happened::StopAsked {
            reason: "stopped on request".into(),
        });
    }

    fn on(&mut self, happened: Happened) {
        let mut effects = Vec::new();
        self.state
            .on(self.ports.clock.now(), happened, &mut effects);
        self.effects.extend(effects);
    }

    async fn perform(&mut self, effect: Effect) -> Result<Option<Outcome>, Abandoned> {
        match effect {
            Effect::Record(record) => {
                self.ports
                    .journal
                    .send(record)
                    .await
                    .map_err(|_| Abandoned)?;
            }
            Effect::Publish(event) => {
                // Nobody has to listen.
                let _ = self.ports.events.send(event).await;
            }
            Effect::Compute(execution_id) => self.compute(execution_id),
            Effect::Start {
                execution_id,
                attempt,
                after,
            } => self.pending.push_back(Pending {
                after,
                execution_id,
                attempt,
            }),
            Effect::Wait { execution_id, due } => self.timers.push((due, execution_id)),
            Effect::Interrupted(execution_id) => self.on(Happened::Ended {
                execution_id,
                started_at: self.ports.clock.now(),
                attempt: Box::new(interrupted()),
            }),
            Effect::CancelNodes => self.cancel_nodes(),
            Effect::AwaitCommit => self.await_commit().await?,
            Effect::Pause(paused) => return Ok(Some(Outcome::Paused(paused))),
            Effect::Finish(finished) => {
                self.tasks.shutdown().await;
                return Ok(Some(Outcome::Finished(finished)));
            }
        }
        Ok(None)
    }

    async fn await_commit(&mut self) -> Result<(), Abandoned> {
        let last = self.state.sequence();
        let committed = self.ports.committed.wait_for(|at| *at >= last).await;
        committed.map(|_| ()).map_err(|_| Abandoned)
    }

    /// Waits for something to happen. Every arm is cancel-safe: a lost race loses no message.
    async fn wait(&mut self) -> Woken {
        let clock = self.ports.clock.clone();
        let due = self.timers.iter().map(|(due, _)| *due).min();
        let is_ending = self.grace.is_some();
        let deadline = self.state.deadline().filter(|_| !is_ending);
        tokio::select! {
            biased;
            () = self.cancel.cancelled(), if !is_ending => Woken::Stop,
            Some(message) = self.reports.1.recv() => Woken::Node(message),
            changed = self.ports.committed.changed(), if !self.pending.is_empty() => {
                Woken::Commit(changed.is_ok())
            }
            () = held(&mut self.ports.lease), if self.is_held_up() => Woken::Commit(true),
            () = self.ports.journal.closed() => Woken::Commit(false),
            () = clock.sleep_until(due.unwrap_or(Timestamp::from_millis(0))), if due.is_some() => Woken::Timer,
            () = clock.sleep_until(deadline.unwrap_or(Timestamp::from_millis(0))), if deadline.is_some() => {
                Woken::TimeOver
            }
            () = clock.sleep_until(self.grace.unwrap_or(Timestamp::from_millis(0))), if is_ending => {
                Woken::GraceOver
            }
        }
    }

    fn on_message(&mut self, message: FromNode) {
        let execution_id = message.execution_id;
        self.on(match message.told {
            Told::Report(body) => Happened::Reported { execution_id, body },
            Told::Ended {
                started_at,
                attempt,
            } => Happened::Ended {
                execution_id,
                started_at,
                attempt,
            },
        });
    }

    fn on_timers(&mut self) {
        let now = self.ports.clock.now();
        let (due, rest): (Vec<_>, Vec<_>) = self.timers.drain(..).partition(|(due, _)| *due <= now);
        self.timers = rest;
        for (_, execution_id) in due {
            self.on(Happened::RetryDue { execution_id });
        }
    }

    /// Runs a node without effects, here and now.
    fn compute(&mut self, execution_id: NodeExecutionId) {
        let started_at = self.ports.clock.now();
        if self.cancel.is_cancelled() {
            let attempt = Box::new(never_began());
            return self.on(Happened::Ended {
                execution_id,
                started_at,
                attempt,
            });
        }
        let happened = match (
            self.state.behaviour(execution_id),
            self.state.pool_of(execution_id),
        ) {
            (Some(Behaviour::Pure(node)), Some(pool)) => {
                ended(execution_id, started_at, guarded(|| node.run(pool)))
            }
            (Some(Behaviour::Asking(node)), Some(pool)) => {
                match self.state.answer_of(execution_id) {
                    Some((form, answer)) => {
                        let attempt = guarded(|| node.answered(form, answer));
                        ended(execution_id, started_at, attempt)
                    }
                    None => asked(execution_id, started_at, node.as_ref(), pool),
                }
            }
            (Some(Behaviour::Effect(_) | Behaviour::Container(_)) | None, _) | (_, None) => return,
        };
        self.on(happened);
    }

    /// Whether something could begin, and nobody knows whose the run is.
    fn is_held_up(&self) -> bool {
        let lease = self.ports.lease.as_ref();
        !self.pending.is_empty() && lease.is_some_and(|lease| !lease.holds())
    }

    /// Starts the nodes whose past is committed.
    fn start_committed(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        if self.is_held_up() {
            return;
        }
        let committed = *self.ports.committed.borrow_and_update();
        while let Some(next) = self.pending.pop_front_if(|next| next.after <= committed) {
            self.spawn(&next);
        }
    }

    fn spawn(&mut self, next: &Pending) {
        let execution_id = next.execution_id;
        let Some(Behaviour::Effect(node)) = self.state.behaviour(execution_id) else {
            return;
        };
        let found = (
            self.state.node_of(execution_id),
            self.state.pool_of(execution_id),
        );
        let (Some(node_id), Some(pool)) = found else {
            return;
        };
        let context = NodeContext {
            pool: pool.clone(),
            run: self.facts.clone(),
            node_id: node_id.clone(),
            execution_id,
            attempt: next.attempt,
            iteration_path: self.state.path_of(execution_id),
            entry: self.state.plan().entry().clone(),
            sink: Sink::new(execution_id, self.reports.0.clone()),
            cancel: self.nodes.child_token(),
            epoch: self.facts.epoch,
        };
        let started_at = self.ports.clock.now();
        let timeout = self.state.timeout_of(execution_id);
        let time = timeout.map(|millis| (self.ports.clock.clone(), started_at.plus_millis(millis)));
        let task = attempt(
            node.clone(),
            context,
            started_at,
            time,
            self.reports.0.clone(),
        );
        self.tasks.spawn(task);
    }

    fn cancel_nodes(&mut self) {
        self.grace = Some(self.ports.clock.now().plus_millis(GRACE_MILLIS));
        self.nodes.cancel();
        self.timers.clear();
        for next in std::mem::take(&mut self.pending) {
            self.on(Happened::Ended {
                execution_id: next.execution_id,
                started_at: self.ports.clock.now(),
                attempt: Box::new(never_began()),
            });
        }
    }
}

/// One attempt of a node with effects; its end goes the same way as its reports, so that it comes after them.
async fn attempt(
    node: Arc<dyn Node>,
    context: NodeContext,
    started_at: Timestamp,
    time: Option<(Arc<dyn Clock>, Timestamp)>,
    reports: mpsc::Sender<FromNode>,
) {
    let execution_id = context.execution_id;
    let cancel = context.cancel.clone();
    let name = context.node_id.to_string();
    let work = AssertUnwindSafe(node.run(context)).catch_unwind();
    let outcome = effect(&name, async {
        match time {
            None => work.await,
            Some((clock, due)) => in_time(work, clock.as_ref(), due, &cancel).await,
        }
    })
    .await;
    let message = FromNode {
        execution_id,
        told: Told::Ended {
            started_at,
            attempt: Box::new(outcome.unwrap_or_else(|_| panicked())),
        },
    };
    // A closed channel means that the run is over.
    let _ = reports.send(message).await;
}

/// Does something that others may see. Every node with effects runs here and nowhere else.
async fn effect<T>(name: &str, work: impl Future<Output = T>) -> T {
    pass(Kind::Effect, Side::Before, || name.to_owned());
    let done = work.await;
    pass(Kind::Effect, Side::After, || name.to_owned());
    done
}

/// An attempt that may take until `due`; one that takes longer is asked to end, and has failed.
async fn in_time<E>(
    work: impl Future<Output = Result<Attempt, E>>,
    clock: &dyn Clock,
    due: Timestamp,
    cancel: &CancellationToken,
) -> Result<Attempt, E> {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        biased;
        outcome = &mut work => return outcome,
        () = clock.sleep_until(due) => cancel.cancel(),
    }
    // It may still say what its calls came to.
    let told = tokio::select! {
        biased;
        outcome = &mut work => Some(outcome?),
        () = clock.sleep_until(due.plus_millis(GRACE_MILLIS)) => None,
    };
    let late = Attempt::failed(Failure::new(
        "NodeTimeout",
        "the node took longer than its timeout_seconds",
    ));
    Ok(match told {
        Some(told) => Attempt {
            outcome: late.outcome,
            ..told
        },
        None => late,
    })
}

/// Waits until effects may begin.
async fn held(lease: &mut Option<Lease>) {
    if let Some(lease) = lease {
        lease.held().await;
    }
}

fn guarded(work: impl FnOnce() -> Attempt) -> Attempt {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| panicked())
}

fn ended(execution_id: NodeExecutionId, started_at: Timestamp, attempt: Attempt) -> Happened {
    Happened::Ended {
        execution_id,
        started_at,
        attempt: Box::new(attempt),
    }
}

/// The first half of a node that asks.
fn asked(
    execution_id: NodeExecutionId,
    started_at: Timestamp,
    node: &dyn AskingNode,
    pool: &Pool,
) -> Happened {
    match catch_unwind(AssertUnwindSafe(|| node.ask(pool))) {
        Ok(Ok(question)) => Happened::Asked {
            execution_id,
            started_at,
            question,
        },
        Ok(Err(failure)) => ended(execution_id, started_at, Attempt::failed(failure)),
        Err(_) => ended(execution_id, started_at, panicked()),
    }
}

fn never_began() -> Attempt {
    Attempt::failed(Failure::new("", "the run ended before the node began"))
}

fn interrupted() -> Attempt {
    let message = "whoever executed the node has died before its end was known, and it is not to be started again";
    Attempt::failed(Failure::new(INTERRUPTED, message))
}

fn panicked() -> Attempt {
    Attempt::failed(Failure::new("WorkflowNodeError", "the node panicked"))
}
