//! The dispatcher: commits, slots, panics, stops, slow and absent readers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use latchkey_domain::credential::{Environment, Overrides, Principal};
use latchkey_domain::event::{EventBody, RunEvent, RunFinished};
use latchkey_domain::id::WorkspaceId;
use latchkey_domain::journal::{JournalRecord, Limits};
use latchkey_domain::run::{Failure, RunStatus};
use latchkey_domain::time::Timestamp;
use latchkey_domain::workflow::Mode;
use latchkey_engine::clock::ManualClock;
use latchkey_engine::node::{Attempt, Node, NodeContext, RunFacts};
use latchkey_engine::plan::Plan;
use latchkey_engine::run::{Abandoned, Outcome, Ports, execute};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::graph::{Toys, graph};
use super::world::{run_id, start_values};

const ONE: &str = "start: start
    a: model
    answer: answer {{#a.text#}}
    start -> a -> answer";

struct Model<F>(F);

#[async_trait]
impl<F, R> Node for Model<F>
where
    F: Fn(NodeContext) -> R + Send + Sync,
    R: Future<Output = Attempt> + Send,
{
    async fn run(&self, context: NodeContext) -> Attempt {
        (self.0)(context).await
    }
}

fn said(text: &str) -> Attempt {
    Attempt::succeeded(vec![("text".into(), text.into())])
}

struct Running {
    journal: mpsc::Receiver<JournalRecord>,
    committed: watch::Sender<u64>,
    events: mpsc::Receiver<RunEvent>,
    clock: Arc<ManualClock>,
    cancel: CancellationToken,
    task: JoinSet<Result<Outcome, Abandoned>>,
}

fn start<F, R>(text: &str, limits: Limits, model: F) -> Running
where
    F: Fn(NodeContext) -> R + Send + Sync + 'static,
    R: Future<Output = Attempt> + Send + 'static,
{
    let toys = Toys {
        model: Some(Arc::new(Model(model))),
    };
    let plan = Arc::new(Plan::of_graph(Mode::Workflow, &graph(text), &toys, None).unwrap());
    let (journal_in, journal) = mpsc::channel(100);
    let (committed, committed_out) = watch::channel(0);
    let (events_in, events) = mpsc::channel(100);
    let clock = Arc::new(ManualClock::new(Timestamp::from_millis(0)));
    let ports = Ports {
        journal: journal_in,
        committed: committed_out,
        events: events_in,
        clock: clock.clone(),
        lease: None,
    };
    let cancel = CancellationToken::new();
    let run = execute(
        plan,
        facts(),
        start_values(),
        Vec::new(),
        limits,
        ports,
        cancel.clone(),
    );
    let mut task = JoinSet::new();
    task.spawn(run);
    Running {
        journal,
        committed,
        events,
        clock,
        cancel,
        task,
    }
}

fn facts() -> Arc<RunFacts> {
    Arc::new(RunFacts {
        run: run_id(),
        workspace: WorkspaceId::new(uuid::Uuid::nil()),
        workflow: None,
        workflow_name: "test".into(),
        version: None,
        author: Principal::Operator,
        caller: Principal::Operator,
        environment: Environment("development".into()),
        end_user: None,
        overrides: Overrides::new(),
        mode: Mode::Workflow,
        epoch: 1,
        history: Vec::new(),
    })
}

impl Running {
    /// Commits everything until the run has ended.
    async fn finish(mut self) -> (RunFinished, Vec<RunEvent>) {
        while let Some(record) = self.journal.recv().await {
            self.committed.send_replace(record.sequence);
        }
        let Outcome::Finished(finished) = self.task.join_next().await.unwrap().unwrap().unwrap()
        else {
            panic!("the run is paused");
        };
        let mut events = Vec::new();
        while let Some(event) = self.events.recv().await {
            events.push(event);
        }
        (finished, events)
    }

    async fn commit_next(&mut self) -> u64 {
        let record = self.journal.recv().await.expect("a record");
        self.committed.send_replace(record.sequence);
        record.sequence
    }
}

fn names(events: &[RunEvent]) -> String {
    let names: Vec<&str> = events.iter().map(|event| event.body.name()).collect();
    names.join(" ")
}

#[tokio::test]
async fn an_effect_starts_only_after_everything_before_it_is_committed() {
    let begun = Arc::new(AtomicU32::new(0));
    let seen = begun.clone();
    let mut run = start(ONE, Limits::default(), move |_| {
        seen.fetch_add(1, Ordering::SeqCst);
        async { said("x") }
    });
    assert_eq!(run.commit_next().await, 1);
    let second = run.journal.recv().await.unwrap();
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    assert_eq!((second.sequence, begun.load(Ordering::SeqCst)), (2, 0));
    run.committed.send_replace(2);
    let (finished, _) = run.finish().await;
    assert_eq!(begun.load(Ordering::SeqCst), 1);
    assert_eq!(finished.outputs["answer"], "x");
}

#[tokio::test]
async fn chunks_come_in_order_and_before_their_node_ends() {
    let run = start(ONE, Limits::default(), |context| async move {
        for word in ["one ", "two "] {
            context.sink.chunk("text", word, false).await;
        }
        context.sink.chunk("text", "three", true).await;
        said("one two three")
    });
    let (_, events) = run.finish().await;
    assert_eq!(
        names(&events),
        "run_started node_started node_finished node_started text_chunk text_chunk text_chunk \
         node_finished node_started node_finished run_finished"
    );
    let mut positions: Vec<_> = events.iter().map(|event| event.position).collect();
    let given = positions.clone();
    positions.sort();
    positions.dedup();
    assert_eq!(positions, given);
}

#[tokio::test]
async fn a_node_inside_of_containers_knows_its_round_and_its_item() {
    let graph = r#"start: start
        it: iteration start.lists in.output | {"at_once": 9}
        in in it: iteration it.item a.text | {"at_once": 9}
        a in in: model
        end: end it.output
        start -> it -> end
        itstart -> in
        instart -> a"#;
    let run = start(graph, Limits::default(), |context| async move {
        let rounds: Vec<String> = context
            .iteration_path
            .iter()
            .map(|step| format!("{}{}", step.node_id, step.index))
            .collect();
        let item = context.pool.get(&["in", "item"]).unwrap();
        said(&format!("{} {}", rounds.join("."), item.text()))
    });
    let (finished, _) = run.finish().await;
    let expected = serde_json::json!(["it0.in0 a", "it0.in1 b", "it1.in0 c"]);
    assert_eq!(finished.outputs["it.output"], expected);
}

#[tokio::test]
async fn the_end_is_told_only_after_its_commit() {
    let mut run = start("start: start", Limits::default(), |_| async { said("") });
    for _ in 0..3 {
        run.journal.recv().await.unwrap();
    }
    run.committed.send_replace(2);
    let mut seen = Vec::new();
    for _ in 0..50 {
        tokio::task::yield_now().await;
        seen.extend(run.events.try_recv().ok());
    }
    assert_eq!(names(&seen), "run_started node_started node_finished");
    run.committed.send_replace(3);
    let (finished, events) = run.finish().await;
    assert_eq!(
        (finished.status, names(&events).as_str()),
        (RunStatus::Succeeded, "run_finished")
    );
}

#[tokio::test]
async fn a_panic_is_a_failed_node() {
    let run = start(ONE, Limits::default(), |_| async {
        panic!("a bug in a node")
    });
    let (finished, _) = run.finish().await;
    assert_eq!(finished.status, RunStatus::Failed);
    assert_eq!(finished.error.unwrap().message, "the node panicked");
}

#[tokio::test]
async fn nobody_has_to_listen() {
    let mut run = start(ONE, Limits::default(), |_| async { said("x") });
    run.events.close();
    let (finished, _) = run.finish().await;
    assert_eq!(finished.status, RunStatus::Succeeded);
}

#[tokio::test]
async fn a_stop_cancels_the_nodes_and_is_told() {
    let mut run = start(ONE, Limits::default(), |context| async move {
        context.cancel.cancelled().await;
        Attempt::failed(Failure::new("Cancelled", "cancelled"))
    });
    run.commit_next().await;
    run.commit_next().await;
    run.cancel.cancel();
    let (finished, events) = run.finish().await;
    assert_eq!(finished.status, RunStatus::Stopped);
    assert_eq!(finished.error.unwrap().code, "stopped");
    assert!(matches!(
        events.last().unwrap().body,
        EventBody::RunFinished(_)
    ));
}

#[tokio::test]
async fn a_node_that_does_not_end_is_cut_off_after_the_grace() {
    let mut run = start(ONE, Limits::default(), |context| async move {
        context.cancel.cancelled().await;
        std::future::pending().await
    });
    run.commit_next().await;
    run.commit_next().await;
    tokio::task::yield_now().await;
    run.cancel.cancel();
    assert_eq!(run.commit_next().await, 3);
    run.clock.advance(5_000);
    let (finished, events) = run.finish().await;
    assert_eq!(finished.status, RunStatus::Stopped);
    assert!(names(&events).ends_with("node_finished run_finished"));
}

/// A node with a wait of a second before its second attempt, whose first failure may ask for another wait.
async fn retries_after(asked: Option<u64>, waits: i64) {
    let mut run = start(
        r#"start: start
        a: model | {"retry_config": {"retry_enabled": true, "max_retries": 1, "retry_interval": 1000}}
        answer: answer {{#a.text#}}
        start -> a -> answer"#,
        Limits::default(),
        move |context| async move {
            let failure = Failure {
                retry_after_ms: asked,
                ..Failure::new("Broken", "once")
            };
            match context.attempt {
                1 => Attempt::failed(failure),
                _ => said("twice"),
            }
        },
    );
    for _ in 0..3 {
        run.commit_next().await;
    }
    run.clock.advance(waits - 1);
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    assert!(run.journal.try_recv().is_err());
    run.clock.advance(1);
    let (finished, _) = run.finish().await;
    assert_eq!(finished.status, RunStatus::PartialSucceeded);
}

#[tokio::test]
async fn a_retry_waits_for_its_time() {
    retries_after(None, 1000).await;
}

#[tokio::test]
async fn a_retry_waits_as_long_as_a_failure_asks_within_a_minute() {
    for (asked, waits) in [(999, 1000), (3000, 3000), (u64::MAX, 60_000)] {
        retries_after(Some(asked), waits).await;
    }
}

#[tokio::test]
async fn at_most_so_many_nodes_run_at_once() {
    let running = Arc::new(AtomicU32::new(0));
    let most = Arc::new(AtomicU32::new(0));
    let seen = most.clone();
    let mut text = String::from("start: start\n");
    for at in 0..20 {
        text += &format!("n{at}: model\nstart -> n{at}\n");
    }
    let limits = Limits {
        slots: 3,
        ..Limits::default()
    };
    let run = start(&text, limits, move |_| {
        let (running, most) = (running.clone(), most.clone());
        async move {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            running.fetch_sub(1, Ordering::SeqCst);
            said("x")
        }
    });
    let (finished, _) = run.finish().await;
    assert_eq!((finished.steps, seen.load(Ordering::SeqCst)), (21, 3));
}

#[tokio::test]
async fn without_its_journal_a_run_is_abandoned() {
    let mut run = start(ONE, Limits::default(), |_| std::future::pending());
    run.commit_next().await;
    run.commit_next().await;
    drop(run.journal);
    assert_eq!(run.task.join_next().await.unwrap().unwrap(), Err(Abandoned));
}

#[tokio::test]
async fn a_chain_without_effects_hears_a_stop() {
    let mut text = String::from("start: start\n");
    let mut chain = String::from("start");
    for at in 0..40 {
        text += &format!("n{at}: text T\n");
        chain += &format!(" -> n{at}");
    }
    let mut running = start(&format!("{text}{chain}"), Limits::default(), |_| async {
        said("never")
    });
    running.commit_next().await;
    running.cancel.cancel();
    let (finished, _) = running.finish().await;
    assert_eq!(finished.status, RunStatus::Stopped);
    assert!(finished.steps < 40, "{} steps", finished.steps);
}
